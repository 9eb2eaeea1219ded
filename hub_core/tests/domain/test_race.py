"""Distances as calendars write them, and which records are one race."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.race import Race, RaceQuery, distance_km, matches, parse_distance, same_race
from hub_core.domain.weather import Place

DAY = dt.date(2027, 4, 18)
RACE = Race(
    "1", "Mockstadt River Marathon 2027", DAY, city="Mockstadt", place=Place(52.4, 13.06), distance_m=42_195.0
)


@pytest.mark.parametrize(
    ("text", "unit", "metres"),
    [
        ("5K", "", 5_000),
        ("13.1 Miles", "", 21_097.5),
        ("10 Miles", "", 16_093.44),
        ("26.2", "M", 42_195),
        ("400y", "", 365.76),
        ("10 km", "", 10_000),
        ("21,1 km", "", 21_100),
        ("10", "K", 10_000),
        ("100", "m", 100),
        ("50 Miles", "", 80_467.2),
        ("Marathon", "", 42_195),
        ("half-marathon", "", 21_097.5),
        ("1 mile", "", 1_609.344),
        ("River Marathon", "", None),
        ("fun run", "", None),
        ("5", "", None),
        ("0K", "", None),
        ("", "", None),
        ("10 parsecs", "", None),
    ],
)
def test_a_distance_is_read_as_calendars_write_it(text: str, unit: str, metres: float | None) -> None:
    assert parse_distance(text, unit) == (metres if metres is None else pytest.approx(metres))


def changed(**fields: Any) -> Race:
    return msgspec.structs.replace(RACE, external_id="2", **fields)


@pytest.mark.parametrize(
    "other",
    [
        changed(),
        changed(event="Mockstädt Marathon"),
        changed(event="The 24th Mockstadt River Marathon Presented By Somebody"),
        changed(distance_m=42_165.0),
        changed(place=Place(52.43, 13.1)),
        changed(place=None),
        changed(city="", place=Place(52.4, 13.07)),
    ],
)
def test_two_records_are_one_race(other: Race) -> None:
    assert same_race(RACE, other)
    assert same_race(other, RACE)


@pytest.mark.parametrize(
    "other",
    [
        changed(date=DAY + dt.timedelta(days=1)),
        changed(distance_m=21_097.5),
        changed(distance_m=None),
        changed(place=Place(53.4, 13.06)),
        changed(place=None, city="Elsewhere"),
        changed(place=None, city=""),
        changed(event="City Night Trail"),
    ],
)
def test_two_races_stay_two(other: Race) -> None:
    assert not same_race(RACE, other)
    assert not same_race(other, RACE)


def test_a_distance_on_earth_is_the_published_one() -> None:
    """Berlin to Paris: 878 km along the great circle; and once around half of the equator."""
    assert distance_km(Place(52.52, 13.405), Place(48.8566, 2.3522)) == pytest.approx(877.5, abs=1)
    assert distance_km(Place(0, 0), Place(0, 180)) == pytest.approx(20_015.1, abs=0.1)


places = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180))


@given(places, places)
def test_a_way_is_as_long_back(one: Place, other: Place) -> None:
    there = distance_km(one, other)
    assert there == pytest.approx(distance_km(other, one))
    assert 0 <= there <= 20_016


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (RaceQuery(), True),
        (RaceQuery("river mockstadt"), True),
        (RaceQuery("mockstädt"), True),
        (RaceQuery("lake"), False),
        (RaceQuery(start=DAY, end=DAY), True),
        (RaceQuery(start=DAY + dt.timedelta(days=1)), False),
        (RaceQuery(end=DAY - dt.timedelta(days=1)), False),
        (RaceQuery(near=Place(52.5, 13.4), radius_km=30), True),
        (RaceQuery(near=Place(52.5, 13.4), radius_km=20), False),
        (RaceQuery(distance_m=42_000), True),
        (RaceQuery(distance_m=40_000), False),
    ],
)
def test_what_was_asked_for_is_found(query: RaceQuery, found: bool) -> None:
    assert matches(RACE, query) is found


def test_what_nobody_told_is_not_what_was_asked_for() -> None:
    bare = Race("3", "Bare", DAY)
    assert not matches(bare, RaceQuery(near=Place(52.5, 13.4), radius_km=2000))
    assert not matches(bare, RaceQuery(distance_m=10_000))
