"""The client of Open-Meteo as the consumer, its sandbox as the provider."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pact import match

import hub_weather.plugin as plugin
from hub_core.sdk import Place, Rejected, RetryLater
from hub_weather.open_meteo import OpenMeteo
from hub_weather.settings import WeatherSettings

from .contract import Contract, Exchange, Matched
from .plugin_contract import speaking, verify_sandbox
from .world_states import NOW, OPEN_METEO_STATES

CONTRACT = Contract("hub-weather", "open-meteo")
PLACE = Place(52.5, 13.4)
DAY = NOW.date()
LONG_AGO = dt.date(2025, 7, 1)
FORECAST, ARCHIVE = "/open-meteo/api/v1/forecast", "/open-meteo/archive-api/v1/archive"
AIR = "/open-meteo/air-quality-api/v1/air-quality"
#: In the order in which the client asks.
VARIABLES = (
    "temperature_2m", "relative_humidity_2m", "dew_point_2m", "apparent_temperature", "wind_speed_10m",
    "wind_direction_10m", "cloud_cover", "pressure_msl", "uv_index", "wind_gusts_10m", "precipitation",
    "precipitation_probability", "shortwave_radiation",
)  # fmt: skip
AIR_VARIABLES = ("pm2_5", "pm10", "ozone", "us_aqi", "european_aqi")
IN_THE_ARCHIVE = tuple(name for name in VARIABLES if name not in ("uv_index", "precipitation_probability"))
UNITS = {"temperature_unit": "celsius", "wind_speed_unit": "ms", "precipitation_unit": "mm"}
TOLD_UNITS = {
    "time": "unixtime",
    "temperature_2m": "°C",
    "wind_speed_10m": "m/s",
    "wind_gusts_10m": "m/s",
    "precipitation": "mm",
}


def asked(variables: tuple[str, ...], day: dt.date = DAY, **more: str) -> dict[str, Matched]:
    days = {"start_date": day.isoformat(), "end_date": day.isoformat()}
    where = {"latitude": "52.5000", "longitude": "13.4000"}
    forms = {"timezone": "auto", "timeformat": "unixtime"}
    return {**where, "hourly": ",".join(variables), **days, **forms, **more}


def answer(variables: tuple[str, ...], units: dict[str, str]) -> dict[str, Any]:
    cells = {name: match.each_like(match.number(4.5), min=1) for name in variables}
    return {
        "utc_offset_seconds": match.int(7200),
        "timezone": match.str("Europe/Berlin"),
        "hourly_units": units,
        "hourly": {"time": match.each_like(match.int(1933304400), min=1), **cells},
    }


@asynccontextmanager
async def open_meteo(exchange: Exchange) -> AsyncIterator[OpenMeteo]:
    async with speaking(plugin, exchange, None) as context:
        assert isinstance(context.settings, WeatherSettings)
        yield OpenMeteo(context.http, context.settings)


async def test_forecast(exchange: Exchange) -> None:
    exchange.given("the weather is known").sends("GET", FORECAST, query=asked(VARIABLES, **UNITS))
    exchange.gets(200, answer(VARIABLES, TOLD_UNITS))
    async with open_meteo(exchange) as client:
        told = await client.forecast(PLACE, (DAY, DAY))
    assert (told.hourly.temperature_2m, told.timezone) == ([4.5], "Europe/Berlin")


async def test_forecast_of_a_place_that_is_nowhere(exchange: Exchange) -> None:
    nowhere = {**asked(VARIABLES, **UNITS), "latitude": "95.0000"}
    exchange.given("the weather is known").sends("GET", FORECAST, query=nowhere)
    exchange.gets(400, {"error": True, "reason": match.includes("Latitude must be in range of -90 to 90°")})
    async with open_meteo(exchange) as client:
        with pytest.raises(Rejected, match="Latitude"):
            await client.forecast(Place(95.0, 13.4), (DAY, DAY))


async def test_forecast_beyond_the_limits(exchange: Exchange) -> None:
    exchange.given("the calls of the minute are spent")
    exchange.sends("GET", FORECAST, query=asked(VARIABLES, **UNITS))
    exchange.gets(429, {"error": True, "reason": match.includes("Minutely API request limit exceeded")})
    async with open_meteo(exchange) as client:
        with pytest.raises(RetryLater) as refused:
            await client.forecast(PLACE, (DAY, DAY))
    assert refused.value.after_s == 60


async def test_archive(exchange: Exchange) -> None:
    exchange.given("the weather is known")
    exchange.sends("GET", ARCHIVE, query=asked(IN_THE_ARCHIVE, LONG_AGO, **UNITS))
    exchange.gets(200, answer(IN_THE_ARCHIVE, TOLD_UNITS))
    async with open_meteo(exchange) as client:
        told = await client.archive(PLACE, (LONG_AGO, LONG_AGO))
    assert (told.hourly.wind_speed_10m, told.hourly.uv_index) == ([4.5], [])


async def test_air_quality(exchange: Exchange) -> None:
    exchange.given("the weather is known").sends("GET", AIR, query=asked(AIR_VARIABLES))
    exchange.gets(200, answer(AIR_VARIABLES, {"time": "unixtime"}))
    async with open_meteo(exchange) as client:
        told = await client.air_quality(PLACE, (DAY, DAY))
    assert told.hourly.european_aqi == [4.5]


async def test_air_quality_that_is_down(exchange: Exchange) -> None:
    exchange.given("air quality is down").sends("GET", AIR, query=asked(AIR_VARIABLES))
    exchange.gets(503, {"error": True, "reason": match.str("The API is overloaded")})
    async with open_meteo(exchange) as client:
        with pytest.raises(RetryLater):
            await client.air_quality(PLACE, (DAY, DAY))


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, OpenMeteo, OPEN_METEO_STATES)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_sandbox(CONTRACT, plugin, OPEN_METEO_STATES)
