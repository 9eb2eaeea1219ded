"""A plan as the Workout app on the watch shows it, worded from the plan's JSON alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub_core.sdk import describe_pace, describe_seconds

TITLES = {
    "running": "Run",
    "cycling": "Cycle",
    "swimming": "Swim",
    "walking": "Walk",
    "hiking": "Hike",
    "rowing": "Row",
    "traditionalStrengthTraining": "Traditional strength training",
    "yoga": "Yoga",
    "other": "Other",
}
_PREFIXES = {"indoor": "Indoor", "outdoor": "Outdoor"}
_SLOTS = {"warmup": "Warmup", "cooldown": "Cooldown"}
#: Sports whose speed the watch shows as a pace, and over how many metres.
_PACE_M = {"running": 1000, "walking": 1000, "hiking": 1000, "swimming": 100, "rowing": 500}


def name_sport(workout: dict[str, Any]) -> str:
    """`Outdoor Run`, `Pool Swim`."""
    activity, location = workout["activity"], workout["location"]
    if activity == "swimming":
        return "Pool Swim" if location == "indoor" else "Open Water Swim"
    return f"{_PREFIXES.get(location, '')} {TITLES.get(activity, activity)}".strip()


def show_plan(
    workout: dict[str, Any], can_alert: Callable[[str, str], bool], *, with_names: bool
) -> tuple[str, ...]:
    """One line for each step; those of a block that is done several times are indented."""
    screen = _Screen(workout["activity"], can_alert, with_names)
    lines = []
    if "warmup" in workout:
        lines.append(screen.line(workout["warmup"], _SLOTS["warmup"]))
    for block in workout["blocks"]:
        times, indent = block["iterations"], ""
        if times > 1:
            lines.append(f"{times} times:")
            indent = "  "
        lines += [indent + screen.line(step, step["purpose"].title()) for step in block["steps"]]
    if "cooldown" in workout:
        lines.append(screen.line(workout["cooldown"], _SLOTS["cooldown"]))
    return tuple(lines)


class _Screen:
    def __init__(self, activity: str, can_alert: Callable[[str, str], bool], with_names: bool) -> None:
        self._activity = activity
        self._can_alert = can_alert
        self._with_names = with_names

    def line(self, step: dict[str, Any], title: str) -> str:
        """`Work, Threshold: 6 min, 4:17–4:07 /km`."""
        name = step.get("displayName", "") if self._with_names else ""
        is_said = _letters(name) in {"", _letters(title)}
        head = title if is_said else f"{title}, {name}"
        parts = [self._goal(step["goal"])]
        alert = step.get("alert")
        if alert and self._can_alert(alert["kind"], self._activity):
            parts.append(self._alert(alert))
        return f"{head}: {', '.join(parts)}"

    def _goal(self, goal: dict[str, Any]) -> str:
        if goal["kind"] == "open":
            return "open"
        if goal["kind"] == "time":
            return describe_seconds(goal["value"])
        metres = goal["value"]
        return f"{metres / 1000:g} km" if metres >= 1000 and self._activity != "swimming" else f"{metres:g} m"

    def _alert(self, alert: dict[str, Any]) -> str:
        low, high = alert["low"], alert["high"]
        per_m = _PACE_M.get(self._activity)
        if alert["kind"] == "speedRange" and per_m:
            unit = "km" if per_m == 1000 else f"{per_m} m"
            slow, fast = describe_pace(low, per_m=per_m), describe_pace(high, per_m=per_m)
            return f"{slow}–{fast} /{unit}"
        if alert["kind"] == "speedRange":
            return f"{low * 3.6:.1f}–{high * 3.6:.1f} km/h"
        unit = {"heartRateRange": "bpm", "powerRange": "W", "cadenceRange": "rpm"}[alert["kind"]]
        return f"{low:g}–{high:g} {unit}"


def _letters(text: str) -> str:
    """`Warm-up` and `Warmup` are one word."""
    return "".join(filter(str.isalnum, text)).casefold()
