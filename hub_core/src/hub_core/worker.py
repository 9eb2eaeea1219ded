"""A worker process, set up from the environment: `hub worker`."""

from __future__ import annotations

import asyncio
import signal
import threading

from prometheus_client import start_http_server

from hub_core.bootstrap import make_hub, make_worker, usable_database
from hub_core.errors import ConfigurationError
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.storage import pending


def run_worker(settings: HubSettings) -> None:
    """Run jobs until SIGTERM or SIGINT; then let those under way come to their end."""
    hub = make_hub(settings)
    pipeline = make_worker(hub)
    asyncio.run(_check_schema(hub))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    pipeline.start_worker()
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr=settings.host)
    try:
        stopping.wait()
    finally:
        pipeline.stop_worker()


async def _check_schema(hub: Hub) -> None:
    with usable_database():
        missing = await pending(hub.engine)
    await hub.engine.close()
    if missing:
        raise ConfigurationError(f"the database lacks {', '.join(missing)}: run `hub migrate` first")
