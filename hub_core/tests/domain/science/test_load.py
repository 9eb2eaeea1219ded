"""TSS in its forms, and TRIMP, against published values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.load import (
    Sex,
    heart_rate_tss,
    normalized_power_w,
    pace_tss,
    power_tss,
    trimp,
    tss,
)
from hub_core.errors import InvalidInputError


@pytest.mark.parametrize(
    ("seconds", "watts", "ftp", "expected"),
    [(3600, 250, 250, 100), (5400, 180, 250, 77.76), (7200, 150, 250, 72.0), (2700, 260, 250, 81.12)],
)
def test_by_power(seconds: float, watts: float, ftp: float, expected: float) -> None:
    assert power_tss(seconds, watts, ftp) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("seconds", "pace", "threshold", "expected"),
    [
        (1800, 300, 270, 40.5),
        (5400, 330, 280, 107.99),
        (3600, 360 / 1.609344, 240 / 1.609344, 44.4),  # 6 and 4 minutes a mile
        (3600, 240, 240, 100),
    ],
)
def test_by_pace(seconds: float, pace: float, threshold: float, expected: float) -> None:
    assert pace_tss(seconds, pace, threshold) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("minutes", "mean", "rest", "highest", "sex", "expected"),
    [
        (30, 130, 40, 200, Sex.MALE, 31.8),
        (45, 145, 60, 190, Sex.MALE, 66.1),
        (60, 150, 50, 190, Sex.MALE, 108.1),
        (60, 150, 50, 190, Sex.FEMALE, 121.5),
    ],
)
def test_trimp(minutes: float, mean: float, rest: float, highest: float, sex: Sex, expected: float) -> None:
    assert trimp(minutes * 60, mean, rest, highest, sex) == pytest.approx(expected, abs=0.06)


def test_below_rest_is_nothing_and_above_the_maximum_an_error() -> None:
    assert trimp(3600, 45, 50, 190, Sex.MALE) == 0
    assert trimp(3600, 195, 50, 190, Sex.MALE) == trimp(3600, 190, 50, 190, Sex.MALE)
    with pytest.raises(InvalidInputError, match="mean_bpm"):
        trimp(3600, 201, 50, 190, Sex.MALE)
    with pytest.raises(InvalidInputError, match="max_bpm"):
        trimp(3600, 100, 100, 110, Sex.MALE)


@given(st.sampled_from(Sex), st.floats(140, 185))
def test_an_hour_at_threshold_is_100_by_heart_rate_too(sex: Sex, lthr: float) -> None:
    assert heart_rate_tss(3600, lthr, 50, 190, sex, lthr) == pytest.approx(100)
    assert heart_rate_tss(3600, 50 + 0.85 * 140, 50, 190, sex) == pytest.approx(100)


@given(st.floats(60, 36_000), st.floats(0.3, 1.2), st.floats(0.01, 0.5))
def test_longer_and_harder_is_more(seconds: float, factor: float, more: float) -> None:
    assert tss(seconds, factor + more) > tss(seconds, factor)
    assert tss(seconds * (1 + more), factor) == pytest.approx(tss(seconds, factor) * (1 + more))


@given(st.floats(50, 179), st.floats(0.1, 10))
def test_a_higher_heart_rate_is_never_less(mean: float, more: float) -> None:
    assert heart_rate_tss(3600, mean + more, 50, 190, Sex.MALE, 170) >= heart_rate_tss(
        3600, mean, 50, 190, Sex.MALE, 170
    )


@given(st.floats(0, 600), st.integers(60, 600))
def test_even_power_is_its_own_normalized_power(watts: float, seconds: int) -> None:
    assert normalized_power_w([watts] * seconds) == pytest.approx(watts, abs=1e-6)


@given(st.lists(st.floats(0, 1500), min_size=60, max_size=200))
def test_normalized_power_is_between_the_least_and_the_most_half_minute(watts: list[float]) -> None:
    normalized = normalized_power_w(watts)
    means = [sum(watts[start : start + 30]) / 30 for start in range(1, len(watts) - 29)]
    assert normalized is not None
    assert min(means) - 1e-6 <= normalized <= max(means) + 1e-6
    assert normalized >= sum(means) / len(means) - 1e-6


def test_intervals_cost_more_than_their_mean() -> None:
    """300 s on, 300 s off, by the definition itself."""
    watts = ([300.0] * 300 + [100.0] * 300) * 3
    means = [sum(watts[second - 29 : second + 1]) / 30 for second in range(30, len(watts))]
    expected = (sum(mean**4 for mean in means) / len(means)) ** 0.25
    assert normalized_power_w(watts) == pytest.approx(expected)
    assert expected > 240 > 200


def test_too_short_or_impossible_power() -> None:
    assert normalized_power_w([200.0] * 59) is None
    with pytest.raises(InvalidInputError, match=r"watts\[3\]"):
        normalized_power_w([200, 200, 200, 65_535])
    with pytest.raises(InvalidInputError, match=r"watts\[0\]"):
        normalized_power_w([math.nan])
