"""Workouts as Garmin's own clients write them."""

from __future__ import annotations

from typing import Any, cast

from hub_core.testing.harness import ProviderHarness
from hub_garmin.sandbox import GarminSandbox

RECIPES = "/workoutportal/workout/v2"
WORKOUTS = "/training-api/workout/v2"
SCHEDULES = "/training-api/schedule"
BEATS = {"targetType": "HEART_RATE", "targetValueLow": 120, "targetValueHigh": 140}


def step(order: int, **fields: Any) -> dict[str, Any]:
    return {
        "type": "WorkoutStep",
        "stepOrder": order,
        "intensity": "ACTIVE",
        "durationType": "TIME",
        "durationValue": 60,
        "targetType": "OPEN",
        **fields,
    }


def repeat(order: int, *steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    kind = {"type": "WorkoutRepeatStep", "repeatType": "REPEAT_UNTIL_STEPS_CMPLT", "repeatValue": 2}
    return {**kind, "stepOrder": order, "steps": list(steps), **fields}


def workout(*steps: dict[str, Any], sport: str = "RUNNING", **fields: Any) -> dict[str, Any]:
    segment = {"segmentOrder": 1, "sport": sport, "steps": list(steps) or [step(1)]}
    return {"workoutName": "Test", "sport": sport, "segments": [segment], **fields}


def sandbox_of(garmin: ProviderHarness) -> GarminSandbox:
    return cast(GarminSandbox, garmin.sandbox)
