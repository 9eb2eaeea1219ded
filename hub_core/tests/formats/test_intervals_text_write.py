"""Workout text that we write, by reasoning from the grammar and its traps."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Intensity,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.formats import WrittenFile, write_workout_file

ATHLETE = Athlete(ftp_w=250, lthr_bpm=170, max_hr_bpm=190, threshold_speed_mps=4, css_mps=1.25)


def write(*steps: Node, sport: Sport = Sport.RIDE, **fields: Any) -> WrittenFile:
    return write_workout_file(PlannedWorkout("Plan", sport, steps, **fields), ATHLETE, "intervals")


def line(step: Step, sport: Sport = Sport.RIDE) -> str:
    return write(step, sport=sport).data.decode().strip()


def lost(written: WrittenFile) -> list[tuple[str, str]]:
    return [(loss.feature, loss.becomes) for loss in written.fidelity.steps[0].losses]


def test_a_whole_text() -> None:
    swim = write(
        Step(DistanceDuration(300), PercentTarget(Metric.PACE, 60, 70, Reference.CSS), name="Loosen"),
        Repeat(
            8,
            (
                Step(DistanceDuration(50), PercentTarget(Metric.PACE, 100, 106, Reference.CSS), name="Fast"),
                Step(TimeDuration(20), intensity=Intensity.REST),
            ),
            "Main",
        ),
        Step(DistanceDuration(1500), PercentTarget(Metric.PACE, 60, 70, Reference.CSS)),
        sport=Sport.POOL_SWIM,
        pool_length_m=25,
        description="Take it easy:\n- no sprints\nthen 3x",
    )
    assert swim.data.decode() == (
        "pool length: 25m\n\n"
        "Take it easy:\n`- no sprints\nthen 3 times\n\n"
        "- Loosen 300mtr 60-70% Pace\n\n"
        "Main 8x\n- Fast 50mtr 100-106% Pace\n- 20s 0\n\n"
        "- 1.5km 60-70% Pace\n"
    )
    assert swim.fidelity.level is Fidelity.EXACT
    assert [loss.feature for loss in swim.fidelity.workout] == ["name", "description"]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step(TimeDuration(3750)), "- 1h2m30s"),
        (Step(TimeDuration(5400)), "- 1h30m"),
        # Never `400m`: that is 400 minutes.
        (Step(DistanceDuration(400)), "- 400mtr"),
        (Step(DistanceDuration(33.33)), "- 33.33mtr"),
        (Step(DistanceDuration(12_345)), "- 12.345km"),
        (Step(OpenDuration()), "- 5m press lap"),
        (Step(TimeDuration(15), RangeTarget(Metric.RPE, 10, 10)), "- 15s maxeffort"),
        (Step(TimeDuration(60), cadence=CadenceRange(85, 95)), "- 1m 85-95rpm"),
        (Step(TimeDuration(60), intensity=Intensity.WARMUP), "- 1m intensity=warmup"),
        (Step(TimeDuration(60), intensity=Intensity.WARMUP, name="Warm-up"), "- Warm-up 1m"),
        # Without a target the word would stop the clock.
        (Step(TimeDuration(60), name="Recovery jog"), "- Recovery jog 1m intensity=active"),
        (Step(TimeDuration(60), name="Rest", intensity=Intensity.REST), "- Rest 1m"),
        (Step(TimeDuration(60), name="Hill", notes="At 30 s: eyes up"), "- Hill 30^eyes up <!> 1m"),
    ],
)
def test_steps_that_survive(step: Step, expected: str) -> None:
    assert line(step) == expected
    assert write(step).fidelity.level is Fidelity.EXACT


@pytest.mark.parametrize(
    ("sport", "target", "expected"),
    [
        (Sport.RIDE, PercentTarget(Metric.POWER, 88, 93, Reference.FTP), "88-93%"),
        (Sport.RIDE, PercentTarget(Metric.POWER, 48, 72, Reference.FTP, "up"), "ramp 48-72%"),
        (Sport.RIDE, PercentTarget(Metric.POWER, 48, 72, Reference.FTP, "down"), "ramp 72-48%"),
        (Sport.RIDE, RangeTarget(Metric.POWER, 215, 230), "215-230w"),
        # A zone there begins 1 % above the one below it, and the first one where ours does.
        (Sport.RIDE, ZoneTarget(Metric.POWER, 3, 4), "75-105%"),
        (Sport.RIDE, ZoneTarget(Metric.POWER, 1, 1), "Z1"),
        # Our five zones aren't cut like the seven that a new athlete has there.
        (Sport.RIDE, ZoneTarget(Metric.HEART_RATE, 2, 2), "85-90% LTHR"),
        (Sport.RUN, ZoneTarget(Metric.PACE, 2, 2), "Z2 Pace"),
        (Sport.RUN, PercentTarget(Metric.HEART_RATE, 70, 80, Reference.MAX_HR), "70-80% HR"),
        (Sport.RUN, PercentTarget(Metric.HEART_RATE, 90, 95, Reference.LTHR), "90-95% LTHR"),
        (Sport.RUN, PercentTarget(Metric.PACE, 97, 101, Reference.THRESHOLD_PACE), "97-101% Pace"),
        # Beats have no syntax: 153 of 170 is 90 %.
        (Sport.RUN, RangeTarget(Metric.HEART_RATE, 153, 153), "90% LTHR"),
        (Sport.RUN, RangeTarget(Metric.PACE, 1000 / 280, 1000 / 265), "4:40-4:25/km Pace"),
        (Sport.OPEN_WATER_SWIM, RangeTarget(Metric.PACE, 1, 1), "1:40/100m Pace"),
        (Sport.ROW, RangeTarget(Metric.PACE, 500 / 120, 500 / 120), "2:00/500m Pace"),
    ],
)
def test_targets_that_survive(sport: Sport, target: Target, expected: str) -> None:
    written = write(Step(TimeDuration(600), target), sport=sport)
    assert written.data.decode() == f"- 10m {expected}\n"
    assert written.fidelity.level is Fidelity.EXACT


@pytest.mark.parametrize(
    ("sport", "step", "expected", "loss"),
    [
        # Bare percent is power in every sport, and on a run it would come out as 0 W.
        (Sport.RUN, Step(TimeDuration(60), PercentTarget(Metric.POWER, 80, 80, Reference.FTP)), "- 1m 200w",
         ("target", "200 W, which no longer follows the athlete's threshold")),
        (Sport.RUN, Step(TimeDuration(60), RangeTarget(Metric.SPEED, 4, 4)), "- 1m 4:10/km Pace",
         ("target", "4:10 /km")),
        (Sport.RIDE, Step(TimeDuration(60), RangeTarget(Metric.SPEED, 10, 10)),
         "- speed thirty-six km per hour 1m",
         ("target", 'the words "speed thirty-six km per hour" in the step\'s text')),
        (Sport.RIDE, Step(TimeDuration(60), RangeTarget(Metric.RPE, 7, 8)), "- RPE seven to eight 1m",
         ("target", 'the words "RPE seven to eight" in the step\'s text')),
        (Sport.RIDE, Step(TimeDuration(60), RangeTarget(Metric.CADENCE, 85, 95)), "- 1m 85-95rpm",
         ("target", "85-95 rpm beside an open target")),
        (Sport.RIDE, Step(TimeDuration(60), RangeTarget(Metric.POWER, 200.5, 210)), "- 1m 200-210w",
         ("target", "200-210 W")),
        (Sport.RIDE, Step(TimeDuration(60.4)), "- 1m", ("duration", "1 min")),
        (Sport.RIDE, Step(TimeDuration(60), name="3x400 at Z2"), "- three x four hundred at Z two 1m",
         ("name", '"three x four hundred at Z two"')),
        (Sport.RIDE, Step(TimeDuration(60), name="- ramp 50%"), "- build fifty 1m",
         ("name", '"build fifty"')),
    ],
)  # fmt: skip
def test_what_is_lost(sport: Sport, step: Step, expected: str, loss: tuple[str, str]) -> None:
    written = write(step, sport=sport)
    assert written.data.decode().strip() == expected
    assert loss in lost(written)
    assert written.fidelity.level is Fidelity.DEGRADED


def test_nested_repeats_are_unrolled() -> None:
    step = Step(TimeDuration(60))
    written = write(step, Repeat(2, (Repeat(3, (step,)), step), "Sets"), step)
    assert written.data.decode() == "- 1m\n\nSets 2x\n- 1m\n- 1m\n- 1m\n- 1m\n\n- 1m\n"
    assert written.fidelity.level is Fidelity.EXACT
    assert written.fidelity.steps[2].losses[0].becomes == "3 steps"


def test_heart_rates_need_a_threshold() -> None:
    workout = PlannedWorkout(
        "x", Sport.RUN, (Step(TimeDuration(60), RangeTarget(Metric.HEART_RATE, 140, 150)),)
    )
    (step,) = write_workout_file(workout, Athlete(), "intervals").fidelity.steps
    assert (step.level, step.losses[0].suggestion) == (Fidelity.UNSUPPORTED, "set the athlete's lthr_bpm")


def test_sports_without_structure_and_odd_pools() -> None:
    written = write(Step(TimeDuration(60)), sport=Sport.YOGA, pool_length_m=33.33)
    assert [(loss.feature, loss.level) for loss in written.fidelity.workout] == [
        ("name", Fidelity.EXACT),
        ("pool_length", Fidelity.DEGRADED),
        ("sport", Fidelity.DEGRADED),
    ]
