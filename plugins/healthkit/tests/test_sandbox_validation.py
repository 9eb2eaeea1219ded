"""What would end a client's process is refused here, by the words of WorkoutKit."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from hub_core.sdk import Rejected
from hub_healthkit.sandbox_validation import check_moment, check_plan

ALL_ALERTS = frozenset[tuple[str, str]]()
POWER = {"kind": "powerRange", "low": 200, "high": 220, "unit": "W", "metric": "current"}
#: By hand, from the sheet.
PLAN: dict[str, Any] = {
    "format": "workoutkit-plan/1",
    "minimumOS": "17.0",
    "scheduledAt": {"year": 2031, "month": 4, "day": 7, "hour": 6, "minute": 30},
    "timeZone": "Europe/Zurich",
    "workout": {
        "kind": "custom",
        "activity": "cycling",
        "activityRaw": 13,
        "location": "outdoor",
        "displayName": "Ride",
        "blocks": [
            {
                "iterations": 2,
                "steps": [
                    {
                        "purpose": "work",
                        "goal": {"kind": "time", "value": 60, "unit": "s"},
                        "alert": {
                            "kind": "powerRange",
                            "low": 200,
                            "high": 220,
                            "unit": "W",
                            "metric": "current",
                        },
                    }
                ],
            }
        ],
        "cooldown": {"goal": {"kind": "open"}},
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The plan with one place replaced; `...` takes it out."""
    plan = copy.deepcopy(PLAN)
    *way, last = path.split(".")
    place: Any = plan
    for name in way:
        place = place[int(name)] if isinstance(place, list) else place[name]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return plan


STEP = "workout.blocks.0.steps.0"


def test_the_plan_by_hand_is_taken() -> None:
    check_plan(PLAN, (17, 0), ALL_ALERTS)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("format", "workoutkit-plan/2", "not known"),
        ("minimumOS", "26.0", "needs iOS 26.0"),
        ("more", 1, "plan.more is nothing"),
        ("timeZone", ..., "plan.timeZone is missing"),
        ("scheduledAt.minute", ..., "scheduledAt.minute is missing"),
        ("scheduledAt.day", 31, "no date"),
        ("workout.kind", "goal", "not a custom workout"),
        ("workout.activityRaw", 37, "not number 37"),
        ("workout.location", "moon", "HKWorkoutSessionLocationType"),
        ("workout.displayName", "", "must be a text"),
        ("workout.blocks", [], "has blocks"),
        ("workout.blocks.0.iterations", 0, "1 or more"),
        ("workout.blocks.0.iterations", 1.5, "1 or more"),
        ("workout.blocks.0.steps", [], "has no steps"),
        # No blocks inside of blocks.
        (f"{STEP}.steps", [], "is nothing that WorkoutKit has"),
        (f"{STEP}.purpose", "rest", "neither work nor recovery"),
        (f"{STEP}.purpose", ..., "purpose is missing"),
        ("workout.cooldown.purpose", "recovery", "is nothing that WorkoutKit has"),
        (f"{STEP}.displayName", "", "must be a text"),
        # One alert, not two.
        (f"{STEP}.alert", [], "no WorkoutAlert"),
        (f"{STEP}.goal", {"kind": "energy", "value": 100, "unit": "kcal"}, "says no to energy"),
        (f"{STEP}.goal", {"kind": "until", "value": 100}, "no WorkoutGoal"),
        (f"{STEP}.goal", {"kind": "open", "value": 1}, "is nothing that WorkoutKit has"),
        (f"{STEP}.goal.value", 0, "above 0"),
        (f"{STEP}.goal.value", -60, "above 0"),
        (f"{STEP}.goal.value", float("inf"), "above 0"),
        (f"{STEP}.goal.value", True, "above 0"),
        (f"{STEP}.goal.unit", "min", "unit"),
        (f"{STEP}.alert.kind", "paceRange", "no WorkoutAlert"),
        (f"{STEP}.alert.low", 0, "above 0"),
        (f"{STEP}.alert.high", 200, "no range"),
        (f"{STEP}.alert.high", 100, "no range"),
        (f"{STEP}.alert.high", float("nan"), "above 0"),
        (f"{STEP}.alert.unit", "kW", "is in W"),
        (f"{STEP}.alert.metric", ..., "metric is missing"),
        (f"{STEP}.alert.metric", "maximum", "neither current nor average"),
        (f"{STEP}.alert.ifSupported", "yes", "true or false"),
        (
            f"{STEP}.goal",
            {"kind": "poolSwimDistanceWithTime", "distance": 100, "time": 90},
            "is for pools",
        ),
    ],
)
def test_what_workoutkit_would_not_take(path: str, value: Any, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        check_plan(changed(path, value), (18, 0), ALL_ALERTS)


@pytest.mark.parametrize(
    ("activity", "number"),
    [("transition", 83), ("swimBikeRun", 82), ("cooldown", 80), ("preparationAndRecovery", 33)],
)
def test_activities_that_no_custom_workout_is_for(activity: str, number: int) -> None:
    plan = changed("workout.activity", activity)
    plan["workout"]["activityRaw"] = number
    with pytest.raises(Rejected, match="supportsActivity"):
        check_plan(plan, (18, 0), ALL_ALERTS)


def for_activity(activity: str, number: int, goal: dict[str, Any], alert: dict[str, Any] | None) -> Any:
    plan = changed(f"{STEP}.goal", goal)
    plan["workout"] |= {"activity": activity, "activityRaw": number, "location": "indoor"}
    step = plan["workout"]["blocks"][0]["steps"][0]
    step.pop("alert")
    if alert:
        step["alert"] = alert
    return plan


TIME = {"kind": "time", "value": 60, "unit": "s"}
SPEED = {"kind": "speedRange", "low": 1.0, "high": 1.2, "unit": "m/s", "metric": "average"}


@pytest.mark.parametrize(
    ("activity", "number", "goal", "alert"),
    [
        ("swimming", 46, {"kind": "poolSwimDistanceWithTime", "distance": 100, "time": 90}, None),
        ("swimming", 46, {"kind": "distance", "value": 100, "unit": "m"}, SPEED),
        ("running", 37, TIME, POWER),
        ("running", 37, TIME, {"kind": "heartRateZone", "zone": 2}),
        ("running", 37, TIME, {"kind": "cadenceThreshold", "value": 160, "unit": "count/min"}),
        ("yoga", 57, TIME, {"kind": "heartRateRange", "low": 90, "high": 110, "unit": "count/min"}),
    ],
)
def test_what_an_activity_has(
    activity: str, number: int, goal: dict[str, Any], alert: dict[str, Any] | None
) -> None:
    check_plan(for_activity(activity, number, goal, alert), (18, 0), ALL_ALERTS)


@pytest.mark.parametrize(
    ("activity", "number", "goal", "alert", "reason"),
    [
        ("yoga", 57, {"kind": "distance", "value": 100, "unit": "m"}, None, "no to distance in yoga"),
        ("swimming", 46, TIME, POWER, "no to powerRange in swimming"),
        ("yoga", 57, TIME, SPEED, "no to speedRange in yoga"),
    ],
)
def test_what_an_activity_does_not_have(
    activity: str, number: int, goal: dict[str, Any], alert: dict[str, Any] | None, reason: str
) -> None:
    with pytest.raises(Rejected, match=reason):
        check_plan(for_activity(activity, number, goal, alert), (18, 0), ALL_ALERTS)


def test_an_alert_is_asked_for_where_sources_disagree() -> None:
    missing = frozenset({("powerRange", "running")})
    with pytest.raises(Rejected, match="no to powerRange in running"):
        check_plan(for_activity("running", 37, TIME, POWER), (18, 0), missing)
    check_plan(for_activity("running", 37, TIME, POWER | {"ifSupported": True}), (18, 0), missing)


def test_the_moment_is_a_wall_clock() -> None:
    moment = check_moment(PLAN["scheduledAt"])
    assert (moment.date(), moment.time(), moment.tzinfo) == (dt.date(2031, 4, 7), dt.time(6, 30), None)


@pytest.mark.parametrize("nonsense", [None, [], "plan", {}])
def test_what_is_no_plan_at_all(nonsense: Any) -> None:
    with pytest.raises(Rejected):
        check_plan(nonsense, (18, 0), ALL_ALERTS)
