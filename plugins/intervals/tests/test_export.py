"""What our workouts become, by the rules of the native workout text."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.sdk import (
    CadenceRange,
    DistanceDuration,
    Fidelity,
    Intensity,
    Metric,
    OpenDuration,
    PercentTarget,
    RangeTarget,
    Reference,
    Repeat,
    Sport,
    Step,
    TimeDuration,
    ZoneTarget,
)
from hub_intervals.export import to_start_date_local
from hub_intervals.sandbox_text import read_workout

from .written import POWER, compiled, losses, meant_total, minutes, only_loss, text

# -- the whole event --------------------------------------------------------------------------------------


def test_over_unders_as_one_event() -> None:
    workout = compiled(
        Step(
            minutes(12),
            PercentTarget(Metric.POWER, 48, 72, Reference.FTP, "up"),
            CadenceRange(88, 88),
            Intensity.WARMUP,
        ),
        Repeat(
            3,
            (
                Step(
                    minutes(6),
                    PercentTarget(Metric.POWER, 94, 94, Reference.FTP),
                    CadenceRange(92, 92),
                    name="Under",
                ),
                Step(
                    minutes(2),
                    PercentTarget(Metric.POWER, 107, 107, Reference.FTP),
                    CadenceRange(96, 96),
                    name="Over",
                ),
                Step(minutes(4), PercentTarget(Metric.POWER, 52, 52, Reference.FTP), name="Easy"),
            ),
        ),
        Step(
            minutes(9),
            PercentTarget(Metric.POWER, 42, 58, Reference.FTP, "down"),
            intensity=Intensity.COOLDOWN,
        ),
        sport=Sport.INDOOR_RIDE,
        name="Over-unders 3x8",
        time=dt.time(6, 30),
    )
    assert workout.payload["event"] == {
        "category": "WORKOUT",
        "type": "Ride",
        "name": "Over-unders 3x8",
        "description": "- Warmup 12m ramp 48-72% 88rpm\n\n3x\n- Under 6m 94% 92rpm\n- Over 2m 107% 96rpm\n"
        "- Easy 4m 52%\n\n- Cooldown 9m ramp 58-42%",
        "indoor": True,
        "target": "POWER",
    }
    assert meant_total(workout, TimeDuration) == 3420
    assert workout.payload["expects"]["steps"] == 5
    assert to_start_date_local(workout) == "2031-04-07T06:30:00"
    assert workout.fidelity.level is Fidelity.EXACT
    assert [step.path for step in workout.fidelity.steps] == [
        "steps[0]",
        "steps[1]",
        "steps[1].repeat[0]",
        "steps[1].repeat[1]",
        "steps[1].repeat[2]",
        "steps[2]",
    ]
    assert losses(workout) == []


def test_start_date_is_never_a_bare_date() -> None:
    assert to_start_date_local(compiled(Step(minutes(10)))) == "2031-04-07T00:00:00"


@pytest.mark.parametrize(
    ("sport", "kind", "indoor"),
    [
        (Sport.RUN, "Run", False),
        (Sport.TRAIL_RUN, "TrailRun", False),
        (Sport.TREADMILL_RUN, "Run", True),
        (Sport.RIDE, "Ride", False),
        (Sport.INDOOR_RIDE, "Ride", True),
        (Sport.GRAVEL_RIDE, "GravelRide", False),
        (Sport.MOUNTAIN_BIKE_RIDE, "MountainBikeRide", False),
        (Sport.POOL_SWIM, "Swim", False),
        (Sport.OPEN_WATER_SWIM, "OpenWaterSwim", False),
        (Sport.WALK, "Walk", False),
        (Sport.HIKE, "Hike", False),
        (Sport.ROW, "Rowing", False),
    ],
)
def test_type_and_indoor(sport: Sport, kind: str, indoor: bool) -> None:
    workout = compiled(Step(minutes(10)), sport=sport)
    assert (workout.payload["event"]["type"], workout.payload["event"]["indoor"]) == (kind, indoor)
    assert workout.fidelity.level is Fidelity.EXACT


def test_track_run_becomes_a_run_and_says_so() -> None:
    workout = compiled(Step(minutes(10)), sport=Sport.TRACK_RUN)
    assert workout.payload["event"]["type"] == "Run"
    assert only_loss(workout).feature == "sport"


# -- rule 6: repeats --------------------------------------------------------------------------------------


def test_repeats_have_a_blank_line_before_and_after() -> None:
    step = Step(minutes(1))
    assert text(step, Repeat(4, (step, step)), Repeat(2, (step,)), step) == (
        "- 1m\n\n4x\n- 1m\n- 1m\n\n2x\n- 1m\n\n- 1m"
    )


def test_repeat_name_is_the_header_without_digits() -> None:
    workout = compiled(Repeat(4, (Step(minutes(1)),), name="Block 1"))
    assert workout.payload["event"]["description"] == "Block one 4x\n- 1m"
    assert only_loss(workout).feature == "name"


def test_nested_repeats_are_unrolled_to_one_level() -> None:
    inner = Repeat(2, (Step(minutes(1), POWER), Step(minutes(2))))
    workout = compiled(Repeat(3, (inner, Step(minutes(5)))))
    assert workout.payload["event"]["description"] == "3x\n- 1m 88-93%\n- 2m\n- 1m 88-93%\n- 2m\n- 5m"
    assert meant_total(workout, TimeDuration) == 3 * (2 * 180 + 300)
    assert workout.fidelity.level is Fidelity.EXACT
    assert [(path, loss.becomes) for path, loss in losses(workout)] == [
        ("steps[0].repeat[0]", "unrolled into 4 steps")
    ]


def test_the_name_of_an_unrolled_repeat_is_reported() -> None:
    workout = compiled(Repeat(1, (Step(minutes(1)),), name="Once"))
    assert workout.payload["event"]["description"] == "- 1m"
    assert [loss.feature for _, loss in losses(workout)] == ["repeat", "name"]


# -- rule 7 and 8: rest and lap ---------------------------------------------------------------------------


def test_rest_without_a_target_is_a_true_pause() -> None:
    assert text(Step(TimeDuration(90), intensity=Intensity.REST), sport=Sport.RUN) == "- Rest 1m30s"


def test_swimmers_rest_is_a_zero() -> None:
    step = Step(TimeDuration(20), intensity=Intensity.REST)
    assert text(step, sport=Sport.POOL_SWIM) == "- 20s 0"


@pytest.mark.parametrize(
    ("name", "line"), [("", "- Easy 1m30s intensity=recovery"), ("Jog", "- Jog 1m30s intensity=recovery")]
)
def test_recovery_without_a_target_must_not_pause(name: str, line: str) -> None:
    assert text(Step(TimeDuration(90), intensity=Intensity.RECOVERY, name=name), sport=Sport.RUN) == line


def test_the_word_rest_in_a_step_without_a_target_must_not_pause() -> None:
    workout = compiled(Step(minutes(5), name="Rest your arms"))
    assert workout.payload["event"]["description"] == "- easy your arms 5m"
    assert only_loss(workout).level is Fidelity.DEGRADED


def test_press_lap_needs_a_placeholder_length() -> None:
    workout = compiled(Step(OpenDuration(), ZoneTarget(Metric.POWER, 2, 2), name="Press on"))
    assert workout.payload["event"]["description"] == "- Press on 5m 55-75% press lap"
    assert meant_total(workout, OpenDuration) == 1
    assert workout.fidelity.level is Fidelity.EXACT


# -- rule 9, 12 and what has no syntax --------------------------------------------------------------------


def test_cadence_alone_is_not_a_target() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.CADENCE, 85, 95)))
    assert workout.payload["event"]["description"] == "- 10m 85-95rpm"
    assert only_loss(workout).level is Fidelity.DEGRADED


def test_rpe_is_cue_text_in_words() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.RPE, 7, 8), name="Tempo"), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == "- Tempo. RPE seven to eight 10m"
    assert only_loss(workout).level is Fidelity.DEGRADED


def test_speed_on_a_bike_is_cue_text_in_words() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.SPEED, 30 / 3.6, 32.5 / 3.6)))
    assert (
        workout.payload["event"]["description"] == "- speed thirty to thirty-two point five km per hour 10m"
    )
    assert only_loss(workout).level is Fidelity.DEGRADED


def test_speed_on_foot_becomes_a_pace() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.SPEED, 3.333, 4)), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == "- 10m 5:00-4:10/km Pace"
    assert only_loss(workout).becomes == "5:00–4:10 /km"


# -- rule 10: pace ----------------------------------------------------------------------------------------


def test_pace_in_whole_seconds_is_reported_when_it_shifts_the_speed() -> None:
    exact = compiled(Step(minutes(10), RangeTarget(Metric.PACE, 3.333, 4.0)), sport=Sport.RUN)
    assert losses(exact) == []
    fast_swim = compiled(
        Step(minutes(10), RangeTarget(Metric.PACE, 100 / 60.4, 100 / 60.4)), sport=Sport.POOL_SWIM
    )
    assert fast_swim.payload["event"]["description"] == "- 10m 1:00/100m Pace"
    assert only_loss(fast_swim).level is Fidelity.DEGRADED


def test_standing_still_has_no_pace() -> None:
    workout = compiled(Step(minutes(10), RangeTarget(Metric.PACE, 0, 4)), sport=Sport.RUN)
    assert workout.payload["event"]["description"] == "- 10m 59:59-4:10/km Pace"
    assert workout.fidelity.level is Fidelity.DEGRADED


# -- rule 11: prose ---------------------------------------------------------------------------------------


def test_prose_that_looks_like_a_step_or_a_repeat_is_escaped() -> None:
    workout = compiled(
        Step(minutes(10)), description="Two things:\n- be kind\n  * drink\nMain set 3x\n\nEnjoy 2 laps"
    )
    assert workout.payload["event"]["description"] == (
        "Two things:\n`- be kind\n`* drink\nMain set 3 times\n\nEnjoy 2 laps\n\n- 10m"
    )
    assert only_loss(workout).level is Fidelity.EXACT


def test_pool_length_is_a_header() -> None:
    workout = compiled(Step(DistanceDuration(300)), sport=Sport.POOL_SWIM, pool_length_m=25)
    assert workout.payload["event"]["description"] == "pool length: 25m\n\n- 300mtr"
    assert losses(workout) == []


def test_an_odd_pool_is_left_out_and_reported() -> None:
    workout = compiled(Step(DistanceDuration(300)), sport=Sport.POOL_SWIM, pool_length_m=22.86)
    assert workout.payload["event"]["description"] == "- 300mtr"
    assert only_loss(workout).feature == "pool_length"


# -- rule 16: sports without structure --------------------------------------------------------------------


@pytest.mark.parametrize("sport", [Sport.STRENGTH, Sport.YOGA, Sport.OTHER])
def test_strength_and_yoga_are_prose_without_digits(sport: Sport) -> None:
    workout = compiled(
        Repeat(3, (Step(TimeDuration(45), RangeTarget(Metric.RPE, 7, 8), name="Squats x10"),)),
        Step(OpenDuration(), intensity=Intensity.COOLDOWN),
        sport=sport,
        description="Bring 2 towels",
    )
    event = workout.payload["event"]
    assert event["description"] == (
        "Bring two towels\n\nThree times:\n• Squats x ten: forty-five seconds, RPE seven to eight\n"
        "Cool down: until done"
    )
    assert not any(character.isdigit() for character in event["description"])
    assert event["moving_time"] == 135
    assert workout.payload["expects"]["steps"] == 0
    assert workout.fidelity.level is Fidelity.DEGRADED
    assert all(step.level is Fidelity.DEGRADED for step in workout.fidelity.steps)


# -- whatever people write --------------------------------------------------------------------------------

_HAZARDS = ["rest", "Recovery", "Ramp", "3x", "400m", "Z2", "5'", "press lap", "-", "*", "88%", "0", "hr=lap"]
_HAZARDS += ["<!>", "33^", "٣", "4:05/km Pace", "pool length: 25m", "freeride", "1,5", "A1b2", "\n", "`", "x"]
_TEXTS = st.lists(st.sampled_from(_HAZARDS) | st.text("ab9 -\n", max_size=5), max_size=5).map(" ".join)


@settings(max_examples=50)
@given(name=_TEXTS, notes=_TEXTS, repeat=_TEXTS, description=_TEXTS, intensity=st.sampled_from(Intensity))
def test_no_text_is_taken_for_a_step_a_target_or_a_repeat(
    name: str, notes: str, repeat: str, description: str, intensity: Intensity
) -> None:
    step = Step(minutes(10), name=name, notes=notes, intensity=intensity)
    read = read_workout(text(Repeat(3, (step,), name=repeat), step, description=description, sport=Sport.RUN))
    block, last = read.steps
    assert block["reps"] == 3
    for found in (*block["steps"], last):
        assert found["duration"] == 600
        assert not found.keys() & {"power", "hr", "pace", "ramp", "freeride", "until_lap_press", "distance"}
        assert (found.get("intensity") == "rest") == (intensity is Intensity.REST)
    assert "pool_length" not in read.options
