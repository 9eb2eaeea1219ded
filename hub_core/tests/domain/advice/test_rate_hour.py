"""Points of an hour rise with what makes it worse."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.advice.comfort import Comfort
from hub_core.domain.advice.rate_hour import HourRating, air_of, humidity_of, rate_hour, wbgt_of
from hub_core.domain.science.air_quality import AirFlag
from hub_core.domain.weather import HourlyConditions, Place

NOON = dt.datetime(2026, 6, 21, 12, tzinfo=dt.UTC)
MILD = HourlyConditions(NOON, temperature_c=14, humidity_pct=50, wind_ms=2, radiation_wm2=300)


def rated(conditions: HourlyConditions, *, is_hard: bool = False, place: Place | None = None) -> HourRating:
    rating = rate_hour(conditions, Comfort(), place, is_hard=is_hard)
    assert rating is not None
    return rating


def changed(**fields: object) -> HourlyConditions:
    return msgspec.structs.replace(MILD, **fields)


def test_a_mild_hour_is_perfect() -> None:
    assert rated(MILD).points == 0
    assert rated(MILD, place=Place(52.5, 13.4)).points == 0
    assert rated(MILD).is_recommended


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("temperature_c", [14, 22, 28, 34, 40]),
        ("temperature_c", [14, -2, -10, -25, -40]),
        ("gust_ms", [3, 10, 16, 25]),
        ("precipitation_mm", [0, 1, 3]),
        ("precipitation_probability_pct", [0, 40, 90]),
        ("us_aqi", [20, 80, 120, 180, 250]),
        ("eu_aqi", [10, 30, 50, 70, 120]),
        ("uv_index", [3, 7, 10]),
    ],
    ids=str,
)
def test_each_thing_costs_more_when_it_gets_worse(field: str, values: list[float]) -> None:
    points = [rated(changed(**{field: value})).points for value in values]
    assert points == sorted(points)
    assert points[-1] > points[0]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"temperature_c": 38, "humidity_pct": 60}, "WBGT"),
        ({"temperature_c": -28, "wind_ms": 8}, "feels like"),
        ({"temperature_c": 51}, "temperature"),
        ({"gust_ms": 22}, "gusts"),
        ({"us_aqi": 155}, "air quality"),
        ({"eu_aqi": 61}, "air quality"),
    ],
    ids=str,
)
def test_one_thing_alone_can_stop(fields: dict[str, float], name: str) -> None:
    rating = rated(changed(**fields))
    assert not rating.is_recommended
    assert [reason.fact.name for reason in rating.reasons if reason.stops] == [name]


@given(st.floats(16, 38), st.floats(20, 90))
def test_heat_weighs_more_when_it_is_hard(temperature: float, humidity: float) -> None:
    hour = changed(temperature_c=temperature, humidity_pct=humidity)
    assert rated(hour, is_hard=True).points >= rated(hour).points


def test_what_is_not_known_is_not_guessed() -> None:
    assert rate_hour(HourlyConditions(NOON), Comfort()) is None
    assert rate_hour(HourlyConditions(NOON, temperature_c=20), Comfort()) is None
    by_dew_point = HourlyConditions(NOON, temperature_c=20, dew_point_c=9.26)
    assert humidity_of(by_dew_point) == pytest.approx(50, abs=0.1)
    assert wbgt_of(by_dew_point) is not None
    assert air_of(MILD) is None


def test_air_by_index_else_by_particles() -> None:
    assert air_of(changed(us_aqi=40, eu_aqi=90, pm2_5_ugm3=80)) is not None
    by_us, by_eu, by_particles = (
        air_of(changed(**fields)) for fields in ({"us_aqi": 40}, {"eu_aqi": 50}, {"pm2_5_ugm3": 25})
    )
    assert by_us is not None
    assert by_eu is not None
    assert by_particles is not None
    assert (by_us[0], by_eu[0], by_particles[0]) == (AirFlag.GOOD, AirFlag.SENSITIVE, AirFlag.SENSITIVE)
    assert by_particles[1].source.endswith("from concentrations")


def test_darkness_counts_where_the_place_is_known() -> None:
    night = changed(time=NOON.replace(hour=0, month=12), radiation_wm2=0)
    assert rated(night).points == 0
    assert rated(night, place=Place(52.5, 13.4)).points > 0
