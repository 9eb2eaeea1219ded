"""The API as an ASGI application, set up from the environment: `uvicorn hub_core.asgi:app`."""

from __future__ import annotations

from hub_core.bootstrap import make_app, make_hub, read_settings

app = make_app(make_hub(read_settings()))
