"""The weather of the sandboxes: a made-up sky that is the same each time, and what tests set in it."""

from __future__ import annotations

import datetime as dt
import functools
import math

import msgspec

from hub_core.sdk import HourlyConditions

_HOUR = dt.timedelta(hours=1)


class Sky:
    """Hourly conditions by instant. Everywhere the same, but for warmth, which grows towards the equator."""

    def __init__(self) -> None:
        self._set: dict[dt.datetime, HourlyConditions] = {}

    def set(self, conditions: HourlyConditions) -> None:
        """From now on that hour is so, and what is None there is not known."""
        self._set[conditions.time.astimezone(dt.UTC)] = conditions

    def at(self, time: dt.datetime, latitude: float) -> HourlyConditions:
        """The hour that begins at an instant."""
        time = time.astimezone(dt.UTC)
        return self._set.get(time) or _usual(time, latitude)


@functools.lru_cache(maxsize=10_000)
def _usual(time: dt.datetime, latitude: float) -> HourlyConditions:
    day = time.timetuple().tm_yday
    sun = math.sin(math.tau * (time.hour - 9) / 24)
    season = math.cos(math.tau * (day - 200) / 365)
    warmth = 25 - abs(latitude) / 3 + 9 * season * math.copysign(1, latitude) + 5 * sun
    windy = 4 + 2 * math.sin(day + time.hour / 4)
    usual = HourlyConditions(
        time,
        temperature_c=warmth,
        humidity_pct=70 - 20 * sun,
        dew_point_c=warmth - 6 - 4 * sun,
        apparent_c=warmth - windy / 4,
        wind_ms=windy,
        gust_ms=windy * 1.8,
        wind_from_deg=float(day * 7 % 360),
        precipitation_mm=0.4 if day % 5 == 0 else 0.0,
        precipitation_probability_pct=60.0 if day % 5 == 0 else 10.0,
        cloud_pct=80.0 if day % 5 == 0 else 30.0,
        radiation_wm2=max(0.0, 700 * sun),
        pressure_hpa=1013.0 + day % 9,
        uv_index=max(0.0, 6 * sun),
        pm2_5_ugm3=9.0,
        pm10_ugm3=15.0,
        ozone_ugm3=60 + 30 * sun,
        us_aqi=40.0,
        eu_aqi=30.0,
    )
    numbers = {
        name: value for name, value in msgspec.structs.asdict(usual).items() if isinstance(value, float)
    }
    return msgspec.structs.replace(usual, **{name: round(value, 1) for name, value in numbers.items()})
