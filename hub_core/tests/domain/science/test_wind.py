"""Wind chill against the charts of both weather services, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.units import f_to_c, kmh_to_ms, ms_to_kmh, ms_to_mph
from hub_core.domain.science.wind import ColdRisk, cold_risk, felt_cold_c, wind_chill_c, wind_chill_f
from hub_core.errors import InvalidInputError


def test_the_american_chart(oracles: dict[str, Any]) -> None:
    table = oracles["wind_chill_f"]
    cells = [
        (temperature, int(wind), printed)
        for wind, row in table["rows"].items()
        for temperature, printed in zip(table["temperature_f"], row, strict=True)
    ]
    assert len(cells) == 216
    assert [cell for cell in cells if round(wind_chill_f(*cell[:2]) or 0) != cell[2]] == []


def test_the_canadian_chart(oracles: dict[str, Any]) -> None:
    table = oracles["wind_chill_c"]
    cells = [
        (temperature, int(wind), printed)
        for wind, row in table["rows"].items()
        for temperature, printed in zip(table["temperature_c"], row, strict=True)
    ]
    assert len(cells) == 192
    assert [cell for cell in cells if round(wind_chill_c(*cell[:2]) or 0) != cell[2]] == []


@given(st.floats(-42, 5), st.floats(1.5, 22))
def test_both_services_mean_the_same(celsius: float, wind_ms: float) -> None:
    fahrenheit = wind_chill_f(celsius * 9 / 5 + 32, ms_to_mph(wind_ms))
    metric = wind_chill_c(celsius, ms_to_kmh(wind_ms))
    assert fahrenheit is not None
    assert metric is not None
    assert f_to_c(fahrenheit) == pytest.approx(metric, abs=0.15)


@given(st.floats(-50, 5), st.floats(5, 79), st.floats(0.1, 40))
def test_more_wind_and_less_warmth_are_colder(celsius: float, kmh: float, more: float) -> None:
    here = wind_chill_c(celsius, kmh)
    assert here is not None
    windier = wind_chill_c(celsius, min(kmh + more, 80))
    assert windier is not None
    assert windier <= here
    if celsius - more >= -50:
        colder = wind_chill_c(celsius - more, kmh)
        assert colder is not None
        assert colder < here


@pytest.mark.parametrize(("celsius", "kmh"), [(5.1, 20), (-50.1, 20), (0, 4.9), (0, 80.1), (25, 30)], ids=str)
def test_outside_of_the_chart_there_is_no_wind_chill(celsius: float, kmh: float) -> None:
    assert wind_chill_c(celsius, kmh) is None


def test_outside_of_the_american_range_there_is_none() -> None:
    assert wind_chill_f(50.1, 10) is None
    assert wind_chill_f(30, 3) is None


@given(st.floats(-90, 45), st.floats(0, 60))
def test_it_never_feels_warmer_than_the_air(celsius: float, wind_ms: float) -> None:
    assert felt_cold_c(celsius, wind_ms) <= celsius


@given(st.floats(-50, 5))
def test_a_storm_beyond_the_chart_feels_like_its_last_column(celsius: float) -> None:
    assert felt_cold_c(celsius, 40) == pytest.approx(felt_cold_c(celsius, kmh_to_ms(79.99)), abs=0.01)


@pytest.mark.parametrize(
    ("felt", "risk"),
    [
        (0.1, ColdRisk.NONE),
        (0, ColdRisk.LOW),
        (-10, ColdRisk.UNCOMFORTABLE),
        (-27, ColdRisk.FROSTBITE_PROLONGED),
        (-35, ColdRisk.FROSTBITE_MINUTES),
        (-80, ColdRisk.FROSTBITE_MINUTES),
    ],
)
def test_the_steps(felt: float, risk: ColdRisk) -> None:
    assert cold_risk(felt) is risk


def test_a_wind_that_cant_be_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="wind_ms"):
        felt_cold_c(0, -1)
