"""`hub races`: what there is to train for."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hub_core.cli.local import run_with_hub
from hub_core.cli.show import console
from hub_core.cli.values import read_date, read_place
from hub_core.domain.race import RaceQuery, RaceStatus
from hub_core.errors import NotFoundError
from hub_core.services.planning.search_races import FoundRace, FoundRaces, search_races

_STATUSES = {
    RaceStatus.SCHEDULED: Text(""),
    RaceStatus.CANCELLED: Text("cancelled", "bold red"),
    RaceStatus.POSTPONED: Text("postponed", "bold yellow"),
    RaceStatus.UNKNOWN: Text("not confirmed", "yellow"),
}


def races(
    text: Annotated[
        str, typer.Argument(help='Words of its name or town, or a distance: "marathon", "10 km".')
    ] = "",
    near: Annotated[
        str, typer.Option("--near", metavar="LAT,LON", help="Around this place, as 52.5,13.4.")
    ] = "",
    radius_km: Annotated[float, typer.Option("--radius", metavar="KM", help="How far from there.")] = 100.0,
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="Today if left out.")] = "",
    end: Annotated[
        str, typer.Option("--to", metavar="DATE", help="Included; two years later if left out.")
    ] = "",
    distance: Annotated[float | None, typer.Option("--distance", metavar="KM", help="Within 2 %.")] = None,
) -> None:
    """Search races at all providers that know some."""
    query = RaceQuery(
        text,
        read_place(near, "--near") if near else None,
        radius_km,
        read_date(start, "--from"),
        read_date(end, "--to"),
        distance * 1000 if distance is not None else None,
    )
    today = dt.datetime.now(dt.UTC).date()
    found = run_with_hub(lambda hub: search_races(hub, query, today=today))
    if not found.asked:
        raise NotFoundError("no installed provider searches races")
    if found.races or len(found.failed) < len(found.asked):
        console.print(_table(found))
    for failure in found.failed:
        console.print(f"[red]{failure.provider}[/]: {escape(failure.message)}", soft_wrap=True)
    for attribution in sorted({source.attribution for one in found.races for source in one.sources}):
        console.print(f"[dim]{escape(attribution)}[/]", soft_wrap=True)
    if not found.races and len(found.failed) == len(found.asked):
        raise typer.Exit(1)


def _table(found: FoundRaces) -> Table:
    title = f"{len(found.races)} races" if len(found.races) != 1 else "1 race"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("Date", no_wrap=True)
    for name in ("Race", "Where"):
        table.add_column(name)
    for name in ("km", "Climb m"):
        table.add_column(name, justify="right")
    several = len(found.asked) > 1
    for name in ("Course", "Entry", *(["Known to"] if several else [])):
        table.add_column(name)
    for one in found.races:
        table.add_row(*_row(one)[: None if several else -1])
    return table


def _row(one: FoundRace) -> list[Text]:
    race = one.race
    when = f"{race.date:%a %d %b %Y}" + (f"\n{race.start_time:%H:%M}" if race.start_time else "")
    name = Text(race.event, "bold")
    if race.name:
        name.append(f"\n{race.name}", "not bold")
    if race.status is not RaceStatus.SCHEDULED:
        name.append("\n").append_text(_STATUSES[race.status])
    where = ", ".join(part for part in (race.city, race.country) if part)
    entry = {True: "open", False: "closed", None: "–"}[race.registration_open]
    return [
        Text(when),
        name,
        Text(where + (f"\n{one.away_km:.0f} km away" if one.away_km is not None else "")),
        Text(f"{race.distance_m / 1000:.3f}".rstrip("0").rstrip(".") if race.distance_m else "–"),
        Text(f"{race.elevation_gain_m:.0f}" if race.elevation_gain_m is not None else "–"),
        Text(", ".join(part for part in (race.course, race.terrain) if part) or "–"),
        Text(entry),
        Text("\n".join(source.provider for source in one.sources)),
    ]
