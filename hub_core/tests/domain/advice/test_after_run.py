"""The effort of a run with hills and weather taken out."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.advice import RunDone, score_run
from hub_core.domain.science.grade import GradeModel, grade_factor
from hub_core.domain.weather import HourlyConditions
from hub_core.errors import InvalidInputError

NOON = dt.datetime(2026, 7, 6, 12, tzinfo=dt.UTC)
COOL = HourlyConditions(NOON, temperature_c=10, humidity_pct=60, radiation_wm2=400)
HOT = HourlyConditions(NOON, temperature_c=25, humidity_pct=60)  # WBGT 25.6 °C, as strong sun has it


def climb(grade: float, metres: int = 10_000) -> tuple[tuple[float, ...], tuple[float, ...]]:
    course = tuple(float(one) for one in range(0, metres + 1, 10))
    return course, tuple(grade * one for one in course)


def test_an_hour_at_threshold_on_the_flat_in_the_cool_is_100() -> None:
    score = score_run(RunDone(14_400, 3600, *climb(0, 14_400)), COOL, 4.0)
    assert (score.pace, score.graded_pace, score.neutral_pace) == (250, 250, 250)
    assert (score.intensity, score.score, score.slow_down_pct) == (1.0, 100.0, 0)
    assert score.is_grade_adjusted
    assert score.is_weather_adjusted


@pytest.mark.parametrize(("grade", "graded"), [(0.10, 181.0), (-0.10, 501.9), (0.04, 242.6)])
def test_hills_by_minetti(grade: float, graded: float) -> None:
    """5:00 a kilometre on a slope, against the published factors."""
    score = score_run(RunDone(10_000, 3000, *climb(grade)), None, None)
    assert score.graded_pace == pytest.approx(graded, abs=0.1)
    assert score.score is None


def test_hills_by_strava() -> None:
    score = score_run(RunDone(10_000, 3000, *climb(0.1)), None, None, model=GradeModel.STRAVA)
    assert score.graded_pace == pytest.approx(300 / 1.459, abs=0.1)


def test_heat_is_taken_out_by_mantzios() -> None:
    """0.35 % for each degree of WBGT over 15: at 25.56 °C 3.7 % for an elite."""
    elite = score_run(RunDone(10_000, 3000), HOT, 4.0, level=1)
    assert elite.slow_down_pct == pytest.approx(0.35 * 10.56, abs=0.01)
    assert elite.neutral_pace == pytest.approx(300 / 1.03696, abs=0.1)
    rest = score_run(RunDone(10_000, 3000), HOT, 4.0)
    assert rest.slow_down_pct == pytest.approx(1.5 * elite.slow_down_pct, abs=0.02)
    assert rest.score is not None
    assert elite.score is not None
    assert rest.score > elite.score


@pytest.mark.parametrize(
    "weather",
    [
        None,
        HourlyConditions(NOON, temperature_c=20),
        HourlyConditions(NOON, temperature_c=38, humidity_pct=60),
    ],
    ids=["none", "no humidity", "above the cancel level"],
)
def test_without_a_number_the_pace_stays_and_says_why(weather: HourlyConditions | None) -> None:
    score = score_run(RunDone(10_000, 3000), weather, 4.0)
    assert score.neutral_pace == score.pace
    assert not score.is_weather_adjusted
    assert {"not known", "no number"} & {str(fact.value) for fact in score.why if fact.name != "hills"}


@given(st.floats(-0.18, 0.2), st.floats(200, 500), st.floats(0.001, 0.1))
def test_the_same_pace_uphill_is_more_effort(grade: float, pace: float, more: float) -> None:
    flatter, steeper = (
        score_run(RunDone(5000, pace * 5, *climb(one, 5000)), COOL, 4.0) for one in (grade, grade + more)
    )
    assert flatter.intensity is not None
    assert steeper.intensity is not None
    assert steeper.intensity >= flatter.intensity
    assert flatter.graded_pace == pytest.approx(pace / grade_factor(grade), abs=0.1)


def test_a_threshold_that_cant_belong_to_the_run_gives_no_score() -> None:
    score = score_run(RunDone(10_000, 2000), COOL, 1.5)
    assert score.score is None
    assert score.why[-1].source == "the threshold or the run can't be right"


def test_what_cant_be_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="pace"):
        score_run(RunDone(10_000, 100), None, None)
    with pytest.raises(InvalidInputError, match="elevation_m"):
        score_run(RunDone(10_000, 3000, (0, 10), (0,)), None, None)
