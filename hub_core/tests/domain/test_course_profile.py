"""Length and climb of a course: what wavers is no climb, and what climbs counts whole."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.course_profile import HYSTERESIS_M, climb, make_course_profile
from hub_core.domain.weather import Place

#: Metres of a degree of latitude on the sphere that distances are measured on.
DEGREE_M = 111_195.08


def northwards(heights: list[float | None], every_m: float = 20.0) -> list[Place]:
    return [Place(50 + index * every_m / DEGREE_M, 10.0, height) for index, height in enumerate(heights)]


def test_a_flat_marathon_with_a_wavering_gps_does_not_climb() -> None:
    noise = random.Random(1)
    flat: list[float | None] = [100 + noise.gauss(0, 1.2) for _ in range(2110)]
    naive = sum(max(0.0, b - a) for a, b in pairwise(flat) if a is not None and b is not None)
    profile = make_course_profile(northwards(flat))
    assert profile.distance_m == pytest.approx(42_180, abs=2)
    assert naive > 1000
    assert profile.gain_m is not None
    assert profile.gain_m < 20


def test_hills_count_from_foot_to_top() -> None:
    """Two hills of 60 m."""
    hills: list[float | None] = [200 + 30 * (1 - math.cos(math.tau * index / 250)) for index in range(501)]
    profile = make_course_profile(northwards(hills))
    assert profile.gain_m == pytest.approx(120, abs=1)
    assert profile.loss_m == pytest.approx(120, abs=1)
    assert (profile.lowest_m, profile.highest_m) == (pytest.approx(200, abs=0.5), pytest.approx(260, abs=0.5))
    assert len(profile.points) <= 200
    assert profile.points[0] == (0.0, 200.0)


def test_a_single_wild_height_is_no_mountain() -> None:
    heights: list[float | None] = [100.0] * 100
    heights[50] = 400.0
    assert make_course_profile(northwards(heights)).gain_m == 0


def test_heights_that_are_missing_lie_between_their_neighbours() -> None:
    heights: list[float | None] = [100.0, *[None] * 98, 200.0]
    profile = make_course_profile(northwards(heights))
    assert profile.gain_m == pytest.approx(100, abs=1.5)


def test_without_heights_the_climb_is_unknown() -> None:
    profile = make_course_profile(northwards([None] * 100))
    assert profile.distance_m == pytest.approx(1980, abs=1)
    assert (profile.gain_m, profile.loss_m, profile.points) == (None, None, ())


heights = st.lists(st.floats(-400, 8800), min_size=1, max_size=60)


@given(heights)
def test_what_goes_up_and_does_not_come_down_is_there_in_the_end(given_heights: list[float]) -> None:
    gain, loss = climb(given_heights)
    assert gain >= 0
    assert loss >= 0
    assert abs((gain - loss) - (given_heights[-1] - given_heights[0])) <= 2 * HYSTERESIS_M + 1e-6


@given(heights)
def test_backwards_is_up_what_was_down(given_heights: list[float]) -> None:
    gain, loss = climb(given_heights)
    back_gain, back_loss = climb(given_heights[::-1])
    assert gain == pytest.approx(back_loss, abs=2 * HYSTERESIS_M)
    assert loss == pytest.approx(back_gain, abs=2 * HYSTERESIS_M)


@given(st.lists(st.floats(-2.4, 2.4), min_size=1, max_size=100))
def test_what_wavers_within_the_threshold_is_nothing(noise: list[float]) -> None:
    assert climb(noise) == (0.0, 0.0)


@given(st.lists(st.floats(0, 50), min_size=1, max_size=50))
def test_a_way_that_only_rises_counts_whole(rises: list[float]) -> None:
    steps = [0.0]
    for rise in rises:
        steps.append(steps[-1] + rise)
    gain, loss = climb(steps)
    assert loss == 0
    assert gain == pytest.approx(steps[-1] if steps[-1] >= HYSTERESIS_M else 0.0)
