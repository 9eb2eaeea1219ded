"""The client of OpenWeather as the consumer, its sandbox as the provider."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType

import pytest
from pact import match

import hub_weather.plugin
from hub_core.sdk import Misconfigured, Place, RetryLater
from hub_weather.openweather import OpenWeather
from hub_weather.sandbox import KEY, WeatherSandbox
from hub_weather.settings import WeatherSettings

from .contract import Contract, Exchange
from .plugin_contract import speaking, verify_sandbox
from .world_states import CONDITIONS, NOW, OPENWEATHER_STATES

CONTRACT = Contract("hub-weather", "openweather")
PLACE = Place(52.5, 13.4)
WHERE = {"lat": "52.5000", "lon": "13.4000", "appid": KEY, "units": "metric"}
ONE_CALL, AIR = "/openweather/data/3.0/onecall", "/openweather/data/2.5/air_pollution"
HOURLY = {**WHERE, "exclude": "current,minutely,daily,alerts"}
PAST = NOW - dt.timedelta(hours=1)
HOUR = {
    "dt": match.int(int(NOW.timestamp())),
    "temp": match.number(11.5),
    "feels_like": match.number(9.5),
    "pressure": match.number(1013),
    "humidity": match.number(70),
    "dew_point": match.number(6),
    "uvi": match.number(1.5),
    "clouds": match.number(80),
    "wind_speed": match.number(5),
    "wind_deg": match.number(240),
    "wind_gust": match.number(9),
}
AIR_HOUR = {
    "dt": match.int(int(NOW.timestamp())),
    "components": {"pm2_5": match.number(9), "pm10": match.number(15), "o3": match.number(60)},
}


def _plugin() -> ModuleType:
    """The plugin as it is with `HUB_WEATHER_SOURCE=openweather`."""
    plugin = ModuleType("hub_weather_plugin_of_openweather")
    vars(plugin).update(vars(hub_weather.plugin))
    vars(plugin)["provider_sandbox"] = lambda: WeatherSandbox(source="openweather")
    return plugin


@asynccontextmanager
async def openweather(exchange: Exchange) -> AsyncIterator[OpenWeather]:
    async with speaking(_plugin(), exchange, None) as context:
        assert isinstance(context.settings, WeatherSettings)
        yield OpenWeather(context.http, context.settings)


async def test_one_call(exchange: Exchange) -> None:
    exchange.given("a key with the subscription").sends("GET", ONE_CALL, query=HOURLY)
    # Rain and snow are absent when there is none, and so stand in no pact.
    hour = {**HOUR, "pop": match.number(0.6)}
    exchange.gets(200, {"timezone": match.str("Europe/Berlin"), "hourly": match.each_like(hour, min=1)})
    async with openweather(exchange) as client:
        told = await client.one_call(PLACE)
    assert [(one.temp, one.pop, one.rain) for one in told.hourly] == [(11.5, 0.6, None)]


async def test_one_call_with_a_key_that_nobody_knows(exchange: Exchange) -> None:
    exchange.given("a key that nobody knows").sends("GET", ONE_CALL, query=HOURLY)
    exchange.gets(401, {"cod": 401, "message": match.str("Invalid API key.")})
    async with openweather(exchange) as client:
        with pytest.raises(Misconfigured, match="HUB_WEATHER_API_KEY"):
            await client.one_call(PLACE)


async def test_one_call_without_the_subscription(exchange: Exchange) -> None:
    exchange.given("a key without the subscription").sends("GET", ONE_CALL, query=HOURLY)
    exchange.gets(401, {"cod": 401, "message": match.includes("separate subscription")})
    async with openweather(exchange) as client:
        with pytest.raises(Misconfigured, match="One Call by Call"):
            await client.one_call(PLACE)


async def test_one_call_beyond_the_limits(exchange: Exchange) -> None:
    exchange.given("a key whose calls are spent").sends("GET", ONE_CALL, query=HOURLY)
    exchange.gets(429, {"cod": 429, "message": match.str("rate limit exceeded")})
    async with openweather(exchange) as client:
        with pytest.raises(RetryLater):
            await client.one_call(PLACE)


async def test_time_machine(exchange: Exchange) -> None:
    exchange.given("a key with the subscription")
    exchange.sends("GET", f"{ONE_CALL}/timemachine", query={**WHERE, "dt": str(int(NOW.timestamp()))})
    exchange.gets(200, {"timezone": match.str("Europe/Berlin"), "data": [HOUR]})
    async with openweather(exchange) as client:
        (hour,) = (await client.time_machine(PLACE, NOW)).data
    assert (hour.temp, hour.wind_gust) == (CONDITIONS.temperature_c, CONDITIONS.gust_ms)


async def test_air_forecast(exchange: Exchange) -> None:
    exchange.given("a key with the subscription").sends("GET", f"{AIR}/forecast", query=WHERE)
    exchange.gets(200, {"list": match.each_like(AIR_HOUR, min=1)})
    async with openweather(exchange) as client:
        (hour,) = (await client.air_forecast(PLACE)).hours
    assert hour.components.pm2_5 == CONDITIONS.pm2_5_ugm3


async def test_air_history(exchange: Exchange) -> None:
    span = {"start": str(int(PAST.timestamp())), "end": str(int(NOW.timestamp()))}
    exchange.given("a key with the subscription")
    exchange.sends("GET", f"{AIR}/history", query={**WHERE, **span})
    exchange.gets(200, {"list": match.each_like(AIR_HOUR, min=1)})
    async with openweather(exchange) as client:
        (hour,) = (await client.air_history(PLACE, PAST, NOW)).hours
    assert hour.components.o3 == CONDITIONS.ozone_ugm3


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, OpenWeather, OPENWEATHER_STATES)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_sandbox(CONTRACT, _plugin(), OPENWEATHER_STATES)
