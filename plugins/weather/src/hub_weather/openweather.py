"""OpenWeather: One Call 3.0 and Air Pollution, with a key.

Kelvin is the default unit, a chance of rain is a fraction, and one hour of the past is one call that is
counted. Its air quality index has five steps of its own, which are neither the American nor the European
ones, so only the concentrations are taken.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from contextlib import suppress
from dataclasses import dataclass

import httpx
import msgspec

from hub_core.sdk import (
    HourlyConditions,
    Misconfigured,
    Place,
    ProviderError,
    ProviderHttp,
    Rejected,
    RetryLater,
    Window,
)
from hub_weather.settings import WeatherSettings

_HOUR = dt.timedelta(hours=1)
#: How many hours of the past one question may cost; the newest ones are asked for.
PAST_HOURS = 24
_FIRST_AIR = dt.datetime(2020, 11, 27, tzinfo=dt.UTC)
_FIRST_WEATHER = dt.datetime(1979, 1, 1, tzinfo=dt.UTC)


class Amount(msgspec.Struct):
    """Rain or snow of an hour in mm; absent when there is none. (In a day's entry it is a plain number.)"""

    hour: float | None = msgspec.field(name="1h", default=None)


class Hour(msgspec.Struct):
    """An hour, with `units=metric`: °C, m/s, hPa, percent. `pop` is a fraction."""

    dt: int
    temp: float | None = None
    feels_like: float | None = None
    pressure: float | None = None
    humidity: float | None = None
    dew_point: float | None = None
    uvi: float | None = None
    clouds: float | None = None
    wind_speed: float | None = None
    wind_deg: float | None = None
    wind_gust: float | None = None
    pop: float | None = None
    rain: Amount | None = None
    snow: Amount | None = None


class OneCall(msgspec.Struct):
    """The answer to `onecall`; `hourly` are the next 48 hours."""

    hourly: list[Hour]
    timezone: str | None = None


class TimeMachine(msgspec.Struct):
    """The answer to `timemachine`: one hour, in a list."""

    data: list[Hour]
    timezone: str | None = None


class Components(msgspec.Struct):
    """Concentrations in µg/m³."""

    pm2_5: float | None = None
    pm10: float | None = None
    o3: float | None = None


class AirHour(msgspec.Struct):
    """An hour of air quality."""

    dt: int
    components: Components


class Air(msgspec.Struct):
    """The answer to `air_pollution`. Its `coord` comes as an object and as a list, and is not read."""

    hours: list[AirHour] = msgspec.field(name="list")


@dataclass(frozen=True)
class OpenWeather:
    """The client."""

    http: ProviderHttp
    settings: WeatherSettings

    async def one_call(self, place: Place) -> OneCall:
        """The next 48 hours, with that which runs."""
        without = "current,minutely,daily,alerts"
        return await self._get("/data/3.0/onecall", place, OneCall, exclude=without)

    async def time_machine(self, place: Place, moment: dt.datetime) -> TimeMachine:
        """One hour of the past."""
        at = int(moment.timestamp())
        return await self._get("/data/3.0/onecall/timemachine", place, TimeMachine, dt=at)

    async def air_forecast(self, place: Place) -> Air:
        """The next four days."""
        return await self._get("/data/2.5/air_pollution/forecast", place, Air)

    async def air_history(self, place: Place, start: dt.datetime, end: dt.datetime) -> Air:
        """The past since November 2020."""
        span = {"start": int(start.timestamp()), "end": int(end.timestamp())}
        return await self._get("/data/2.5/air_pollution/history", place, Air, **span)

    async def _get[T](self, path: str, place: Place, kind: type[T], **params: str | int) -> T:
        key = self.settings.api_key.get_secret_value()
        asked: dict[str, str | int] = {
            "lat": f"{place.latitude:.4f}",
            "lon": f"{place.longitude:.4f}",
            "appid": key,
            "units": "metric",
            **params,
        }
        url = f"{self.settings.openweather_url}{path}"
        response = await self.http.request("GET", url, params=asked, classify=self._classify)
        return self.http.decode(response, kind)

    def _classify(self, response: httpx.Response) -> ProviderError | None:
        """A 401 is a wrong key, one that is not active yet, or one without the subscription."""
        if response.status_code == 401:
            return Misconfigured(
                f"{self.http.explain(response)}; check HUB_WEATHER_API_KEY and that it has One Call by Call"
            )
        return None


async def hours(
    http: ProviderHttp, settings: WeatherSettings, place: Place, window: Window, now: dt.datetime
) -> list[HourlyConditions]:
    """What is known of the window's hours. Without its air quality when that service fails."""
    if not settings.is_configured():
        raise Misconfigured("set HUB_WEATHER_API_KEY to ask OpenWeather, or HUB_WEATHER_SOURCE=open-meteo")
    client = OpenWeather(http, settings)
    this_hour = now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    found: dict[dt.datetime, HourlyConditions] = {}
    if window.end > this_hour and window.start < this_hour + 48 * _HOUR:
        answer = await client.one_call(place)
        found |= dict(_conditions(hour, answer.timezone) for hour in answer.hourly)
    for moment in _past_hours(window, this_hour):
        past = await client.time_machine(place, moment)
        found |= dict(_conditions(hour, past.timezone) for hour in past.data[:1])
    inside = {time: one for time, one in found.items() if window.start <= time < window.end}
    air: dict[dt.datetime, Components] = {}
    if inside:
        with suppress(RetryLater, Rejected):
            air = await _air(client, place, window, this_hour)
    return [_with_air(inside[time], air.get(time)) for time in sorted(inside)]


async def _air(
    client: OpenWeather, place: Place, window: Window, now: dt.datetime
) -> dict[dt.datetime, Components]:
    told: list[AirHour] = []
    if window.start < now and window.end > _FIRST_AIR:
        start, end = max(window.start, _FIRST_AIR), min(window.end, now)
        told += (await client.air_history(place, start, end)).hours
    if window.end > now:
        told += (await client.air_forecast(place)).hours
    return {_moment(hour.dt): hour.components for hour in told}


def _past_hours(window: Window, now: dt.datetime) -> list[dt.datetime]:
    """The newest hours of the window that are over."""
    hours: list[dt.datetime] = []
    last = window.end.astimezone(dt.UTC) - dt.timedelta(microseconds=1)
    moment = min(last.replace(minute=0, second=0, microsecond=0), now - _HOUR)
    while moment >= max(window.start, _FIRST_WEATHER) and len(hours) < PAST_HOURS:
        hours.append(moment)
        moment -= _HOUR
    return hours


def _conditions(hour: Hour, zone: str | None) -> tuple[dt.datetime, HourlyConditions]:
    # Both are absent when there is none, which is dry and not unknown.
    wet = sum((amount.hour or 0.0) for amount in (hour.rain, hour.snow) if amount)
    time = _moment(hour.dt)  # in UTC: in a zone of its own it would be compared by the clock on the wall
    return time, HourlyConditions(
        time.astimezone(_zone(zone)),
        temperature_c=hour.temp,
        humidity_pct=hour.humidity,
        dew_point_c=hour.dew_point,
        apparent_c=hour.feels_like,
        wind_ms=hour.wind_speed,
        gust_ms=hour.wind_gust,
        wind_from_deg=hour.wind_deg,
        precipitation_mm=wet,
        precipitation_probability_pct=None if hour.pop is None else 100 * hour.pop,
        cloud_pct=hour.clouds,
        pressure_hpa=hour.pressure,
        uv_index=hour.uvi,
    )


def _with_air(hour: HourlyConditions, air: Components | None) -> HourlyConditions:
    if air is None:
        return hour
    return msgspec.structs.replace(hour, pm2_5_ugm3=air.pm2_5, pm10_ugm3=air.pm10, ozone_ugm3=air.o3)


def _moment(seconds: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise RetryLater("weather: an hour's time cannot be read") from error


def _zone(name: str | None) -> dt.tzinfo:
    try:
        return zoneinfo.ZoneInfo(name or "UTC")
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return dt.UTC
