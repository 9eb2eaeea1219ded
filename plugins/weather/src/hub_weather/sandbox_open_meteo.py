"""How Open-Meteo behaves, by its OpenAPI files and its server's source: units, times, limits and refusals."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import deque
from collections.abc import Mapping
from typing import Any

from hub_core.sandbox import Answer, Call, Refusal, SandboxClock
from hub_core.sdk import HourlyConditions
from hub_weather.sandbox_sky import Sky

_HOUR = dt.timedelta(hours=1)
_KMH, _MPH, _KN = 3.6, 2.236936, 1.943844
#: Theirs: ours, the unit, and how many decimals the server sends.
WEATHER = {
    "temperature_2m": ("temperature_c", "°C", 1),
    "relative_humidity_2m": ("humidity_pct", "%", 0),
    "dew_point_2m": ("dew_point_c", "°C", 1),
    "apparent_temperature": ("apparent_c", "°C", 1),
    "wind_speed_10m": ("wind_ms", "wind", 2),
    "wind_direction_10m": ("wind_from_deg", "°", 0),
    "wind_gusts_10m": ("gust_ms", "wind", 2),
    "precipitation": ("precipitation_mm", "mm", 2),
    "precipitation_probability": ("precipitation_probability_pct", "%", 0),
    "cloud_cover": ("cloud_pct", "%", 0),
    "pressure_msl": ("pressure_hpa", "hPa", 1),
    "shortwave_radiation": ("radiation_wm2", "W/m²", 1),
    "uv_index": ("uv_index", "", 2),
}
AIR = {
    "pm2_5": ("pm2_5_ugm3", "μg/m³", 1),
    "pm10": ("pm10_ugm3", "μg/m³", 1),
    "ozone": ("ozone_ugm3", "μg/m³", 1),
    "us_aqi": ("us_aqi", "USAQI", 0),
    "european_aqi": ("eu_aqi", "EAQI", 0),
}
#: A maximum, a sum or a mean of the hour that ends at a cell's time.
_PRECEDING = {"wind_gusts_10m", "precipitation", "precipitation_probability", "shortwave_radiation"}
_WIND = {"kmh": ("km/h", _KMH), "ms": ("m/s", 1.0), "mph": ("mp/h", _MPH), "kn": ("kn", _KN)}
#: Host: variables, days back, days ahead. None: from 1940 on, or no days back from today but five.
HOSTS: Mapping[str, tuple[dict[str, tuple[str, str, int]], int | None, int]] = {
    "api": (WEATHER, 92, 15),
    "archive-api": (
        {name: one for name, one in WEATHER.items() if name not in ("uv_index", "precipitation_probability")},
        None,
        -5,
    ),
    "air-quality-api": (AIR, 92, 6),
}
_LIMITS = (
    ("Minutely", 60, 600, "minute"),
    ("Hourly", 3_600, 5_000, "hour"),
    ("Daily", 86_400, 10_000, "day"),
)


def weigh(variables: int, days: int, places: int = 1) -> float:
    """What a call counts for: one, up to ten variables of two weeks at one place."""
    return max(1.0, variables / 10, variables / 10 * days / 14) * places


class OpenMeteoServer:
    """One server for all its hosts."""

    def __init__(self, clock: SandboxClock, sky: Sky) -> None:
        self.clock = clock
        self.sky = sky
        #: What `timezone=auto` finds for every place.
        self.zone = "Europe/Berlin"
        self.paid_keys: set[str] = set()
        #: Air quality is a service of its own, and may be down on its own.
        self.air_is_down = False
        self._calls: deque[tuple[float, float]] = deque()

    def answer(self, host: str, call: Call) -> Answer:
        """One request to `/v1/...` of a host."""
        name = host.removeprefix("customer-")
        if name not in HOSTS:
            raise Refusal(404, "Not Found")
        key = call.query.get("apikey") or call.headers.get("x-api-key")
        if name == host and key:
            return Answer(
                status=302, headers={"Location": f"https://customer-{host}.open-meteo.com{call.path}"}
            )
        if name != host and key not in self.paid_keys:
            raise Refusal(400, "API key required. Please add &apikey= to the URL.")
        if self.air_is_down and name == "air-quality-api":
            raise Refusal(503, "The API is overloaded")
        query = _Query(call.query)
        variables, back, ahead = HOSTS[name]
        asked = query.variables(variables)
        places = query.places()
        first, last = query.days(self._today(), back, ahead)
        self.spend(weigh(len(asked), (last - first).days + 1, len(places)))
        zone = query.zone(self.zone)
        bodies = [self._body(place, zone, first, last, asked, variables, query) for place in places]
        return Answer(bodies if len(bodies) > 1 else bodies[0])

    def _today(self) -> dt.date:
        return dt.datetime.fromtimestamp(self.clock.now(), dt.UTC).date()

    def spend(self, weight: float) -> None:
        """Count a call. Errors of limits count too; what they say is all that tells how long to wait."""
        now = self.clock.now()
        self._calls.append((now, weight))
        while self._calls[0][0] <= now - 86_400:
            self._calls.popleft()
        for word, seconds, limit, wait in _LIMITS:
            if sum(weight for at, weight in self._calls if at > now - seconds) > limit:
                raise Refusal(429, f"{word} API request limit exceeded. Please try again in one {wait}.")

    def _body(
        self,
        place: tuple[float, float],
        zone: dt.tzinfo,
        first: dt.date,
        last: dt.date,
        asked: list[str],
        variables: dict[str, tuple[str, str, int]],
        query: _Query,
    ) -> dict[str, Any]:
        # One offset for the whole answer, that of now, whatever the clocks do on the days asked for.
        now = dt.datetime.fromtimestamp(self.clock.now(), dt.UTC)
        offset = now.astimezone(zone).utcoffset() or dt.timedelta()
        start = dt.datetime.combine(first, dt.time(), dt.UTC) - offset
        times = [start + hour * _HOUR for hour in range(24 * ((last - first).days + 1))]
        unix = query.text("timeformat", "iso8601", ("iso8601", "unixtime")) == "unixtime"
        wind_unit, wind_factor = _WIND[query.text("wind_speed_unit", "kmh", tuple(_WIND))]
        fahrenheit = query.text("temperature_unit", "celsius", ("celsius", "fahrenheit")) == "fahrenheit"
        units: dict[str, str] = {"time": "unixtime" if unix else "iso8601"}
        shown: list[object] = [
            int(time.timestamp()) if unix else f"{time + offset:%Y-%m-%dT%H:%M}" for time in times
        ]
        hourly: dict[str, list[object]] = {"time": shown}
        for name in asked:
            ours, unit, decimals = variables[name]
            back = _HOUR if name in _PRECEDING else dt.timedelta()
            cells = [_value(self.sky.at(time - back, place[0]), ours) for time in times]
            if unit == "wind":
                unit, cells = wind_unit, [None if cell is None else cell * wind_factor for cell in cells]
            if unit == "°C" and fahrenheit:
                unit, cells = "°F", [None if cell is None else cell * 1.8 + 32 for cell in cells]
            units[name] = unit
            hourly[name] = [None if cell is None else round(cell, decimals or None) for cell in cells]
        return {
            # The grid cell's, and not those that were asked for.
            "latitude": round(place[0] * 8) / 8,
            "longitude": round(place[1] * 8) / 8,
            "generationtime_ms": 0.21,
            "utc_offset_seconds": int(offset.total_seconds()),
            "timezone": str(zone),
            "timezone_abbreviation": now.astimezone(zone).tzname(),
            "elevation": 38.0,
            "hourly_units": units,
            "hourly": hourly,
        }


def _value(conditions: HourlyConditions, name: str) -> float | None:
    value: float | None = getattr(conditions, name)
    return value


class _Query:
    """The parameters, read as strictly as the server reads them."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query

    def text(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self._query.get(name, default)
        if value not in allowed:
            raise Refusal(400, f"Cannot initialize {name} from invalid String value {value}.")
        return value

    def variables(self, known: Mapping[str, object]) -> list[str]:
        asked = [name for name in self._query.get("hourly", "").split(",") if name]
        unknown = next((name for name in asked if name not in known), None)
        if unknown:
            raise Refusal(400, f"Cannot initialize VariableAndPreset from invalid String value {unknown}.")
        return asked

    def places(self) -> list[tuple[float, float]]:
        try:
            lats, lons = (
                [float(one) for one in self._query[name].split(",")] for name in ("latitude", "longitude")
            )
        except (KeyError, ValueError) as error:
            raise Refusal(400, "Parameter 'latitude' and 'longitude' must be numbers.") from error
        if len(lats) != len(lons):
            raise Refusal(400, "Parameter 'latitude' and 'longitude' must have the same number of elements.")
        for lat, lon in zip(lats, lons, strict=True):
            if not -90 <= lat <= 90:
                raise Refusal(400, f"Latitude must be in range of -90 to 90°. Given: {lat}.")
            if not -180 <= lon <= 180:
                raise Refusal(400, f"Longitude must be in range of -180 to 180°. Given: {lon}.")
        return list(zip(lats, lons, strict=True))

    def days(self, today: dt.date, back: int | None, ahead: int) -> tuple[dt.date, dt.date]:
        given = [name for name in ("start_date", "end_date") if name in self._query]
        if given and ("forecast_days" in self._query or "past_days" in self._query):
            raise Refusal(400, "Parameter 'start_date' is mutually exclusive with 'forecast_days'.")
        if len(given) == 1 or (not given and back is None):
            raise Refusal(400, "Both 'start_date' and 'end_date' must be set.")
        oldest = dt.date(1940, 1, 1) if back is None else today - dt.timedelta(days=back)
        newest = today + dt.timedelta(days=ahead)
        if not given:
            return today, min(newest, today + dt.timedelta(days=6))
        try:
            first, last = (dt.date.fromisoformat(self._query[name]) for name in given)
        except ValueError as error:
            raise Refusal(400, "Invalid date format. Make sure to use 'YYYY-MM-DD'") from error
        if last < first:
            raise Refusal(400, "End-date must be larger or equal than start-date")
        for name, day in zip(given, (first, last), strict=True):
            if not oldest <= day <= newest:
                raise Refusal(400, f"Parameter '{name}' is out of allowed range from {oldest} to {newest}")
        return first, last

    def zone(self, auto: str) -> dt.tzinfo:
        name = self._query.get("timezone", "GMT")
        try:
            return zoneinfo.ZoneInfo(auto if name == "auto" else name)
        except (ValueError, zoneinfo.ZoneInfoNotFoundError) as error:
            raise Refusal(400, "Invalid timezone") from error
