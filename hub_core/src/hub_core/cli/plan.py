"""`hub plan`: the weeks to a race as a table."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from hub_core.cli.show import console
from hub_core.cli.thresholds import Ftp, Lthr, Pace, read_thresholds
from hub_core.cli.values import read_date
from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_seconds
from hub_core.domain.periodization import (
    Capacity,
    Discipline,
    NoPlan,
    Phase,
    PlannedWeek,
    RaceGoal,
    RacePlan,
    plan_race,
)
from hub_core.domain.race import parse_distance
from hub_core.errors import InvalidInputError

_BAR = 20
#: On a narrower screen bars of that length would be cut, and all look alike.
_ROOM_FOR_BARS = 100
_SHORT_BAR = 7
_STYLES = {
    Phase.BASE: "green",
    Phase.BUILD: "yellow",
    Phase.PEAK: "red",
    Phase.TAPER: "cyan",
    Phase.RACE: "magenta",
}
_OPTIONS = {"race.date": "--race-date", "race.distance_m": "--distance"}


def plan(
    race_date: Annotated[str, typer.Option("--race-date", help="The day of the race, as 2027-04-25.")],
    distance: Annotated[
        str, typer.Option(help="In km as 42.2, or marathon, 10 miles; of a triathlon all of it.")
    ],
    weekly_hours: Annotated[float, typer.Option(help="Hours a week that you have at most.")],
    discipline: Annotated[Discipline, typer.Option(help="What is raced.")] = Discipline.RUN,
    ctl: Annotated[float, typer.Option(help="Your fitness now: CTL, in TSS a day.")] = 0,
    sessions: Annotated[
        int | None, typer.Option(help="Sessions a week; by the hours when not given.")
    ] = None,
    start: Annotated[str, typer.Option(help="The first day, as 2026-12-01; today by default.")] = "",
    ftp: Ftp = None,
    lthr: Lthr = None,
    threshold_pace: Pace = None,
) -> None:
    """Plan the weeks to a race: phases, load, key sessions and taper. Nothing is saved."""
    athlete = Athlete(**read_thresholds(ftp, lthr, None, threshold_pace, None))  # type: ignore[arg-type]
    first = read_date(start, "--start") or dt.datetime.now().astimezone().date()
    goal = _goal(race_date, distance, discipline)
    try:
        made = plan_race(goal, Capacity(weekly_hours, ctl, sessions), first, athlete)
    except InvalidInputError as error:
        option = _OPTIONS.get(error.path, f"--{error.path.replace('_', '-')}")
        raise InvalidInputError(error.detail, path=option) from error
    if isinstance(made, NoPlan):
        console.print(f"[red]No plan:[/] {escape(made.message)}.")
        raise typer.Exit(1)
    _print(made)


def _goal(race_date: str, distance: str, discipline: Discipline) -> RaceGoal:
    day, metres = read_date(race_date, "--race-date"), parse_distance(distance, "km")
    if day is None:
        raise InvalidInputError("write a date as 2027-04-01", path="--race-date")
    if metres is None:
        raise InvalidInputError(f"{distance!r} is none; write it as 42.2 or marathon", path="--distance")
    return RaceGoal(day, metres, discipline)


def _print(made: RacePlan) -> None:
    table = Table(title=_title(made), title_justify="left", title_style="bold")
    table.add_column("To go", justify="right")
    table.add_column("Week from")
    table.add_column("Phase")
    table.add_column("Load", no_wrap=True)
    table.add_column("Time", justify="right")
    table.add_column("CTL", justify="right")
    table.add_column("Key sessions")
    highest = max(week.load for week in made.weeks)
    longest = _BAR if console.width >= _ROOM_FOR_BARS else _SHORT_BAR
    for week in made.weeks:
        table.add_row(
            str(week.weeks_to_race),
            f"{week.start:%d %b %Y}",
            Text(f"{week.phase}{' · recovery' if week.is_recovery else ''}", _STYLES[week.phase]),
            _bar(week, longest * week.load / highest),
            describe_seconds(week.minutes * 60),
            f"{week.ctl:.0f}",
            Text("\n".join(one.workout.name for one in week.sessions if one.is_key) or "–"),
        )
    console.print(table)
    console.print(
        f"Taper from {made.taper_start:%a %d %b}: {made.taper_cut_pct:.0f} % less time, "
        f"CTL {made.ctl_at_start:.0f} → {made.ctl_at_taper:.0f}, "
        f"form on race day {made.form_on_race_day:+.0f}."
    )
    for fact in made.why:
        value = f"{fact.value} {fact.unit}".strip()
        console.print(Text(f"{fact.name}: {value} ({fact.source})", "dim"))


def _title(made: RacePlan) -> str:
    return (
        f"{made.race.distance_m / 1000:g} km on {made.race.date:%a %d %b %Y}, "
        f"{len(made.weeks)} weeks, {len(made.sessions)} sessions"
    )


def _bar(week: PlannedWeek, length: float) -> Text:
    return Text("█" * max(round(length), 1), _STYLES[week.phase]).append(f" {week.load:.0f}", "default")
