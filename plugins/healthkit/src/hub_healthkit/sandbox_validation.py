"""What WorkoutKit's initialisers and scheduler would not take. Knows nothing of our own export.

The real initialisers don't throw: they trap, and the app is gone. So a client asks `supportsActivity`,
`supportsGoal` and `supportsAlert` first, and what they would say no to is refused here.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from hub_core.sdk import Rejected

#: HKWorkoutActivityType: the names and numbers that a plan can be for, of those in use here. [doc, 2.1]
ACTIVITY_NUMBERS = {
    "cycling": 13,
    "functionalStrengthTraining": 20,
    "hiking": 24,
    "preparationAndRecovery": 33,
    "rowing": 35,
    "running": 37,
    "swimming": 46,
    "traditionalStrengthTraining": 50,
    "walking": 52,
    "yoga": 57,
    "highIntensityIntervalTraining": 63,
    "cooldown": 80,
    "swimBikeRun": 82,
    "transition": 83,
    "other": 3000,
}
NO_CUSTOM_WORKOUT = frozenset({"preparationAndRecovery", "cooldown", "swimBikeRun", "transition"})
LOCATIONS = frozenset({"unknown", "indoor", "outdoor"})
WITH_DISTANCE = frozenset({"running", "walking", "cycling", "swimming", "hiking", "rowing"})
_ANYTHING = frozenset(ACTIVITY_NUMBERS)
#: Alert: the activities that have it on a recent watch.
ALERT_ACTIVITIES: Mapping[str, frozenset[str]] = {
    "heartRateRange": _ANYTHING,
    "heartRateZone": _ANYTHING,
    "powerRange": frozenset({"cycling", "running"}),
    "powerThreshold": frozenset({"cycling", "running"}),
    "powerZone": frozenset({"cycling"}),
    "cadenceRange": frozenset({"cycling", "running", "walking", "hiking"}),
    "cadenceThreshold": frozenset({"cycling", "running", "walking", "hiking"}),
    "speedRange": frozenset({"cycling", "running", "walking", "hiking", "rowing", "swimming"}),
    "speedThreshold": frozenset({"cycling", "running", "walking", "hiking", "rowing", "swimming"}),
}
_UNITS = {"heartRate": "count/min", "power": "W", "cadence": "count/min", "speed": "m/s"}
#: Heart rate is of the moment and cadence too; power and speed may be averages. [doc]
_WITH_METRIC = ("power", "speed")
#: The end of an alert's name: what stands in it beside the kind.
_FORMS = {"Range": {"low", "high", "unit"}, "Threshold": {"value", "unit"}, "Zone": {"zone"}}
#: Pairs of alert and activity.
Missing = frozenset[tuple[str, str]]


def check_plan(payload: Any, os_version: tuple[int, int], not_on_this_watch: Missing) -> None:
    """Raise `Rejected` for a plan that WorkoutKit would not take on this phone and watch.

    `not_on_this_watch`: pairs of alert and activity to which `supportsAlert` says no here.
    """
    fields = {"format", "minimumOS", "scheduledAt", "timeZone", "workout"}
    _check_fields(payload, "plan", fields, fields | {"description"})
    if payload["format"] != "workoutkit-plan/1":
        raise Rejected(f"format {payload['format']!r} is not known to this app")
    if tuple(int(part) for part in payload["minimumOS"].split(".")) > os_version:
        raise Rejected(f"the plan needs iOS {payload['minimumOS']}, and this phone has {_dotted(os_version)}")
    check_moment(payload["scheduledAt"])
    _check_workout(payload["workout"], not_on_this_watch)


def check_moment(components: Any) -> dt.datetime:
    """The DateComponents as a wall clock. All five are needed for the scheduler to place a plan."""
    fields = {"year", "month", "day", "hour", "minute"}
    _check_fields(components, "scheduledAt", fields, fields)
    try:
        return dt.datetime(**components)  # noqa: DTZ001 (a wall clock, as DateComponents without a zone)
    except (TypeError, ValueError) as error:
        raise Rejected(f"scheduledAt is no date: {error}") from error


def _check_workout(workout: Any, not_on_this_watch: Missing) -> None:
    needed = {"kind", "activity", "activityRaw", "location", "displayName", "blocks"}
    _check_fields(workout, "workout", needed, needed | {"warmup", "cooldown"})
    activity, location = workout["activity"], workout["location"]
    if workout["kind"] != "custom":
        raise Rejected(f"workout.kind {workout['kind']!r} is not a custom workout")
    if ACTIVITY_NUMBERS.get(activity) != workout["activityRaw"]:
        raise Rejected(f"activity {activity!r} is not number {workout['activityRaw']}")
    if activity in NO_CUSTOM_WORKOUT:
        raise Rejected(f"CustomWorkout.supportsActivity says no to {activity}")
    if location not in LOCATIONS:
        raise Rejected(f"location {location!r} is none of HKWorkoutSessionLocationType")
    _check_text(workout["displayName"], "workout.displayName")
    check = _StepCheck(activity, location, not_on_this_watch)
    for slot in ("warmup", "cooldown"):
        if slot in workout:
            check.step(workout[slot], slot)
    blocks = workout["blocks"]
    if not isinstance(blocks, list) or not blocks:
        raise Rejected("a custom workout has blocks")
    for index, block in enumerate(blocks):
        check.block(block, f"blocks[{index}]")


class _StepCheck:
    """The steps of one workout, each against its activity."""

    def __init__(self, activity: str, location: str, not_on_this_watch: Missing) -> None:
        self._activity = activity
        self._location = location
        self._missing = not_on_this_watch

    def block(self, block: Any, path: str) -> None:
        """An IntervalBlock: iterations and steps, and no block inside of it."""
        _check_fields(block, path, {"iterations", "steps"}, {"iterations", "steps"})
        if not _is_whole(block["iterations"]) or block["iterations"] < 1:
            raise Rejected(f"{path}.iterations must be 1 or more")
        if not isinstance(block["steps"], list) or not block["steps"]:
            raise Rejected(f"{path} has no steps")
        for index, step in enumerate(block["steps"]):
            self.step(step, f"{path}.steps[{index}]", is_interval=True)

    def step(self, step: Any, path: str, *, is_interval: bool = False) -> None:
        """A WorkoutStep: one goal, at most one alert; with a purpose inside of a block and nowhere else."""
        needed = {"goal", "purpose"} if is_interval else {"goal"}
        _check_fields(step, path, needed, needed | {"alert", "displayName", "notes"})
        if is_interval and step["purpose"] not in {"work", "recovery"}:
            raise Rejected(f"{path}.purpose {step['purpose']!r} is neither work nor recovery")
        for name in ("displayName", "notes"):
            if name in step:
                _check_text(step[name], f"{path}.{name}")
        self._goal(step["goal"], f"{path}.goal")
        if "alert" in step:
            self._alert(step["alert"], f"{path}.alert")

    def _goal(self, goal: Any, path: str) -> None:
        kind = goal.get("kind") if isinstance(goal, dict) else None
        if kind == "open":
            _check_fields(goal, path, {"kind"}, {"kind"})
            return
        if kind == "energy":
            raise Rejected(f"{path}: CustomWorkout.supportsGoal says no to energy")
        if kind == "poolSwimDistanceWithTime":
            if self._activity != "swimming" or self._location == "outdoor":
                raise Rejected(f"{path}: a send-off time is for pools")
            _check_fields(goal, path, {"kind", "distance", "time"}, {"kind", "distance", "time"})
            _check_positive(goal["distance"], f"{path}.distance")
            _check_positive(goal["time"], f"{path}.time")
            return
        if kind not in {"time", "distance"}:
            raise Rejected(f"{path}.kind {kind!r} is no WorkoutGoal")
        _check_fields(goal, path, {"kind", "value", "unit"}, {"kind", "value", "unit"})
        if goal["unit"] != {"time": "s", "distance": "m"}[kind]:
            raise Rejected(f"{path}.unit is {goal['unit']!r}")
        _check_positive(goal["value"], f"{path}.value")
        if kind == "distance" and self._activity not in WITH_DISTANCE:
            raise Rejected(f"{path}: CustomWorkout.supportsGoal says no to distance in {self._activity}")

    def _alert(self, alert: Any, path: str) -> None:
        kind = str(alert.get("kind")) if isinstance(alert, dict) else ""
        if kind not in ALERT_ACTIVITIES:
            raise Rejected(f"{path}.kind {kind!r} is no WorkoutAlert")
        quantity = next(name for name in _UNITS if kind.startswith(name))
        form = kind.removeprefix(quantity)
        needed = {"kind", *_FORMS[form]}
        if quantity in _WITH_METRIC and form != "Zone":
            needed.add("metric")
        _check_fields(alert, path, needed, needed | {"ifSupported"})
        if "unit" in needed and alert["unit"] != _UNITS[quantity]:
            raise Rejected(f"{path}.unit is {alert['unit']!r}, and {kind} is in {_UNITS[quantity]}")
        if alert.get("metric", "current") not in {"current", "average"}:
            raise Rejected(f"{path}.metric {alert['metric']!r} is neither current nor average")
        for name in sorted(needed & {"low", "high", "value", "zone"}):
            _check_positive(alert[name], f"{path}.{name}")
        if form == "Range" and alert["low"] >= alert["high"]:
            raise Rejected(f"{path}: {alert['low']} to {alert['high']} is no range to stay in")
        self._check_supported(alert, kind, path)

    def _check_supported(self, alert: dict[str, Any], kind: str, path: str) -> None:
        if not isinstance(alert.get("ifSupported", False), bool):
            raise Rejected(f"{path}.ifSupported must be true or false")
        is_there = self._activity in ALERT_ACTIVITIES[kind] and (kind, self._activity) not in self._missing
        if not is_there and not alert.get("ifSupported"):
            raise Rejected(f"{path}: CustomWorkout.supportsAlert says no to {kind} in {self._activity}")


def _check_fields(part: Any, path: str, needed: set[str], allowed: set[str]) -> None:
    if not isinstance(part, dict):
        raise Rejected(f"{path} is no object")
    for name in sorted(needed - set(part)):
        raise Rejected(f"{path}.{name} is missing")
    for name in sorted(set(part) - allowed):
        raise Rejected(f"{path}.{name} is nothing that WorkoutKit has")


def _check_text(value: Any, path: str) -> None:
    if not isinstance(value, str) or not value:
        raise Rejected(f"{path} must be a text, or left out")


def _check_positive(value: Any, path: str) -> None:
    """Negative, zero or endless values end the client's process."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value <= 0:
        raise Rejected(f"{path} must be a number above 0")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
