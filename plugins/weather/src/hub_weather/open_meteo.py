"""Open-Meteo: forecast, past and air quality without a key.

Three things of its answers are easily read wrong, and silently: wind is in km/h unless asked otherwise,
times are local and carry no offset, and a cell of gusts, rain or radiation is about the hour *before* its
time. So units are asked for and looked at, times are asked for in Unix seconds, and those cells are
taken from the hour after.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from hub_core.sdk import (
    HourlyConditions,
    Place,
    ProviderError,
    ProviderHttp,
    Rejected,
    RetryLater,
    Window,
    retry_after_s,
)
from hub_weather.settings import WeatherSettings

#: Ours: theirs. These are of the moment itself.
_AT_THE_TIME = {
    "temperature_c": "temperature_2m",
    "humidity_pct": "relative_humidity_2m",
    "dew_point_c": "dew_point_2m",
    "apparent_c": "apparent_temperature",
    "wind_ms": "wind_speed_10m",
    "wind_from_deg": "wind_direction_10m",
    "cloud_pct": "cloud_cover",
    "pressure_hpa": "pressure_msl",
    "uv_index": "uv_index",
}
#: These are a maximum, a sum or a mean of the hour that ends there.
_OF_THE_HOUR_BEFORE = {
    "gust_ms": "wind_gusts_10m",
    "precipitation_mm": "precipitation",
    "precipitation_probability_pct": "precipitation_probability",
    "radiation_wm2": "shortwave_radiation",
}
_AIR = {
    "pm2_5_ugm3": "pm2_5",
    "pm10_ugm3": "pm10",
    "ozone_ugm3": "ozone",
    "us_aqi": "us_aqi",
    "eu_aqi": "european_aqi",
}
#: No reanalysis has these.
_NOT_IN_THE_ARCHIVE = {"uv_index", "precipitation_probability"}
#: What a wrong unit would do the most harm to.
_UNITS = {
    "time": "unixtime",
    "temperature_2m": "°C",
    "wind_speed_10m": "m/s",
    "wind_gusts_10m": "m/s",
    "precipitation": "mm",
}
#: The forecast host has 92 days of the past, and 16 of the time to come; air quality has 7.
_RECENT_DAYS, _AHEAD_DAYS, _AIR_AHEAD_DAYS = 90, 15, 6
_FIRST_DAY = dt.date(1940, 1, 1)
#: The local date of an instant lies between these, wherever on earth.
_WEST, _EAST = dt.timedelta(hours=12), dt.timedelta(hours=14)
_HOUR = dt.timedelta(hours=1)
#: The limiter sets no Retry-After, and says which limit it was in words.
_WAITS_S = {"minutely": 60.0, "hourly": 3_600.0, "daily": 86_400.0}

Cells = list[float | None]
Days = tuple[dt.date, dt.date]


class Hours(msgspec.Struct):
    """Parallel lists, one cell for each hour; a cell may be null."""

    time: Cells
    temperature_2m: Cells = []
    relative_humidity_2m: Cells = []
    dew_point_2m: Cells = []
    apparent_temperature: Cells = []
    wind_speed_10m: Cells = []
    wind_direction_10m: Cells = []
    wind_gusts_10m: Cells = []
    precipitation: Cells = []
    precipitation_probability: Cells = []
    cloud_cover: Cells = []
    pressure_msl: Cells = []
    shortwave_radiation: Cells = []
    uv_index: Cells = []
    pm2_5: Cells = []
    pm10: Cells = []
    ozone: Cells = []
    us_aqi: Cells = []
    european_aqi: Cells = []


class Answer(msgspec.Struct):
    """What every endpoint answers. The coordinates in it are the grid cell's, and not those asked for."""

    hourly: Hours
    hourly_units: dict[str, Any]
    utc_offset_seconds: int
    timezone: str | None = None


@dataclass(frozen=True)
class OpenMeteo:
    """The client."""

    http: ProviderHttp
    settings: WeatherSettings

    async def forecast(self, place: Place, days: Days) -> Answer:
        """The last three months, and the two weeks to come."""
        url = f"{self.settings.api_url}/v1/forecast"
        return await self._ask(url, place, days, [*_AT_THE_TIME.values(), *_OF_THE_HOUR_BEFORE.values()])

    async def archive(self, place: Place, days: Days) -> Answer:
        """The past since 1940."""
        variables = [*_AT_THE_TIME.values(), *_OF_THE_HOUR_BEFORE.values()]
        known = [name for name in variables if name not in _NOT_IN_THE_ARCHIVE]
        return await self._ask(f"{self.settings.archive_url}/v1/archive", place, days, known)

    async def air_quality(self, place: Place, days: Days) -> Answer:
        """The last three months, and the week to come."""
        return await self._ask(f"{self.settings.air_url}/v1/air-quality", place, days, list(_AIR.values()))

    async def _ask(self, url: str, place: Place, days: Days, variables: list[str]) -> Answer:
        params: dict[str, str | int] = {
            "latitude": f"{place.latitude:.4f}",
            "longitude": f"{place.longitude:.4f}",
            "hourly": ",".join(variables),
            "start_date": days[0].isoformat(),
            "end_date": days[1].isoformat(),
            "timezone": "auto",
            "timeformat": "unixtime",
        }
        if "wind_speed_10m" in variables:
            params |= {"temperature_unit": "celsius", "wind_speed_unit": "ms", "precipitation_unit": "mm"}
        key = self.settings.api_key.get_secret_value()
        headers = {"X-Api-Key": key} if key else {}
        response = await self.http.request(
            "GET", url, params=params, headers=headers, classify=self._classify
        )
        answer = self.http.decode(response, Answer)
        for name in ("time", *variables):
            unit = answer.hourly_units.get(name)
            if name in _UNITS and unit != _UNITS[name]:
                raise RetryLater(f"weather: {name} comes in another unit than was asked for")
        return answer

    def _classify(self, response: httpx.Response) -> ProviderError | None:
        if response.status_code != 429:
            return None
        text = response.text.lower()
        told = next((wait for word, wait in _WAITS_S.items() if word in text), None)
        return RetryLater(self.http.explain(response), after_s=retry_after_s(response) or told)


async def hours(
    http: ProviderHttp, settings: WeatherSettings, place: Place, window: Window, now: dt.datetime
) -> list[HourlyConditions]:
    """What is known of the window's hours. Air quality is left out when its own service fails: that is no
    reason to have no weather."""
    client = OpenMeteo(http, settings)
    recent = (now - _WEST).date() - dt.timedelta(days=_RECENT_DAYS)
    # By instants in UTC: in a zone of its own a time is compared and counted by the clock on the wall.
    known: dict[dt.datetime, dict[str, float]] = {}
    zone: dt.tzinfo = dt.UTC
    for ask, first, last in (
        (client.archive, _FIRST_DAY, recent - dt.timedelta(days=1)),
        (client.forecast, recent, _last_day(now, _AHEAD_DAYS)),
    ):
        if days := _clip(window, first, last):
            answer = await ask(place, days)
            zone = _zone(answer)
            _take(known, answer, _AT_THE_TIME)
            _take(known, answer, _OF_THE_HOUR_BEFORE, begins=_HOUR)
    if days := _clip(window, recent, _last_day(now, _AIR_AHEAD_DAYS)):
        with suppress(RetryLater, Rejected):
            _take(known, await client.air_quality(place, days), _AIR)
    inside = (time for time in known if window.start <= time < window.end and known[time])
    return [HourlyConditions(time.astimezone(zone), **known[time]) for time in sorted(inside)]


def _last_day(now: dt.datetime, ahead: int) -> dt.date:
    return (now - _WEST).date() + dt.timedelta(days=ahead)


def _clip(window: Window, first: dt.date, last: dt.date) -> Days | None:
    """The local dates on which the window's hours may fall, as far as they are among those answered for."""
    start, end = window.start.astimezone(dt.UTC), window.end.astimezone(dt.UTC)
    days = max(first, (start - _WEST).date()), min(last, (end + _EAST).date())
    return days if days[0] <= days[1] else None


def _take(
    known: dict[dt.datetime, dict[str, float]],
    answer: Answer,
    names: dict[str, str],
    begins: dt.timedelta = dt.timedelta(),
) -> None:
    """Add the cells of an answer to the hours that they are about, which begin so much before their time."""
    times = list(_times(answer))
    for ours, theirs in names.items():
        cells: Cells = getattr(answer.hourly, theirs)
        for time, cell in zip(times, cells, strict=False):
            if time is not None and cell is not None:
                known.setdefault(time - begins, {})[ours] = cell


def _times(answer: Answer) -> Iterator[dt.datetime | None]:
    """The instants."""
    for cell in answer.hourly.time:
        try:
            yield None if cell is None else dt.datetime.fromtimestamp(cell, dt.UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise RetryLater("weather: an hour's time cannot be read") from error


def _zone(answer: Answer) -> dt.tzinfo:
    """The zone by its name, which knows when clocks change; the offset that was told where it is unknown."""
    try:
        return zoneinfo.ZoneInfo(answer.timezone or "")
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        try:
            return dt.timezone(dt.timedelta(seconds=answer.utc_offset_seconds))
        except (ValueError, OverflowError) as error:
            raise RetryLater("weather: the offset from UTC cannot be read") from error
