"""Slopes against Minetti's measurements and both published models."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.grade import (
    GradeModel,
    grade_adjusted_distance,
    grade_adjusted_pace,
    grade_factor,
    running_cost,
    walking_cost,
)
from hub_core.errors import InvalidInputError


def test_both_models_in_every_cell(oracles: dict[str, Any]) -> None:
    for percent, minetti, strava in oracles["grade_factors"]["rows"]:
        assert grade_factor(percent / 100) == pytest.approx(minetti, abs=0.0006)
        assert grade_factor(percent / 100, GradeModel.STRAVA) == pytest.approx(strava)
    for percent, minetti in oracles["grade_factors"]["more_minetti"]:
        assert grade_factor(percent / 100) == pytest.approx(minetti, abs=0.0001)


def test_the_polynomial_is_within_what_was_measured(oracles: dict[str, Any]) -> None:
    for grade, mean, deviation in oracles["minetti_measured"]["rows"]:
        assert abs(running_cost(grade) - mean) <= deviation
    assert running_cost(0) == pytest.approx(3.6)
    assert [round(running_cost(grade), 2) for grade in (0.45, -0.2, -0.45)] == [19.43, 1.80, 4.03]


def test_walking_is_cheaper_than_running_on_the_level_and_uphill() -> None:
    assert walking_cost(0) == pytest.approx(2.5)
    assert all(walking_cost(step / 100) < running_cost(step / 100) for step in range(-10, 31))


@pytest.mark.parametrize(("grade", "expected"), [(0.10, 181.0), (-0.10, 501.9), (0.04, 242.6), (0, 300)])
def test_paces(grade: float, expected: float) -> None:
    assert grade_adjusted_pace(300, grade) == pytest.approx(expected, abs=0.06)


def test_downhill_is_easiest_at_18_percent_and_harder_beyond() -> None:
    best = min(range(-45, 46), key=lambda percent: grade_factor(percent / 100))
    assert best == -18
    assert grade_factor(-0.181) == pytest.approx(0.495, abs=0.001)


@given(st.floats(-0.18, 0.44), st.floats(0.001, 0.1))
def test_steeper_uphill_is_harder(grade: float, more: float) -> None:
    assert grade_factor(min(grade + more, 0.45)) >= grade_factor(grade) - 1e-4
    if grade >= 0:
        assert grade_factor(grade + more, GradeModel.STRAVA) >= grade_factor(grade, GradeModel.STRAVA)


@given(st.floats(-1, 0.999), st.sampled_from(GradeModel))
def test_no_jump_anywhere_and_never_below_half(grade: float, model: GradeModel) -> None:
    assert abs(grade_factor(grade + 0.001, model) - grade_factor(grade, model)) < 0.03
    assert 0.49 < grade_factor(grade, model) < 5.5


def test_steeper_than_measured() -> None:
    with pytest.raises(InvalidInputError, match="grade"):
        running_cost(0.46)
    assert grade_factor(0.9) == grade_factor(0.45)
    with pytest.raises(InvalidInputError, match="grade"):
        grade_factor(8)  # percent


@given(st.floats(-0.3, 0.3), st.integers(20, 400))
def test_an_even_slope_is_its_factor(grade: float, samples: int) -> None:
    distance = [10.0 * number for number in range(samples)]
    heights = [grade * metres for metres in distance]
    assert grade_adjusted_distance(distance, heights) == pytest.approx(distance[-1] * grade_factor(grade))


def test_noise_of_the_barometer_is_no_mountain() -> None:
    distance = [3.0 * number for number in range(1000)]
    heights = [0.3 * (number % 2) for number in range(1000)]  # slopes of 10 % up and down, all the time
    assert grade_adjusted_distance(distance, heights) == pytest.approx(distance[-1], rel=0.02)


def test_standing_still_and_bad_series() -> None:
    assert grade_adjusted_distance([], []) == 0
    assert grade_adjusted_distance([0, 0, 0, 100], [5, 9, 5, 5]) == pytest.approx(100)
    with pytest.raises(InvalidInputError, match=r"distance_m\[2\]"):
        grade_adjusted_distance([0, 10, 5], [0, 0, 0])
    with pytest.raises(InvalidInputError, match="elevation_m"):
        grade_adjusted_distance([0, 10], [0])
