"""Marks at numbers that people like, and words that are true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.athlete import Athlete
from hub_core.domain.axis import describe_scale, describe_totals, height_marks, time_marks
from hub_core.domain.profile import Profile, make_profile
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    DistanceDuration,
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Step,
    Target,
    TimeDuration,
)
from hub_core.testing.strategies import planned_workouts

ANNA = Athlete(ftp_w=250, threshold_speed_mps=4, css_mps=1.25, lthr_bpm=168)
WATTS = RangeTarget(Metric.POWER, 240, 240)
PERCENT = PercentTarget(Metric.POWER, 120, 120, Reference.FTP)
PACE = RangeTarget(Metric.PACE, 1, 1)


def draw(*targets: Target | None, athlete: Athlete = ANNA, sport: Sport = Sport.RIDE) -> Profile:
    steps = tuple(Step(TimeDuration(600), target) for target in targets)
    return make_profile(PlannedWorkout("Plan", sport, steps), athlete)


def test_marks_go_past_the_hardest_step() -> None:
    marks = height_marks(draw(RangeTarget(Metric.POWER, 300, 300)))
    assert [mark.percent for mark in marks] == [20, 40, 60, 80, 100, 120]
    assert (marks[4].relative, marks[4].absolute) == ("100 %", "250 W")


@pytest.mark.parametrize(
    ("targets", "athlete", "sport", "relative", "absolute"),
    [
        ([WATTS], ANNA, Sport.RIDE, "20 %", "50 W"),
        ([PERCENT], ANNA, Sport.RIDE, "20 %", "50 W"),
        # Of an unknown FTP watts are no percentage, and percentages no watts.
        ([PERCENT], Athlete(), Sport.RIDE, "20 %", ""),
        ([WATTS], Athlete(), Sport.RIDE, "", "40 W"),
        ([PERCENT, WATTS], Athlete(), Sport.RIDE, "20 %", "40 W"),
        ([PACE], ANNA, Sport.RUN, "20 %", "20:50 /km"),
        ([PACE], ANNA, Sport.POOL_SWIM, "20 %", "6:40 /100 m"),
        ([RangeTarget(Metric.SPEED, 10, 10)], ANNA, Sport.RIDE, "", "2.0 m/s"),
        ([RangeTarget(Metric.HEART_RATE, 168, 168)], ANNA, Sport.RUN, "20 %", "34 bpm"),
        ([RangeTarget(Metric.RPE, 8, 8)], Athlete(), Sport.RUN, "20 %", ""),
        ([None], ANNA, Sport.RIDE, "", ""),
    ],
    ids=str,
)
def test_only_what_is_true_is_written(
    targets: list[Target], athlete: Athlete, sport: Sport, relative: str, absolute: str
) -> None:
    marks = height_marks(draw(*targets, athlete=athlete, sport=sport))
    assert (marks[0].percent, marks[0].relative, marks[0].absolute) == (20, relative, absolute)
    assert all(bool(mark.relative) == bool(relative) for mark in marks)
    assert all(bool(mark.absolute) == bool(absolute) for mark in marks)


def test_what_a_hundred_percent_is() -> None:
    beats, feeling = RangeTarget(Metric.HEART_RATE, 150, 150), RangeTarget(Metric.RPE, 5, 5)
    assert describe_scale(draw(WATTS, beats, feeling)) == ["100 % is FTP 250 W, LTHR 168 bpm, RPE 8"]
    assert describe_scale(draw(PERCENT, athlete=Athlete())) == ["100 % is FTP"]
    assert describe_scale(draw(WATTS, athlete=Athlete())) == ["FTP is not known: drawn as if it were 200 W"]
    assert describe_scale(draw(None)) == []


def test_totals() -> None:
    assert describe_totals(draw(WATTS)) == ["ride", "10 min"]
    swim = PlannedWorkout("Plan", Sport.POOL_SWIM, (Step(DistanceDuration(1400)),))
    assert describe_totals(make_profile(swim, Athlete())) == ["pool swim", "about 28 min", "1.4 km"]


@pytest.mark.parametrize(
    ("seconds", "most", "labels", "unit"),
    [
        (40, 9, "0 5 10 15 20 25 30 35 40", "s"),
        (3900, 8, "0 10 20 30 40 50 60", "min"),
        (3600, 7, "0 10 20 30 40 50 60", "min"),
        (9000, 6, "0 0:30 1:00 1:30 2:00 2:30", "h"),
        (0.5, 8, "0", "s"),
        (10 * 86_400, 3, "0 240", "h"),
    ],
)
def test_times(seconds: float, most: int, labels: str, unit: str) -> None:
    marks, of = time_marks(seconds, most)
    assert (" ".join(mark.label for mark in marks), of) == (labels, unit)


@given(st.floats(1e-3, 1e10), st.integers(2, 20))
def test_times_are_few_and_within(seconds: float, most: int) -> None:
    marks, _ = time_marks(seconds, most)
    assert 1 <= len(marks) <= most
    assert marks[0].at_s == 0
    assert marks[-1].at_s <= seconds * (1 + 1e-6)


@given(planned_workouts())
def test_heights_are_few_and_cover_everything(workout: PlannedWorkout) -> None:
    for athlete in (ANNA, Athlete()):
        made = make_profile(workout, athlete)
        marks = height_marks(made)
        assert 4 <= len(marks) <= 6
        assert marks[-1].percent >= max(100, made.highest) * (1 - 1e-6)
