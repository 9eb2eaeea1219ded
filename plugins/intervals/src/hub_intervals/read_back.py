"""What the server made of the workout text, in our own terms. It answers 200 whether it understood or not."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from hub_core.sdk import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Sport,
    SportFamily,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_intervals.export import TYPES
from hub_intervals.schemas import DocStep, DocValue, ParsedDoc

_SPORTS = {theirs: ours for ours, theirs in reversed(TYPES.items())}
#: theirs -> ours. The pace of a swim is of CSS. [OpenAPI document, workout_doc]
_PERCENT = {
    "%ftp": (Metric.POWER, Reference.FTP),
    "%lthr": (Metric.HEART_RATE, Reference.LTHR),
    "%hr": (Metric.HEART_RATE, Reference.MAX_HR),
    "%pace": (Metric.PACE, Reference.THRESHOLD_PACE),
}
_ZONES = {"power_zone": Metric.POWER, "hr_zone": Metric.HEART_RATE, "pace_zone": Metric.PACE}
_ABSOLUTE = {"w": Metric.POWER, "bpm": Metric.HEART_RATE}
#: Metres behind the absolute paces, in both of the spellings that have been seen.
_PER_M = {
    **{"secs/km": 1000.0, "secs/mi": 1609.344, "secs/100m": 100.0, "secs/100y": 91.44},
    **{"secs/250m": 250.0, "secs/400m": 400.0, "secs/500m": 500.0},
    **{"SECS_100M": 100.0, "SECS_100Y": 91.44, "SECS_500M": 500.0},
}


class _UnknownError(Exception):
    """A unit that isn't known: nothing can be said about this workout."""


def from_event(event: dict[str, Any]) -> PlannedWorkout | None:
    """The workout as the server understood it; None when its answer has another form than is known.

    All steps are `active`: how the server marks warm-ups and rests depends on words in their text.
    """
    try:
        doc = msgspec.convert(event.get("workout_doc") or {}, ParsedDoc, strict=False)
        sport = _SPORTS.get(str(event.get("type")), Sport.OTHER)
        steps = tuple(_from_step(step, sport) for step in doc.steps or [])
    except (msgspec.ValidationError, _UnknownError):
        return None
    return PlannedWorkout(str(event.get("name") or ""), sport, steps, _date(event))


def _date(event: dict[str, Any]) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(event.get("start_date_local"))[:10])
    except ValueError:
        return None


def _from_step(step: DocStep, sport: Sport) -> Node:
    if step.steps is not None:
        return Repeat(step.reps or 0, tuple(_from_step(child, sport) for child in step.steps))
    return Step(_from_extent(step), _from_target(step, sport), _from_cadence(step.cadence))


def _from_extent(step: DocStep) -> Duration:
    if step.until_lap_press:
        return OpenDuration()
    if step.distance is not None:
        return DistanceDuration(step.distance)
    return TimeDuration(step.duration or 0)


def _from_target(step: DocStep, sport: Sport) -> Target | None:
    value = step.power or step.hr or step.pace
    if value is None:
        return None
    start, end = _ends(value)
    if value.units in _ZONES:
        return ZoneTarget(_ZONES[value.units], round(start), round(end))
    if value.units in _PER_M:
        # Fewer seconds are faster.
        start, end = (_PER_M[value.units] / max(seconds, 0.1) for seconds in (start, end))
    low, high = sorted((start, end))
    ramp: Literal["up", "down"] | None = None
    if step.ramp and low != high:
        ramp = "up" if start < end else "down"
    if value.units in _PER_M:
        return RangeTarget(Metric.PACE, low, high, ramp)
    if value.units in _ABSOLUTE:
        return RangeTarget(_ABSOLUTE[value.units], low, high, ramp)
    if value.units in _PERCENT:
        metric, of = _PERCENT[value.units]
        if of is Reference.THRESHOLD_PACE and sport.family is SportFamily.SWIMMING:
            of = Reference.CSS
        return PercentTarget(metric, low, high, of, ramp)
    raise _UnknownError(value.units)


def _from_cadence(value: DocValue | None) -> CadenceRange | None:
    if value is None:
        return None
    low, high = sorted(_ends(value))
    return CadenceRange(low, high)


def _ends(value: DocValue) -> tuple[float, float]:
    """Both ends; of a single value twice the same."""
    start = value.start if value.start is not None else value.value
    end = value.end if value.end is not None else start
    if start is None or end is None:
        raise _UnknownError("no value")
    return start, end
