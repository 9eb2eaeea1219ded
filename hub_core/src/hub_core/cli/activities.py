"""`hub activities`: what an athlete has done, from all sources, each thing once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.show import console
from hub_core.domain.describe import describe_seconds
from hub_core.domain.merge import VisibleActivity
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.services.hub import Hub
from hub_core.services.merging.read_activity import ActivityView, list_activities
from hub_core.storage import find_row
from hub_core.storage.tables import Athlete

_DAYS = 28
#: On a narrower screen the ids would squeeze out what people read.
_ROOM_FOR_IDS = 120


def activities(
    athlete: Annotated[str, typer.Argument(help="The id of an athlete; yourself when left out.")] = "",
    start: Annotated[
        str, typer.Option("--from", help="The first day, as 2026-11-01; four weeks ago by default.")
    ] = "",
    end: Annotated[str, typer.Option("--to", help="The last day; today by default.")] = "",
) -> None:
    """List activities with their sources. `2 ⇒ 1` marks what several sources have told of."""

    last = _day(end, "--to") or dt.datetime.now().astimezone().date()
    first = _day(start, "--from") or last - dt.timedelta(days=_DAYS)

    async def read(hub: Hub) -> list[ActivityView]:
        if athlete and await find_row(Athlete, id=athlete) is None:
            raise NotFoundError(f"there is no athlete {athlete!r}")
        athlete_id = athlete or (await local_athlete(hub)).id
        return await list_activities(athlete_id, first.isoformat(), last.isoformat())

    views = run_with_hub(read)
    if not views:
        console.print(f"No activities from {first} to {last}.", style="dim")
        return
    console.print(activity_table(views))


def _day(text: str, option: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInputError(f"{text!r} is no date; write it as 2026-11-01", path=option) from None


def activity_table(views: list[ActivityView]) -> Table:
    """Activities as people read them."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("Date", "Start", "Sport", "Name"):
        table.add_column(name, no_wrap=name != "Name")
    for name in ("Time", "km", "bpm", "W"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Sources")
    has_room = console.width >= _ROOM_FOR_IDS
    if has_room:
        table.add_column("Id", style="dim", no_wrap=True)
    for view in views:
        shown = view.activity
        cells: list[str | Text] = [
            shown.date.isoformat(),
            f"{shown.start:%H:%M}",
            shown.sport,
            Text(shown.name or "–"),
            describe_seconds(round(shown.duration_s)),
            f"{shown.distance_m / 1000:.2f}" if shown.distance_m else "–",
            _number(shown.avg_heart_rate_bpm),
            _number(shown.avg_power_w),
            _sources(shown, is_planned=view.workout_id is not None),
        ]
        table.add_row(*cells, *([view.id] if has_room else []))
    return table


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _sources(shown: VisibleActivity, *, is_planned: bool) -> Text:
    names = sorted({member.source for member in shown.members})
    text = Text(", ".join(names))
    if len(shown.members) > 1:
        text.append(f"  {len(shown.members)} ⇒ 1", "cyan")
    if is_planned:
        text.append("  planned", "green")
    return text
