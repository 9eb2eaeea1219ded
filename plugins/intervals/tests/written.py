"""Workouts of one step and more, as intervals.icu gets them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    DistanceDuration,
    Duration,
    Loss,
    Metric,
    Node,
    PercentTarget,
    PlannedWorkout,
    Reference,
    Sport,
    TimeDuration,
    expand_repeats,
)
from hub_intervals.export import compile_workout

ATHLETE = Athlete(ftp_w=250, lthr_bpm=168, max_hr_bpm=186, threshold_speed_mps=4.0, css_mps=1.25)
DAY = dt.date(2031, 4, 7)
POWER = PercentTarget(Metric.POWER, 88, 93, Reference.FTP)


def minutes(count: float) -> TimeDuration:
    return TimeDuration(count * 60)


def compiled(
    *steps: Node, sport: Sport = Sport.RIDE, athlete: Athlete = ATHLETE, **fields: Any
) -> CompiledWorkout:
    fields.setdefault("date", DAY)
    return compile_workout(PlannedWorkout(fields.pop("name", "Session"), sport, steps, **fields), athlete)


def text(*steps: Node, sport: Sport = Sport.RIDE, athlete: Athlete = ATHLETE, **fields: Any) -> str:
    description: str = compiled(*steps, sport=sport, athlete=athlete, **fields).payload["event"][
        "description"
    ]
    return description


def meant_total(workout: CompiledWorkout, kind: type[Duration]) -> float:
    """Seconds or metres of all steps of a kind, played out; of open ones how many there are."""
    total = 0.0
    for node in expand_repeats(workout.meant or (), 0):
        match node.step.duration:  # type: ignore[union-attr]
            case TimeDuration(duration_s=length) | DistanceDuration(distance_m=length) as duration:
                total += length if isinstance(duration, kind) else 0
            case duration:
                total += isinstance(duration, kind)
    return total


def losses(workout: CompiledWorkout) -> list[tuple[str, Loss]]:
    return workout.fidelity.losses()


def only_loss(workout: CompiledWorkout) -> Loss:
    [(_, loss)] = losses(workout)
    return loss
