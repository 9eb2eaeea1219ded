"""What the athlete reads on the intervals.icu calendar: the parsed steps, resolved, in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_core.sandbox import DeviceWorkout
from hub_core.sdk import describe_pace, describe_seconds
from hub_intervals.sandbox_resolve import SWIMS, AthleteSettings, Resolved, resolve
from hub_intervals.sandbox_text import read_workout

UNREAD = "No steps: intervals.icu could not read the workout text"
_NAMES = {
    "Ride": "Ride",
    "GravelRide": "Gravel ride",
    "MountainBikeRide": "Mountain bike ride",
    "TrailRun": "Trail run",
    "OpenWaterSwim": "Open water swim",
    "WeightTraining": "Weight training",
    "Workout": "Workout",
}
_TITLES = (("warmup", "Warm up"), ("cooldown", "Cool down"))
_SPOKEN = (("Warmup", "Warm up"), ("Cooldown", "Cool down"))


def to_device_workout(event: dict[str, Any], settings: AthleteSettings) -> DeviceWorkout:
    """One planned workout as the athlete sees it."""
    steps = event["workout_doc"]["steps"]
    description = event.get("description") or ""
    prose = read_workout(description).prose
    sport = event["type"]
    if steps:
        lines, note = _lines(steps, settings, event, ""), " ".join(prose)
    else:
        lines, note = _unstructured(description, event.get("moving_time")), ""
    pool = event["workout_doc"].get("options", {}).get("pool_length")
    return DeviceWorkout(
        date=dt.date.fromisoformat(event["start_date_local"][:10]),
        title=event.get("name") or "",
        sport=_NAMES.get(sport, sport) + (", indoor" if event.get("indoor") else ""),
        lines=(*([f"Pool: {pool} m"] if pool else []), *lines),
        external_id=str(event["id"]),
        note=note,
    )


def _unstructured(description: str, moving_time: int | None) -> list[str]:
    lines = [line.replace("• ", "  ") for line in description.splitlines() if line.strip()]
    if any(line.startswith("-") for line in lines):
        return [UNREAD]
    return [*([f"About {describe_seconds(moving_time)}"] if moving_time else []), *lines]


def _lines(
    steps: list[dict[str, Any]], settings: AthleteSettings, event: dict[str, Any], indent: str
) -> list[str]:
    lines = []
    for step in steps:
        if "steps" in step:
            label = f"{step['text']}, " if step.get("text") else ""
            lines.append(f"{indent}{label}{step['reps']} times:")
            lines += _lines(step["steps"], settings, event, f"{indent}  ")
        else:
            lines.append(indent + _line(step, settings, event))
    return lines


def _line(step: dict[str, Any], settings: AthleteSettings, event: dict[str, Any]) -> str:
    sport = event["type"]
    parts = [_extent(step)]
    resolved = resolve(step, settings, sport, indoor=bool(event.get("indoor")))
    if resolved:
        parts.append(_target(resolved, sport))
    if cadence := step.get("cadence"):
        parts.append(f"{_span(cadence.get('start', cadence.get('value')), cadence.get('end'))} rpm")
    parts += [
        words for flag, words in (("freeride", "free ride"), ("maxeffort", "all out")) if step.get(flag)
    ]
    title = _title(step)
    text = ", ".join(parts)
    return f"{title}: {text}" if title else text[0].upper() + text[1:]


def _title(step: dict[str, Any]) -> str:
    text: str = step.get("text", "")
    for word, spoken in _SPOKEN:
        text = text.replace(word, spoken)
    if text:
        return text
    intensity = step.get("intensity", "")
    named = next((name for flag, name in _TITLES if step.get(flag)), "")
    return named or (intensity.capitalize() if intensity in {"rest", "recovery"} else "")


def _extent(step: dict[str, Any]) -> str:
    if step.get("until_lap_press"):
        return "until you press lap"
    if "distance" in step:
        metres = step["distance"]
        return f"{round(metres / 1000, 3):g} km" if metres >= 1000 else f"{metres:g} m"
    return describe_seconds(step["duration"])


def _target(resolved: Resolved, sport: str) -> str:
    if resolved.metric == "pace":
        text = _pace(resolved, sport)
    else:
        unit = "W" if resolved.metric == "power" else "bpm"
        ends = (resolved.start, resolved.end) if resolved.ramp else sorted((resolved.start, resolved.end))
        text = f"{_span(*(f'{round(end)}' for end in ends))} {unit}"
    return f"ramp {text}" if resolved.ramp else text


def _pace(resolved: Resolved, sport: str) -> str:
    per_m, unit = (100, "/100 m") if sport in SWIMS else (500, "/500 m") if "Row" in sport else (1000, "/km")
    ends = (resolved.start, resolved.end) if resolved.ramp else sorted((resolved.start, resolved.end))
    return f"{_span(*(describe_pace(speed, per_m=per_m) for speed in ends))} {unit}"


def _span(low: object, high: object) -> str:
    return f"{low}" if high is None or low == high else f"{low}–{high}"
