"""The end of `hub demo`: the week's weather, and a long run that moves out of the heat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import msgspec

from hub_core.cli.show import console
from hub_core.cli.week import week_picture
from hub_core.domain.sport import Sport
from hub_core.domain.weather import HourlyConditions, Place
from hub_core.domain.workout import PlannedWorkout, Step, TimeDuration
from hub_core.sandbox.sandbox import Sandbox
from hub_core.services.planning.advise_week import WeekAdvice

_HOME = Place(52.5, 13.4, name="Berlin")
#: After the demo's own workouts, and before the last day of the week.
_DAYS_AHEAD = 5
_AT = dt.time(13)
_HOT_C, _HUMID_PCT = 31.0, 65.0

Call = Callable[..., Any]


def tell_the_week(call: Call, athlete: str, weather: Sandbox, zone: dt.tzinfo) -> None:
    """A day gets hot, the long run planned for it had better move, and is moved."""
    day = dt.datetime.now(zone).date() + dt.timedelta(days=_DAYS_AHEAD)
    _make_hot(weather, day, zone)
    call("PATCH", athlete, json={"home": msgspec.to_builtins(_HOME)})
    run = PlannedWorkout("Long run", Sport.RUN, (Step(TimeDuration(2 * 3600)),), date=day, time=_AT)
    saved = call("POST", f"{athlete}/workouts", json=msgspec.to_builtins(run))
    console.print(f"\n[bold]The week ahead in {_HOME.name}, where the sandbox makes {day:%A} hot[/]")
    week = _ask(call, athlete)
    console.print(week_picture(week))
    advised = next((one for one in week.workouts if one.workout_id == saved["id"]), None)
    if advised is None or advised.move is None:
        return
    body = {"workout_id": saved["id"], "start": advised.move.to.start.isoformat()}
    moved = call("POST", f"{athlete}/advice/week/moves", json=body)
    when = dt.datetime.combine(dt.date.fromisoformat(moved["date"]), dt.time.fromisoformat(moved["time"]))
    after = next(one for one in _ask(call, athlete).workouts if one.workout_id == saved["id"])
    console.print(
        f"\n[green]✓[/] accepted: the long run is on {when:%A at %H:%M} now: {after.note.lower()} "
        f"Its copies at the providers follow by themselves."
    )


def _ask(call: Call, athlete: str) -> WeekAdvice:
    return msgspec.convert(call("GET", f"{athlete}/advice/week"), WeekAdvice, strict=False)


def _make_hot(weather: Sandbox, day: dt.date, zone: dt.tzinfo) -> None:
    """All of that day, its morning as well: no hour of it is left for a long run."""
    midnight = dt.datetime.combine(day, dt.time(), zone)
    for number in range(24):
        time = (midnight + dt.timedelta(hours=number)).astimezone(dt.UTC)
        weather.set_weather(
            HourlyConditions(
                time,
                temperature_c=_HOT_C + 3 * (1 - abs(number - 15) / 15),
                humidity_pct=_HUMID_PCT,
                wind_ms=1.5,
                radiation_wm2=max(0.0, 700 - 100 * abs(number - 13)),
            )
        )
