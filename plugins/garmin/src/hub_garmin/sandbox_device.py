"""What a Garmin watch shows of a workout, read from Garmin's own format and from nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_core.sandbox import DeviceWorkout
from hub_core.sdk import describe_pace, describe_seconds

_SPORTS = {
    "RUNNING": "Run",
    "CYCLING": "Bike",
    "LAP_SWIMMING": "Pool swim",
    "STRENGTH_TRAINING": "Strength",
    "CARDIO_TRAINING": "Cardio",
    "YOGA": "Yoga",
    "PILATES": "Pilates",
    "MULTI_SPORT": "Multisport",
}
_WORK = {"RUNNING": "Run", "CYCLING": "Bike", "LAP_SWIMMING": "Swim"}
_INTENSITIES = {"WARMUP": "Warm up", "COOLDOWN": "Cool down", "RECOVERY": "Recover", "REST": "Rest"}
_UNITS = {"HEART_RATE": "bpm", "POWER": "W", "GRADE": "%", "RESISTANCE": "resistance"}
_LEVELS = {"HR": "heart rate", "POWER": "power", "LESS": "below", "GREATER": "above"}


def show_workout(workout: dict[str, Any], date: str) -> DeviceWorkout:
    """A scheduled workout as the athlete reads it."""
    lines: list[str] = []
    for segment in workout["segments"]:
        lines += _lines(segment["steps"], segment["sport"])
    pool = f", {workout['poolLength']:g} {_pool_unit(workout)} pool" if workout.get("poolLength") else ""
    return DeviceWorkout(
        date=dt.date.fromisoformat(date),
        title=workout["workoutName"],
        sport=_SPORTS.get(workout["sport"], "Other") + pool,
        lines=tuple(lines),
        external_id=str(workout["workoutId"]),
        note=workout.get("description") or "",
    )


def _pool_unit(workout: dict[str, Any]) -> str:
    return "yd" if workout["poolLengthUnit"] == "YARD" else "m"


def _lines(steps: list[dict[str, Any]], sport: str) -> list[str]:
    lines = []
    for step in steps:
        if step["type"] == "WorkoutStep":
            lines.append(_show_step(step, sport))
            continue
        children = _lines(step["steps"], sport)
        if step.get("skipLastRestStep") and step["steps"][-1].get("intensity") == "REST":
            rest, dash, text = children[-1].partition(" – ")
            children[-1] = f"{rest} (not after the last one){dash}{text}"
        lines += [_show_repeat(step), *(f"  {line}" for line in children)]
    return lines


def _show_repeat(repeat: dict[str, Any]) -> str:
    kind, value = repeat["repeatType"].removeprefix("REPEAT_UNTIL_"), repeat["repeatValue"]
    if kind == "STEPS_CMPLT":
        return "Once:" if value == 1 else f"{value} times:"
    if kind in {"TIME", "DISTANCE"}:
        return f"Repeat for {describe_seconds(value) if kind == 'TIME' else _distance(value)}:"
    return f"Repeat until {kind.replace('_', ' ').lower()} {value}:"


def _show_step(step: dict[str, Any], sport: str) -> str:
    kind = _INTENSITIES.get(step["intensity"], _WORK.get(sport, "Go"))
    parts = [_show_duration(step)]
    parts += [text for text in (_show_target(step, "target", sport), _show_swim(step)) if text]
    if second := _show_target(step, "secondaryTarget", sport):
        parts.append(second)
    line = f"{kind}: {', '.join(parts)}"
    return f"{line} – {step['description']}" if step.get("description") else line


def _show_duration(step: dict[str, Any]) -> str:
    kind: str = step["durationType"]
    value: Any = step.get("durationValue")
    match kind:
        case "OPEN":
            return "until lap button"
        case "TIME" | "FIXED_REST":
            return describe_seconds(value)
        case "DISTANCE":
            return _distance(value)
        case "CALORIES":
            return f"{value} kcal"
        case "REPS":
            return f"{value} reps"
        case "FIXED_REPETITION":
            return f"every {describe_seconds(value)}"
        case "REPETITION_SWIM_CSS_OFFSET":
            return f"every CSS {value:+g} s"
    metric, side, _ = kind.split("_")
    unit = "%" if step.get("durationValueType") == "PERCENT" else _UNITS.get(metric, "bpm")
    return f"until {_LEVELS[metric]} {_LEVELS[side]} {value} {unit}"


def _distance(metres: float) -> str:
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def _show_target(step: dict[str, Any], prefix: str, sport: str) -> str:
    kind: str | None = step.get(f"{prefix}Type")
    if kind is None or kind == "OPEN":
        return ""
    metric = kind.removesuffix("_LAP").removesuffix("_3S").removesuffix("_10S").removesuffix("_30S")
    values: list[Any] = [step.get(f"{prefix}Value{end}") for end in ("", "Low", "High")]
    zone, low, high = values
    if zone is not None:
        return f"{metric.replace('_', ' ').lower()} zone {zone}"
    if step.get(f"{prefix}ValueType") == "PERCENT":
        return f"{_span(low, high)} % {'of max HR' if metric == 'HEART_RATE' else 'FTP'}"
    match metric:
        case "PACE" | "PACE_ZONE":
            return _show_pace(low, high, sport)
        case "SPEED":
            return f"{_span(round(low * 3.6, 1), round(high * 3.6, 1))} km/h"
        case "CADENCE":
            return f"{_span(low, high)} {'rpm' if sport == 'CYCLING' else 'spm'}"
    unit = _UNITS.get(metric, "")
    return f"{f'up to {high:g}' if low == 0 else _span(low, high)} {unit}".rstrip()


def _show_pace(low: float, high: float, sport: str) -> str:
    """Metres per second as a pace, the slower end first."""
    per_m, unit = (100, "/100 m") if sport == "LAP_SWIMMING" else (1000, "/km")
    slow, fast = describe_pace(low, per_m=per_m), describe_pace(high, per_m=per_m)
    if low <= 0:
        return f"slower than {fast} {unit}"
    return f"{slow if slow == fast else f'{slow}–{fast}'} {unit}"


def _show_swim(step: dict[str, Any]) -> str:
    words = (step.get(name) or "NONE" for name in ("strokeType", "drillType", "equipmentType"))
    named = (word.removeprefix("SWIM_").replace("_", " ").lower() for word in words if word != "NONE")
    return ", ".join(named)


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"
