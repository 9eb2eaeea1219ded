"""What Wahoo holds is read as what was meant, and what was reported exact is what the coach wrote."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from hub_core.sdk import (
    DistanceDuration,
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Sport,
    Step,
    TimeDuration,
    compare_steps,
)
from hub_core.testing.round_trips import expect_exact_steps_kept
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts
from hub_wahoo.export import WORKOUT_TYPES, compile_workout
from hub_wahoo.read_back import from_plan


def stored(payload: dict[str, Any]) -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(payload["plan"]))


@settings(max_examples=50)
@given(planned_workouts(tuple(WORKOUT_TYPES)))
def test_what_is_held_is_what_was_meant(workout: PlannedWorkout) -> None:
    sent = compile_workout(workout, KNOWN_ATHLETE)
    held = from_plan(stored(sent.payload))
    assert held is not None
    assert sent.meant is not None
    assert compare_steps(sent.meant, held.steps, workout.sport) == ()
    # To Wahoo a pace is a speed, and RPE 1-10 is no target.
    expect_exact_steps_kept(_paced(workout), KNOWN_ATHLETE, sent, held)


def _paced(workout: PlannedWorkout) -> PlannedWorkout:
    """The workout with paces and speeds as Wahoo's one kind, and any effort as none."""
    metric = Metric.SPEED if workout.sport.family == "cycling" else Metric.PACE

    def node(one: Any) -> Any:
        if isinstance(one, Repeat):
            return msgspec.structs.replace(one, steps=tuple(map(node, one.steps)))
        target = one.target
        if target and target.metric in {Metric.PACE, Metric.SPEED}:
            target = msgspec.structs.replace(target, metric=metric)
        if target and target.metric is Metric.RPE and (target.low, target.high) == (1, 10):
            target = None
        return msgspec.structs.replace(one, target=target)

    return msgspec.structs.replace(workout, steps=tuple(map(node, workout.steps)))


SHARE = PercentTarget(Metric.POWER, 88, 93, Reference.FTP)
RIDE = PlannedWorkout(
    "Ride",
    Sport.RIDE,
    (
        Step(TimeDuration(600), RangeTarget(Metric.POWER, 150, 170)),
        Repeat(3, (Step(DistanceDuration(2000), SHARE), Step(TimeDuration(60)))),
    ),
    dt.date(2031, 4, 7),
)


def differences(change: Any) -> list[str]:
    """What is found after the server changed the plan."""
    sent = compile_workout(RIDE, KNOWN_ATHLETE)
    held = stored(sent.payload)
    change(held, held["intervals"][1]["intervals"][0])
    read = from_plan(held)
    assert read
    assert sent.meant
    return [
        f"{one.path} {one.meant} -> {one.held}" for one in compare_steps(sent.meant, read.steps, RIDE.sport)
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _, step: step.update(exit_trigger_value=1000), "steps[1].repeat[0] 2 km -> 1 km"),
        (lambda _, step: step.update(exit_trigger_type="kj"), "steps[1].repeat[0] 2 km -> until lap"),
        (lambda plan, _: plan["header"].update(ftp=200), "steps[1].repeat[0] 220–232.5 W -> 176–186 W"),
        (lambda _, step: step.update(targets=[]), "steps[1].repeat[0] 220–232.5 W -> nothing"),
        (lambda _, step: step["targets"][0].update(type="map"), "steps[1].repeat[0] 220–232.5 W -> nothing"),
        (lambda _, step: step.update(intensity_type="rest"), "steps[1].repeat[0] active -> rest"),
    ],
)
def test_a_change_is_told_at_its_step(change: Any, words: str) -> None:
    assert differences(change) == [words]


def test_a_lost_pass_is_told() -> None:
    found = differences(lambda plan, _: plan["intervals"][1].update(exit_trigger_value=1))
    assert found[0] == "workout of 7 steps -> of 5 steps"


@pytest.mark.parametrize(
    "held", [{}, {"header": {}}, {"header": {"workout_type_family": 0}, "intervals": {}}]
)
def test_another_form_is_no_proof(held: dict[str, Any]) -> None:
    assert from_plan(held) is None
