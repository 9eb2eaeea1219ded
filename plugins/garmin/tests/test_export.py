"""Our workout in Garmin's words. Expected payloads are reasoned from Training API V2, not recorded."""

from __future__ import annotations

import datetime as dt

import pytest

from hub_core.sdk import (
    CadenceRange,
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
)
from hub_garmin.export import to_garmin_workout, to_source_id

from .sent import ATHLETE, DATE, EASY_POWER, compiled, losses_of, said, steps_of, timed

# -- golden ----------------------------------------------------------------------------------------------


def test_four_by_one_kilometre_as_the_training_api_shows_it() -> None:
    one = compiled(
        timed(900, target=RangeTarget(Metric.HEART_RATE, 120, 140), intensity=Intensity.WARMUP, name="Easy"),
        Repeat(
            4,
            (
                Step(
                    DistanceDuration(1000),
                    RangeTarget(Metric.PACE, 1000 / 255, 1000 / 240),  # 4:15 to 4:00 /km
                    intensity=Intensity.INTERVAL,
                    name="Hard",
                ),
                timed(90, intensity=Intensity.RECOVERY, name="Jog"),
            ),
        ),
        Step(OpenDuration(), intensity=Intensity.COOLDOWN, name="Until lap"),
        name="4 x 1 km",
        description="Hub id wk-118",
    )
    assert one.fidelity.level is Fidelity.EXACT
    assert one.fidelity.losses() == []
    assert one.date == DATE
    assert {name: value for name, value in one.payload.items() if name != "segments"} == {
        "workoutName": "4 x 1 km",
        "description": "Hub id wk-118",
        "sport": "RUNNING",
        "workoutProvider": "TrainHub",
        "isSessionTransitionEnabled": False,
        "poolLength": None,
        "poolLengthUnit": None,
    }
    [segment] = one.payload["segments"]
    assert said(segment) == {
        "segmentOrder": 1,
        "sport": "RUNNING",
        "steps": [
            {
                "type": "WorkoutStep",
                "stepOrder": 1,
                "intensity": "WARMUP",
                "description": "Easy",
                "durationType": "TIME",
                "durationValue": 900,
                "targetType": "HEART_RATE",
                "targetValueLow": 120,
                "targetValueHigh": 140,
            },
            {
                "type": "WorkoutRepeatStep",
                "stepOrder": 2,
                "repeatType": "REPEAT_UNTIL_STEPS_CMPLT",
                "repeatValue": 4,
                "skipLastRestStep": False,
                "steps": [
                    {
                        "type": "WorkoutStep",
                        "stepOrder": 3,
                        "intensity": "INTERVAL",
                        "description": "Hard",
                        "durationType": "DISTANCE",
                        "durationValue": 1000,
                        "durationValueType": "METER",
                        "targetType": "PACE",
                        "targetValueLow": 3.922,
                        "targetValueHigh": 4.167,
                    },
                    {
                        "type": "WorkoutStep",
                        "stepOrder": 4,
                        "intensity": "RECOVERY",
                        "description": "Jog",
                        "durationType": "TIME",
                        "durationValue": 90,
                        "targetType": "OPEN",
                    },
                ],
            },
            {
                "type": "WorkoutStep",
                "stepOrder": 5,
                "intensity": "COOLDOWN",
                "description": "Until lap",
                "durationType": "OPEN",
                "targetType": "OPEN",
            },
        ],
    }


def test_power_with_cadence_as_the_second_target() -> None:
    step = timed(600, target=RangeTarget(Metric.POWER, 228, 242), cadence=CadenceRange(85, 95))
    one = compiled(step, sport=Sport.RIDE)
    assert said(steps_of(one)[0]) == {
        "type": "WorkoutStep",
        "stepOrder": 1,
        "intensity": "ACTIVE",
        "durationType": "TIME",
        "durationValue": 600,
        "targetType": "POWER",
        "targetValueLow": 228,
        "targetValueHigh": 242,
        "secondaryTargetType": "CADENCE",
        "secondaryTargetValueLow": 85,
        "secondaryTargetValueHigh": 95,
    }
    assert one.fidelity.level is Fidelity.EXACT
    assert [loss.feature for loss in one.fidelity.workout] == ["cadence"]  # told, since old devices hide it


def test_pool_swim_and_its_rest() -> None:
    one = compiled(
        Step(DistanceDuration(100)),
        timed(20, intensity=Intensity.REST),
        sport=Sport.POOL_SWIM,
        pool_length_m=25,
    )
    work, rest = steps_of(one)
    assert said(work) == {
        "type": "WorkoutStep",
        "stepOrder": 1,
        "intensity": "MAIN",
        "durationType": "DISTANCE",
        "durationValue": 100,
        "durationValueType": "METER",
    }
    assert said(rest) == {
        "type": "WorkoutStep",
        "stepOrder": 2,
        "intensity": "REST",
        "durationType": "FIXED_REST",
        "durationValue": 20,
    }
    assert work["targetType"] is None
    assert one.fidelity.losses() == []


# -- the workout as a whole ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sport", "theirs", "level"),
    [
        (Sport.RUN, "RUNNING", Fidelity.EXACT),
        (Sport.TRAIL_RUN, "RUNNING", Fidelity.DEGRADED),
        (Sport.TREADMILL_RUN, "RUNNING", Fidelity.DEGRADED),
        (Sport.RIDE, "CYCLING", Fidelity.EXACT),
        (Sport.INDOOR_RIDE, "CYCLING", Fidelity.DEGRADED),
        (Sport.POOL_SWIM, "LAP_SWIMMING", Fidelity.EXACT),
        (Sport.OPEN_WATER_SWIM, "GENERIC", Fidelity.DEGRADED),
        (Sport.WALK, "GENERIC", Fidelity.DEGRADED),
        (Sport.ROW, "GENERIC", Fidelity.DEGRADED),
        (Sport.STRENGTH, "STRENGTH_TRAINING", Fidelity.EXACT),
        (Sport.YOGA, "YOGA", Fidelity.EXACT),
        (Sport.OTHER, "GENERIC", Fidelity.DEGRADED),
    ],
)
def test_sports_that_garmin_lacks_are_folded_and_reported(sport: Sport, theirs: str, level: Fidelity) -> None:
    one = compiled(timed(60), sport=sport, pool_length_m=25)
    assert (one.payload["sport"], one.payload["segments"][0]["sport"]) == (theirs, theirs)
    assert one.fidelity.level is level


def test_texts_are_cut_and_reported() -> None:
    one = compiled(timed(60, notes="n" * 600), name="w" * 90, description="d" * 2000)
    lengths = len(one.payload["workoutName"]), len(one.payload["description"])
    assert lengths == (80, 1024)
    assert len(steps_of(one)[0]["description"]) == 512
    assert [loss.feature for _, loss in one.fidelity.losses()] == ["name", "description", "notes"]
    assert losses_of(one, "steps[0]")[0].suggestion == "shorten it by 88 characters"


def test_texts_that_just_fit_are_whole() -> None:
    one = compiled(timed(60, notes="n" * 512), name="w" * 80, description="d" * 1024)
    assert one.fidelity.losses() == []


def test_the_hour_is_lost_since_the_calendar_has_days_only() -> None:
    one = compiled(timed(60), time=dt.time(18, 30), description="Hard.")
    assert one.payload["description"] == "Planned for 18:30.\nHard."
    assert (one.date, one.time) == (DATE, dt.time(18, 30))
    assert [(loss.feature, loss.level) for loss in one.fidelity.workout] == [("time", Fidelity.DEGRADED)]


@pytest.mark.parametrize(
    ("count", "level"),
    [(50, Fidelity.EXACT), (51, Fidelity.DEGRADED), (100, Fidelity.DEGRADED), (101, Fidelity.UNSUPPORTED)],
)
def test_fifty_steps_warn_and_a_hundred_are_the_end_with_repeats_counted(count: int, level: Fidelity) -> None:
    one = compiled(Repeat(2, tuple(timed(60) for _ in range(count - 1))))
    assert one.fidelity.level is level


def test_steps_are_counted_as_they_go_out() -> None:
    ramp = timed(60, target=RangeTarget(Metric.POWER, 100, 140, "up"))
    one = compiled(*[ramp] * 26, sport=Sport.RIDE)  # 26 steps of ours, 104 of Garmin's
    assert "104" in one.fidelity.workout[0].reason
    assert one.fidelity.level is Fidelity.UNSUPPORTED


def test_source_id_has_twenty_characters() -> None:
    assert to_source_id("hub-0123456789abcdef0123456789abcdef") == "cdef0123456789abcdef"
    assert to_source_id("hub-wk-1") == "hub-wk-1"


def test_the_report_has_a_line_for_every_step_and_repeat() -> None:
    one = compiled(
        timed(600),
        Repeat(2, (Repeat(3, (timed(40, target=EASY_POWER), timed(20))), timed(240))),
        sport=Sport.RIDE,
    )
    assert [(line.path, line.label) for line in one.fidelity.steps] == [
        ("steps[0]", "10 min"),
        ("steps[1]", "2 times"),
        ("steps[1].repeat[0]", "3 times"),
        ("steps[1].repeat[0].repeat[0]", "40 s at 100–150 W"),
        ("steps[1].repeat[0].repeat[1]", "20 s"),
        ("steps[1].repeat[1]", "4 min"),
    ]


def test_a_workout_without_a_date_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="date"):
        to_garmin_workout(PlannedWorkout("x", Sport.RUN, (timed(60),)), ATHLETE)
