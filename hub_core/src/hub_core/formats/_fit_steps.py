"""FIT's workout steps as ours. What our steps have no field for stands in their notes, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Intensity,
    Metric,
    OpenDuration,
    PercentTarget,
    RangeTarget,
    Reference,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.errors import InvalidInputError
from hub_core.formats._fit_words import BEATS_OFFSET, INTENSITIES, METRICS, PACED, WATTS_OFFSET
from hub_core.formats._text import one_line

Message = Mapping[str, Any]

_TIMES = {"time", "repetition_time", "time_only"}
_MS, _CM, _MM = 1000, 100, 1000
#: What a step of a strength workout or a swim says beside its target.
_EXTRAS = ("equipment", "exercise_category", "exercise_name", "exercise_weight")
_KNOWN = {
    "message_type", "message_index", "wkt_step_name", "notes", "intensity", "duration_type", "duration_value",
    "target_type", "target_value", "custom_target_value_low", "custom_target_value_high",
    "secondary_target_type", "secondary_target_value", "secondary_custom_target_value_low",
    "secondary_custom_target_value_high", "weight_display_unit", *_EXTRAS,
}  # fmt: skip


def read_fit_step(message: Message, path: str, sport: Sport, remarks: list[str]) -> Step:
    """One step. Raises `InvalidInputError` with the `path`; what was left out goes into `remarks`."""
    words: list[str] = []
    duration = _duration(message, path, words)
    target = _target(message, "", path, sport, words)
    cadence: CadenceRange | None = None
    second = _target(message, "secondary_", path, sport, words)
    if isinstance(second, RangeTarget) and second.metric is Metric.CADENCE and not _is_cadence(target):
        cadence = CadenceRange(second.low, second.high)
    elif second is not None:
        words.append(f"Second target: {_say(second)}.")
    words += [_extra(message, name) for name in _EXTRAS if message.get(name) is not None]
    notes = text(message, "notes")
    unread = [name for name in message if name not in _KNOWN]
    remarks += [f"{path}: {name} is private to who made the file, and was left out" for name in unread]
    return Step(
        duration,
        target,
        cadence,
        _intensity(message, path, remarks),
        name=text(message, "wkt_step_name")[:200],
        notes="\n".join([*words, notes]) if notes else "\n".join(words),
    )


def text(message: Message, name: str) -> str:
    """A string field, or nothing."""
    value = message.get(name)
    return value if isinstance(value, str) else ""


def integer(message: Message, name: str, path: str) -> int | None:
    """A whole number, or None if the field isn't there."""
    value = message.get(name)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise InvalidInputError(f"{name} {str(value)[:40]!r} is not a whole number", path=path)


def _needed(message: Message, name: str, path: str) -> int:
    value = integer(message, name, path)
    if value is None:
        raise InvalidInputError(f"{name} is missing", path=path)
    return value


def _duration(message: Message, path: str, words: list[str]) -> Duration:
    kind = message.get("duration_type", "open")
    if kind == "open":
        return OpenDuration()
    value = _needed(message, "duration_value", path)
    if kind in _TIMES:
        return TimeDuration(value / _MS)
    if kind == "distance":
        return DistanceDuration(value / _CM)
    # Ends by itself on a device that knows it; here the athlete reads when.
    words.append(f"Ends {_ENDS[kind](value)}." if kind in _ENDS else f"Ends at {kind} {value}.")
    return OpenDuration()


def _beats(value: int) -> str:
    return f"{value} % of the maximum" if value <= BEATS_OFFSET else f"{value - BEATS_OFFSET} bpm"


def _watts(value: int) -> str:
    return f"{value} % FTP" if value <= WATTS_OFFSET else f"{value - WATTS_OFFSET} W"


_ENDS: dict[object, Callable[[int], str]] = {
    "hr_less_than": lambda value: f"when the heart rate is below {_beats(value)}",
    "hr_greater_than": lambda value: f"when the heart rate is above {_beats(value)}",
    "power_less_than": lambda value: f"when the power is below {_watts(value)}",
    "power_greater_than": lambda value: f"when the power is above {_watts(value)}",
    "calories": lambda value: f"after {value} kcal",
    "reps": lambda value: f"after {value} repetitions",
}


def _target(message: Message, prefix: str, path: str, sport: Sport, words: list[str]) -> Target | None:
    kind = message.get(f"{prefix}target_type", "open")
    zone = integer(message, f"{prefix}target_value", path)
    if kind == "open":
        return None
    if kind not in METRICS:
        words.append(f"Target: {_plain(kind)} {zone if zone is not None else ''}".rstrip() + ".")
        return None
    metric, said = METRICS[kind]
    if metric is Metric.SPEED and sport in PACED:
        metric = Metric.PACE
    if said:
        words.append(f"Counts {said}.")
    if zone:
        target: Target = ZoneTarget(metric, zone, zone)
    else:
        low = integer(message, f"{prefix}custom_target_value_low", path)
        high = integer(message, f"{prefix}custom_target_value_high", path)
        if low is None and high is None:  # the kind without a number: nothing to aim at
            words.append(f"Target: {_plain(kind)}.")
            return None
        low, high = _ordered(low, high)
        target = _range(metric, low, high)
    is_cadence = metric is Metric.CADENCE
    if is_cadence and (sport.family is not SportFamily.CYCLING or isinstance(target, ZoneTarget)):
        words.append(f"Target: {_say(target)}.")
        return None
    return target


def _ordered(low: int | None, high: int | None) -> tuple[int, int]:
    """Both bounds, the lower one first: one alone is both, and paces are often written the other way."""
    first = low if low is not None else high or 0
    last = high if high is not None else first
    return min(first, last), max(first, last)


def _range(metric: Metric, low: int, high: int) -> RangeTarget | PercentTarget:
    if metric in {Metric.PACE, Metric.SPEED}:
        return RangeTarget(metric, low / _MM, high / _MM)
    offsets = {
        Metric.POWER: (WATTS_OFFSET, Reference.FTP),
        Metric.HEART_RATE: (BEATS_OFFSET, Reference.MAX_HR),
    }
    if metric not in offsets:
        return RangeTarget(metric, low, high)
    offset, of = offsets[metric]
    if high <= offset:
        return PercentTarget(metric, low, high, of)
    # Below the offset beside a bound above it: 0 W, which many programs write as 1000.
    return RangeTarget(metric, max(0, low - offset), high - offset)


def _is_cadence(target: Target | None) -> bool:
    return target is not None and target.metric is Metric.CADENCE


def _say(target: Target) -> str:
    what = target.metric.replace("_", " ")
    span = f"{target.low:g}" if target.low == target.high else f"{target.low:g}–{target.high:g}"
    if isinstance(target, ZoneTarget):
        return f"{what} zone {span}"
    units = {Metric.HEART_RATE: " bpm", Metric.POWER: " W", Metric.CADENCE: " per minute"}
    unit = " %" if isinstance(target, PercentTarget) else units.get(target.metric, " m/s")
    return f"{what} {span}{unit}"


def _extra(message: Message, name: str) -> str:
    return f"{_plain(name).capitalize()}: {_plain(message[name])}."


def _plain(value: object) -> str:
    return one_line(str(value).replace("_", " "))[:100]


def _intensity(message: Message, path: str, remarks: list[str]) -> Intensity:
    value = message.get("intensity", "active")
    if value not in INTENSITIES:
        remarks.append(f"{path}: intensity {_plain(value)!r} has no word here, and became active")
    return INTENSITIES.get(value, Intensity.ACTIVE) if isinstance(value, str) else Intensity.ACTIVE
