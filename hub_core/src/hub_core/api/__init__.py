"""The HTTP API. Handlers are thin: they read a request, call one service, and show its result."""
