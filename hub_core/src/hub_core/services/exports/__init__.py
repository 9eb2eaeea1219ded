"""A planned workout on its way to a provider: chosen, compiled, sent, looked at, explained."""
