"""What intervals.icu understood is read as what was meant, and its silent misreadings are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from hub_core.sdk import (
    Athlete,
    DistanceDuration,
    Fidelity,
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
from hub_intervals.export import compile_workout
from hub_intervals.read_back import from_event
from hub_intervals.sandbox_events import Calendar
from hub_intervals.sandbox_resolve import AthleteSettings

#: The server's athlete is ours, so that percentages of heart rates are the same beats.
THEIRS = AthleteSettings(ftp=250, lthr=170, max_hr=190, threshold_pace=4.2, swim_threshold_pace=1.3)


def understood(event: dict[str, Any]) -> dict[str, Any]:
    """The event as the server holds it."""
    body = {"start_date_local": "2031-04-07T00:00:00", **event}
    held = Calendar().create(body, athlete_id="i1", client=None, settings=THEIRS, now="")
    return msgspec.json.decode(msgspec.json.encode(held))


@settings(max_examples=50)
@given(planned_workouts())
def test_what_is_understood_is_what_was_meant(workout: PlannedWorkout) -> None:
    sent = compile_workout(workout, KNOWN_ATHLETE)
    held = from_event(understood(sent.payload["event"]))
    assert held is not None
    assert sent.meant is not None
    assert compare_steps(sent.meant, held.steps, workout.sport) == ()
    expect_exact_steps_kept(workout, KNOWN_ATHLETE, sent, held, tells_intensity=False)


HILLS = PlannedWorkout(
    "Hills",
    Sport.RUN,
    (
        Step(TimeDuration(600), RangeTarget(Metric.PACE, 3.0, 3.2, "up")),
        Repeat(
            4,
            (
                Step(DistanceDuration(400), PercentTarget(Metric.HEART_RATE, 92, 97, Reference.LTHR)),
                Step(TimeDuration(120)),
            ),
        ),
    ),
    dt.date(2031, 4, 7),
)


def differences(change: Any) -> list[str]:
    """What is found after the event was changed before the server read it."""
    sent = compile_workout(HILLS, KNOWN_ATHLETE)
    event = sent.payload["event"]
    read = from_event(understood(change(event)))
    assert read
    assert sent.meant
    return [one.words() for one in compare_steps(sent.meant, read.steps, HILLS.sport)]


def rewritten(old: str, new: str) -> Any:
    def change(event: dict[str, Any]) -> dict[str, Any]:
        assert old in event["description"]
        return event | {"description": event["description"].replace(old, new)}

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        # `400m` is 400 minutes, and the server says nothing.
        (rewritten("400mtr", "400m"), "steps[1].repeat[0]: the duration was to be 400 m and is 6:40 h"),
        # It can't read this, and makes an empty workout of all.
        (
            rewritten("400mtr", "400 metres"),
            "workout: the workout was to be of 9 steps and is without any steps",
        ),
        (
            rewritten("92-97% LTHR", "92-97%"),
            "steps[1].repeat[0]: the target was to be 92–97 % LTHR and is 92–97 % FTP",
        ),
        (
            rewritten("92-97% LTHR", "Z4 HR"),
            "steps[1].repeat[0]: the target was to be 92–97 % LTHR and is zone 4 heart rate",
        ),
        (
            rewritten("ramp 5:33-5:12", "ramp 5:12-5:33"),
            "steps[0]: the target was to be ramp 5:33–5:12 /km and is ramp 5:33–5:12 /km (down)",
        ),
    ],
)
def test_a_silent_misreading_is_told(change: Any, words: str) -> None:
    assert differences(change) == [words]


def test_a_repeat_that_swallows_the_next_step_is_told() -> None:
    assert (
        differences(rewritten("4x", "3x"))[0] == "workout: the workout was to be of 9 steps and is of 7 steps"
    )


@pytest.mark.parametrize(
    "step",
    [
        {"duration": 60, "pace": {"value": 5, "units": "MINS_KM"}},
        {"duration": 60, "power": {"units": "w"}},
        {"duration": "a while"},
    ],
)
def test_another_form_is_no_proof(step: dict[str, Any]) -> None:
    assert from_event({"type": "Run", "workout_doc": {"steps": [step]}}) is None


def test_prose_has_no_steps_and_that_is_meant() -> None:
    yoga = PlannedWorkout("Yoga", Sport.YOGA, (Step(TimeDuration(1800)),), dt.date(2031, 4, 7))
    sent = compile_workout(yoga, Athlete())
    held = from_event(understood(sent.payload["event"]))
    assert held
    assert (sent.meant, held.steps, held.date) == ((), (), yoga.date)
    assert sent.fidelity.level is Fidelity.DEGRADED
