"""How Garmin's stored workout becomes ours again, to be compared with what was meant. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

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
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_garmin.export_step import INTENSITIES
from hub_garmin.export_target import TARGETS
from hub_garmin.schemas import StoredStep, StoredWorkout

#: Theirs on the left. What many of our sports became is read as the plainest of them.
_SPORTS: Final = {
    "RUNNING": Sport.RUN,
    "CYCLING": Sport.RIDE,
    "LAP_SWIMMING": Sport.POOL_SWIM,
    "STRENGTH_TRAINING": Sport.STRENGTH,
    "YOGA": Sport.YOGA,
}
_INTENSITIES: Final = {theirs: ours for ours, theirs in INTENSITIES.items()} | {"MAIN": Intensity.ACTIVE}
_METRICS: Final = {theirs: ours for ours, theirs in TARGETS.items()}
_TIMES: Final = frozenset({"TIME", "FIXED_REST"})
#: [Training API V2, durations] METER is what we send; the others are read if a server converts.
_METRES: Final = {None: 1.0, "METER": 1.0, "KILOMETER": 1000.0, "MILE": 1609.344, "YARD": 0.9144}


def from_garmin_workout(held: dict[str, Any], date: dt.date | None = None) -> PlannedWorkout | None:
    """The workout that a device would play; None when the answer has another form than is known.

    A word that isn't known is read as no target or as the lap button: it differs from whatever was meant.
    """
    try:
        stored = msgspec.convert(held, StoredWorkout, strict=False)
    except msgspec.ValidationError:
        return None
    steps = tuple(node for segment in stored.segments for node in _from_steps(segment.steps))
    return PlannedWorkout(stored.workout_name, _SPORTS.get(stored.sport, Sport.OTHER), steps, date)


def from_schedule(held: dict[str, Any]) -> dt.date | None:
    """The day that a schedule names; None when it names none."""
    try:
        return dt.date.fromisoformat(str(held.get("date"))[:10])
    except ValueError:
        return None


def _from_steps(steps: list[StoredStep]) -> list[Node]:
    nodes: list[Node] = []
    for step in steps:
        nodes += [_from_step(step)] if step.steps is None else _from_repeat(step, step.steps)
    return nodes


def _from_repeat(repeat: StoredStep, steps: list[StoredStep]) -> list[Node]:
    """A repeat. In pool swims the server has the device leave out the rest of the last pass."""
    children = tuple(_from_steps(steps))
    times = (repeat.repeat_value or 0) if repeat.repeat_type == "REPEAT_UNTIL_STEPS_CMPLT" else 1
    if not repeat.skip_last_rest_step or not steps or steps[-1].intensity != "REST":
        return [Repeat(times, children)]
    whole: list[Node] = [Repeat(times - 1, children)] if times > 1 else []
    return [*whole, *children[:-1]]


def _from_step(step: StoredStep) -> Step:
    second = _range(
        step.secondary_target_type, step.secondary_target_value_low, step.secondary_target_value_high
    )
    is_cadence = second is not None and second.metric is Metric.CADENCE
    return Step(
        _from_duration(step),
        _from_target(step),
        CadenceRange(second.low, second.high) if second and is_cadence else None,
        _INTENSITIES.get(step.intensity or "", Intensity.ACTIVE),
    )


def _from_duration(step: StoredStep) -> Duration:
    if step.duration_value is None:
        return OpenDuration()
    if step.duration_type in _TIMES:
        return TimeDuration(step.duration_value)
    if step.duration_type == "DISTANCE" and step.duration_value_type in _METRES:
        return DistanceDuration(step.duration_value * _METRES[step.duration_value_type])
    return OpenDuration()


def _from_target(step: StoredStep) -> Target | None:
    """A range in absolute numbers. A zone of Garmin's own is a zone, which was never meant."""
    metric = _METRICS.get(step.target_type or "")
    if metric is not None and step.target_value is not None:
        return ZoneTarget(metric, step.target_value, step.target_value)
    if step.target_value_type == "PERCENT":
        return None
    return _range(step.target_type, step.target_value_low, step.target_value_high)


def _range(kind: str | None, low: float | None, high: float | None) -> RangeTarget | None:
    metric = _METRICS.get(kind or "")
    return None if metric is None or low is None or high is None else RangeTarget(metric, low, high)
