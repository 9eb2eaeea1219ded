"""Apparent temperature against the values of the Bureau's formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.apparent import apparent_temperature_c
from hub_core.domain.science.humidity import relative_humidity_pct
from hub_core.errors import InvalidInputError

temperatures, humidities, winds = st.floats(-40, 50), st.floats(0, 100), st.floats(0, 40)


@pytest.mark.parametrize(
    ("temperature", "humidity", "wind", "expected"),
    [
        (25, 30, 0.1, 24.06),
        (30, 50, 2, 31.58),
        (35, 40, 3, 36.29),
        (20, 60, 5, 17.12),
        (10, 80, 8, 3.64),
    ],
)
def test_in_the_shade(temperature: float, humidity: float, wind: float, expected: float) -> None:
    assert apparent_temperature_c(temperature, humidity, wind) == pytest.approx(expected, abs=0.006)


def test_in_the_sun() -> None:
    # 25 + 0.348·9.475 − 0.07 + 0.70·100/10.1 − 4.25, by hand.
    assert apparent_temperature_c(25, 30, 0.1, absorbed_wm2=100) == pytest.approx(30.91, abs=0.006)


@given(temperatures, humidities, winds)
def test_without_sun_both_forms_agree(temperature: float, humidity: float, wind: float) -> None:
    shade = apparent_temperature_c(temperature, humidity, wind)
    # 0.348 against 0.33 of the vapour, up to 123 hPa, and a quarter of a degree.
    assert apparent_temperature_c(temperature, humidity, wind, 0) == pytest.approx(shade, abs=2)


@given(st.floats(15, 30))
def test_calm_air_with_a_dew_point_of_14_degrees_feels_as_it_is(temperature: float) -> None:
    humidity = relative_humidity_pct(temperature, 14)
    assert humidity is not None
    assert apparent_temperature_c(temperature, humidity, 0) == pytest.approx(temperature, abs=1.5)


@given(temperatures, humidities, winds, st.floats(0.01, 5))
def test_warmer_with_heat_and_damp_and_colder_with_wind(
    temperature: float, humidity: float, wind: float, more: float
) -> None:
    here = apparent_temperature_c(temperature, humidity, wind)
    assert apparent_temperature_c(temperature + more, humidity, wind) > here
    assert apparent_temperature_c(temperature, min(humidity + more, 100), wind) >= here
    assert apparent_temperature_c(temperature, humidity, wind + more) < here


def test_a_wind_in_kilometres_per_hour_is_not_taken_for_a_storm() -> None:
    with pytest.raises(InvalidInputError, match="wind_ms"):
        apparent_temperature_c(20, 50, 130)
