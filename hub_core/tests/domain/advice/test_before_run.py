"""The note before a run."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.advice import advise_before_run
from hub_core.domain.science.air_quality import AirFlag
from hub_core.domain.science.wbgt import HeatFlag
from hub_core.domain.science.wind import ColdRisk
from hub_core.domain.weather import HourlyConditions
from hub_core.errors import InvalidInputError

NOON = dt.datetime(2026, 7, 6, 12, tzinfo=dt.UTC)


def hour(temperature: float, humidity: float = 50, **fields: float) -> HourlyConditions:
    return HourlyConditions(NOON, temperature_c=temperature, humidity_pct=humidity, wind_ms=2, **fields)


def test_a_cool_short_run_needs_thirst_only() -> None:
    note = advise_before_run([hour(12)], 3600, weight_kg=70)
    assert note.drink_l_per_h is None
    assert note.heat is HeatFlag.SAFE
    assert note.lines == ("It feels like 8.9 °C.", "Drink to thirst.")
    assert note.carbohydrate_g_per_h == (0, 0)


def test_a_hot_run_says_so_and_what_to_drink() -> None:
    note = advise_before_run([hour(24), hour(30)], 3600, weight_kg=70, sweat_l_per_h=1.2)
    assert note.wbgt_c == pytest.approx(29.3, abs=0.05)
    assert note.heat is HeatFlag.CANCEL
    assert note.feels_like_c == pytest.approx(31.6, abs=0.05)
    assert note.drink_l_per_h == (0, 1.2)
    assert note.drink_before_ml == (350, 490)
    assert note.lines[1].startswith("Too hot")
    assert {fact.name for fact in note.why} >= {"feels like", "WBGT", "drink", "duration"}


def test_the_worst_hour_counts() -> None:
    cold = advise_before_run([hour(2), hour(-24)], 3600)
    assert cold.cold is ColdRisk.FROSTBITE_PROLONGED
    assert cold.feels_like_c is not None
    assert cold.feels_like_c < -24
    assert cold.lines[1].startswith("Very cold")


def test_bad_air_is_told() -> None:
    note = advise_before_run([hour(15, us_aqi=130)], 1800)
    assert note.air is AirFlag.SENSITIVE
    assert "The air is bad: keep it easy, or do it indoors." in note.lines


def test_a_long_run_needs_drink_and_fuel_whatever_the_weather() -> None:
    note = advise_before_run([HourlyConditions(NOON)], 3 * 3600)
    assert note.feels_like_c is None
    assert note.drink_l_per_h == (0.4, 0.8)
    assert note.drink_before_ml is None
    assert note.carbohydrate_g_per_h == (30, 90)
    assert note.lines[0] == "The weather isn't known."


def test_what_the_source_says_is_taken_when_there_is_no_wind() -> None:
    said = HourlyConditions(NOON, temperature_c=20, apparent_c=17)
    assert advise_before_run([said], 1800).feels_like_c == 17


@given(st.floats(-30, 45), st.floats(5, 100), st.floats(0.1, 6), st.floats(40, 120), st.floats(0, 3))
def test_nobody_is_told_to_drink_more_than_they_sweat(
    temperature: float, humidity: float, hours: float, weight: float, sweat: float
) -> None:
    note = advise_before_run(
        [hour(temperature, humidity)], hours * 3600, weight_kg=weight, sweat_l_per_h=sweat
    )
    assert note.drink_l_per_h is None or note.drink_l_per_h.high <= sweat
    assert all(fact.source for fact in note.why)


def test_no_hours_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="hours"):
        advise_before_run([], 3600)
