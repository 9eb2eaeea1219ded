"""WBGT: parts, estimates, and the flags of both tables."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.units import f_to_c
from hub_core.domain.science.wbgt import (
    DO_NOT_START_C,
    START_CAUTION_C,
    HeatFlag,
    RaceFlag,
    WbgtMethod,
    estimate_wbgt,
    heat_flag,
    race_flag,
    unsuccessful_starters_pct,
    wbgt_of_parts_c,
    wbgt_simplified_c,
    wet_bulb_c,
)
from hub_core.errors import InvalidInputError


def test_iso_7243() -> None:
    assert wbgt_of_parts_c(25, 32) == pytest.approx(27.1)
    assert wbgt_of_parts_c(25, 32, 20) == pytest.approx(25.9)


@pytest.mark.parametrize(
    ("temperature", "humidity", "expected"), [(20, 50, 13.699), (30, 80, 27.13), (25, 60, 19.50)]
)
def test_stulls_wet_bulb(temperature: float, humidity: float, expected: float) -> None:
    assert wet_bulb_c(temperature, humidity) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize(("temperature", "humidity"), [(-20.1, 50), (50.1, 50), (20, 4.9), (20, 99.1)])
def test_outside_of_stulls_range_there_is_none(temperature: float, humidity: float) -> None:
    assert wet_bulb_c(temperature, humidity) is None


@pytest.mark.parametrize(
    ("temperature", "humidity", "expected"),
    [(15, 60, 16.46), (20, 50, 19.86), (25, 60, 25.56), (30, 50, 29.26), (30, 80, 34.25), (10, 70, 12.98)],
)
def test_the_simplified_form(temperature: float, humidity: float, expected: float) -> None:
    assert wbgt_simplified_c(temperature, humidity) == pytest.approx(expected, abs=0.006)


@given(st.floats(-20, 50), st.floats(5, 99), st.floats(0, 1400), st.floats(0, 200))
def test_an_estimate_rises_with_the_sun_between_its_two_ends(
    temperature: float, humidity: float, radiation: float, more: float
) -> None:
    less, here = (
        estimate_wbgt(temperature, humidity, sun) for sun in (radiation, min(radiation + more, 1500))
    )
    assert less is not None
    assert here is not None
    assert less.method is WbgtMethod.BY_RADIATION
    assert less.shade_c <= less.value_c + 1e-9 <= here.value_c + 2e-9 <= here.sun_c + 3e-9
    assert here.value_c - less.value_c <= more / 800 * (here.sun_c - here.shade_c) + 1e-6


@given(st.floats(10, 45), st.floats(10, 100), st.floats(0.1, 5))
def test_an_estimate_rises_with_heat_and_damp(temperature: float, humidity: float, more: float) -> None:
    """Where it is used. (In cold, bone-dry air Stull's fit turns round by some hundredths of a degree.)"""
    for sun in (None, 0, 300):
        here, hotter = (estimate_wbgt(t, humidity, sun) for t in (temperature, temperature + more))
        damper = estimate_wbgt(temperature, min(humidity + more, 100), sun)
        assert here is not None
        assert hotter is not None
        assert damper is not None
        assert here.value_c < hotter.value_c
        assert here.value_c <= damper.value_c


def test_an_estimate_names_its_error() -> None:
    unknown, night, noon = (estimate_wbgt(25, 60, sun) for sun in (None, 0, 900))
    assert unknown is not None
    assert night is not None
    assert noon is not None
    assert unknown.value_c == noon.value_c == pytest.approx(25.56, abs=0.01)
    assert night.value_c == pytest.approx(0.7 * 19.50 + 0.3 * 25, abs=0.01)
    assert unknown.method is WbgtMethod.SIMPLIFIED
    assert "at night" in unknown.error
    assert "45 %" in night.error


def test_no_estimate_outside_of_its_range() -> None:
    assert estimate_wbgt(-21, 50) is None
    assert estimate_wbgt(15, 100) is not None  # fog, a runner's daily bread
    with pytest.raises(InvalidInputError, match="radiation_wm2"):
        estimate_wbgt(20, 50, -1)


def test_the_acsm_table_in_both_units(oracles: dict[str, Any]) -> None:
    table = oracles["acsm_flags"]
    names = [row[0] for row in table["rows"]] + ["cancel"]
    for index, (name, fahrenheit, celsius) in enumerate(table["rows"]):
        assert heat_flag(celsius) == name
        assert heat_flag(round(f_to_c(fahrenheit), 1)) == name
        # The first tenth of the next step, in each unit.
        assert heat_flag(celsius + 0.1) == names[index + 1]
        assert heat_flag(round(f_to_c(fahrenheit + 0.2), 1)) == names[index + 1]
    assert heat_flag(table["cancel_from"][1]) is HeatFlag.CANCEL


def test_the_flags_of_races_without_gaps(oracles: dict[str, Any]) -> None:
    for name, first, last in oracles["race_flags"]["rows"]:
        assert {race_flag(value) for value in range(first, last + 1)} == {RaceFlag(name)}
    assert race_flag(9.99) is RaceFlag.WHITE
    assert race_flag(17.99) is RaceFlag.GREEN
    assert race_flag(22.99) is RaceFlag.YELLOW
    assert race_flag(28.01) is RaceFlag.BLACK


@given(st.floats(-20, 50), st.floats(0, 20))
def test_flags_never_fall_when_it_gets_hotter(value: float, more: float) -> None:
    for flags, flag in ((list(HeatFlag), heat_flag), (list(RaceFlag), race_flag)):
        assert flags.index(flag(value)) <= flags.index(flag(value + more))


@pytest.mark.parametrize(
    ("wbgt", "expected"),
    [(10, 4.94), (13, 6.05), (START_CAUTION_C, 8.98), (DO_NOT_START_C, 12.89), (22, 14.96)],
)
def test_unsuccessful_starters(wbgt: float, expected: float) -> None:
    assert unsuccessful_starters_pct(wbgt) == pytest.approx(expected, abs=0.006)


def test_unsuccessful_starters_rise_and_end_where_the_data_end() -> None:
    values = [unsuccessful_starters_pct(8 + step / 10) or 0 for step in range(141)]
    assert values == sorted(values)
    assert unsuccessful_starters_pct(7.9) is None
    assert unsuccessful_starters_pct(22.1) is None
