"""Dew point and vapour pressure against computed and published values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.humidity import dew_point_c, relative_humidity_pct, vapour_pressure_hpa
from hub_core.errors import InvalidInputError

temperatures = st.floats(-40, 50)


@pytest.mark.parametrize(
    ("temperature", "humidity", "expected"),
    [
        (20, 50, 9.26),
        (25, 60, 16.70),
        (30, 70, 23.93),
        (25, 100, 25.00),
        (35, 40, 19.39),
        (10, 80, 6.71),
        (0, 50, -9.20),
        (31, 56, 21.20),  # thermofeel's own test: 294.3484 K
    ],
)
def test_dew_points(temperature: float, humidity: float, expected: float) -> None:
    assert dew_point_c(temperature, humidity) == pytest.approx(expected, abs=0.006)


@given(temperatures, st.floats(1, 100))
def test_there_and_back(temperature: float, humidity: float) -> None:
    dew_point = dew_point_c(temperature, humidity)
    assert dew_point is not None
    back = relative_humidity_pct(temperature, dew_point)
    if humidity > 1.0001:
        assert back == pytest.approx(humidity, rel=1e-6)


@given(temperatures, st.floats(0, 100), st.floats(0, 100))
def test_a_dew_point_rises_with_humidity_up_to_the_temperature(
    temperature: float, one: float, other: float
) -> None:
    low, high = (dew_point_c(temperature, humidity) for humidity in sorted((one, other)))
    assert low is not None
    assert high is not None
    assert low <= high <= temperature + 1e-9


@given(st.floats(0, 30), st.floats(50, 100))
def test_lawrences_rule_of_thumb(temperature: float, humidity: float) -> None:
    """Td ≈ T − (100 − RH)/5 in damp air (Lawrence 2005): within 2.2 °C."""
    assert dew_point_c(temperature, humidity) == pytest.approx(temperature - (100 - humidity) / 5, abs=2.2)


@pytest.mark.parametrize(("temperature", "humidity", "expected"), [(30, 50, 21.144), (25, 30, 9.475)])
def test_vapour_pressure(temperature: float, humidity: float, expected: float) -> None:
    assert vapour_pressure_hpa(temperature, humidity) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("temperature", [-40.1, 50.1])
def test_outside_of_its_range_there_is_none(temperature: float) -> None:
    assert dew_point_c(temperature, 50) is None
    assert relative_humidity_pct(temperature, -45) is None


def test_dry_air_has_no_humidity_below_one_percent() -> None:
    assert relative_humidity_pct(40, -60) is None


def test_a_dew_point_above_the_temperature_is_refused() -> None:
    assert relative_humidity_pct(10, 10.4) == 100
    with pytest.raises(InvalidInputError, match="dew_point_c"):
        relative_humidity_pct(10, 10.6)
