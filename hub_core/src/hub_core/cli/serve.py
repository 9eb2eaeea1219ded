"""`hub serve`, `hub worker`, `hub migrate`, `hub sandbox`: the processes of a hub."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from hub_core.bootstrap import make_app, make_hub, prepare_database, read_settings
from hub_core.cli import lasting
from hub_core.cli.local import run_with_hub
from hub_core.cli.show import console
from hub_core.errors import ConfigurationError
from hub_core.logs import set_up_logging
from hub_core.registry.registry import load_registry
from hub_core.sandbox.sandbox import Sandbox
from hub_core.sandbox.sender import sending_webhooks
from hub_core.sandbox.server import listen, serve_sandboxes
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.worker import run_worker

if TYPE_CHECKING:
    from litestar import Litestar


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)] = 0,
) -> None:
    """Run the API, with the workers inside unless HUB_BROKER_URL is set. Set up by HUB_... variables."""
    import uvicorn

    settings = read_settings()
    set_up_logging(settings.log_level, settings.log_format)
    hub, app = lasting(lambda: _wire(settings))
    # Before the server starts, which would wrap what is wrong here in pages of its own.
    asyncio.run(_prepare(hub))
    address = f"http://{host or settings.host}:{port or settings.port}"
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=10)
    server = uvicorn.Server(config)
    with listen(host or settings.host, port or settings.port) as listener, suppress(KeyboardInterrupt):
        console.print(f"The API is at {address}, its documentation at {address}/docs", soft_wrap=True)
        console.file.flush()
        server.run(sockets=[listener])
    if not server.started:
        raise ConfigurationError("the API could not start; the lines above say why")


def _wire(settings: HubSettings) -> tuple[Hub, Litestar]:
    hub = make_hub(settings)
    return hub, make_app(hub)


async def _prepare(hub: Hub) -> None:
    try:
        await prepare_database(hub)
    finally:
        await hub.engine.close()


def worker() -> None:
    """Run jobs until told to stop. Needs HUB_BROKER_URL; start as many as you like."""
    settings = read_settings()
    set_up_logging(settings.log_level, settings.log_format)
    run_worker(settings)


def migrate() -> None:
    """Bring the database up to date. Safe to run from several places at once."""

    applied = run_with_hub(prepare_database, migrated=False)
    console.print(f"Applied {', '.join(applied)}." if applied else "The database is up to date.")


def sandbox(
    names: Annotated[list[str] | None, typer.Argument(help="Providers; all when none is named.")] = None,
    first_port: Annotated[
        int, typer.Option(help="Port of the first one; the others follow.", min=0, max=65_000)
    ] = 9101,
    hub: Annotated[str, typer.Option(help="Where their webhooks go: the address of a hub.")] = (
        "http://127.0.0.1:8000"
    ),
) -> None:
    """Serve the providers' sandboxes, and print the settings that point a hub at them."""
    sandboxes = make_sandboxes(names)
    for one in sandboxes:
        one.fill()
    with serve_sandboxes(sandboxes, first_port) as servers, sending_webhooks(sandboxes, hub):
        for server in servers.values():
            at = f"what the device shows is at {server.origin}/device"
            console.print(f"# {server.sandbox.title}: {at if server.sandbox.has_device else server.origin}")
            for name, value in server.sandbox.environment(server.origin).items():
                console.print(f"export {name}={value}", soft_wrap=True)
        # Into a file or a pipe these lines would wait for more to come, and nothing does.
        console.file.flush()
        threading.Event().wait()


def make_sandboxes(names: list[str] | None = None) -> list[Sandbox]:
    """New sandboxes of the named providers, or of all real ones that bring one."""
    registry = load_registry()
    real = [provider for provider in registry.providers.values() if not provider.manifest.is_example]
    chosen = [registry.get(name) for name in names] if names else real
    return [one.plugin.provider_sandbox() for one in chosen if one.has_hook("provider_sandbox")]
