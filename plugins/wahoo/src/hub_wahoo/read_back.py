"""How the file of a Wahoo plan becomes ours again, to be compared with what was meant. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from hub_core.sdk import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Intensity,
    Metric,
    Node,
    OpenDuration,
    PlannedWorkout,
    RangeTarget,
    Repeat,
    Sport,
    Step,
    TimeDuration,
)
from hub_wahoo.export_steps import ANY_EFFORT, INTENSITIES, speed_metric
from hub_wahoo.schemas import StoredInterval, StoredPlan, StoredTarget

#: `workout_type_family`: the plainest of the sports that became it.
_FAMILIES = {0: Sport.RIDE, 1: Sport.RUN}
#: Theirs: ours.
_INTENSITIES = {theirs: ours for ours, theirs in INTENSITIES.items()} | {"active": Intensity.ACTIVE}
_METRICS = {"watts": Metric.POWER, "hr": Metric.HEART_RATE, "rpm": Metric.CADENCE, "rpe": Metric.RPE}


def from_plan(held: dict[str, Any]) -> PlannedWorkout | None:
    """The workout that a device would play; None when the file has another form than is known.

    A word that isn't known is read as no target or as the lap button: it differs from whatever was meant.
    """
    try:
        plan = msgspec.convert(held, StoredPlan, strict=False)
    except msgspec.ValidationError:
        return None
    sport = _FAMILIES.get(plan.header.workout_type_family, Sport.OTHER)
    steps = tuple(_from_interval(one, sport, plan.header.ftp) for one in plan.intervals)
    return PlannedWorkout(plan.header.name, sport, steps)


def _from_interval(interval: StoredInterval, sport: Sport, ftp_w: float | None) -> Node:
    if interval.exit_trigger_type == "repeat":
        children = tuple(_from_interval(one, sport, ftp_w) for one in interval.intervals or [])
        # The value counts the passes after the first one. [Wahoo docs, plan format 1.0, intervals]
        return Repeat(round(min(interval.exit_trigger_value, 1e9)) + 1, children)
    targets = [_from_target(target, sport, ftp_w) for target in interval.targets]
    first = targets[0] if targets else None
    second = next((one for one in targets[1:] if one and one.metric is Metric.CADENCE), None)
    return Step(
        _from_trigger(interval),
        first,
        CadenceRange(second.low, second.high) if second else None,
        _INTENSITIES.get(interval.intensity_type, Intensity.ACTIVE),
    )


def _from_trigger(interval: StoredInterval) -> Duration:
    match interval.exit_trigger_type:
        case "time":
            return TimeDuration(interval.exit_trigger_value)
        case "distance":
            return DistanceDuration(interval.exit_trigger_value)
    return OpenDuration()


def _from_target(target: StoredTarget, sport: Sport, ftp_w: float | None) -> RangeTarget | None:
    """In absolute numbers: what a device makes of a share of FTP is the header's FTP."""
    if msgspec.to_builtins(target) == ANY_EFFORT:
        return None
    if target.type == "ftp" and ftp_w is not None:
        return RangeTarget(Metric.POWER, target.low * ftp_w, target.high * ftp_w)
    metric = speed_metric(sport) if target.type == "speed" else _METRICS.get(target.type)
    return RangeTarget(metric, target.low, target.high) if metric else None
