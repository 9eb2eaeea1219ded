"""What Fake holds is read as what was meant, and what was reported exact is what the coach wrote."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from hub_core.sdk import PlannedWorkout, compare_steps
from hub_core.testing.round_trips import expect_exact_steps_kept
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts
from hub_fake.plugin import SPORTS, compile_workout, from_workout


@settings(max_examples=40)
@given(planned_workouts(tuple(SPORTS.values())))
def test_what_is_held_is_what_was_meant(workout: PlannedWorkout) -> None:
    sent = compile_workout(workout, KNOWN_ATHLETE)
    held = from_workout(msgspec.json.decode(msgspec.json.encode(sent.payload)))
    assert held is not None
    assert held.date == workout.date
    assert compare_steps(sent.meant, held.steps, workout.sport) == ()
    expect_exact_steps_kept(workout, KNOWN_ATHLETE, sent, held)


@pytest.mark.parametrize(
    "change",
    [
        {"sport": "kitesurfing"},
        {"date": "tomorrow"},
        {"steps": None},
        {"steps": [{"type": "step"}]},
        {"steps": [{"times": 2}]},
    ],
)
def test_another_form_is_no_proof(change: dict[str, Any]) -> None:
    whole = {"title": "Run", "sport": "running", "date": "2031-04-07", "steps": []}
    assert from_workout(whole) is not None
    assert from_workout(whole | change) is None
