"""`hub why`: the story of a workout, from saving to where it stands, as a chain that can be read."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Annotated

import msgspec
import typer
from rich.padding import Padding
from rich.text import Text

from hub_core.cli.local import run_with_hub
from hub_core.cli.show import STATUS_STYLES, console
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.errors import NotFoundError
from hub_core.services.exports.explain_workout import explain_workout
from hub_core.services.exports.tell_why import Why
from hub_core.services.hub import Hub
from hub_core.storage import find_row
from hub_core.storage.tables import Athlete, Export, Workout


def why(
    workout: Annotated[str, typer.Argument(help="Its id, your id of it, its export's, or its name.")],
) -> None:
    """Tell why a workout is, or isn't, where it should be, and what comes next."""

    async def explain(hub: Hub) -> tuple[Workout, zoneinfo.ZoneInfo, list[Why]]:
        row = await _find(workout)
        athlete = await find_row(Athlete, id=row.athlete_id)
        if athlete is None:
            raise NotFoundError("its athlete is gone")
        zone = zoneinfo.ZoneInfo(msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone)
        return row, zone, await explain_workout(hub, athlete, row.id)

    row, zone, stories = run_with_hub(explain)
    console.print(Text(f"{row.name}, {row.date}", "bold").append(f"  {row.id}", "dim"))
    for story in stories:
        _print(story, zone)


async def _find(text: str) -> Workout:
    """By what people have at hand; the newest of those with one name."""
    export = await find_row(Export, id=text)
    wanted = export.workout_id if export else text
    named = (Workout.id == wanted) | (Workout.external_id == text) | (Workout.name == text)
    row = await Workout.objects().where(named).order_by(Workout.created_ms, ascending=False).first()
    if row is None:
        raise NotFoundError(f"there is no workout {text!r}, by its id or by its name")
    return row


def _print(story: Why, zone: zoneinfo.ZoneInfo) -> None:
    console.print()
    head = Text(story.provider or "nowhere", "bold").append(": ")
    console.print(
        head.append(story.status, STATUS_STYLES[story.status]).append(f" {story.reason_code}", "dim")
    )
    for fact in story.chain:
        mark = Text("✓ ", "green") if fact.is_ok else Text("✗ ", "red")
        line = mark.append(f"{fact.stage:<10} ", "cyan").append(fact.text, "default")
        if fact.at_ms is not None:
            line.append(f"  {_clock(fact.at_ms, zone)}", "dim")
        console.print(Padding(line, (0, 0, 0, 2)))
    for step in story.next_steps:
        line = Text("→ ", "yellow").append(f"{step.who:<10} ", "cyan").append(step.text, "default")
        if step.at_ms is not None:
            line.append(f"  {_clock(step.at_ms, zone)}", "dim")
        if step.call:
            line.append(f"  {step.call}", "dim")
        console.print(Padding(line, (0, 0, 0, 2)))


def _clock(at_ms: int, zone: zoneinfo.ZoneInfo) -> str:
    return f"{dt.datetime.fromtimestamp(at_ms / 1000, zone):%Y-%m-%d %H:%M:%S}"
