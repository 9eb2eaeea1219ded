"""Course files as people have them."""

from __future__ import annotations

import pytest

from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Step,
    TimeDuration,
)
from hub_core.errors import InvalidInputError
from hub_core.formats import read_workout

HEADER = "[COURSE HEADER]\nVERSION = 2\nUNITS = ENGLISH\nDESCRIPTION = A description\nFILE NAME = blah.mrc\n"
#: The layout of TrainerRoad's help page, with numbers of our own.
WHOLE = f"""{HEADER}MINUTES PERCENT
[END COURSE HEADER]
[COURSE DATA]
0.00 50
6.60 50
6.60 140
7.98 140
7.98 60
10.00 90
[END COURSE DATA]
[COURSE TEXT]
0\tWelcome\t10
400\tStand up\t5
[END COURSE TEXT]
"""


def read(text: str | bytes, name: str = "file.mrc") -> PlannedWorkout:
    return read_workout(text if isinstance(text, bytes) else text.encode(), name).workout


def course(points: str, columns: str = "MINUTES WATTS", after: str = "") -> str:
    data = f"[COURSE DATA]\n{points}\n[END COURSE DATA]\n{after}"
    return f"[COURSE HEADER]\n{columns}\n[END COURSE HEADER]\n{data}"


def steps(points: str, columns: str = "MINUTES WATTS") -> tuple[Step, ...]:
    return read(course(points, columns), "x.erg").steps  # type: ignore[return-value]


def ftp(low: float, high: float, ramp: str | None = None) -> PercentTarget:
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)  # type: ignore[arg-type]


def watts(low: float, high: float, ramp: str | None = None) -> RangeTarget:
    return RangeTarget(Metric.POWER, low, high, ramp)  # type: ignore[arg-type]


def test_a_whole_file() -> None:
    assert read(WHOLE) == PlannedWorkout(
        "blah",
        Sport.RIDE,
        (
            Step(TimeDuration(396), ftp(50, 50), notes="Welcome"),
            # 7.98 min are 478.8 s, which is how 7 min 59 s look with two decimals.
            Step(TimeDuration(83), ftp(140, 140), notes="At 4 s: Stand up"),
            Step(TimeDuration(121), ftp(60, 90, "up")),
        ),
        description="A description",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    assert read(WHOLE.replace("\n", end).encode(encoding)) == read(WHOLE)


def test_windows_of_old() -> None:
    assert read(WHOLE.replace("A description", "Über").encode("cp1252")).description == "Über"


def test_the_columns_win_over_the_suffix() -> None:
    assert steps("0 100\n1 100", "MINUTES PERCENT") == (Step(TimeDuration(60), ftp(100, 100)),)
    assert steps("0 100\n1 100", "minutes  watts") == (Step(TimeDuration(60), watts(100, 100)),)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        # Points on a straight line divide nothing; two at one moment do.
        ("0 100\n1 100\n2 100", [(120, watts(100, 100))]),
        ("0 100\n1 100\n1 100\n2 100", [(60, watts(100, 100)), (60, watts(100, 100))]),
        ("0 100\n1 150\n2 200", [(120, watts(100, 200, "up"))]),
        ("0 100\n1 150\n2 150", [(60, watts(100, 150, "up")), (60, watts(150, 150))]),
        ("0 200\n2 100", [(120, watts(100, 200, "down"))]),
        # The end of one part, and the jump to the next with an odd point between.
        ("0 100\n1 100\n1 120\n1 200\n2 200", [(60, watts(100, 100)), (60, watts(200, 200))]),
        ("0,00\t100\n0,50\t100", [(30, watts(100, 100))]),
        ("0 100 ; begin\n; nothing\n\n1.5,  100", [(90, watts(100, 100))]),
        ("0.00 100\n0.17 100", [(10, watts(100, 100))]),
        ("0 100\n0.16668 100", [(10.001, watts(100, 100))]),
    ],
)
def test_points(points: str, expected: list[tuple[float, RangeTarget]]) -> None:
    assert steps(points) == tuple(Step(TimeDuration(seconds), target) for seconds, target in expected)


def test_laps_name_steps_and_a_third_column_is_cadence() -> None:
    text = course("0 100\n0 LAP Easy\n1 100\n1 200 90\n2 200 90", "MINUTES WATTS CADENCE")
    assert read(text, "x.erg").steps == (
        Step(TimeDuration(60), watts(100, 100), name="Easy"),
        Step(TimeDuration(60), watts(200, 200), CadenceRange(90, 90)),
    )


def test_what_the_header_says_beside() -> None:
    text = course("0 100\n1 100").replace("MINUTES", "FTP=230\nTITLE = Mine\nAUTHOR = A. Coach\nMINUTES")
    found = read_workout(text.encode(), "x.erg")
    assert (found.workout.name, found.workout.description) == ("Mine", "Author: A. Coach")
    assert found.remarks == ("it was written for an FTP of 230 W",)


def test_messages_without_tabs() -> None:
    text = course("0 100\n1 100", after="[COURSE TEXT]\n5 Spin up now 10\n\t\t\n9 Go\n[END COURSE TEXT]")
    with pytest.raises(InvalidInputError, match="not a second and a text"):
        read(text.replace("9 Go", "Go"), "x.erg")
    (step,) = read(text, "x.erg").steps
    assert isinstance(step, Step)
    assert step.notes == "At 5 s: Spin up now\nAt 9 s: Go"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\x00\x01", "zero byte in line 1"),
        ("<workout_file/>", "line 1: '<workout_file/>' stands outside"),
        ("[COURSE HEADER]\n[END COURSE HEADER]", "no [COURSE DATA]"),
        ("[COURSE DATA]\n0 1\n1 1\n[END COURSE DATA]", "no [COURSE HEADER]"),
        (course("0 100"), "less than two points"),
        (course("0 100\n0 200"), "takes no time"),
        (course("1 100\n0 100"), "line 6: the course goes back in time"),
        (course("0 100\n1 hard"), "line 6: '1 hard' is not a moment"),
        (course("0 100\n1 -5"), "line 6"),
        (course("0 100\n1 100", "DISTANCE GRADE WIND"), "line 2: 'DISTANCE GRADE WIND' is no workout"),
        (course("0 100\n1 99999"), "steps[0].target.high"),
        (course("0 100\n1 100").removesuffix("[END COURSE DATA]\n"), "ends before [END COURSE DATA]"),
        (course("\n".join(f"{n} {n % 2}" for n in range(600))), "more than 500 steps"),
        (course("0 1\n" * 50_001), "more than 50000 lines"),
        (course("0 " + " " * 500_000 + "x"), "is not a moment"),
        ("PK\x03\x04" + WHOLE, "a zip archive"),
    ],
)
def test_what_is_no_course(text: str, words: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(text, "x.erg")
    assert words in str(caught.value)
