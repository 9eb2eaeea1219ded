"""Course files: what stands in them, by reasoning from the format's layout."""

from __future__ import annotations

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Fidelity
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
from hub_core.formats import WrittenFile, write_workout_file

ATHLETE = Athlete(ftp_w=250, threshold_speed_mps=4)


def percent(low: float, high: float, ramp: str | None = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)  # type: ignore[arg-type]


def write(*steps: Step | Repeat, form: str = "erg", sport: Sport = Sport.RIDE) -> WrittenFile:
    return write_workout_file(PlannedWorkout("Plan", sport, steps), ATHLETE, form)


def data(written: WrittenFile) -> list[str]:
    text = written.data.decode()
    return text.split("[COURSE DATA]\r\n")[1].split("\r\n[END COURSE DATA]")[0].split("\r\n")


def losses(written: WrittenFile) -> list[tuple[str, Fidelity, str]]:
    return [
        (loss.feature, loss.level, loss.becomes) for step in written.fidelity.steps for loss in step.losses
    ]


WHOLE = PlannedWorkout(
    "Over & under",
    Sport.RIDE,
    (
        Step(TimeDuration(600), percent(40, 60, "up"), intensity=Intensity.WARMUP),
        Repeat(
            2,
            (
                Step(TimeDuration(90), percent(105, 105), name="Over", notes="At 30 s: Hold"),
                Step(TimeDuration(10), percent(50, 50)),
            ),
        ),
        Step(TimeDuration(300), percent(40, 60, "down")),
    ),
    description="Two\nlines",
)


def test_a_whole_mrc_file() -> None:
    written = write_workout_file(WHOLE, ATHLETE, "mrc")
    assert written.data.decode() == "\r\n".join(
        [
            "[COURSE HEADER]",
            "VERSION = 2",
            "UNITS = METRIC",
            "DESCRIPTION = Two lines",
            "FILE NAME = Over & under.mrc",
            "MINUTES PERCENT",
            "[END COURSE HEADER]",
            "[COURSE DATA]",
            "0.00\t40",
            "10.00\t60",
            "10.00\t105",
            "11.50\t105",
            "11.50\t50",
            "11.6667\t50",  # 11 min 40 s: two decimals would be 0.2 s off
            "11.6667\t105",
            "13.1667\t105",
            "13.1667\t50",
            "13.3333\t50",
            "13.3333\t60",
            "18.3333\t40",
            "[END COURSE DATA]",
            "[COURSE TEXT]",
            "600\tOver\t10",
            "630\tHold\t10",
            "700\tOver\t10",
            "730\tHold\t10",
            "[END COURSE TEXT]",
            "",
        ]
    )
    assert written.fidelity.level is Fidelity.EXACT


def test_erg_is_in_watts_and_says_the_ftp_only_for_a_plan_in_percent() -> None:
    relative = write_workout_file(WHOLE, ATHLETE, "erg").data.decode()
    assert "MINUTES WATTS" in relative
    assert "FTP = 250\r\n" in relative
    assert "0.00\t100\r\n10.00\t150\r\n10.00\t262\r\n" in relative  # 262.5 W is 262 to Python and to us
    absolute = write(Step(TimeDuration(60), RangeTarget(Metric.POWER, 200, 200)))
    assert data(absolute) == ["0.00\t200", "1.00\t200"]
    assert b"FTP" not in absolute.data


def test_a_range_becomes_its_middle_and_says_so() -> None:
    written = write(Step(TimeDuration(60), RangeTarget(Metric.POWER, 200, 221)))
    assert data(written) == ["0.00\t210", "1.00\t210"]
    assert losses(written) == [("target", Fidelity.DEGRADED, "210 W, the middle of 200–221 W")]
    zone = write(Step(TimeDuration(60), ZoneTarget(Metric.POWER, 3, 3)), form="mrc")
    assert data(zone) == ["0.00\t82.5", "1.00\t82.5"]  # Coggan's zone 3 is 75 to 90 %


def test_what_an_ergometer_cannot_hold() -> None:
    written = write(
        Step(TimeDuration(60), RangeTarget(Metric.HEART_RATE, 140, 150)),
        Step(TimeDuration(60)),
        Step(TimeDuration(60), intensity=Intensity.REST),
        Step(OpenDuration(), percent(50, 50)),
        Step(DistanceDuration(5000), percent(50, 50), CadenceRange(80, 90)),
    )
    assert data(written)[::2] == ["0.00\t0", "1.00\t0", "2.00\t0", "3.00\t125", "8.00\t125"]
    assert data(written)[-1] == "18.00\t125"
    levels = [step.level for step in written.fidelity.steps]
    assert levels == [
        Fidelity.UNSUPPORTED,
        Fidelity.UNSUPPORTED,
        Fidelity.DEGRADED,
        Fidelity.DEGRADED,
        Fidelity.UNSUPPORTED,
    ]
    assert ("duration", Fidelity.UNSUPPORTED, "10 min, guessed at 30 km/h") in losses(written)
    assert "0\t140–150 bpm\t10" in written.data.decode()
    assert "480\t80–90 rpm\t10" in written.data.decode()


def test_distances_at_a_pace_have_a_time() -> None:
    pace = PercentTarget(Metric.PACE, 100, 100, Reference.THRESHOLD_PACE)
    written = write(Step(DistanceDuration(400), pace), sport=Sport.RUN)
    assert data(written) == ["0.00\t0", "1.6667\t0"]
    assert ("duration", Fidelity.DEGRADED, "1:40 min, at the step's own speed") in losses(written)
    assert [loss.feature for loss in written.fidelity.workout] == ["sport"]


def test_a_percentage_needs_an_ftp_for_watts() -> None:
    written = write_workout_file(
        PlannedWorkout("Plan", Sport.RIDE, (Step(TimeDuration(60), percent(90, 90)),)), Athlete(), "erg"
    )
    (step,) = written.fidelity.steps
    assert step.level is Fidelity.UNSUPPORTED
    assert step.losses[0].suggestion == "set the athlete's ftp_w"
    assert "0\t90 % FTP\t10" in written.data.decode()


def test_messages_come_when_they_can() -> None:
    step = Step(
        TimeDuration(60), percent(50, 50), notes="Go\nAt 30 s: Half\nAt 2 min: Too late\nAt 200 m: Far"
    )
    written = write(step)
    assert written.data.decode().split("[COURSE TEXT]\r\n")[1].split("\r\n")[:4] == [
        "0\tGo\t10",
        "30\tHalf\t10",
        "0\tToo late\t10",
        "0\tAt 200 m: Far\t10",
    ]
    assert ("notes", Fidelity.DEGRADED, '"Too late" at the start of the step') in losses(written)
