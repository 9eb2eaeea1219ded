"""Where somebody is, and one hour of weather there: past or to come, from whatever source."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.errors import InvalidInputError


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A point on the earth: degrees, WGS 84, and metres above sea level."""

    latitude: float
    longitude: float
    elevation_m: float | None = None
    name: str = ""


def check_place(place: Place, latitude: str = "lat", longitude: str = "lon") -> None:
    """Raise `InvalidInputError` by these names for a place that isn't on earth."""
    for path, value, most in ((latitude, place.latitude, 90), (longitude, place.longitude, 180)):
        if not -most <= value <= most:  # not so for NaN, too
            raise InvalidInputError(f"must be between -{most} and {most}", path=path)


class HourlyConditions(msgspec.Struct, frozen=True, omit_defaults=True):
    """The hour that begins at `time`, which knows its offset. What the source didn't say is None.

    Wind is at 10 m, in metres per second; radiation is global horizontal, in watts per square metre;
    particles and ozone are in micrograms per cubic metre. The two air quality indices are on their own
    scales: 0 to 500 (US EPA), and 0 to 100 and above (European Environment Agency).
    """

    time: dt.datetime
    temperature_c: float | None = None
    humidity_pct: float | None = None
    dew_point_c: float | None = None
    apparent_c: float | None = None
    wind_ms: float | None = None
    gust_ms: float | None = None
    wind_from_deg: float | None = None
    precipitation_mm: float | None = None
    precipitation_probability_pct: float | None = None
    cloud_pct: float | None = None
    radiation_wm2: float | None = None
    pressure_hpa: float | None = None
    uv_index: float | None = None
    pm2_5_ugm3: float | None = None
    pm10_ugm3: float | None = None
    ozone_ugm3: float | None = None
    us_aqi: float | None = None
    eu_aqi: float | None = None
