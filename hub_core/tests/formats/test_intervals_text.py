"""intervals.icu's workout text as people have it. The first rows are pairs that its server made."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Intensity,
    Metric,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
    ZoneTarget,
)
from hub_core.errors import InvalidInputError
from hub_core.formats import read_workout


def read(text: str | bytes, sport: Sport | None = None) -> PlannedWorkout:
    data = text if isinstance(text, bytes) else text.encode()
    return read_workout(data, "Plan.txt", sport=sport).workout


def read_step(text: str, sport: Sport = Sport.RIDE) -> Step:
    (step,) = read(f"- {text}", sport).steps
    assert isinstance(step, Step)
    return step


def power(low: float, high: float, ramp: str | None = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)  # type: ignore[arg-type]


def beats(low: float, high: float, of: Reference = Reference.LTHR, ramp: str | None = None) -> PercentTarget:
    return PercentTarget(Metric.HEART_RATE, low, high, of, ramp)  # type: ignore[arg-type]


def pace(low: float, high: float, of: Reference = Reference.THRESHOLD_PACE) -> PercentTarget:
    return PercentTarget(Metric.PACE, low, high, of)


TEN = TimeDuration(600)


@pytest.mark.parametrize(
    ("sport", "text", "step"),
    [
        (Sport.RIDE, "10m 50-70% LTHR", Step(TEN, beats(50, 70))),
        (Sport.RIDE, "10m ramp 45-60% LTHR", Step(TEN, beats(45, 60, ramp="up"))),
        (Sport.RIDE, "10m Z2 HR", Step(TEN, ZoneTarget(Metric.HEART_RATE, 2, 2))),
        (Sport.RIDE, "10m Z3-Z4", Step(TEN, ZoneTarget(Metric.POWER, 3, 4))),
        (Sport.RIDE, "10m 40% 30-90rpm", Step(TEN, power(40, 40), CadenceRange(30, 90))),
        (Sport.RUN, "10m 70% Pace", Step(TEN, pace(70, 70))),
        (Sport.RUN, "10m Z3-Z5 Pace", Step(TEN, ZoneTarget(Metric.PACE, 3, 5))),
        (Sport.POOL_SWIM, "0.5km 70% Pace", Step(DistanceDuration(500), pace(70, 70, Reference.CSS))),
        (Sport.RIDE, "20m 215-230w", Step(TimeDuration(1200), RangeTarget(Metric.POWER, 215, 230))),
        (Sport.RIDE, "Free spin 15m freeride", Step(TimeDuration(900), name="Free spin")),
        (Sport.RUN, "3km 4:40-4:25/km Pace",
         Step(DistanceDuration(3000), RangeTarget(Metric.PACE, 3.571, 3.774))),
        # The grammar, item by item.
        (Sport.RIDE, "1h 60%", Step(TimeDuration(3600), power(60, 60))),
        (Sport.RIDE, "1h2m30s 60%", Step(TimeDuration(3750), power(60, 60))),
        (Sport.RIDE, "1m30 60%", Step(TimeDuration(90), power(60, 60))),
        (Sport.RIDE, "30 60%", Step(TimeDuration(30), power(60, 60))),
        (Sport.RIDE, "5'30\" 60%", Step(TimeDuration(330), power(60, 60))),
        (Sport.RIDE, "30\" 60%", Step(TimeDuration(30), power(60, 60))),
        (Sport.RIDE, "10M RAMP 48%-72% 88RPM", Step(TEN, power(48, 72, "up"), CadenceRange(88, 88))),
        (Sport.RIDE, "10m ramp 72-48%", Step(TEN, power(48, 72, "down"))),
        (Sport.RIDE, "10m 70-60%", Step(TEN, power(60, 70))),
        (Sport.RIDE, "10m 200w-220w", Step(TEN, RangeTarget(Metric.POWER, 200, 220))),
        (Sport.RIDE, "10m 70-80% HR", Step(TEN, beats(70, 80, Reference.MAX_HR))),
        (Sport.RIDE, "10m Z2 W", Step(TEN, ZoneTarget(Metric.POWER, 2, 2))),
        (Sport.RIDE, "10m 60% 90rpm Cadence", Step(TEN, power(60, 60), CadenceRange(90, 90))),
        (Sport.RIDE, "2mi freeride", Step(DistanceDuration(3218.688))),
        (Sport.POOL_SWIM, "50yrd", Step(DistanceDuration(45.72))),
        (Sport.POOL_SWIM, "20s 0", Step(TimeDuration(20), intensity=Intensity.REST)),
        (Sport.POOL_SWIM, "100mtr 2:00-1:40/100m Pace",
         Step(DistanceDuration(100), RangeTarget(Metric.PACE, 0.833, 1))),
        (Sport.POOL_SWIM, "100mtr 2:00 Pace",
         Step(DistanceDuration(100), RangeTarget(Metric.PACE, 0.833, 0.833))),
        (Sport.ROW, "500mtr 2:00 Pace", Step(DistanceDuration(500), RangeTarget(Metric.PACE, 4.167, 4.167))),
        (Sport.RUN, "1mi 8:00/mi Pace",
         Step(DistanceDuration(1609.344), RangeTarget(Metric.PACE, 3.353, 3.353))),
        (Sport.RIDE, "15s maxeffort", Step(TimeDuration(15), RangeTarget(Metric.RPE, 10, 10))),
        (Sport.RIDE, "Climb 10m Z2 press lap",
         Step(OpenDuration(), ZoneTarget(Metric.POWER, 2, 2), name="Climb")),
        (Sport.RIDE, "Press lap when ready 10m", Step(OpenDuration(), name="Press lap when ready")),
        (Sport.RIDE, "10m 60% intensity=warmup", Step(TEN, power(60, 60), intensity=Intensity.WARMUP)),
        (Sport.RIDE, "Warm up 10m 60%", Step(TEN, power(60, 60), intensity=Intensity.WARMUP, name="Warm up")),
        (Sport.RIDE, "Cooldown 10m 60%",
         Step(TEN, power(60, 60), intensity=Intensity.COOLDOWN, name="Cooldown")),
        (Sport.RUN, "Recovery 90s", Step(TimeDuration(90), intensity=Intensity.REST, name="Recovery")),
        (Sport.RUN, "Recovery 90s 60% Pace", Step(TimeDuration(90), pace(60, 60), name="Recovery")),
        (Sport.RIDE, "Climb 33^stand up 60^sit <!> 10m ramp 50-75%",
         Step(TEN, power(50, 75, "up"), name="Climb", notes="At 33 s: stand up\nAt 1 min: sit")),
        (Sport.RIDE, "VO2max 3m 110%", Step(TimeDuration(180), power(110, 110), name="VO2max")),
        # What has no field here stays in words.
        (Sport.RIDE, "5m 90% MMP 5m power=3s", Step(TimeDuration(300), notes="90% MMP 5m power=3s")),
        (Sport.RIDE, "5m 90% all smooth", Step(TimeDuration(300), power(90, 90), notes="all smooth")),
        (Sport.RUN, "5m 90% Pace 170-180rpm", Step(TimeDuration(300), pace(90, 90), notes="Cadence 170–180")),
    ],
)  # fmt: skip
def test_steps(sport: Sport, text: str, step: Step) -> None:
    assert read_step(text, sport) == step


RUN = """Warm-up as you like.

- Warm up 12m 70-78% LTHR

Hills 6x
- Hill 75s 92-97% LTHR
- Jog down 2m 68-72% LTHR

Then home.
- Cool down 8m 65-72% LTHR
"""


def test_a_whole_text() -> None:
    assert read(RUN, Sport.RUN) == PlannedWorkout(
        "Plan",
        Sport.RUN,
        (
            Step(TimeDuration(720), beats(70, 78), intensity=Intensity.WARMUP, name="Warm up"),
            Repeat(
                6,
                (
                    Step(TimeDuration(75), beats(92, 97), name="Hill"),
                    Step(TimeDuration(120), beats(68, 72), name="Jog down"),
                ),
                "Hills",
            ),
            Step(TimeDuration(480), beats(65, 72), intensity=Intensity.COOLDOWN, name="Cool down"),
        ),
        description="Warm-up as you like.\n\nThen home.",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    assert read(RUN.replace("\n", end).encode(encoding), Sport.RUN) == read(RUN, Sport.RUN)


def test_a_pool_and_guarded_prose() -> None:
    found = read(
        "pool length: 25m\n\n`- not a step\n``* nor this\n\n3x\n- Fast 50mtr 100-106% Pace\n- 20s 0\n"
    )
    assert (found.sport, found.pool_length_m) == (Sport.POOL_SWIM, 25)
    assert found.description == "- not a step\n`* nor this"
    assert found.steps[0] == Repeat(
        3,
        (
            Step(DistanceDuration(50), pace(100, 106, Reference.CSS), name="Fast"),
            Step(TimeDuration(20), intensity=Intensity.REST),
        ),
    )
    assert read("pool length: 25y\n- 25y 90% Pace").pool_length_m == 22.86


@pytest.mark.parametrize(
    ("text", "sport"),
    [
        ("- 10m 60%", Sport.RIDE),
        ("- 10m freeride", Sport.RIDE),
        ("- 10m 90rpm", Sport.RIDE),
        ("- 10m Z2 Pace", Sport.RUN),
        ("- 10m 2:00/500m Pace", Sport.ROW),
        ("- 10m 2:00/100m Pace", Sport.POOL_SWIM),
    ],
)
def test_the_sport_is_told_by_the_targets(text: str, sport: Sport) -> None:
    assert read(text).sport is sport


def test_what_is_left_out_is_told() -> None:
    text = "- 10m 60% hidepower\n- 5m press lap\n- 5m ramp Z1-Z3"
    assert read_workout(text.encode(), "x.txt").remarks == (
        "line 1: hidepower is left out",
        "line 2: ends with the lap button; its placeholder of 300 s is left out",
        "line 3: a ramp between zones became the zones themselves",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("only prose", "at least one step is needed"),
        ("- 10m Z2 HR", "sport: the text doesn't tell"),
        ("- easy", "line 1: the step has no length"),
        ("\n\n- 80% 10m", "line 3: '80%' stands before the length"),
        ("- 10m 60% 5:00 what 7", "line 1: '7' is not known"),
        ("- 10 min 60%", "the unit 'min' is not known there; write m"),
        ("- 400 metres", "the unit 'metres' is not known there; write mtr"),
        ("- 2m 145 bpm", "no beats per minute; write % LTHR"),
        ("- 2m 145bpm", "no beats per minute"),
        ("- 2m 60% Z2", "two targets"),
        ("- 2m CZ3", "'CZ3' is not known"),
        ("- 2m 0:00/km Pace", "is no pace"),
        ("- 2m 60% intensity=hard", "known are active"),
        ("- 2m 60% power=7s", "'power=7s' is not known"),
        ("- 3x 30s 110%", "line 1: '3x' belongs on a line of its own"),
        ("3x\n\n- 1m 60%", "line 1: a repeat without steps"),
        ("- 1m 60%\n\n3x", "line 3: a repeat without steps"),
        ("- 400m Z1", "400m would be 400 minutes; write 400mtr for metres, or 6h40m for the time"),
        ("- 2m\x00 60%", "zero byte in line 1"),
        ("- 0s 60%", "above 0"),
        ("- 1m 900%", "check the unit"),
        ("- 1m 60%\n" * 501, "line 501: more than 500 steps"),
        (b"- 1m \xff", "not UTF-8 text, at byte 5"),
        (b"\xff\xfe-", "not UTF-16 text"),
    ],
)
def test_what_cannot_be_read_is_named(text: Any, words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(text)
    assert words in str(caught.value)


def test_minutes_that_were_meant_as_metres() -> None:
    for text in ("- 100m 90% Pace", "- 50m", "- 25m"):
        with pytest.raises(InvalidInputError, match="mtr for metres"):
            read(text, Sport.POOL_SWIM)
    assert read_step("30m 90% Pace", Sport.POOL_SWIM).duration == TimeDuration(1800)
    assert read_step("120m 60%").duration == TimeDuration(7200)


def test_long_lines_take_no_time() -> None:
    for line in (
        "- " + "a " * 300_000,
        "x" * 900_000 + " 3x",
        "- 10m " + "1-" * 400_000,
        "- " + "1^" * 300_000,
    ):
        with pytest.raises(InvalidInputError):
            read(line, Sport.RIDE)
