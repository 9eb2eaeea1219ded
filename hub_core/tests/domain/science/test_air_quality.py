"""Air quality at the edges of both agencies' bands."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.air_quality import AirFlag, eu_aqi_of, flag_eu, flag_us, us_aqi_of_pm25
from hub_core.errors import InvalidInputError


def test_the_european_bands_in_every_cell(oracles: dict[str, Any]) -> None:
    for pollutant, edges in oracles["eu_aqi"]["rows"].items():
        for band, edge in enumerate(edges, 1):
            assert eu_aqi_of(**{pollutant: edge}) == pytest.approx(20 * band)


def test_the_american_breakpoints_in_every_cell(oracles: dict[str, Any]) -> None:
    for concentration, index in oracles["us_aqi_pm25"]["rows"]:
        assert us_aqi_of_pm25(concentration) == pytest.approx(index)
    assert us_aqi_of_pm25(225.6) is None


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"pm2_5": 10}, 30),
        ({"pm2_5": 25}, 45.7),
        ({"pm2_5": 160}, 108),
        ({"o3": 110}, 50),
        ({"no2": 40}, 48.6),
    ],
    ids=str,
)
def test_values_between(given_: dict[str, float], expected: float) -> None:
    assert eu_aqi_of(**given_) == pytest.approx(expected, abs=0.05)


def test_the_worst_pollutant_counts_and_none_is_no_index() -> None:
    assert eu_aqi_of(pm2_5=3, pm10=60, o3=50) == eu_aqi_of(pm10=60) == pytest.approx(44)
    assert eu_aqi_of() is None
    assert us_aqi_of_pm25(40) == pytest.approx(111.25)


@given(st.sampled_from(["pm2_5", "pm10", "no2", "o3", "so2"]), st.floats(0, 2000), st.floats(0.001, 50))
def test_more_is_worse_and_nothing_jumps(pollutant: str, value: float, more: float) -> None:
    lower, higher = (eu_aqi_of(**{pollutant: one}) for one in (value, value + more))
    assert lower is not None
    assert higher is not None
    assert 0 < higher - lower <= more * 4 + 1e-6  # the steepest line has 20 points in 5 µg/m³


@pytest.mark.parametrize(
    ("us", "eu", "flag"),
    [
        (50, 20, AirFlag.GOOD),
        (51, 21, AirFlag.FAIR),
        (101, 41, AirFlag.SENSITIVE),
        (151, 61, AirFlag.UNHEALTHY),
        (201, 81, AirFlag.VERY_UNHEALTHY),
        (301, 101, AirFlag.HAZARDOUS),
    ],
)
def test_the_two_scales_are_not_one(us: float, eu: float, flag: AirFlag) -> None:
    assert flag_us(us) is flag_eu(eu) is flag
    assert flag_us(60) is AirFlag.FAIR
    assert flag_eu(60) is AirFlag.SENSITIVE


def test_an_index_below_zero_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="us_aqi"):
        flag_us(-1)
