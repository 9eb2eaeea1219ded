"""The hub for one person at a terminal: a database beside them, and themselves as the athlete."""

from __future__ import annotations

import asyncio
import sys
import time
import webbrowser
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

import msgspec
import typer
from rich.markup import escape

from hub_core.bootstrap import make_app, make_hub, prepare_database, read_settings
from hub_core.cli.show import console
from hub_core.cli.thresholds import Css, Ftp, Lthr, MaxHr, Pace, ZoneName, read_thresholds
from hub_core.cli.values import read_place
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.errors import HubError
from hub_core.registry.registry import load_registry
from hub_core.sandbox.server import LoopbackServer
from hub_core.services.athletes.save_athlete import (
    AthleteView,
    change_athlete,
    create_athlete,
    list_athletes,
    load_athlete,
    view_athlete,
)
from hub_core.services.connections.connect_provider import begin_connection, connect_with_api_key
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.storage import digest, find_row, new_id, now_ms, save_row
from hub_core.storage.tables import Athlete, Authorization, Connection, Platform

LOCAL_PLATFORM = "local"
ME = "me"
_CONSENT_S = 300


def run_with_hub[T](
    call: Callable[[Hub], Awaitable[T]], hub: Hub | None = None, *, migrated: bool = True
) -> T:
    """Run a coroutine with a hub, else with one as the environment sets it up, on a database that is up to
    date."""

    async def run() -> T:
        running = hub or make_hub(read_settings())
        try:
            if migrated:
                await prepare_database(running)
            return await call(running)
        finally:
            await running.close()

    return asyncio.run(run())


async def local_athlete(hub: Hub) -> Athlete:
    """You, set up at the first call."""
    platform = await find_row(Platform, name=LOCAL_PLATFORM)
    if platform is None:
        platform = Platform(id=new_id("plat"), name=LOCAL_PLATFORM, created_ms=now_ms())
        await save_row(platform)
    known = await list_athletes(platform.id)
    if not known:
        known = [
            await create_athlete(
                hub, platform.id, external_id=ME, name="", thresholds=Thresholds(), export_to="primary"
            )
        ]
    return await load_athlete(platform.id, known[0].id)


def athlete(
    ftp: Ftp = None,
    lthr: Lthr = None,
    max_hr: MaxHr = None,
    threshold_pace: Pace = None,
    css: Css = None,
    time_zone: ZoneName = None,
    place: Annotated[
        str, typer.Option(metavar="LAT,LON", help="Where you train, as 52.5,13.4: for the weather.")
    ] = "",
) -> None:
    """Show your thresholds, which relative targets are resolved with; set those that are given."""
    changed = read_thresholds(ftp, lthr, max_hr, threshold_pace, css, time_zone)
    home = read_place(place, "--place") if place else msgspec.UNSET

    async def show(hub: Hub) -> AthleteView:
        row = await local_athlete(hub)
        thresholds = msgspec.json.decode(row.thresholds, type=Thresholds)
        if changed or place:
            thresholds = msgspec.structs.replace(thresholds, **changed)
            return await change_athlete(hub, row.platform_id, row.id, thresholds=thresholds, home=home)
        return view_athlete(row)

    view = run_with_hub(show)
    for name, value in msgspec.to_builtins(view.thresholds).items():
        console.print(f"{name:22} {value}")
    if view.home:
        console.print(f"{'place':22} {view.home.latitude:g},{view.home.longitude:g}")
    if not changed and not place:
        console.print("[dim]Set with --ftp 265 --lthr 168 --threshold-pace 4:05 ... (see --help)[/]")


def connect(
    provider: Annotated[str, typer.Argument(help="A name from `hub providers`.")],
    api_key: Annotated[
        bool, typer.Option("--api-key", help="By an API key of yours; it is asked for.")
    ] = False,
) -> None:
    """Connect yourself to a provider, in the browser or by an API key."""
    load_registry().get(provider)
    if api_key:
        key = _ask_for_key(provider)

        async def by_key(hub: Hub) -> str:
            return (await connect_with_api_key(hub, await local_athlete(hub), provider, key)).display_name

        console.print(f"[green]Connected[/] to {provider} as {escape(run_with_hub(by_key) or 'you')}.")
        return
    _connect_in_browser(provider)


def _ask_for_key(provider: str) -> str:
    """From the terminal without showing it, or from a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    key: str = typer.prompt(f"API key for {provider}", hide_input=True)
    return key


def _connect_in_browser(provider: str) -> None:
    settings = read_settings()
    settings = settings.model_copy(update={"public_url": f"http://localhost:{settings.port}"})
    # One for all, as tables speak to the database of the hub that was made last.
    hub = make_hub(settings)

    async def begin(hub: Hub) -> str:
        return await begin_connection(hub, await local_athlete(hub), provider)

    began = now_ms()
    url = run_with_hub(begin, hub)
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    server = LoopbackServer("the callback", settings.port)
    try:
        server.start(make_app(hub))
        console.print(f"Open this page and allow the hub:\n\n  {url}\n", soft_wrap=True)
        webbrowser.open(url)
        with console.status("Waiting for your answer there ..."):
            _wait_until_connected(hub, provider, state, began)
    finally:
        server.stop()
    console.print(f"[green]Connected[/] to {provider}.")


def _wait_until_connected(hub: Hub, provider: str, state: str, began: int) -> None:
    async def is_connected(hub: Hub) -> bool:
        row = await find_row(Connection, athlete_id=(await local_athlete(hub)).id, provider=provider)
        # One of before is none: they are connecting anew, maybe another account.
        if row is not None and row.status == ConnectionStatus.CONNECTED and row.connected_ms >= began:
            return True
        if await find_row(Authorization, id=digest(state)) is None:
            raise HubError(f"{provider} was not connected; the page in your browser says why")
        return False

    while now_ms() - began < _CONSENT_S * 1000:
        if run_with_hub(is_connected, hub, migrated=False):
            return
        time.sleep(1)
    raise HubError(f"{provider} was not connected within {_CONSENT_S} s; run `hub connect {provider}` again")
