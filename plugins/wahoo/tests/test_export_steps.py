"""Steps of a plan: targets, ramps, repeats, and any steps whatever."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.sandbox import Refusal
from hub_core.sdk import (
    Athlete,
    CadenceRange,
    DistanceDuration,
    Fidelity,
    Intensity,
    Metric,
    Node,
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
from hub_wahoo.export import WORKOUT_TYPES
from hub_wahoo.sandbox_validation import check_plan

from .planned import compiled, ftp, losses, one, target_of, watts

# -- gotchas of plan.json -----------------------------------------------------------------------------


def test_repeat_count_is_passes_after_the_first() -> None:
    interval = compiled(Repeat(4, (Step(TimeDuration(60)),))).payload["plan"]["intervals"][0]
    assert (interval["exit_trigger_type"], interval["exit_trigger_value"]) == ("repeat", 3)


def test_a_repeat_has_no_targets() -> None:
    interval = compiled(Repeat(4, (Step(TimeDuration(60), watts(200, 210)),))).payload["plan"]["intervals"][0]
    assert "targets" not in interval


def test_percent_of_ftp_is_a_fraction_where_1_is_100_percent() -> None:
    assert target_of(ftp(85, 105)) == {"type": "ftp", "low": 0.85, "high": 1.05}
    assert target_of(ftp(87.5, 92.25)) == {"type": "ftp", "low": 0.875, "high": 0.9225}


def test_relative_power_brings_its_reference_in_the_header() -> None:
    assert compiled(Step(TimeDuration(60), ftp(85, 95))).payload["plan"]["header"]["ftp"] == 262
    assert "ftp" not in compiled(Step(TimeDuration(60), watts(200, 210))).payload["plan"]["header"]


def test_the_header_reference_is_a_whole_number() -> None:
    header = compiled(Step(TimeDuration(60), ftp(85, 95)), athlete=Athlete(ftp_w=250.6)).payload["plan"][
        "header"
    ]
    assert header["ftp"] == 251
    assert isinstance(header["ftp"], int)


def test_relative_heart_rate_is_sent_in_bpm_for_bike_computers() -> None:
    target = PercentTarget(Metric.HEART_RATE, 80, 90, Reference.LTHR)
    assert target_of(target) == {"type": "hr", "low": 128, "high": 144}
    ((_, loss),) = losses(compiled(Step(TimeDuration(60), target)), "target")
    assert loss.level is Fidelity.EXACT
    assert loss.becomes == "128–144 bpm"


def test_relative_pace_is_sent_in_metres_per_second() -> None:
    target = PercentTarget(Metric.PACE, 90, 100, Reference.THRESHOLD_PACE)
    assert target_of(target, Sport.RUN) == {"type": "speed", "low": 3.6, "high": 4}


def test_power_zone_is_sent_in_watts() -> None:
    # Zone 3 is 75 to 90 % of 262 W: 196.5 and 235.8.
    assert target_of(ZoneTarget(Metric.POWER, 3, 3)) == {"type": "watts", "low": 196, "high": 236}


def test_pace_is_speed_with_the_slower_end_low() -> None:
    # 4:15 to 4:00 /km
    target = RangeTarget(Metric.PACE, 1000 / 255, 1000 / 240)
    assert target_of(target, Sport.RUN) == {"type": "speed", "low": 3.922, "high": 4.167}


def test_cadence_alone_is_the_first_target_and_exact() -> None:
    step = Step(TimeDuration(60), cadence=CadenceRange(85, 95))
    result = compiled(step)
    assert one(step)["targets"] == [{"type": "rpm", "low": 85, "high": 95}]
    assert result.fidelity.level is Fidelity.EXACT
    assert target_of(RangeTarget(Metric.CADENCE, 90, 100)) == {"type": "rpm", "low": 90, "high": 100}


def test_bike_computers_show_only_the_first_target_so_cadence_comes_second() -> None:
    result = compiled(Step(TimeDuration(60), watts(200, 210), CadenceRange(85, 95)))
    targets = result.payload["plan"]["intervals"][0]["targets"]
    assert [target["type"] for target in targets] == ["watts", "rpm"]
    ((path, loss),) = losses(result, "cadence")
    assert (path, loss.level) == ("steps[0]", Fidelity.DEGRADED)
    assert "only the first target" in loss.reason


def test_every_interval_has_a_target() -> None:
    result = compiled(Step(TimeDuration(60)))
    assert result.payload["plan"]["intervals"][0]["targets"] == [{"type": "rpe", "low": 1, "high": 10}]
    assert result.fidelity.level is Fidelity.EXACT


def test_a_description_is_always_sent() -> None:
    assert compiled(Step(TimeDuration(60)), name="Easy").payload["plan"]["header"]["description"] == "Easy"


def test_timed_plans_say_their_duration() -> None:
    timed, mixed = Step(TimeDuration(60)), Step(DistanceDuration(400), RangeTarget(Metric.SPEED, 4, 4))
    assert compiled(timed, timed).payload["plan"]["header"]["duration_s"] == 120
    assert "duration_s" not in compiled(timed, mixed).payload["plan"]["header"]


def test_header_has_no_fields_that_the_validator_refuses() -> None:
    header = compiled(Step(TimeDuration(60), ftp(85, 95))).payload["plan"]["header"]
    assert set(header) == {
        *("name", "version", "description", "workout_type_family", "workout_type_location"),
        *("ftp", "duration_s"),
    }


def test_an_open_step_has_no_lap_button() -> None:
    result = compiled(Step(OpenDuration(), watts(200, 210)))
    interval = result.payload["plan"]["intervals"][0]
    assert (interval["exit_trigger_type"], interval["exit_trigger_value"]) == ("time", 300)
    ((_, loss),) = losses(result, "duration")
    assert (loss.level, loss.becomes) == (Fidelity.DEGRADED, "5 min")
    assert "lap button" in loss.reason


def test_rpe_scale_starts_at_1() -> None:
    result = compiled(Step(TimeDuration(60), RangeTarget(Metric.RPE, 0, 2)))
    assert result.payload["plan"]["intervals"][0]["targets"] == [{"type": "rpe", "low": 1, "high": 2}]
    ((_, loss),) = losses(result, "target")
    assert (loss.level, loss.becomes) == (Fidelity.DEGRADED, "RPE 1–2")


def test_durations_stay_exact() -> None:
    assert one(Step(TimeDuration(90.5)))["exit_trigger_value"] == 90.5
    value = one(Step(DistanceDuration(400.0)))["exit_trigger_value"]
    assert json.dumps(value) == "400"


# -- ramps: a range is no ramp ------------------------------------------------------------------------


def test_a_ramp_becomes_short_steps() -> None:
    result = compiled(Step(TimeDuration(600), watts(100, 200, ramp="up"), name="Build"))
    intervals = result.payload["plan"]["intervals"]
    assert [part["exit_trigger_value"] for part in intervals] == [150, 150, 150, 150]
    assert [part["targets"][0] for part in intervals] == [
        {"type": "watts", "low": 100, "high": 125},
        {"type": "watts", "low": 125, "high": 150},
        {"type": "watts", "low": 150, "high": 175},
        {"type": "watts", "low": 175, "high": 200},
    ]
    assert [part["name"] for part in intervals] == ["Build 1/4", "Build 2/4", "Build 3/4", "Build 4/4"]
    ((path, loss),) = losses(result, "ramp")
    assert (path, loss.level) == ("steps[0]", Fidelity.DEGRADED)
    assert loss.becomes == "4 steps of 2:30 min: 100–125 W, 125–150 W, 150–175 W, 175–200 W"


def test_a_ramp_down_in_percent_starts_at_the_top() -> None:
    intervals = compiled(Step(TimeDuration(400), ftp(40, 60, ramp="down"))).payload["plan"]["intervals"]
    assert [part["targets"][0]["high"] for part in intervals] == [0.6, 0.55, 0.5, 0.45]
    assert intervals[0]["name"] == "Ramp 1/4"


@pytest.mark.parametrize("seconds", [7, 45, 601, 90.5, 3599])
def test_a_ramp_keeps_its_duration(seconds: float) -> None:
    intervals = compiled(Step(TimeDuration(seconds), watts(100, 200, ramp="up"))).payload["plan"]["intervals"]
    lengths = [part["exit_trigger_value"] for part in intervals]
    assert sum(lengths) == seconds
    assert all(isinstance(length, int) for length in lengths[:-1])


def test_a_ramp_by_distance_keeps_its_distance() -> None:
    step = Step(DistanceDuration(1001), RangeTarget(Metric.PACE, 3, 4, ramp="up"))
    intervals = compiled(step, sport=Sport.RUN).payload["plan"]["intervals"]
    assert [part["exit_trigger_value"] for part in intervals] == [250, 250, 250, 251]
    assert intervals[1]["targets"] == [{"type": "speed", "low": 3.25, "high": 3.5}]


def test_a_ramp_between_equal_values_is_none() -> None:
    assert losses(compiled(Step(TimeDuration(600), watts(200, 200, ramp="up"))), "ramp") == []


# -- everything that compiles is a plan that Wahoo's own rules accept ---------------------------------

_LENGTHS = st.floats(0.001, 100_000, allow_nan=False)
_DURATIONS = st.one_of(
    st.builds(TimeDuration, _LENGTHS), st.builds(DistanceDuration, _LENGTHS), st.just(OpenDuration())
)
_RAMPS = st.sampled_from([None, "up", "down"])


def _ranges(metric: Metric, highest: float) -> st.SearchStrategy[RangeTarget]:
    bounds = st.lists(st.floats(0, highest), min_size=2, max_size=2).map(sorted)
    return st.builds(lambda pair, ramp: RangeTarget(metric, pair[0], pair[1], ramp), bounds, _RAMPS)


_PERCENTS = st.builds(
    lambda pair, ramp: PercentTarget(Metric.POWER, pair[0], pair[1], Reference.FTP, ramp),
    st.lists(st.floats(0, 400), min_size=2, max_size=2).map(sorted),
    _RAMPS,
)
_ZONES = st.builds(lambda of, zone: ZoneTarget(of, zone, zone), st.sampled_from(Metric), st.integers(1, 5))
_TARGETS = st.one_of(
    st.none(),
    _ranges(Metric.POWER, 3000),
    _ranges(Metric.HEART_RATE, 250),
    _ranges(Metric.PACE, 25),
    _ranges(Metric.RPE, 10),
    _PERCENTS,
    _ZONES,
)
_STEPS = st.builds(
    Step,
    _DURATIONS,
    _TARGETS,
    st.none(),
    st.sampled_from(Intensity),
    st.text(max_size=9),
    st.text(max_size=9),
)
_NODES = st.recursive(
    _STEPS,
    lambda inner: st.builds(Repeat, st.integers(1, 4), st.lists(inner, min_size=1, max_size=3).map(tuple)),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.lists(_NODES, min_size=1, max_size=4), st.sampled_from(sorted(WORKOUT_TYPES)))
def test_whatever_compiles_is_a_valid_plan(steps: list[Node], sport: Sport) -> None:
    result = compiled(*steps, sport=sport)
    document = json.loads(json.dumps(result.payload["plan"]))
    try:
        check_plan(document, strict=True)
    except Refusal as refusal:
        pytest.fail(f"{refusal.message}: {document}")
    children = [child for part in document["intervals"] for child in part.get("intervals", [])]
    assert all("intervals" not in child for child in children)
