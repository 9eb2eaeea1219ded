"""Zwift files that we write, by reasoning from the community's reference."""

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
    TimeDuration,
    ZoneTarget,
)
from hub_core.formats import WrittenFile, read_zwo, write_workout_file

ATHLETE = Athlete(ftp_w=250, threshold_speed_mps=4)


def ftp(low: float, high: float | None = None, ramp: str | None = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, low if high is None else high, Reference.FTP, ramp)  # type: ignore[arg-type]


def write(*steps: Node, sport: Sport = Sport.RIDE, **fields: Any) -> WrittenFile:
    return write_workout_file(PlannedWorkout("Plan", sport, steps, **fields), ATHLETE, "zwo")


def element(*steps: Node, **fields: Any) -> str:
    """What stands inside `<workout>`, on one line."""
    text = write(*steps, **fields).data.decode()
    inside = text.split("<workout>\n")[1].split("  </workout>")[0]
    return "".join(line.strip() for line in inside.splitlines())


def losses(written: WrittenFile) -> list[tuple[str, str]]:
    return [
        (loss.feature, loss.becomes)
        for step in written.fidelity.steps
        for loss in step.losses
        if loss.level is not Fidelity.EXACT
    ]


def test_a_whole_file() -> None:
    written = write(
        Step(TimeDuration(600), ftp(25, 75, "up"), intensity=Intensity.WARMUP, notes="At 1:30 min: Spin up"),
        Repeat(
            5,
            (
                Step(TimeDuration(60), ftp(112), CadenceRange(90, 100), Intensity.INTERVAL),
                Step(TimeDuration(90), ftp(50), CadenceRange(85, 85), Intensity.RECOVERY),
            ),
        ),
        description="Hard & <short>",
    )
    assert written.data.decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        "<workout_file>\n"
        "  <author></author>\n"
        "  <name>Plan</name>\n"
        "  <description>Hard &amp; &lt;short&gt;</description>\n"
        "  <sportType>bike</sportType>\n"
        "  <workout>\n"
        '    <Warmup Duration="600" PowerLow="0.25" PowerHigh="0.75">\n'
        '      <textevent timeoffset="90" message="Spin up" />\n'
        "    </Warmup>\n"
        '    <IntervalsT Repeat="5" OnDuration="60" OnPower="1.12" CadenceLow="90" CadenceHigh="100"'
        ' OffDuration="90" OffPower="0.5" CadenceResting="85" />\n'
        "  </workout>\n"
        "</workout_file>\n"
    )
    assert written.fidelity.level is Fidelity.EXACT
    assert all(not step.losses for step in written.fidelity.steps)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step(TimeDuration(60)), '<FreeRide Duration="60" />'),
        (Step(TimeDuration(60), ftp(88.5)), '<SteadyState Duration="60" Power="0.885" />'),
        (Step(TimeDuration(60), ftp(60), intensity=Intensity.WARMUP),
         '<Warmup Duration="60" PowerLow="0.6" PowerHigh="0.6" />'),
        # `PowerLow` is where it starts.
        (Step(TimeDuration(60), ftp(40, 70, "down"), intensity=Intensity.COOLDOWN),
         '<Cooldown Duration="60" PowerLow="0.7" PowerHigh="0.4" />'),
        (Step(TimeDuration(60), ftp(40, 70, "up")), '<Ramp Duration="60" PowerLow="0.4" PowerHigh="0.7" />'),
        (Step(TimeDuration(60), RangeTarget(Metric.POWER, 200, 200)),
         '<SteadyState Duration="60" Power="0.8" />'),
        (Step(TimeDuration(15), RangeTarget(Metric.RPE, 10, 10), None, Intensity.INTERVAL, "Max effort"),
         '<MaxEffort Duration="15" />'),
        (Step(TimeDuration(60), ftp(90), name="Hold"),
         '<SteadyState Duration="60" Power="0.9"><textevent timeoffset="0" message="Hold" /></SteadyState>'),
    ],
)  # fmt: skip
def test_steps_that_survive(step: Step, expected: str) -> None:
    assert element(step) == expected
    assert losses(write(step)) == []


@pytest.mark.parametrize(
    ("step", "expected", "lost"),
    [
        (Step(TimeDuration(60), ftp(88, 93)),
         '<SteadyState Duration="60" Power="0.905" PowerLow="0.88" PowerHigh="0.93" />',
         ("target", "90.5 %, the middle of 88–93 %")),
        (Step(TimeDuration(60), ZoneTarget(Metric.POWER, 3, 3)),
         '<SteadyState Duration="60" Power="0.825" PowerLow="0.75" PowerHigh="0.9" />',
         ("target", "82.5 %, the middle of 75–90 %")),
        (Step(TimeDuration(60), RangeTarget(Metric.HEART_RATE, 140, 150)),
         '<FreeRide Duration="60"><textevent timeoffset="0" message="140–150 bpm" /></FreeRide>',
         ("target", 'a free step and the message "140–150 bpm"')),
        (Step(OpenDuration()), '<FreeRide Duration="300" />', ("duration", "5 min")),
        (Step(DistanceDuration(5000)), '<FreeRide Duration="600" />',
         ("duration", "10 min, guessed at 30 km/h")),
        (Step(TimeDuration(60), ftp(90), CadenceRange(85.5, 95)),
         '<SteadyState Duration="60" Power="0.9" CadenceLow="86" CadenceHigh="95" />',
         ("cadence", "86–95 rpm")),
    ],
)  # fmt: skip
def test_steps_that_lose(step: Step, expected: str, lost: tuple[str, str]) -> None:
    assert element(step) == expected
    assert losses(write(step)) == [lost]


def pair(*, notes: str = "", off_notes: str = "", off_cadence: CadenceRange | None = None) -> Repeat:
    on = Step(TimeDuration(60), ftp(110), intensity=Intensity.INTERVAL, notes=notes)
    off = Step(TimeDuration(60), ftp(50), off_cadence, Intensity.RECOVERY, notes=off_notes)
    return Repeat(3, (on, off))


def test_which_repeats_are_sets() -> None:
    assert element(pair(notes="At 30 s of the set: Hold")).startswith('<IntervalsT Repeat="3"')
    # A message of a set is shown once, a step's each time.
    for unrolled in (
        pair(notes="Hold"),
        pair(off_notes="Easy"),
        pair(off_cadence=CadenceRange(80, 90)),
        Repeat(3, (*pair().steps, *pair().steps)),
        Repeat(3, (pair(),)),
        Repeat(3, (Repeat(2, pair().steps[:1]),)),
        Repeat(3, pair().steps, "named"),
        Repeat(3, (Step(TimeDuration(60), ftp(40, 60, "up")), *pair().steps[1:])),
    ):
        text = element(unrolled)
        assert text.count("<SteadyState") + text.count("<Ramp") >= 3 or text.count("<IntervalsT") == 3
        assert read_zwo(write(unrolled).data, "x").name == "Plan"


def test_runs_count_in_percent_of_a_race_pace() -> None:
    pace = PercentTarget(Metric.PACE, 90, 90, Reference.THRESHOLD_PACE)
    plain = write(Step(TimeDuration(60), pace), sport=Sport.RUN)
    assert losses(plain) == [("target", "percent of the 10 km pace that is set in Zwift")]
    assert b"<sportType>run</sportType>" in plain.data
    said = Step(TimeDuration(60), pace, notes="Zwift counts percent of half marathon pace here.\nEasy")
    assert element(said, sport=Sport.RUN) == (
        '<SteadyState Duration="60" Power="0.9" pace="3">'
        '<textevent timeoffset="0" message="Easy" /></SteadyState>'
    )
    assert losses(write(said, sport=Sport.RUN)) == []
    absolute = Step(TimeDuration(60), RangeTarget(Metric.PACE, 3.6, 3.6))
    assert 'Power="0.9"' in element(absolute, sport=Sport.RUN)


def test_runs_may_count_in_metres() -> None:
    step = Step(DistanceDuration(400), notes="At 200 m: Half")
    written = write(step, sport=Sport.RUN)
    assert b"<durationType>distance</durationType>" in written.data
    assert read_zwo(written.data, "x").steps == (step,)
    mixed = write(step, Step(TimeDuration(60)), sport=Sport.RUN)
    assert b"durationType" not in mixed.data
    assert mixed.fidelity.level is Fidelity.UNSUPPORTED


def test_without_ftp_watts_have_no_percentage() -> None:
    workout = PlannedWorkout("x", Sport.RIDE, (Step(TimeDuration(60), RangeTarget(Metric.POWER, 200, 200)),))
    (step,) = write_workout_file(workout, Athlete(), "zwo").fidelity.steps
    assert (step.level, step.losses[0].suggestion) == (Fidelity.UNSUPPORTED, "set the athlete's ftp_w")


def test_other_sports_and_odd_characters() -> None:
    written = write(Step(TimeDuration(60), name="a\ufffeb"), sport=Sport.ROW, pool_length_m=25)
    assert [(loss.feature, loss.level) for loss in written.fidelity.workout] == [
        ("sport", Fidelity.UNSUPPORTED),
        ("pool_length", Fidelity.DEGRADED),
    ]
    assert losses(written) == [("notes", "a mark for each of them")]
    assert "a\ufffdb" in written.data.decode()
    assert write(Step(TimeDuration(60)), description="a\uffffb").fidelity.level is Fidelity.DEGRADED
