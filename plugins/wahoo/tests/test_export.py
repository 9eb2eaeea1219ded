"""Compiling: golden cases by reasoning from Wahoo's documents, and one test for each gotcha."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.sandbox import Refusal
from hub_core.sdk import (
    Athlete,
    CadenceRange,
    CompiledWorkout,
    DistanceDuration,
    Fidelity,
    Intensity,
    Loss,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Sport,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_wahoo.export import WORKOUT_TYPES, compile_workout, to_iso, to_starts
from hub_wahoo.sandbox_validation import check_plan

ATHLETE = Athlete(ftp_w=262, lthr_bpm=160, max_hr_bpm=185, threshold_speed_mps=4.0, time_zone="Europe/Vienna")


def planned(*steps: Node, sport: Sport = Sport.RIDE, **fields: Any) -> PlannedWorkout:
    fields = {"name": "Session", "date": dt.date(2026, 11, 3), "time": dt.time(18, 30)} | fields
    return PlannedWorkout(sport=sport, steps=steps, **fields)


def compiled(*steps: Node, athlete: Athlete = ATHLETE, **fields: Any) -> CompiledWorkout:
    return compile_workout(planned(*steps, **fields), athlete)


def one(step: Step, athlete: Athlete = ATHLETE, sport: Sport = Sport.RIDE) -> dict[str, Any]:
    """The only interval of a workout of one step."""
    (interval,) = compiled(step, athlete=athlete, sport=sport).payload["plan"]["intervals"]
    return interval


def target_of(target: Target, sport: Sport = Sport.RIDE) -> dict[str, Any]:
    (sent,) = one(Step(TimeDuration(60), target), sport=sport)["targets"]
    return sent


def losses(result: CompiledWorkout, feature: str) -> list[tuple[str, Loss]]:
    return [(path, loss) for path, loss in result.fidelity.losses() if loss.feature == feature]


def watts(low: float, high: float, **fields: Any) -> RangeTarget:
    return RangeTarget(Metric.POWER, low, high, **fields)


def ftp(low: float, high: float, **fields: Any) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, **fields)


# -- golden cases -------------------------------------------------------------------------------------


def test_a_sweet_spot_ride() -> None:
    steps = (
        Step(TimeDuration(900), ftp(50, 65), intensity=Intensity.WARMUP, name="Warm up"),
        Repeat(
            3,
            (
                Step(TimeDuration(480), ftp(88, 93), name="On"),
                Step(TimeDuration(240), ftp(45, 55), intensity=Intensity.RECOVERY, name="Off"),
            ),
            name="Set",
        ),
        Step(TimeDuration(720), ftp(40, 50), intensity=Intensity.COOLDOWN, name="Cool down"),
    )
    result = compiled(*steps, name="3 x 8 min", description="Sweet spot")
    assert result.payload == {
        "plan": {
            "header": {
                "name": "3 x 8 min",
                "version": "1.0.0",
                "description": "Sweet spot",
                "workout_type_family": 0,
                "workout_type_location": 1,
                "ftp": 262,
                "duration_s": 900 + 3 * (480 + 240) + 720,
            },
            "intervals": [
                {
                    "name": "Warm up",
                    "exit_trigger_type": "time",
                    "exit_trigger_value": 900,
                    "intensity_type": "wu",
                    "targets": [{"type": "ftp", "low": 0.5, "high": 0.65}],
                },
                {
                    "name": "Set",
                    "exit_trigger_type": "repeat",
                    "exit_trigger_value": 2,
                    "intervals": [
                        {
                            "name": "On",
                            "exit_trigger_type": "time",
                            "exit_trigger_value": 480,
                            "intensity_type": "active",
                            "targets": [{"type": "ftp", "low": 0.88, "high": 0.93}],
                        },
                        {
                            "name": "Off",
                            "exit_trigger_type": "time",
                            "exit_trigger_value": 240,
                            "intensity_type": "recover",
                            "targets": [{"type": "ftp", "low": 0.45, "high": 0.55}],
                        },
                    ],
                },
                {
                    "name": "Cool down",
                    "exit_trigger_type": "time",
                    "exit_trigger_value": 720,
                    "intensity_type": "cd",
                    "targets": [{"type": "ftp", "low": 0.4, "high": 0.5}],
                },
            ],
        },
        "workout": {"name": "3 x 8 min", "workout_type_id": 0, "minutes": 63},
    }
    assert result.fidelity.level is Fidelity.EXACT
    assert result.fidelity.losses() == []
    paths = [step.path for step in result.fidelity.steps]
    assert paths == ["steps[0]", "steps[1]", "steps[1].repeat[0]", "steps[1].repeat[1]", "steps[2]"]


def test_a_track_session() -> None:
    steps = (
        Step(TimeDuration(720), RangeTarget(Metric.HEART_RATE, 118, 138), intensity=Intensity.WARMUP),
        Repeat(
            6,
            (
                Step(DistanceDuration(400), RangeTarget(Metric.PACE, 4.55, 4.76)),
                Step(TimeDuration(75), RangeTarget(Metric.RPE, 1, 3), intensity=Intensity.REST),
            ),
        ),
    )
    result = compiled(*steps, sport=Sport.TRACK_RUN, name="6 x 400", description="Track")
    header = {"name": "6 x 400", "version": "1.0.0", "description": "Track"}
    assert result.payload["plan"] == {
        "header": {**header, "workout_type_family": 1, "workout_type_location": 1},
        "intervals": [
            {
                "exit_trigger_type": "time",
                "exit_trigger_value": 720,
                "intensity_type": "wu",
                "targets": [{"type": "hr", "low": 118, "high": 138}],
            },
            {
                "exit_trigger_type": "repeat",
                "exit_trigger_value": 5,
                "intervals": [
                    {
                        "exit_trigger_type": "distance",
                        "exit_trigger_value": 400,
                        "intensity_type": "active",
                        "targets": [{"type": "speed", "low": 4.55, "high": 4.76}],
                    },
                    {
                        "exit_trigger_type": "time",
                        "exit_trigger_value": 75,
                        "intensity_type": "rest",
                        "targets": [{"type": "rpe", "low": 1, "high": 3}],
                    },
                ],
            },
        ],
    }
    # 720 + 6 * (400 / 4.655 + 75) = 1685.6 s
    assert result.payload["workout"] == {"name": "6 x 400", "workout_type_id": 3, "minutes": 29}
    assert result.fidelity.level is Fidelity.EXACT


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


# -- nesting ------------------------------------------------------------------------------------------


def test_only_one_level_of_repeats_is_sent() -> None:
    inner = Repeat(2, (Step(TimeDuration(30), name="a"), Step(TimeDuration(15), name="b")))
    result = compiled(Repeat(3, (inner, Step(TimeDuration(120), name="c"))))
    (outer,) = result.payload["plan"]["intervals"]
    assert outer["exit_trigger_value"] == 2
    assert [part["name"] for part in outer["intervals"]] == ["a", "b", "a", "b", "c"]
    ((path, loss),) = losses(result, "repeat")
    assert (path, loss.level) == ("steps[0].repeat[0]", Fidelity.EXACT)
    assert loss.becomes == "its steps, written out 2 times"
    assert result.fidelity.level is Fidelity.EXACT
    assert len(result.fidelity.steps) == 5


def test_a_repeat_of_once_is_its_steps() -> None:
    result = compiled(Repeat(1, (Step(TimeDuration(30), name="a"),)))
    assert [part["name"] for part in result.payload["plan"]["intervals"]] == ["a"]
    assert losses(result, "repeat") == []


def test_a_named_repeat_of_once_stays_one_to_keep_its_name() -> None:
    result = compiled(Repeat(1, (Step(TimeDuration(30), name="a"), Step(TimeDuration(15))), name="Opener"))
    (block,) = result.payload["plan"]["intervals"]
    # 0 passes after the first. [Wahoo docs, plan format 1.0, intervals]
    assert (block["name"], block["exit_trigger_type"], block["exit_trigger_value"]) == ("Opener", "repeat", 0)
    assert [part["exit_trigger_value"] for part in block["intervals"]] == [30, 15]
    assert losses(result, "name") == []
    assert result.payload["plan"]["header"]["duration_s"] == 45
    # With a repeat inside, that one stays: two levels are not known to work.
    inner = Repeat(3, (Step(TimeDuration(10)),))
    ((path, loss),) = losses(compiled(Repeat(1, (inner,), name="Opener")), "name")
    assert (path, loss.level) == ("steps[0]", Fidelity.DEGRADED)


def test_the_name_of_an_unrolled_repeat_is_reported() -> None:
    inner = Repeat(2, (Step(TimeDuration(30)),), name="Micro")
    ((path, loss),) = losses(compiled(Repeat(3, (inner, Step(TimeDuration(120))))), "name")
    assert (path, loss.level) == ("steps[0].repeat[0]", Fidelity.DEGRADED)


# -- notes and description ----------------------------------------------------------------------------


def test_notes_go_to_the_description() -> None:
    steps = (Step(TimeDuration(60)), Step(TimeDuration(60), name="On", notes="Stay seated"))
    result = compiled(*steps, description="Hard day")
    assert result.payload["plan"]["header"]["description"] == "Hard day\n\nStep 2 (On): Stay seated"
    ((path, loss),) = losses(result, "notes")
    assert (path, loss.level) == ("steps[1]", Fidelity.DEGRADED)


def test_notes_of_an_unrolled_step_are_told_once() -> None:
    inner = Repeat(2, (Step(TimeDuration(30), notes="Spin"),))
    header = compiled(Repeat(3, (inner, Step(TimeDuration(120))))).payload["plan"]["header"]
    assert header["description"] == "Step 1: Spin"


def test_a_description_over_5000_characters_is_cut_and_reported() -> None:
    result = compiled(Step(TimeDuration(60), notes="y" * 100), description="x" * 4990)
    assert len(result.payload["plan"]["header"]["description"]) == 5000
    ((path, loss),) = losses(result, "description")
    assert (path, loss.level) == ("workout", Fidelity.DEGRADED)
    assert "of 5100 characters" in loss.becomes


# -- the workout around the plan ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sport", "expected"),
    [
        (Sport.RIDE, (0, 0, 1)),
        (Sport.GRAVEL_RIDE, (0, 0, 1)),
        (Sport.MOUNTAIN_BIKE_RIDE, (13, 0, 1)),
        (Sport.INDOOR_RIDE, (12, 0, 0)),
        (Sport.RUN, (1, 1, 1)),
        (Sport.TRACK_RUN, (3, 1, 1)),
        (Sport.TRAIL_RUN, (4, 1, 1)),
        (Sport.TREADMILL_RUN, (5, 1, 0)),
    ],
)
def test_sport_is_type_family_and_location(sport: Sport, expected: tuple[int, int, int]) -> None:
    payload = compiled(Step(TimeDuration(60)), sport=sport).payload
    header = payload["plan"]["header"]
    found = (
        payload["workout"]["workout_type_id"],
        header["workout_type_family"],
        header["workout_type_location"],
    )
    assert found == expected


def test_gravel_is_biking() -> None:
    ((_, loss),) = losses(compiled(Step(TimeDuration(60)), sport=Sport.GRAVEL_RIDE), "sport")
    assert (loss.level, loss.suggestion) == (Fidelity.DEGRADED, "plan it as a ride")


@pytest.mark.parametrize("sport", [sport for sport in Sport if sport not in WORKOUT_TYPES])
def test_plans_are_for_biking_and_running_only(sport: Sport) -> None:
    result = compiled(Step(TimeDuration(60), RangeTarget(Metric.HEART_RATE, 120, 130)), sport=sport)
    ((path, loss),) = losses(result, "sport")
    assert (path, loss.level) == ("workout", Fidelity.UNSUPPORTED)
    assert result.fidelity.level is Fidelity.UNSUPPORTED
    assert "another provider" in loss.suggestion


def test_minutes_are_rounded_up_to_a_whole_number() -> None:
    assert compiled(Step(TimeDuration(61))).payload["workout"]["minutes"] == 2
    assert compiled(Step(TimeDuration(120))).payload["workout"]["minutes"] == 2
    assert compiled(Step(TimeDuration(5))).payload["workout"]["minutes"] == 1


def test_minutes_at_a_pace_at_which_nobody_moves_are_a_guess() -> None:
    result = compiled(Step(DistanceDuration(1_000), RangeTarget(Metric.PACE, 0, 1e-300)), sport=Sport.RUN)
    assert result.payload["workout"]["minutes"] < 10
    assert losses(result, "duration") != []


def test_minutes_of_a_distance_with_a_pace_are_no_guess() -> None:
    result = compiled(Step(DistanceDuration(10_000), RangeTarget(Metric.PACE, 3.9, 4.1)), sport=Sport.RUN)
    assert result.payload["workout"]["minutes"] == 42
    assert losses(result, "duration") == []


@pytest.mark.parametrize(
    ("sport", "athlete", "minutes", "how"),
    [
        (Sport.RIDE, ATHLETE, 24, "25 km/h"),
        (Sport.RUN, ATHLETE, 53, "5:12 /km"),  # 80 % of 4 m/s
        (Sport.RUN, Athlete(), 60, "6:00 /km"),
    ],
)
def test_minutes_of_a_distance_without_a_pace_are_estimated_and_reported(
    sport: Sport, athlete: Athlete, minutes: int, how: str
) -> None:
    result = compiled(Step(DistanceDuration(10_000)), sport=sport, athlete=athlete)
    assert result.payload["workout"]["minutes"] == minutes
    assert result.payload["plan"]["intervals"][0]["exit_trigger_value"] == 10_000
    ((path, loss),) = losses(result, "duration")
    assert (path, loss.level) == ("workout", Fidelity.DEGRADED)
    assert how in loss.becomes


def test_a_workout_without_a_time_starts_at_local_noon() -> None:
    result = compiled(Step(TimeDuration(60)), time=None)
    assert to_iso(to_starts(result)) == "2026-11-03T11:00:00.000Z"
    ((_, loss),) = losses(result, "time")
    assert loss.level is Fidelity.EXACT


@pytest.mark.parametrize(
    ("zone", "date", "time", "expected"),
    [
        ("Europe/Vienna", dt.date(2026, 7, 3), dt.time(18, 30), "2026-07-03T16:30:00.000Z"),
        ("Pacific/Auckland", dt.date(2026, 11, 3), dt.time(6), "2026-11-02T17:00:00.000Z"),
        ("America/Los_Angeles", dt.date(2026, 11, 3), dt.time(18), "2026-11-04T02:00:00.000Z"),
    ],
)
def test_starts_is_the_wall_clock_in_utc(zone: str, date: dt.date, time: dt.time, expected: str) -> None:
    result = compiled(Step(TimeDuration(60)), athlete=Athlete(time_zone=zone), date=date, time=time)
    assert to_iso(to_starts(result)) == expected


# -- what stops an export -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (ftp(85, 95), "ftp_w"),
        (ZoneTarget(Metric.POWER, 2, 2), "ftp_w"),
        (PercentTarget(Metric.HEART_RATE, 80, 90, Reference.MAX_HR), "max_hr_bpm"),
    ],
)
def test_a_missing_threshold_is_unsupported(target: Target, field: str) -> None:
    result = compiled(Step(TimeDuration(60), target), athlete=Athlete())
    ((path, loss),) = losses(result, "target")
    assert (path, loss.level) == ("steps[0]", Fidelity.UNSUPPORTED)
    assert loss.suggestion == f"set the athlete's {field}"


def test_a_missing_zone_is_unsupported() -> None:
    ((_, loss),) = losses(compiled(Step(TimeDuration(60), ZoneTarget(Metric.POWER, 9, 9))), "target")
    assert loss.level is Fidelity.UNSUPPORTED


def test_a_payload_is_plain_json() -> None:
    payload = compiled(Repeat(2, (Step(TimeDuration(60), ftp(85, 95)),))).payload
    assert json.loads(json.dumps(payload)) == payload


def test_a_workout_without_a_date_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="date"):
        compiled(Step(TimeDuration(60)), date=None)


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
