"""`hub week`: seven days of weather, the best time for each workout, and what had better move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated

import typer
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.show import console
from hub_core.cli.values import read_date, read_place
from hub_core.domain.advice import Slot
from hub_core.domain.weather import HourlyConditions
from hub_core.errors import InvalidInputError
from hub_core.services.hub import Hub
from hub_core.services.planning.advise_week import AdvisedWorkout, WeekAdvice, advise_week

#: The hours of a day's picture, on the clock of the place.
_FIRST_HOUR, _LAST_HOUR = 5, 21
_BARS = "▁▂▃▄▅▆▇█"
#: Degrees up to which a bar has a colour.
_COLOURS = ((0, "blue"), (10, "cyan"), (19, "green"), (26, "yellow"), (99, "red"))


def week(
    start: Annotated[str, typer.Option("--from", metavar="DATE", help="Today if left out.")] = "",
    place: Annotated[str, typer.Option(metavar="LAT,LON", help="As 52.5,13.4; your home if left out.")] = "",
) -> None:
    """Show your next seven days: weather, workouts with their best hours, and what had better move."""
    first = read_date(start, "--from")
    where = read_place(place, "--place") if place else None

    async def advise(hub: Hub) -> WeekAdvice:
        return await advise_week(hub, await local_athlete(hub), first, where)

    try:
        told = run_with_hub(advise)
    except InvalidInputError as error:
        if error.path != "lat":
            raise
        words = "is needed once: hub athlete --place 52.5,13.4"
        raise InvalidInputError(words, path="your place") from error
    console.print(week_picture(told))


def week_picture(told: WeekAdvice) -> RenderableType:
    """A row for each day and workout; below it the moves, and whom to name for the weather."""
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    for name in ("Day", f"{_FIRST_HOUR} … {_LAST_HOUR} h", "°C", "Workout", "Time", ""):
        table.add_column(name, no_wrap=name != "Workout")
    known = [hour.temperature_c for hour in told.hours if hour.temperature_c is not None]
    span = (min(known), max(known)) if known else (0.0, 0.0)
    for number in range(7):
        day = told.first + dt.timedelta(days=number)
        hours = [hour for hour in told.hours if hour.time.date() == day]
        planned = [one for one in told.workouts if one.date == day]
        times = [time for one in told.workouts if (time := _time(one)) and time.start.date() == day]
        cells = [Text(f"{day:%a %d}"), _picture(hours, span, times), Text(_degrees(hours))]
        rows: list[AdvisedWorkout | None] = [*planned] or [None]
        for one in rows:
            table.add_row(*cells, *_cells(one))
            cells = [Text(), Text(), Text()]
    lines: list[RenderableType] = [table]
    lines += [_move_line(one) for one in told.workouts if one.move]
    lines += [_conflict_line(one) for one in told.workouts if one.conflicts]
    lines += [Text(f"{one.provider or 'weather'}: {one.message}", "red") for one in told.failed]
    if told.hours:
        lines.append(Text("Bars are temperatures; the time of a workout is inverted.", "dim"))
    lines += [Text(one, "dim") for one in told.attribution]
    return Group(*lines)


def _time(one: AdvisedWorkout) -> Slot | None:
    """The time that is advised: where it moves to, else as planned, else the best of its day."""
    return one.move.to if one.move else one.planned or (one.slots[0] if one.slots else None)


def _cells(one: AdvisedWorkout | None) -> list[Text]:
    if one is None:
        return [Text("–", "dim"), Text(), Text()]
    time = _time(one)
    when = Text("" if time is None else f"{time.start:%H:%M}-{time.end:%H:%M}")
    if one.move:
        return [Text(one.name), Text(f"{one.move.to.start:%a %H:%M}", "bold yellow"), Text("move", "yellow")]
    if time is None:
        return [Text(one.name), when, Text("indoors" if one.note.startswith("Indoors") else "?", "dim")]
    if not time.is_recommended:
        return [Text(one.name), when, Text("bad", "red")]
    return [Text(one.name), when, Text("planned" if one.planned else "best", "green")]


def _picture(hours: Iterable[HourlyConditions], span: tuple[float, float], times: list[Slot]) -> Text:
    """One bar for each hour of the day."""
    text, by_hour = Text(), {hour.time.hour: hour for hour in hours}
    for number in range(_FIRST_HOUR, _LAST_HOUR + 1):
        hour = by_hour.get(number)
        if hour is None or hour.temperature_c is None:
            text.append(" ")
            continue
        part = (hour.temperature_c - span[0]) / ((span[1] - span[0]) or 1)
        colour = next(colour for most, colour in _COLOURS if hour.temperature_c <= most)
        end = hour.time + dt.timedelta(hours=1)
        is_taken = any(time.start < end and hour.time < time.end for time in times)
        text.append(_BARS[round(part * (len(_BARS) - 1))], f"{colour}{' reverse' if is_taken else ''}")
    return text


def _degrees(hours: Iterable[HourlyConditions]) -> str:
    known = [hour.temperature_c for hour in hours if hour.temperature_c is not None]
    return f"{round(min(known))} … {round(max(known))}" if known else "–"


def _move_line(one: AdvisedWorkout) -> Text:
    if one.move is None:
        return Text()
    planned = f"{one.planned.start:%a %H:%M}" if one.planned else f"{one.date:%a}"
    line = Text("→ ", "bold yellow").append(one.name, "bold")
    line.append(f": {planned} → {one.move.to.start:%a %d %b %H:%M}", "yellow")
    return line.append(f"  ({one.move.reason}; then {_best(one.move.to)})", "default")


def _best(slot: Slot) -> str:
    fact = slot.why[0]
    return f"{fact.name} {fact.value}{' ' + fact.unit if fact.unit else ''}"


def _conflict_line(one: AdvisedWorkout) -> Text:
    return (
        Text("! ", "red")
        .append(f"{one.name} on {one.date:%a %d %b}: ")
        .append("; ".join(conflict.message for conflict in one.conflicts), "red")
    )
