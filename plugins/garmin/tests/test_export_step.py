"""One step at a time: durations, targets, ramps, pools."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.sdk import (
    Athlete,
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
    ZoneTarget,
)

from .sent import compiled, losses_of, steps_of, target_of, timed

# -- durations and repeats -------------------------------------------------------------------------------


def test_repeat_value_is_total_passes() -> None:
    [repeat] = steps_of(compiled(Repeat(4, (timed(60),))))
    assert repeat["repeatValue"] == 4


def test_step_order_is_depth_first_and_a_repeat_counts() -> None:
    one = compiled(timed(60), Repeat(2, (timed(1), timed(2))), Repeat(3, (timed(3),)), timed(60))
    orders = [(step["stepOrder"], [c["stepOrder"] for c in step.get("steps", ())]) for step in steps_of(one)]
    assert orders == [(1, []), (2, [3, 4]), (5, [6]), (7, [])]


def test_lap_button_is_open_with_a_null_value() -> None:
    [step] = steps_of(compiled(Step(OpenDuration())))
    assert (step["durationType"], step["durationValue"], step["durationValueType"]) == ("OPEN", None, None)


def test_distance_says_meter_and_time_says_nothing() -> None:
    far, long = steps_of(compiled(Step(DistanceDuration(1609.344)), timed(60.0)))
    assert (far["durationValue"], far["durationValueType"]) == (1609.344, "METER")
    assert (long["durationValue"], long["durationValueType"]) == (60, None)
    assert isinstance(long["durationValue"], int)


def test_half_seconds_are_rounded_and_reported() -> None:
    one = compiled(timed(90.5))
    [loss] = losses_of(one, "steps[0]")
    assert steps_of(one)[0]["durationValue"] == 90
    assert (loss.feature, loss.level, loss.becomes) == ("duration", Fidelity.DEGRADED, "90 s")


def test_unused_fields_are_null() -> None:
    [step] = steps_of(compiled(timed(60)))
    unused = ("targetValue", "targetValueType", "secondaryTargetType", "strokeType", "exerciseName")
    assert all(name in step and step[name] is None for name in unused)


def test_nested_repeats_are_unrolled_without_loss() -> None:
    inner = Repeat(3, (timed(40), timed(20)))
    one = compiled(Repeat(2, (inner, timed(240, intensity=Intensity.RECOVERY))))
    [outer] = steps_of(one)
    assert outer["repeatValue"] == 2
    assert [step["durationValue"] for step in outer["steps"]] == [40, 20, 40, 20, 40, 20, 240]
    [loss] = losses_of(one, "steps[0].repeat[0]")
    assert (loss.feature, loss.level, loss.becomes) == ("repeat", Fidelity.EXACT, "unrolled into 6 steps")
    assert one.fidelity.level is Fidelity.EXACT


def test_a_single_pass_is_no_repeat() -> None:
    one = compiled(Repeat(1, (timed(40), timed(20))))
    assert [step["type"] for step in steps_of(one)] == ["WorkoutStep", "WorkoutStep"]
    assert losses_of(one, "steps[0]")[0].suggestion == "take the repeat away"


def test_the_name_of_a_repeat_stands_in_its_first_step() -> None:
    one = compiled(Repeat(2, (timed(40, name="On", notes="stay tall"), timed(20)), name="Hills"))
    first, second = steps_of(one)[0]["steps"]
    assert (first["description"], second["description"]) == ("Hills - On - stay tall", None)
    assert losses_of(one, "steps[0]")[0].becomes == "“Hills” in the text of the first step"


def test_skip_last_rest_step_is_sent_as_false() -> None:
    one = compiled(Repeat(4, (timed(60), timed(30, intensity=Intensity.REST))))
    assert steps_of(one)[0]["skipLastRestStep"] is False
    assert len(steps_of(one)) == 1


def test_fixed_rest_is_for_pools_and_time_for_all_others() -> None:
    rest = timed(30, intensity=Intensity.REST)
    assert steps_of(compiled(rest))[0]["durationType"] == "TIME"
    assert steps_of(compiled(rest, sport=Sport.POOL_SWIM))[0]["durationType"] == "FIXED_REST"


# -- targets ---------------------------------------------------------------------------------------------


def test_pace_is_in_metres_per_second_and_low_is_the_slower() -> None:
    pace = RangeTarget(Metric.PACE, 1000 / 285, 1000 / 270)  # 4:45 to 4:30 /km
    assert target_of(steps_of(compiled(timed(60, target=pace)))[0]) == ("PACE", 3.509, 3.704)


def test_speed_is_in_metres_per_second() -> None:
    speed = RangeTarget(Metric.SPEED, 9, 10.5)
    one = compiled(timed(60, target=speed), sport=Sport.RIDE)
    assert target_of(steps_of(one)[0]) == ("SPEED", 9, 10.5)


def test_no_fit_offsets_on_heart_rate_and_power() -> None:
    beats, watts = RangeTarget(Metric.HEART_RATE, 120, 140), RangeTarget(Metric.POWER, 200, 220)
    one = compiled(timed(60, target=beats), timed(60, target=watts))
    assert [target_of(step) for step in steps_of(one)] == [("HEART_RATE", 120, 140), ("POWER", 200, 220)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (PercentTarget(Metric.POWER, 88, 94, Reference.FTP), ("POWER", 220, 235)),
        (PercentTarget(Metric.HEART_RATE, 70, 80, Reference.MAX_HR), ("HEART_RATE", 133, 152)),
        (PercentTarget(Metric.PACE, 95, 100, Reference.THRESHOLD_PACE), ("PACE", 3.8, 4)),
        (ZoneTarget(Metric.POWER, 4, 4), ("POWER", 225, 262)),
        (ZoneTarget(Metric.HEART_RATE, 2, 3), ("HEART_RATE", 136, 152)),
    ],
)
def test_percent_and_zones_go_out_absolute_since_garmins_may_differ(
    target: PercentTarget | ZoneTarget, expected: tuple[Any, ...]
) -> None:
    one = compiled(timed(60, target=target))
    [step] = steps_of(one)
    assert target_of(step) == expected
    assert (step["targetValue"], step["targetValueType"]) == (None, None)  # never both, never PERCENT
    [loss] = losses_of(one, "steps[0]")
    assert (loss.feature, loss.level) == ("target", Fidelity.EXACT)
    assert loss.becomes


def test_a_missing_threshold_stops_the_export_and_says_what_to_set() -> None:
    one = compiled(
        timed(60, target=PercentTarget(Metric.POWER, 88, 94, Reference.FTP)),
        athlete=Athlete(),
        sport=Sport.RIDE,
    )
    [loss] = losses_of(one, "steps[0]")
    assert (loss.level, loss.suggestion) == (Fidelity.UNSUPPORTED, "set the athlete's ftp_w")
    assert one.fidelity.level is Fidelity.UNSUPPORTED


def test_an_unknown_zone_stops_the_export() -> None:
    one = compiled(timed(60, target=ZoneTarget(Metric.POWER, 9, 9)))
    assert losses_of(one, "steps[0]")[0].level is Fidelity.UNSUPPORTED


def test_effort_has_no_target_and_goes_into_the_text() -> None:
    one = compiled(timed(60, target=RangeTarget(Metric.RPE, 7, 7), name="Tempo", notes="Relax."))
    [step] = steps_of(one)
    assert (step["targetType"], step["description"]) == ("OPEN", "Tempo - RPE 7 - Relax.")
    [loss] = losses_of(one, "steps[0]")
    assert (loss.level, loss.becomes) == (Fidelity.DEGRADED, "no target, and “RPE 7” in the step's text")


def test_cadence_alone_is_the_main_target() -> None:
    one = compiled(timed(60, cadence=CadenceRange(90, 100)), sport=Sport.RIDE)
    [step] = steps_of(one)
    assert (*target_of(step), step["secondaryTargetType"]) == ("CADENCE", 90, 100, None)
    assert one.fidelity.losses() == []


def test_half_watts_are_rounded_and_reported() -> None:
    one = compiled(timed(60, target=RangeTarget(Metric.POWER, 200.4, 220)), sport=Sport.RIDE)
    assert target_of(steps_of(one)[0]) == ("POWER", 200, 220)
    assert losses_of(one, "steps[0]")[0].becomes == "200–220"


# -- ramps -----------------------------------------------------------------------------------------------


def test_no_ramp_target_exists_so_a_ramp_is_stepped() -> None:
    ramp = RangeTarget(Metric.POWER, 120, 220, "up")
    one = compiled(timed(600, target=ramp, name="Build"), sport=Sport.RIDE)
    steps = steps_of(one)
    assert [target_of(step)[1:] for step in steps] == [(120, 145), (145, 170), (170, 195), (195, 220)]
    assert [step["durationValue"] for step in steps] == [150] * 4
    assert [step["description"] for step in steps] == [f"Build - ramp {part}/4" for part in (1, 2, 3, 4)]
    [loss] = losses_of(one, "steps[0]")
    assert (loss.feature, loss.level) == ("ramp", Fidelity.DEGRADED)
    assert loss.becomes == (
        "4 steps: 2:30 min at 120–145 W, 2:30 min at 145–170 W, 2:30 min at 170–195 W, 2:30 min at 195–220 W"
    )


@pytest.mark.parametrize("total", [1, 2, 3, 7, 61, 601])
def test_the_parts_of_a_ramp_add_up_to_the_second(total: int) -> None:
    ramp = PercentTarget(Metric.POWER, 50, 75, Reference.FTP, "down")
    steps = steps_of(compiled(timed(total, target=ramp), sport=Sport.RIDE))
    assert sum(step["durationValue"] for step in steps) == total
    assert all(step["durationValue"] > 0 for step in steps)
    assert len(steps) == min(total, 4)
    assert steps[0]["targetValueHigh"] == 188  # down: the hardest first
    assert steps[-1]["targetValueLow"] == 125


@pytest.mark.parametrize("total", [1000, 1001, 1609.344])
def test_the_parts_of_a_ramp_add_up_to_the_metre(total: float) -> None:
    ramp = RangeTarget(Metric.PACE, 3.0, 4.0, "up")
    steps = steps_of(compiled(Step(DistanceDuration(total), ramp)))
    assert sum(step["durationValue"] for step in steps) == total


def test_a_ramp_until_lap_becomes_one_range() -> None:
    one = compiled(Step(OpenDuration(), RangeTarget(Metric.POWER, 120, 220, "up")), sport=Sport.RIDE)
    assert [target_of(step) for step in steps_of(one)] == [("POWER", 120, 220)]
    assert losses_of(one, "steps[0]")[0].becomes == "one range, 120–220 W"


def test_a_ramp_in_a_repeat_is_stepped_inside_it() -> None:
    ramp = timed(60, target=RangeTarget(Metric.POWER, 100, 140, "up"))
    one = compiled(Repeat(3, (ramp, timed(30))), timed(60), sport=Sport.RIDE)
    repeat, last = steps_of(one)
    assert [step["stepOrder"] for step in repeat["steps"]] == [2, 3, 4, 5, 6]
    assert last["stepOrder"] == 7


# -- pool swims ------------------------------------------------------------------------------------------


def test_swim_target_type_is_null_and_the_pace_is_text() -> None:
    pace = PercentTarget(Metric.PACE, 100, 100, Reference.CSS)
    one = compiled(Step(DistanceDuration(100), pace, name="CSS"), sport=Sport.POOL_SWIM, pool_length_m=25)
    [step] = steps_of(one)
    assert (step["targetType"], step["targetValueLow"], step["secondaryTargetType"]) == (None, None, None)
    assert step["description"] == "CSS - 1:20 /100 m"
    assert losses_of(one, "steps[0]")[0].level is Fidelity.DEGRADED


def test_a_swim_pace_without_a_threshold_goes_as_the_coach_wrote_it() -> None:
    pace = PercentTarget(Metric.PACE, 95, 100, Reference.CSS)
    one = compiled(Step(DistanceDuration(100), pace), sport=Sport.POOL_SWIM, athlete=Athlete())
    assert steps_of(one)[0]["description"] == "95–100 % CSS"
    assert one.fidelity.level is Fidelity.DEGRADED


def test_main_is_for_swims_only() -> None:
    assert steps_of(compiled(timed(60)))[0]["intensity"] == "ACTIVE"
    one = compiled(timed(60, intensity=Intensity.INTERVAL), timed(60), sport=Sport.POOL_SWIM)
    assert [step["intensity"] for step in steps_of(one)] == ["MAIN", "MAIN"]


def test_the_last_rest_that_garmin_skips_in_pools_follows_the_repeat() -> None:
    rest = timed(20, intensity=Intensity.REST)
    one = compiled(Repeat(4, (Step(DistanceDuration(50)), rest)), sport=Sport.POOL_SWIM, pool_length_m=25)
    repeat, after = steps_of(one)
    assert repeat["repeatValue"] == 4
    assert (after["stepOrder"], after["durationType"], after["durationValue"]) == (4, "FIXED_REST", 20)
    [loss] = losses_of(one, "steps[0]")
    assert (loss.level, loss.becomes) == (Fidelity.EXACT, "that rest follows as a step of its own")


@pytest.mark.parametrize(
    ("metres", "expected"),
    [(25, (25, "METER")), (33.33, (33.33, "METER")), (22.86, (25, "YARD")), (None, (None, None))],
)
def test_pool_length_in_metres_or_yards(metres: float | None, expected: tuple[Any, ...]) -> None:
    one = compiled(timed(60), sport=Sport.POOL_SWIM, pool_length_m=metres)
    [segment] = one.payload["segments"]
    for holder in (one.payload, segment):
        assert (holder["poolLength"], holder["poolLengthUnit"]) == expected
    assert [loss.feature for loss in one.fidelity.workout] == (["pool_length"] if metres is None else [])
