"""Where the sun stands: the low-precision formulas of the Astronomical Almanac."""

from __future__ import annotations

import datetime as dt
import math

from hub_core.domain.science._ranges import check_range
from hub_core.errors import InvalidInputError

#: The sun's centre at sunrise and sunset, with refraction and its radius; and at the end of civil twilight.
SUNRISE_DEG, CIVIL_DEG = -0.833, -6.0
_J2000 = dt.datetime(2000, 1, 1, 12, tzinfo=dt.UTC)


def solar_elevation_deg(time: dt.datetime, latitude: float, longitude: float) -> float:
    """Degrees of the sun's centre above the horizon (negative below it), without refraction.

    Astronomical Almanac, "Low-precision formulas for the Sun": with n days since J2000 the mean anomaly
    g = 357.528° + 0.9856003°·n, the ecliptic longitude λ = 280.460° + 0.9856474°·n + 1.915°·sin g +
    0.020°·sin 2g, the obliquity ε = 23.439° − 0.0000004°·n, and sidereal time 280.46062° + 360.98564737°·n.
    Good to 0.01° between 1950 and 2050, and to a tenth of a degree in this century. `time` must know its
    offset; `latitude` and `longitude` are degrees, WGS 84, north and east positive.
    """
    if time.utcoffset() is None:
        raise InvalidInputError("an instant needs its offset", path="time")
    check_range("latitude", latitude, -90, 90, "°")
    check_range("longitude", longitude, -180, 180, "°")
    days = (time - _J2000) / dt.timedelta(days=1)
    anomaly = math.radians(357.528 + 0.9856003 * days)
    ecliptic = math.radians(
        280.460 + 0.9856474 * days + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)
    )
    obliquity = math.radians(23.439 - 0.0000004 * days)
    declination = math.asin(math.sin(obliquity) * math.sin(ecliptic))
    ascension = math.atan2(math.cos(obliquity) * math.sin(ecliptic), math.cos(ecliptic))
    hour_angle = math.radians(280.46062 + 360.98564737 * days + longitude) - ascension
    phi = math.radians(latitude)
    height = math.sin(phi) * math.sin(declination)
    height += math.cos(phi) * math.cos(declination) * math.cos(hour_angle)
    return math.degrees(math.asin(min(max(height, -1), 1)))


def is_dark(time: dt.datetime, latitude: float, longitude: float) -> bool:
    """Whether a runner needs a lamp: the sun is below the end of civil twilight, −6°."""
    return solar_elevation_deg(time, latitude, longitude) < CIVIL_DEG
