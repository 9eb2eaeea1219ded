"""The sun against almanacs."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.daylight import SUNRISE_DEG, is_dark, solar_elevation_deg
from hub_core.errors import InvalidInputError

BERLIN, LONDON, SYDNEY = (52.52, 13.405), (51.507, -0.128), (-33.87, 151.21)
#: Almanacs print whole minutes, and horizons differ.
TOLERANCE = dt.timedelta(minutes=2)


@pytest.mark.parametrize(
    ("place", "zone", "sunrise", "sunset"),
    [
        (BERLIN, "Europe/Berlin", "2026-06-21T04:43", "2026-06-21T21:33"),
        (BERLIN, "Europe/Berlin", "2026-12-21T08:15", "2026-12-21T15:54"),
        (LONDON, "Europe/London", "2026-12-21T08:04", "2026-12-21T15:53"),
        (SYDNEY, "Australia/Sydney", "2026-12-22T05:41", "2026-12-22T20:05"),
    ],
)
def test_sunrise_and_sunset_of_almanacs(
    place: tuple[float, float], zone: str, sunrise: str, sunset: str
) -> None:
    rising, setting = (
        dt.datetime.fromisoformat(one).replace(tzinfo=ZoneInfo(zone)) for one in (sunrise, sunset)
    )
    assert solar_elevation_deg(rising - TOLERANCE, *place) < SUNRISE_DEG
    assert solar_elevation_deg(rising + TOLERANCE, *place) > SUNRISE_DEG
    assert solar_elevation_deg(setting - TOLERANCE, *place) > SUNRISE_DEG
    assert solar_elevation_deg(setting + TOLERANCE, *place) < SUNRISE_DEG


@pytest.mark.parametrize(
    ("time", "declination"),
    [
        ("2026-03-20T14:46+00:00", 0),
        ("2026-06-21T08:24+00:00", 23.44),
        ("2026-09-23T00:05+00:00", 0),
        ("2026-12-21T20:50+00:00", -23.44),
    ],
)
def test_the_seasons_begin_when_almanacs_say(time: str, declination: float) -> None:
    """At the pole the sun is as high as its declination."""
    instant = dt.datetime.fromisoformat(time)
    assert solar_elevation_deg(instant, 90, 0) == pytest.approx(declination, abs=0.02)


def test_noon_of_the_equinox_at_the_equator_and_the_polar_night() -> None:
    # Noon is at 12:07 UTC in Greenwich on that day, and the sun in the zenith.
    assert solar_elevation_deg(dt.datetime(2026, 3, 20, 12, 7, tzinfo=dt.UTC), 0, 0) > 89
    midnight, noon = (dt.datetime(2026, 6, 21, hour, tzinfo=dt.UTC) for hour in (0, 12))
    assert not is_dark(midnight, 69.65, 18.96)  # Tromsø in June
    assert is_dark(noon.replace(month=12), 78.2, 15.6)  # Longyearbyen in December


@given(
    st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2098, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
    st.floats(-90, 90),
    st.floats(-180, 180),
)
def test_the_sun_moves_smoothly_and_never_faster_than_the_earth_turns(
    time: dt.datetime, latitude: float, longitude: float
) -> None:
    here = solar_elevation_deg(time, latitude, longitude)
    later = solar_elevation_deg(time + dt.timedelta(minutes=4), latitude, longitude)
    assert -90 <= here <= 90
    assert abs(later - here) < 1.15


def test_one_instant_is_one_sun_in_every_zone() -> None:
    utc = dt.datetime(2026, 5, 1, 6, 30, tzinfo=dt.UTC)
    tokyo = utc.astimezone(ZoneInfo("Asia/Tokyo"))
    assert solar_elevation_deg(utc, *BERLIN) == solar_elevation_deg(tokyo, *BERLIN)


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="time"):
        solar_elevation_deg(dt.datetime(2026, 5, 1), 0, 0)  # noqa: DTZ001
