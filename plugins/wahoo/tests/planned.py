"""Workouts of one step and more, as Wahoo gets them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Loss,
    Metric,
    Node,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Sport,
    Step,
    Target,
    TimeDuration,
)
from hub_wahoo.export import compile_workout

ATHLETE = Athlete(ftp_w=262, lthr_bpm=160, max_hr_bpm=185, threshold_speed_mps=4.0, time_zone="Europe/Vienna")


def planned(*steps: Node, sport: Sport = Sport.RIDE, **fields: Any) -> PlannedWorkout:
    fields = {"name": "Session", "date": dt.date(2026, 11, 3), "time": dt.time(18, 30)} | fields
    return PlannedWorkout(sport=sport, steps=steps, **fields)


def compiled(*steps: Node, athlete: Athlete = ATHLETE, **fields: Any) -> CompiledWorkout:
    return compile_workout(planned(*steps, **fields), athlete)


def one(step: Step, athlete: Athlete = ATHLETE, sport: Sport = Sport.RIDE) -> dict[str, Any]:
    """The only interval of a workout of one step."""
    (interval,) = compiled(step, athlete=athlete, sport=sport).payload["plan"]["intervals"]
    return interval


def target_of(target: Target, sport: Sport = Sport.RIDE) -> dict[str, Any]:
    (sent,) = one(Step(TimeDuration(60), target), sport=sport)["targets"]
    return sent


def losses(result: CompiledWorkout, feature: str) -> list[tuple[str, Loss]]:
    return [(path, loss) for path, loss in result.fidelity.losses() if loss.feature == feature]


def watts(low: float, high: float, **fields: Any) -> RangeTarget:
    return RangeTarget(Metric.POWER, low, high, **fields)


def ftp(low: float, high: float, **fields: Any) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, **fields)
