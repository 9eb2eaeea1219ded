"""A plan as an ELEMNT shows it, worded from Wahoo's plan JSON alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub_core.sdk import describe_pace, describe_seconds

#: `workout_type_id`: what the device calls it. The rest of the table has no plans.
SPORTS = {
    0: "Cycling",
    1: "Running",
    3: "Track running",
    4: "Trail running",
    5: "Treadmill",
    11: "Cyclo-cross",
    12: "Indoor cycling",
    13: "Mountain biking",
    15: "Road cycling",
    16: "Track cycling",
    61: "Indoor trainer",
    64: "E-biking",
    68: "Virtual cycling",
    71: "Virtual running",
}
#: `intensity_type`: the words for an interval that has no name of its own.
_INTENSITIES = {
    "wu": "Warm up",
    "cd": "Cool down",
    "recover": "Recover",
    "rest": "Rest",
    "tempo": "Tempo",
    "lt": "Threshold",
    "ftp": "FTP",
    "map": "MAP",
    "ac": "Anaerobic",
    "nm": "Sprint",
}
#: Relative target: unit, and the words for its reference.
_RELATIVE = {
    "ftp": ("W", "FTP"),
    "map": ("W", "MAP"),
    "ac": ("W", "AC"),
    "nm": ("W", "NM"),
    "threshold_hr": ("bpm", "threshold HR"),
    "max_hr": ("bpm", "max HR"),
    "threshold_speed": ("m/s", "threshold speed"),
}
_UNITS = {"watts": "W", "hr": "bpm", "rpm": "rpm"}
_RUNNING = 1


def show_plan(document: dict[str, Any]) -> tuple[str, ...]:
    """One line for each interval; the children of a repeat are indented by two spaces."""
    return tuple(_show_intervals(document["intervals"], document["header"], ""))


def _show_intervals(intervals: list[dict[str, Any]], header: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for interval in intervals:
        name = interval.get("name", "")
        if interval["exit_trigger_type"] == "repeat":
            # The value counts the passes after the first one.
            times = interval["exit_trigger_value"] + 1
            title = f"{name}, " if name else ""
            lines.append(f"{indent}{title}{times} time{'s' if times > 1 else ''}:")
            lines += _show_intervals(interval["intervals"], header, f"{indent}  ")
        else:
            lines.append(indent + _show_interval(interval, name, header))
    return lines


def _show_interval(interval: dict[str, Any], name: str, header: dict[str, Any]) -> str:
    title = name or _INTENSITIES.get(interval.get("intensity_type", "active"), "")
    length = _LENGTHS[interval["exit_trigger_type"]](interval["exit_trigger_value"])
    targets = interval.get("targets", [])
    # Bike computers use the first target only.
    parts = [length, *([_show_target(targets[0], header)] if targets else [])]
    return f"{title}: {', '.join(parts)}" if title else ", ".join(parts)


def _show_distance(metres: float) -> str:
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


_LENGTHS: dict[str, Callable[[float], str]] = {
    "time": describe_seconds,
    "distance": _show_distance,
    "kj": lambda kilojoules: f"{kilojoules:g} kJ",
}


def _show_target(target: dict[str, Any], header: dict[str, Any]) -> str:
    kind, low, high = target["type"], target["low"], target["high"]
    if kind == "rpe":
        return "by feel" if (low, high) == (1, 10) else f"effort {_span(low, high)} of 10"
    if kind == "speed":
        return _show_speed(low, high, header)
    if kind in _RELATIVE:
        unit, words = _RELATIVE[kind]
        reference = header[kind]
        digits = 2 if unit == "m/s" else 0
        absolute = _span(round(low * reference, digits), round(high * reference, digits))
        return f"{absolute} {unit} ({_span(low * 100, high * 100)} % {words})"
    return f"{_span(low, high)} {_UNITS[kind]}"


def _show_speed(low_mps: float, high_mps: float, header: dict[str, Any]) -> str:
    if header["workout_type_family"] != _RUNNING:
        return f"{_span(round(low_mps * 3.6, 1), round(high_mps * 3.6, 1))} km/h"
    slow, fast = describe_pace(low_mps), describe_pace(high_mps)
    return f"{slow} /km" if slow == fast else f"{slow}–{fast} /km"


def _span(low: float, high: float) -> str:
    first, last = f"{round(low, 2):g}", f"{round(high, 2):g}"
    return first if first == last else f"{first}–{last}"
