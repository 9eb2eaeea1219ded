"""`hub doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Literal

import msgspec
import typer
from rich.markup import escape

from hub_core.bootstrap import make_hub, read_settings, usable_database
from hub_core.cli.providers import is_sqlite_missing
from hub_core.cli.show import console
from hub_core.errors import HubError
from hub_core.pipeline.check_broker import check_broker
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.storage import jobs, pending
from hub_core.storage.circuits import list_circuits
from hub_core.storage.holds import list_holds

#: Beyond this leases and signatures suffer.
MOST_SKEW_S = 2.0
#: A queue that is older than this isn't being worked on.
OLD_QUEUE_S = 60

_MARKS = {"well": "[green]✓[/]", "note": "[yellow]![/]", "bad": "[red]✗[/]"}


class Finding(msgspec.Struct, frozen=True):
    """What was looked at, how it is, and what to do if it isn't well."""

    about: str
    is_so: Literal["well", "note", "bad"]
    text: str
    next_step: str = ""


def doctor() -> None:
    """Look at settings, database, broker, keys, providers, clock and queue; nothing is changed.

    Exits with 1 if something is wrong.
    """
    findings = asyncio.run(_examine())
    for one in findings:
        console.print(f"{_MARKS[one.is_so]} [bold]{one.about}[/]: {escape(one.text)}", soft_wrap=True)
        if one.next_step:
            console.print(f"  → {escape(one.next_step)}", soft_wrap=True)
    if any(one.is_so == "bad" for one in findings):
        raise typer.Exit(1)


async def _examine() -> list[Finding]:
    try:
        settings = read_settings()
        if is_sqlite_missing(settings):
            # To open it would make it, and a key beside it.
            step = "run `hub migrate`, or `hub serve`, which makes it"
            return [_settings(settings), Finding("database", "bad", "there is none yet", step)]
        hub = make_hub(settings)
    except HubError as error:
        return [Finding("settings", "bad", error.message, "set it, and run `hub doctor` again")]
    try:
        return [one async for one in _findings(hub)]
    finally:
        await hub.close()


async def _findings(hub: Hub) -> AsyncIterator[Finding]:
    settings = hub.settings
    yield _settings(settings)
    database = await _or_bad("database", "check HUB_DATABASE_URL and that the server runs", _database(hub))
    yield database
    yield await _or_bad("broker", "check HUB_BROKER_URL and that Redis runs", _broker(settings))
    yield _keys(settings)
    for one in _providers(hub):
        yield one
    if database.is_so == "well":
        for look in (_clock, _queue):
            yield await look(hub)
        async for one in _held(hub):
            yield one


async def _or_bad(about: str, next_step: str, look: Awaitable[Finding]) -> Finding:
    try:
        return await look
    except HubError as error:
        return Finding(about, "bad", error.message, next_step)


def _settings(settings: HubSettings) -> Finding:
    where = "jobs run inside `hub serve`" if settings.is_embedded else "jobs run in `hub worker`"
    return Finding("settings", "well", f"{settings.environment}, {where}, public URL {settings.public_url}")


async def _database(hub: Hub) -> Finding:
    with usable_database():
        missing = await pending(hub.engine)
    if missing:
        return Finding(
            "database", "bad", f"{hub.engine.kind}, lacks {', '.join(missing)}", "run `hub migrate`"
        )
    return Finding("database", "well", f"{hub.engine.kind}, up to date")


async def _broker(settings: HubSettings) -> Finding:
    moment = await check_broker(settings)
    if moment is None:
        return Finding("broker", "well", "inside the process")
    skew_s = abs(moment - time.time())
    if skew_s > MOST_SKEW_S:
        return Finding(
            "broker", "note", f"Redis's clock differs by {skew_s:.0f} s", "let NTP set both clocks"
        )
    return Finding("broker", "well", "Redis answers")


def _keys(settings: HubSettings) -> Finding:
    count = len([key for key in settings.encryption_keys.get_secret_value().split(",") if key.strip()])
    if not count:
        step = "before production: `hub keys encryption`, and set HUB_ENCRYPTION_KEYS"
        return Finding("keys", "note", "made up for development, and kept beside the database", step)
    return Finding("keys", "well", f"{count} encryption key{'s' * (count > 1)}")


def _providers(hub: Hub) -> list[Finding]:
    found = []
    for name, one in hub.registry.providers.items():
        if one.manifest.is_example:
            continue
        by_itself = one.manifest.api_key is not None or one.manifest.delivery == "pickup"
        is_asked = one.manifest.access == "app"
        if one.settings.is_configured() or by_itself:
            well = "the hub can ask it" if is_asked else "athletes can connect"
            found.append(Finding(name, "well", well))
        else:
            prefix = f"HUB_{name.upper()}"
            step = f"set {prefix}_CLIENT_ID and {prefix}_CLIENT_SECRET, or leave it out"
            nobody = "it can't be asked" if is_asked else "nobody can connect"
            found.append(Finding(name, "note", f"no client credentials: {nobody}", step))
    for name, problem in hub.registry.broken.items():
        found.append(Finding(name, "bad", f"could not be loaded: {problem}", "update or remove the plugin"))
    return found


async def _clock(hub: Hub) -> Finding:
    if hub.engine.kind == "sqlite":
        return Finding("clock", "well", "one machine, one clock")
    rows = await hub.engine.execute("SELECT EXTRACT(EPOCH FROM clock_timestamp()) AS now")
    skew_s = abs(float(rows[0]["now"]) - time.time())
    if skew_s > MOST_SKEW_S:
        return Finding("clock", "bad", f"the database's differs by {skew_s:.0f} s", "let NTP set both")
    return Finding("clock", "well", "agrees with the database's")


async def _queue(hub: Hub) -> Finding:
    queue = await jobs.queue_state(hub.engine)
    age_s = queue.oldest_due_ms / 1000
    counts = f"{queue.waiting} waiting, {queue.held} held, {queue.running} running, {queue.dead} dead"
    text = f"{counts}; the oldest waits {age_s:.0f} s"
    if age_s > OLD_QUEUE_S:
        step = "start `hub serve`" if hub.settings.is_embedded else "start (more) `hub worker`"
        return Finding("queue", "bad", text, f"nobody works on it: {step}")
    if queue.dead:
        return Finding("queue", "note", text, "`hub queue --state dead`, then `hub queue retry`")
    return Finding("queue", "well", text)


async def _held(hub: Hub) -> AsyncIterator[Finding]:
    for circuit in await list_circuits(hub.engine):
        if circuit.is_open:
            text = f"{circuit.host} fails ({circuit.reason}); asked again every 30 s"
            yield Finding(circuit.provider, "note", text, "wait; its exports go out by themselves")
    for hold in await list_holds(hub.engine):
        if not (hold.athlete_id or hold.spares_live) and hold.code != "provider_down":
            yield Finding(hold.provider, "note", hold.reason)
