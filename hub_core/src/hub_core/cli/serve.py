"""`hub serve`, `hub worker`, `hub migrate`, `hub sandbox`: the processes of a hub."""

from __future__ import annotations

import threading
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError

from hub_core.bootstrap import make_app, make_hub
from hub_core.cli.local import run_with_hub
from hub_core.cli.show import console
from hub_core.errors import ConfigurationError
from hub_core.logs import set_up_logging
from hub_core.registry.registry import load_registry
from hub_core.sandbox.sandbox import Sandbox
from hub_core.sandbox.server import serve_sandboxes
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.storage import migrate as apply_migrations
from hub_core.worker import run_worker


def read_settings() -> HubSettings:
    """The settings of the environment; what is wrong with them is said by the variable's name."""
    try:
        return HubSettings()
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigurationError(f"HUB_{str(first['loc'][0]).upper()}: {first['msg']}") from None


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 0,
) -> None:
    """Run the API, with the workers inside unless HUB_BROKER_URL is set. Set up by HUB_... variables."""
    settings = read_settings()
    set_up_logging(settings.log_level)
    hub = make_hub(settings)
    address = f"http://{host or settings.host}:{port or settings.port}"
    console.print(f"The API is at {address}, its documentation at {address}/docs")
    uvicorn.run(
        make_app(hub),
        host=host or settings.host,
        port=port or settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
    )


def worker() -> None:
    """Run jobs until told to stop. Needs HUB_BROKER_URL; start as many as you like."""
    settings = read_settings()
    set_up_logging(settings.log_level)
    run_worker(settings)


def migrate() -> None:
    """Bring the database up to date. Safe to run from several places at once."""

    async def apply(hub: Hub) -> list[str]:
        return await apply_migrations(hub.engine)

    applied = run_with_hub(apply, migrated=False)
    console.print(f"Applied {', '.join(applied)}." if applied else "The database is up to date.")


def sandbox(
    names: Annotated[list[str] | None, typer.Argument(help="Providers; all when none is named.")] = None,
    first_port: Annotated[int, typer.Option(help="Port of the first one; the others follow.")] = 9101,
) -> None:
    """Serve the providers' sandboxes, and print the settings that point a hub at them."""
    with serve_sandboxes(make_sandboxes(names), first_port) as servers:
        for server in servers.values():
            console.print(f"# {server.sandbox.title}: what the device shows is at {server.origin}/device")
            for name, value in server.sandbox.environment(server.origin).items():
                console.print(f"export {name}={value}", soft_wrap=True)
        threading.Event().wait()


def make_sandboxes(names: list[str] | None = None) -> list[Sandbox]:
    """New sandboxes of the named providers, or of all that bring one."""
    registry = load_registry()
    chosen = [registry.get(name) for name in names] if names else list(registry.providers.values())
    return [one.plugin.provider_sandbox() for one in chosen if one.has_hook("provider_sandbox")]
