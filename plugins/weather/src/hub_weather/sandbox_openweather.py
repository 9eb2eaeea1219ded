"""How OpenWeather behaves: One Call 3.0 and Air Pollution, with keys and their subscription."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

from hub_core.sandbox import Answer, Call, Refusal, SandboxClock
from hub_core.sdk import HourlyConditions
from hub_weather.sandbox_sky import Sky

_HOUR = dt.timedelta(hours=1)
_FIRST = {
    "timemachine": dt.datetime(1979, 1, 1, tzinfo=dt.UTC),
    "history": dt.datetime(2020, 11, 27, tzinfo=dt.UTC),
}
#: The vendor's own steps of PM2.5, half open; NO2 and others would count as well.
_AQI = (10, 25, 50, 75)


class OpenWeatherServer:
    """The endpoints, by their path."""

    def __init__(self, clock: SandboxClock, sky: Sky) -> None:
        self.clock = clock
        self.sky = sky
        self.zone = zoneinfo.ZoneInfo("Europe/Berlin")
        #: Keys, and whether each has the subscription "One Call by Call".
        self.keys: dict[str, bool] = {}
        #: Air quality may be down on its own.
        self.air_is_down = False

    def answer(self, path: str, call: Call) -> Answer:
        """One request."""
        subscribed = self.keys.get(call.query.get("appid", ""))
        if subscribed is None:
            raise Refusal(401, "Invalid API key.")
        if path.startswith("data/3.0/") and not subscribed:
            raise Refusal(401, "Please note that using One Call 3.0 requires a separate subscription.")
        lat, lon = _number(call, "lat", 90), _number(call, "lon", 180)
        match path:
            case "data/3.0/onecall":
                return self._one_call(call, lat, lon)
            case "data/3.0/onecall/timemachine":
                return self._time_machine(call, lat, lon)
            case "data/2.5/air_pollution/forecast":
                return self._air(self._now(), self._now() + 96 * _HOUR, lat, lon)
            case "data/2.5/air_pollution/history":
                start, end = _instant(call, "start"), _instant(call, "end")
                return self._air(max(start, _FIRST["history"]), end, lat, lon)
        raise Refusal(404, "Internal error")

    def _now(self) -> dt.datetime:
        now = dt.datetime.fromtimestamp(self.clock.now(), dt.UTC)
        return now.replace(minute=0, second=0, microsecond=0)

    def _one_call(self, call: Call, lat: float, lon: float) -> Answer:
        left_out = call.query_list("exclude")
        body = self._head(lat, lon)
        times = [self._now() + hour * _HOUR for hour in range(48)]
        if "current" not in left_out:
            body["current"] = self._hour(call, times[0], lat)
        if "hourly" not in left_out:
            body["hourly"] = [{**self._hour(call, time, lat), **self._chance(time, lat)} for time in times]
        if "daily" not in left_out:
            body["daily"] = [
                {"dt": int(times[12].timestamp()), "temp": {"day": 6.1}, "rain": 0.6, "pop": 0.47}
            ]
        return Answer(body)

    def _time_machine(self, call: Call, lat: float, lon: float) -> Answer:
        moment = _instant(call, "dt")
        if not _FIRST["timemachine"] <= moment <= self._now() + 96 * _HOUR:
            raise Refusal(400, "requested time is out of allowed range")
        hour = moment.replace(minute=0, second=0, microsecond=0)
        return Answer({**self._head(lat, lon), "data": [self._hour(call, hour, lat)]})

    def _head(self, lat: float, lon: float) -> dict[str, Any]:
        offset = self._now().astimezone(self.zone).utcoffset() or dt.timedelta()
        zone = {"timezone": str(self.zone), "timezone_offset": int(offset.total_seconds())}
        return {"lat": lat, "lon": lon, **zone}

    def _hour(self, call: Call, time: dt.datetime, lat: float) -> dict[str, Any]:
        sky = self.sky.at(time, lat)
        units = call.query.get("units", "standard")
        hour: dict[str, Any] = {
            "dt": int(time.timestamp()),
            "temp": _degrees(sky.temperature_c, units),
            "feels_like": _degrees(sky.apparent_c, units),
            "pressure": sky.pressure_hpa,
            "humidity": sky.humidity_pct,
            "dew_point": _degrees(sky.dew_point_c, units),
            "uvi": sky.uv_index,
            "clouds": sky.cloud_pct,
            "visibility": 10000,
            "wind_speed": _speed(sky.wind_ms, units),
            "wind_deg": sky.wind_from_deg,
            "wind_gust": _speed(sky.gust_ms, units),
            "weather": [{"id": 803, "main": "Clouds", "description": "broken clouds", "icon": "04n"}],
        }
        if sky.precipitation_mm:
            kind = "snow" if (sky.temperature_c or 0) < 0 else "rain"
            hour[kind] = {"1h": sky.precipitation_mm}
        # What was not measured is absent, not null.
        return {name: value for name, value in hour.items() if value is not None}

    def _chance(self, time: dt.datetime, lat: float) -> dict[str, float]:
        chance = self.sky.at(time, lat).precipitation_probability_pct
        return {} if chance is None else {"pop": chance / 100}

    def _air(self, start: dt.datetime, end: dt.datetime, lat: float, lon: float) -> Answer:
        if self.air_is_down:
            raise Refusal(503, "Service Unavailable")
        first = start.replace(minute=0, second=0, microsecond=0)
        hours = range(max(0, int((end - first) / _HOUR)) + 1)
        found = [_air_of(self.sky.at(first + hour * _HOUR, lat)) for hour in hours]
        return Answer({"coord": {"lon": lon, "lat": lat}, "list": found})


def _air_of(sky: HourlyConditions) -> dict[str, Any]:
    told = {"pm2_5": sky.pm2_5_ugm3, "pm10": sky.pm10_ugm3, "o3": sky.ozone_ugm3}
    known = {name: value for name, value in told.items() if value is not None}
    step = 1 + sum((sky.pm2_5_ugm3 or 0) >= edge for edge in _AQI)
    return {
        "dt": int(sky.time.timestamp()),
        "main": {"aqi": step},
        "components": {"co": 240.3, "no2": 18.2, **known},
    }


def _number(call: Call, name: str, most: float) -> float:
    try:
        value = float(call.query[name])
    except (KeyError, ValueError) as error:
        raise Refusal(400, "Nothing to geocode") from error
    if abs(value) > most:
        raise Refusal(400, f"wrong {'latitude' if name == 'lat' else 'longitude'}")
    return value


def _instant(call: Call, name: str) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(int(call.query[name]), dt.UTC)
    except (KeyError, ValueError, OverflowError) as error:
        raise Refusal(400, f"{name} is no Unix time") from error


def _degrees(celsius: float | None, units: str) -> float | None:
    if celsius is None:
        return None
    return round({"metric": celsius, "imperial": celsius * 1.8 + 32}.get(units, celsius + 273.15), 2)


def _speed(metres: float | None, units: str) -> float | None:
    return None if metres is None else round(metres * (2.236936 if units == "imperial" else 1), 2)
