"""Whole plans, expected from the fact sheet's section 7 and not from what we write."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    DistanceDuration,
    Fidelity,
    Intensity,
    Metric,
    OpenDuration,
    PlannedWorkout,
    RangeTarget,
    Repeat,
    Sport,
    Step,
    TimeDuration,
    ZoneTarget,
    place_steps,
    total_distance_m,
    total_duration_s,
    walk,
    worst,
)
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts
from hub_healthkit.activities import ACTIVITIES, NO_DISTANCE
from hub_healthkit.export import compile_workout
from hub_healthkit.sandbox_validation import check_plan

DATE = dt.date(2031, 4, 7)
EASY = Step(TimeDuration(600))
RECENT_WATCH = ((18, 0), frozenset[tuple[str, str]]())


def plan(*steps: Step | Repeat, sport: Sport = Sport.RUN, **fields: Any) -> PlannedWorkout:
    return PlannedWorkout("Plan", sport, steps, date=DATE, time=dt.time(6, 30), **fields)


def compiled(*steps: Step | Repeat, sport: Sport = Sport.RUN, **fields: Any) -> CompiledWorkout:
    return compile_workout(plan(*steps, sport=sport, **fields), KNOWN_ATHLETE)


def losses(result: CompiledWorkout) -> list[tuple[str, str, str]]:
    """Where, what and how much, without what is only told."""
    return [
        (path, loss.feature, loss.level.value)
        for path, loss in result.fidelity.losses()
        if loss.level is not Fidelity.EXACT
    ]


def test_the_sheets_own_example() -> None:
    """Section 7.3: 5 x 3 min, with zone 2 in numbers, because the watch may count its zones otherwise."""
    athlete = msgspec.structs.replace(KNOWN_ATHLETE, time_zone="Europe/Zurich", lthr_bpm=160)
    workout = PlannedWorkout(
        "5 x 3 min",
        Sport.RUN,
        (
            Step(
                TimeDuration(720),
                RangeTarget(Metric.HEART_RATE, 118, 136),
                intensity=Intensity.WARMUP,
            ),
            Repeat(
                5,
                (
                    Step(
                        TimeDuration(180),
                        RangeTarget(Metric.PACE, 4.00, 4.26),
                        intensity=Intensity.INTERVAL,
                        name="Fast",
                    ),
                    Step(
                        DistanceDuration(400),
                        ZoneTarget(Metric.HEART_RATE, 2, 2),
                        intensity=Intensity.RECOVERY,
                    ),
                ),
            ),
            Step(OpenDuration(), intensity=Intensity.COOLDOWN),
        ),
        date=DATE,
        time=dt.time(6, 30),
    )
    result = compile_workout(workout, athlete)
    assert result.payload == {
        "format": "workoutkit-plan/1",
        "scheduledAt": {"year": 2031, "month": 4, "day": 7, "hour": 6, "minute": 30},
        "timeZone": "Europe/Zurich",
        "minimumOS": "17.0",
        "workout": {
            "kind": "custom",
            "activity": "running",
            "activityRaw": 37,
            "location": "outdoor",
            "displayName": "5 x 3 min",
            "warmup": {
                "goal": {"kind": "time", "value": 720, "unit": "s"},
                "alert": {"kind": "heartRateRange", "low": 118, "high": 136, "unit": "count/min"},
            },
            "blocks": [
                {
                    "iterations": 5,
                    "steps": [
                        {
                            "purpose": "work",
                            "goal": {"kind": "time", "value": 180, "unit": "s"},
                            "alert": {
                                "kind": "speedRange",
                                "low": 4,
                                "high": 4.26,
                                "unit": "m/s",
                                "metric": "current",
                            },
                            "displayName": "Fast",
                        },
                        {
                            "purpose": "recovery",
                            "goal": {"kind": "distance", "value": 400, "unit": "m"},
                            # Zone 2 of the default table: 85 to 90 % of 160 bpm.
                            "alert": {
                                "kind": "heartRateRange",
                                "low": 136,
                                "high": 144,
                                "unit": "count/min",
                            },
                        },
                    ],
                }
            ],
            "cooldown": {"goal": {"kind": "open"}},
        },
    }
    assert result.fidelity.level is Fidelity.EXACT
    assert (result.date, result.time, result.time_zone) == (DATE, dt.time(6, 30), "Europe/Zurich")


def test_without_a_time_it_is_noon_and_said() -> None:
    workout = msgspec.structs.replace(plan(EASY), time=None)
    result = compile_workout(workout, KNOWN_ATHLETE)
    assert result.payload["scheduledAt"] == {"year": 2031, "month": 4, "day": 7, "hour": 12, "minute": 0}
    assert result.time is None
    (told,) = result.fidelity.workout
    assert (told.feature, told.level, told.becomes) == (
        "time",
        Fidelity.EXACT,
        "12:00 on the athlete's clock",
    )


def test_a_workout_without_a_date_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="needs its date"):
        compile_workout(msgspec.structs.replace(plan(EASY), date=None), KNOWN_ATHLETE)


@pytest.mark.parametrize(
    ("sport", "activity", "number", "location"),
    [
        (Sport.RUN, "running", 37, "outdoor"),
        (Sport.TREADMILL_RUN, "running", 37, "indoor"),
        (Sport.RIDE, "cycling", 13, "outdoor"),
        (Sport.INDOOR_RIDE, "cycling", 13, "indoor"),
        (Sport.POOL_SWIM, "swimming", 46, "indoor"),
        (Sport.WALK, "walking", 52, "outdoor"),
        (Sport.HIKE, "hiking", 24, "outdoor"),
        (Sport.ROW, "rowing", 35, "unknown"),
        (Sport.STRENGTH, "traditionalStrengthTraining", 50, "unknown"),
        (Sport.YOGA, "yoga", 57, "unknown"),
        (Sport.OTHER, "other", 3000, "unknown"),
    ],
)
def test_a_sport_that_the_watch_has(sport: Sport, activity: str, number: int, location: str) -> None:
    result = compiled(EASY, sport=sport)
    workout = result.payload["workout"]
    assert (workout["activity"], workout["activityRaw"], workout["location"]) == (activity, number, location)
    assert result.fidelity.level is Fidelity.EXACT


@pytest.mark.parametrize(
    ("sport", "becomes"),
    [
        (Sport.TRAIL_RUN, "an outdoor run"),
        (Sport.TRACK_RUN, "an outdoor run"),
        (Sport.GRAVEL_RIDE, "an outdoor ride"),
        (Sport.MOUNTAIN_BIKE_RIDE, "an outdoor ride"),
        (
            Sport.OPEN_WATER_SWIM,
            "an outdoor swim where the watch takes one; else the phone says that it doesn't",
        ),
    ],
)
def test_a_sport_that_the_watch_has_only_roughly(sport: Sport, becomes: str) -> None:
    result = compiled(EASY, sport=sport)
    (loss,) = result.fidelity.workout
    assert (loss.feature, loss.level) == ("sport", Fidelity.DEGRADED)
    assert loss.becomes.startswith(becomes)
    assert loss.suggestion


def test_plans_for_pools_came_with_ios_18() -> None:
    assert compiled(EASY, sport=Sport.POOL_SWIM).payload["minimumOS"] == "18.0"
    assert compiled(EASY, sport=Sport.OPEN_WATER_SWIM).payload["minimumOS"] == "17.0"


def test_the_length_of_the_pool_is_the_watchs_business() -> None:
    result = compiled(EASY, sport=Sport.POOL_SWIM, pool_length_m=33.33)
    (loss,) = result.fidelity.workout
    assert (loss.feature, loss.level) == ("pool_length", Fidelity.DEGRADED)
    assert loss.suggestion == "set 33.33 m on the watch at the start"


def test_plain_steps_share_a_block_and_a_repeat_has_its_own() -> None:
    repeat = Repeat(4, (Step(TimeDuration(30)), Step(TimeDuration(60), intensity=Intensity.RECOVERY)))
    blocks = compiled(EASY, EASY, repeat, EASY).payload["workout"]["blocks"]
    assert [(one["iterations"], len(one["steps"])) for one in blocks] == [(1, 2), (4, 2), (1, 1)]
    assert [step["purpose"] for step in blocks[1]["steps"]] == ["work", "recovery"]


def test_an_inner_repeat_is_written_out_and_said() -> None:
    inner = Repeat(3, (Step(TimeDuration(40)), Step(TimeDuration(20), intensity=Intensity.REST)))
    result = compiled(Repeat(5, (inner, Step(TimeDuration(240)))))
    (block,) = result.payload["workout"]["blocks"]
    assert block["iterations"] == 5
    assert [step["goal"]["value"] for step in block["steps"]] == [40, 20, 40, 20, 40, 20, 240]
    line = next(one for one in result.fidelity.steps if one.path == "steps[0].repeat[0]")
    (loss,) = line.losses
    assert (loss.feature, loss.level, loss.becomes) == (
        "repeat",
        Fidelity.EXACT,
        "its steps, written out 3 times",
    )


def test_the_name_of_a_repeat_is_lost() -> None:
    result = compiled(Repeat(2, (EASY,), name="Main set"))
    assert losses(result) == [("steps[0]", "name", "degraded")]


def test_only_the_first_and_the_last_step_are_warm_up_and_cool_down() -> None:
    warm, cool = (Step(TimeDuration(60), intensity=one) for one in (Intensity.WARMUP, Intensity.COOLDOWN))
    result = compiled(warm, warm, EASY, cool, cool)
    workout = result.payload["workout"]
    assert {"warmup", "cooldown"} <= set(workout)
    assert [step.get("displayName") for step in workout["blocks"][0]["steps"]] == [
        "Warm-up",
        None,
        "Cool-down",
    ]
    assert losses(result) == [
        ("steps[1]", "intensity", "degraded"),
        ("steps[3]", "intensity", "degraded"),
    ]


@pytest.mark.parametrize(
    "steps",
    [
        (Step(TimeDuration(60), intensity=Intensity.WARMUP),),
        (Step(TimeDuration(60), intensity=Intensity.COOLDOWN),),
        (
            Step(TimeDuration(60), intensity=Intensity.WARMUP),
            Step(TimeDuration(60), intensity=Intensity.COOLDOWN),
        ),
    ],
)
def test_something_is_left_for_the_blocks(steps: tuple[Step, ...]) -> None:
    workout = compiled(*steps).payload["workout"]
    assert sum(len(block["steps"]) for block in workout["blocks"]) == 1
    check_plan(compiled(*steps).payload, *RECENT_WATCH)


def test_a_warm_up_that_is_repeated_is_none() -> None:
    warm = Step(TimeDuration(60), intensity=Intensity.WARMUP)
    workout = compiled(Repeat(3, (warm,)), EASY).payload["workout"]
    assert "warmup" not in workout
    assert workout["blocks"][0]["iterations"] == 3


def test_a_description_and_notes_are_for_the_phones_app() -> None:
    result = compiled(msgspec.structs.replace(EASY, notes="Nose only."), description="Easy day.")
    assert result.payload["description"] == "Easy day."
    assert result.payload["workout"]["blocks"][0]["steps"][0]["notes"] == "Nose only."
    assert losses(result) == [
        ("workout", "description", "degraded"),
        ("steps[0]", "notes", "degraded"),
    ]


def test_names_of_steps_need_ios_18_and_that_is_told() -> None:
    result = compiled(msgspec.structs.replace(EASY, name="Easy"))
    (told,) = result.fidelity.workout
    assert (told.feature, told.level) == ("name", Fidelity.EXACT)
    assert "iOS 18" in told.reason


@given(planned_workouts())
@settings(max_examples=60)
def test_every_plan_is_one_that_workoutkit_takes(workout: PlannedWorkout) -> None:
    result = compile_workout(workout, KNOWN_ATHLETE)
    check_plan(json.loads(msgspec.json.encode(result.payload)), *RECENT_WATCH)
    check_plan(compile_workout(workout, Athlete()).payload, *RECENT_WATCH)


@given(planned_workouts())
@settings(max_examples=60)
def test_time_and_distance_are_conserved(workout: PlannedWorkout) -> None:
    payload = compile_workout(workout, KNOWN_ATHLETE).payload["workout"]
    once = [payload[slot] for slot in ("warmup", "cooldown") if slot in payload]
    goals = [(1, step["goal"]) for step in once]
    goals += [(block["iterations"], step["goal"]) for block in payload["blocks"] for step in block["steps"]]
    total = {
        kind: sum(times * goal["value"] for times, goal in goals if goal["kind"] == kind)
        for kind in ("time", "distance")
    }
    assert total["time"] == pytest.approx(total_duration_s(workout.steps))
    measured = ACTIVITIES[workout.sport].name not in NO_DISTANCE
    assert total["distance"] == pytest.approx(total_distance_m(workout.steps) if measured else 0)


@given(planned_workouts())
@settings(max_examples=60)
def test_every_step_is_reported_and_every_loss_explained(workout: PlannedWorkout) -> None:
    report = compile_workout(workout, KNOWN_ATHLETE).fidelity
    assert [line.path for line in report.steps] == [node.path for node in walk(place_steps(workout.steps))]
    for _, loss in report.losses():
        assert loss.reason
        assert loss.becomes
        assert loss.suggestion or loss.level is Fidelity.EXACT
    levels = [line.level for line in report.steps] + [loss.level for loss in report.workout]
    assert report.level is worst(levels)
    assert report.level is not Fidelity.UNSUPPORTED
