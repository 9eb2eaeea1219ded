"""Workouts of one step and more, as Garmin gets them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Loss,
    Metric,
    PlannedWorkout,
    RangeTarget,
    Repeat,
    Sport,
    Step,
    TimeDuration,
)
from hub_garmin.export import to_garmin_workout

DATE = dt.date(2026, 11, 3)
ATHLETE = Athlete(ftp_w=250, lthr_bpm=160, max_hr_bpm=190, threshold_speed_mps=4.0, css_mps=1.25)
EASY_POWER = RangeTarget(Metric.POWER, 100, 150)


def compiled(
    *steps: Step | Repeat, sport: Sport = Sport.RUN, athlete: Athlete = ATHLETE, **fields: Any
) -> CompiledWorkout:
    fields.setdefault("name", "Test")
    return to_garmin_workout(PlannedWorkout(sport=sport, steps=steps, date=DATE, **fields), athlete)


def steps_of(one: CompiledWorkout) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = one.payload["segments"][0]["steps"]
    return steps


def said(thing: dict[str, Any]) -> dict[str, Any]:
    """What isn't null, children included."""
    kept = {name: value for name, value in thing.items() if value is not None}
    if "steps" in kept:
        kept["steps"] = [said(step) for step in kept["steps"]]
    return kept


def target_of(step: dict[str, Any]) -> tuple[Any, ...]:
    return step["targetType"], step["targetValueLow"], step["targetValueHigh"]


def losses_of(one: CompiledWorkout, path: str) -> list[Loss]:
    return [loss for place, loss in one.fidelity.losses() if place == path]


def timed(seconds: float, **fields: Any) -> Step:
    return Step(TimeDuration(seconds), **fields)
