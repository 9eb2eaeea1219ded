"""OpenWeather: each trap of its API, and what the plugin makes of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hub_core.sdk import HourlyConditions, Misconfigured, RetryLater
from hub_weather.manifest import OPEN_METEO, OPENWEATHER
from hub_weather.openweather import PAST_HOURS
from hub_weather.plugin import provider_manifest
from hub_weather.sandbox import KEY

HOUR = dt.timedelta(hours=1)
ONE_CALL = "/openweather/data/3.0/onecall"
WHERE = {"lat": 52.5, "lon": 13.4, "appid": KEY}


async def test_degrees_are_celsius_though_the_default_is_kelvin(openweather: Any) -> None:
    then = openweather.now() + 2 * HOUR
    hour = await openweather.only(
        HourlyConditions(then, temperature_c=20.0, apparent_c=19.0, dew_point_c=9.0)
    )
    assert (hour.temperature_c, hour.apparent_c, hour.dew_point_c) == (20.0, 19.0, 9.0)
    by_default = openweather.get(ONE_CALL, **WHERE).json()["hourly"]
    assert next(one["temp"] for one in by_default if one["dt"] == then.timestamp()) == 293.15


async def test_a_chance_is_a_fraction_and_rain_an_object(openweather: Any) -> None:
    then = openweather.now() + 2 * HOUR
    wet = HourlyConditions(then, temperature_c=3.0, precipitation_mm=1.5, precipitation_probability_pct=35.0)
    hour = await openweather.only(wet)
    assert hour.precipitation_mm == 1.5
    assert hour.precipitation_probability_pct == pytest.approx(35.0)
    snow = await openweather.only(HourlyConditions(then, temperature_c=-3.0, precipitation_mm=0.7))
    assert snow.precipitation_mm == 0.7
    raw = openweather.get(ONE_CALL, **WHERE).json()
    assert isinstance(raw["daily"][0]["rain"], float)


async def test_no_rain_is_absent_and_so_is_a_gust_that_nobody_measured(openweather: Any) -> None:
    then = openweather.now() + 2 * HOUR
    hour = await openweather.only(HourlyConditions(then, temperature_c=3.0))
    assert (hour.precipitation_mm, hour.gust_ms, hour.radiation_wm2) == (0.0, None, None)


async def test_instants_are_utc_and_shown_at_the_place_s_offset(openweather: Any) -> None:
    then = openweather.now() + 2 * HOUR
    hour = await openweather.only(HourlyConditions(then, temperature_c=3.0))
    assert hour.time == then
    assert str(hour.time.tzinfo) == "Europe/Berlin"


async def test_its_own_air_index_is_not_taken_for_another(openweather: Any) -> None:
    then = openweather.now() + 2 * HOUR
    hour = await openweather.only(HourlyConditions(then, temperature_c=3.0, pm2_5_ugm3=60.0, eu_aqi=70.0))
    assert (hour.pm2_5_ugm3, hour.eu_aqi, hour.us_aqi) == (60.0, None, None)


async def test_an_hour_of_the_past_is_a_call_and_a_day_of_them_the_most(openweather: Any) -> None:
    hours = await openweather.ask(openweather.now() - 3 * HOUR, 5)
    assert len(hours) == 5
    assert openweather.asked().count(f"{ONE_CALL}/timemachine") == 3
    openweather.sandbox.journal.clear()
    hours = await openweather.ask(openweather.now() - dt.timedelta(days=60), 30)
    assert len(hours) == PAST_HOURS
    assert openweather.asked().count(f"{ONE_CALL}/timemachine") == PAST_HOURS
    assert hours[-1].time == openweather.now() - dt.timedelta(days=60) + 29 * HOUR


async def test_an_hour_that_runs_begins_before_now(openweather: Any) -> None:
    (hour,) = await openweather.ask(openweather.now(), 1)
    assert hour.time == openweather.now()


async def test_two_days_are_told_and_no_more(openweather: Any) -> None:
    assert len(await openweather.ask(openweather.now(), 24 * 5)) == 48
    assert await openweather.ask(openweather.now() + 60 * HOUR, 24) == ()


async def test_air_quality_that_is_down_does_not_take_the_weather_along(openweather: Any) -> None:
    openweather.sandbox.openweather.air_is_down = True
    (hour,) = await openweather.ask(openweather.now() + HOUR, 1)
    assert hour.temperature_c is not None
    assert hour.pm2_5_ugm3 is None


@pytest.mark.parametrize(
    ("keys", "words"), [({}, "Invalid API key"), ({KEY: False}, "separate subscription")]
)
async def test_a_401_has_two_causes_and_the_operator_learns_both(
    openweather: Any, keys: dict[str, bool], words: str
) -> None:
    openweather.sandbox.openweather.keys = keys
    with pytest.raises(Misconfigured, match="HUB_WEATHER_API_KEY") as refused:
        await openweather.ask(openweather.now(), 1)
    assert words in refused.value.message
    assert KEY not in refused.value.message


async def test_without_a_key_it_says_what_to_set_and_asks_nobody(openweather: Any) -> None:
    settings = openweather.harness.settings
    openweather.harness.settings = settings.model_copy(update={"api_key": type(settings.api_key)("")})
    with pytest.raises(Misconfigured, match="set HUB_WEATHER_API_KEY"):
        await openweather.ask(openweather.now(), 1)
    assert openweather.asked() == []


async def test_a_limit_is_waited_for(openweather: Any) -> None:
    while openweather.sandbox.limits.take("app")[0]:
        pass
    with pytest.raises(RetryLater, match="429"):
        await openweather.ask(openweather.now(), 1)


@pytest.mark.parametrize(
    ("status", "path", "params"),
    [
        (400, ONE_CALL, {"lat": "x", "lon": 1, "appid": KEY}),
        (404, "/openweather/data/3.0/nothing", WHERE),
        (401, ONE_CALL, {"lat": 1, "lon": 1}),
    ],
)
def test_cod_is_a_text_or_a_number(openweather: Any, status: int, path: str, params: dict[str, Any]) -> None:
    answer = openweather.get(path, **params)
    assert answer.status_code == status
    assert answer.json()["cod"] == (status if status == 401 else str(status))


def test_the_manifest_is_that_of_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_WEATHER_SOURCE", raising=False)
    assert provider_manifest() == OPEN_METEO
    monkeypatch.setenv("HUB_WEATHER_SOURCE", "openweather")
    assert provider_manifest() == OPENWEATHER
    assert OPENWEATHER.attribution != OPEN_METEO.attribution
