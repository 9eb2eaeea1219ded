"""Where the sun stands: the low-accuracy formulas of NOAA's solar calculator."""

from __future__ import annotations

import datetime as dt
import math

from hub_core.domain.science._ranges import check_range
from hub_core.errors import InvalidInputError

#: The sun's centre at sunrise and sunset, with refraction and its radius; and at the end of civil twilight.
SUNRISE_DEG, CIVIL_DEG = -0.833, -6.0


def solar_elevation_deg(time: dt.datetime, latitude: float, longitude: float) -> float:
    """Degrees of the sun's centre above the horizon (negative below it), without refraction.

    NOAA's "General Solar Position Calculations" (fractional year, equation of time, declination as Fourier
    series); good to a few tenths of a degree, a sunrise to about two minutes, in this century. `time` must
    know its offset; degrees are WGS 84, east and north positive.
    """
    if time.utcoffset() is None:
        raise InvalidInputError("an instant needs its offset", path="time")
    check_range("latitude", latitude, -90, 90, "°")
    check_range("longitude", longitude, -180, 180, "°")
    utc = time.astimezone(dt.UTC)
    day = utc.timetuple().tm_yday
    minutes = utc.hour * 60 + utc.minute + utc.second / 60
    year_days = dt.date(utc.year, 12, 31).timetuple().tm_yday
    g = 2 * math.pi / year_days * (day - 1 + (minutes / 60 - 12) / 24)
    equation_min = 229.18 * (
        0.000075
        + 0.001868 * math.cos(g)
        - 0.032077 * math.sin(g)
        - 0.014615 * math.cos(2 * g)
        - 0.040849 * math.sin(2 * g)
    )
    declination = (
        0.006918
        - 0.399912 * math.cos(g)
        + 0.070257 * math.sin(g)
        - 0.006758 * math.cos(2 * g)
        + 0.000907 * math.sin(2 * g)
        - 0.002697 * math.cos(3 * g)
        + 0.00148 * math.sin(3 * g)
    )
    hour_angle = math.radians((minutes + equation_min + 4 * longitude) / 4 - 180)
    phi = math.radians(latitude)
    height = math.sin(phi) * math.sin(declination) + math.cos(phi) * math.cos(declination) * math.cos(
        hour_angle
    )
    return math.degrees(math.asin(min(max(height, -1), 1)))


def is_dark(time: dt.datetime, latitude: float, longitude: float) -> bool:
    """Whether a runner needs a lamp: the sun is below the end of civil twilight, −6°."""
    return solar_elevation_deg(time, latitude, longitude) < CIVIL_DEG
