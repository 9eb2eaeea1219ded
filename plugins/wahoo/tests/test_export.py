"""Compiling: golden cases by reasoning from Wahoo's documents, and one test for each gotcha."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from hub_core.sdk import (
    Athlete,
    DistanceDuration,
    Fidelity,
    Intensity,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Repeat,
    Sport,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_wahoo.export import WORKOUT_TYPES, to_iso, to_starts

from .planned import ATHLETE, compiled, ftp, losses

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
