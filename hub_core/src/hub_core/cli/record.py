"""`hub record`: redacted exchanges with a provider that you are connected to, for the kit to replay."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.show import console
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.local_day import today_in
from hub_core.errors import HubError, InvalidInputError, NotFoundError
from hub_core.registry.registry import Provider, load_registry
from hub_core.sdk.manifest import Operation
from hub_core.services.connections.provider_context import with_connection
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.storage import find_row
from hub_core.storage.tables import Athlete, Connection
from hub_core.testing.recordings import (
    NAMES,
    Made,
    PluginSource,
    Recorder,
    applicable_scenarios,
    recordings_folder,
    replay,
    write_recording,
)


def record(
    name: Annotated[str, typer.Argument(help="A provider that you have connected.")],
    scenario: Annotated[
        str, typer.Option(help="account, export or poll; all that the plugin is able to by default.")
    ] = "all",
    folder: Annotated[
        Path | None, typer.Option(help="Where the files go; tests/recordings of the plugin by default.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Don't ask before an example workout is put into your account.")
    ] = False,
) -> None:
    """Record what a provider answers to a fixed scenario, without anything that is yours, for `hub check`."""
    provider = load_registry().get(name)
    scenarios = _choose(provider, scenario)
    if "export" in scenarios and not yes:
        _ask(provider)

    async def make(hub: Hub) -> list[Made]:
        return await _record(hub, hub.registry.get(name), scenarios)

    made = run_with_hub(make)
    target = folder or recordings_folder(provider.plugin)
    is_fine = True
    for one in made:
        _tell(write_recording(target, one), one)
        problem = asyncio.run(replay(provider.plugin, one.recording)).problem
        is_fine &= not problem
        if problem:
            console.print(f"[red]✗[/] it can't be replayed: {escape(problem)}", soft_wrap=True)
    console.print("[dim]Read the files before you commit them: you know best what is yours.[/]")
    if not is_fine:
        raise typer.Exit(1)


def _choose(provider: Provider, scenario: str) -> tuple[str, ...]:
    able = applicable_scenarios(provider.manifest)
    if scenario == "all":
        return able
    if scenario not in NAMES:
        raise InvalidInputError(f"{scenario!r} is none of {', '.join(NAMES)}, all", path="--scenario")
    if scenario not in able:
        raise InvalidInputError(f"{provider.name} has no hooks for {scenario!r}", path="--scenario")
    return (scenario,)


def _ask(provider: Provider) -> None:
    can_remove = Operation.WITHDRAW in provider.manifest.capabilities.operations
    after = "and removes it again" if can_remove else "where it STAYS, since the plugin can't remove it"
    title = provider.manifest.title
    typer.confirm(
        f"This puts an example workout on tomorrow in your {title} account {after}. Go on?", abort=True
    )


async def _record(hub: Hub, provider: Provider, scenarios: tuple[str, ...]) -> list[Made]:
    athlete = await local_athlete(hub)
    connection = await _connection(athlete, provider.name)
    return [await _record_one(hub, provider, athlete, connection, scenario) for scenario in scenarios]


async def _record_one(
    hub: Hub, provider: Provider, athlete: Athlete, connection: Connection, scenario: str
) -> Made:
    remains = [False]
    recorder = Recorder(
        provider.manifest,
        _hooks(hub, provider.name),
        PluginSource(provider.plugin).words,
        _today(athlete),
        connection.display_name,
        remains.append,
    )
    try:
        return await with_connection(hub, connection, partial(recorder.record, scenario))
    except HubError as error:
        where = f"; look for 'Hub recording' on tomorrow in your {provider.manifest.title} account"
        raise HubError(f"{scenario}: {error.message}{where if remains[-1] else ''}") from error


async def _connection(athlete: Athlete, name: str) -> Connection:
    row = await find_row(Connection, athlete_id=athlete.id, provider=name)
    if row is None or row.status != ConnectionStatus.CONNECTED:
        raise NotFoundError(f"{name} is not connected; run `hub connect {name}` first")
    return row


def _hooks(hub: Hub, name: str) -> Any:
    def call(hook: str, **arguments: Any) -> Any:
        if hook == "compile_workout":
            return hub.registry.get(name).plugin.compile_workout(**arguments)
        return hub.dispatcher.call(name, hook, **arguments)

    return call


def _today(athlete: Athlete) -> dt.date:
    zone = msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone
    return today_in(zone)


def _tell(path: Path, made: Made) -> None:
    count = len(made.recording.exchanges)
    exchanges = f"{count} exchange" if count == 1 else f"{count} exchanges"
    console.print(
        f"[green]✓[/] {made.recording.scenario}: {exchanges} in {escape(str(path))}", soft_wrap=True
    )
    console.print(f"  [dim]replaced: {_counts(made.counts)}[/]", soft_wrap=True)


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{what} ({count})" for what, count in sorted(counts.items()) if count) or "nothing"
