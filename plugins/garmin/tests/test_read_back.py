"""What Garmin holds is read as what was meant, and what was reported exact is what the coach wrote."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from hub_core.sdk import (
    DistanceDuration,
    Fidelity,
    Metric,
    PlannedWorkout,
    RangeTarget,
    Repeat,
    Sport,
    Step,
    TimeDuration,
    compare_steps,
)
from hub_core.testing.round_trips import expect_exact_steps_kept
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts
from hub_garmin.export import to_garmin_workout
from hub_garmin.read_back import from_garmin_workout, from_schedule
from hub_garmin.sandbox_training import _with_skipped_rests

DAY = dt.date(2031, 4, 7)


def stored(payload: dict[str, Any]) -> dict[str, Any]:
    """As the server gives it back: the rests of pool repeats are skipped, and everything is JSON."""
    held = payload | {"segments": [_with_skipped_rests(segment) for segment in payload["segments"]]}
    return msgspec.json.decode(msgspec.json.encode(held))


@settings(max_examples=50)
@given(planned_workouts())
def test_what_is_held_is_what_was_meant(workout: PlannedWorkout) -> None:
    sent = to_garmin_workout(workout, KNOWN_ATHLETE)
    held = from_garmin_workout(stored(sent.payload))
    assert held is not None
    assert sent.meant is not None
    if sent.fidelity.level is not Fidelity.UNSUPPORTED:
        assert compare_steps(sent.meant, held.steps, workout.sport) == ()
    expect_exact_steps_kept(workout, KNOWN_ATHLETE, sent, held)


RIDE = PlannedWorkout(
    "Ride",
    Sport.RIDE,
    (
        Step(TimeDuration(600), RangeTarget(Metric.POWER, 150, 170)),
        Repeat(
            3, (Step(DistanceDuration(2000), RangeTarget(Metric.POWER, 250, 270)), Step(TimeDuration(60)))
        ),
    ),
    DAY,
)


def changed(**fields: Any) -> list[str]:
    """The differences after the server changed fields of the step in the repeat."""
    sent = to_garmin_workout(RIDE, KNOWN_ATHLETE)
    held = stored(sent.payload)
    held["segments"][0]["steps"][1]["steps"][0] |= fields
    read = from_garmin_workout(held)
    assert read
    assert sent.meant
    return [
        f"{one.path} {one.meant} -> {one.held}" for one in compare_steps(sent.meant, read.steps, RIDE.sport)
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"durationValue": 1000}, "steps[1].repeat[0] 2 km -> 1 km"),
        ({"durationValueType": "MILE"}, "steps[1].repeat[0] 2 km -> 3218.69 km"),
        ({"durationType": "OPEN", "durationValue": None}, "steps[1].repeat[0] 2 km -> until lap"),
        ({"durationType": "TIME"}, "steps[1].repeat[0] 2 km -> 33:20 min"),
        ({"targetValueHigh": 300}, "steps[1].repeat[0] 250–270 W -> 250–300 W"),
        ({"targetValue": 4}, "steps[1].repeat[0] 250–270 W -> zone 4 power"),
        ({"targetType": "HEART_RATE"}, "steps[1].repeat[0] 250–270 W -> 250–270 bpm"),
        ({"targetType": "SOMETHING_NEW"}, "steps[1].repeat[0] 250–270 W -> nothing"),
        ({"targetValueType": "PERCENT"}, "steps[1].repeat[0] 250–270 W -> nothing"),
        ({"intensity": "REST"}, "steps[1].repeat[0] active -> rest"),
        (
            {
                "secondaryTargetType": "CADENCE",
                "secondaryTargetValueLow": 80,
                "secondaryTargetValueHigh": 90,
            },
            "steps[1].repeat[0] nothing -> 80–90 rpm",
        ),
    ],
)
def test_a_change_is_told_at_its_step(fields: dict[str, Any], words: str) -> None:
    assert changed(**fields) == [words]


@pytest.mark.parametrize("fields", [{"targetValueHigh": 271}, {"durationValue": 2001.5}])
def test_what_nobody_can_feel_is_no_change(fields: dict[str, Any]) -> None:
    assert changed(**fields) == []


def test_a_lost_pass_is_told() -> None:
    sent = to_garmin_workout(RIDE, KNOWN_ATHLETE)
    held = stored(sent.payload)
    held["segments"][0]["steps"][1]["repeatValue"] = 2
    read = from_garmin_workout(held)
    assert read
    assert sent.meant
    whole, *steps = compare_steps(sent.meant, read.steps, RIDE.sport)
    assert whole.words() == "workout: the workout was to be of 7 steps and is of 5 steps"
    assert {one.path for one in steps} == {"steps[1].repeat[0]", "steps[1].repeat[1]"}


@pytest.mark.parametrize("held", [{}, {"sport": "RUNNING"}, {"sport": "RUNNING", "segments": [{"steps": 3}]}])
def test_another_form_is_no_proof(held: dict[str, Any]) -> None:
    assert from_garmin_workout(held) is None


def test_the_day_of_a_schedule() -> None:
    assert from_schedule({"date": "2031-04-07"}) == DAY
    assert from_schedule({"date": "2031-04-07T00:00:00"}) == DAY
    assert from_schedule({"date": None}) is None
