"""Open-Meteo: each trap of its API, and what the plugin makes of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import msgspec
import pytest

from hub_core.sandbox import Answer, Call, Fault, FaultKind
from hub_core.sdk import HourlyConditions, Place, Rejected, RetryLater
from hub_weather.sandbox_open_meteo import weigh
from hub_weather.settings import WeatherSettings

HOUR = dt.timedelta(hours=1)
FORECAST = "/open-meteo/api/v1/forecast"
PLACE = {"latitude": 52.5, "longitude": 13.4}


async def test_wind_is_metres_per_second_though_the_default_is_kilometres_per_hour(open_meteo: Any) -> None:
    then = open_meteo.now() + 3 * HOUR
    hour = await open_meteo.only(HourlyConditions(then, wind_ms=10.0, gust_ms=20.0, wind_from_deg=270.0))
    assert (hour.wind_ms, hour.gust_ms, hour.wind_from_deg) == (10.0, 20.0, 270.0)
    by_default = open_meteo.get(
        FORECAST, **PLACE, hourly="wind_speed_10m", timezone="GMT", timeformat="unixtime"
    )
    body = by_default.json()
    cells = dict(zip(body["hourly"]["time"], body["hourly"]["wind_speed_10m"], strict=True))
    assert body["hourly_units"]["wind_speed_10m"] == "km/h"
    assert cells[int(then.timestamp())] == 36.0


@pytest.mark.parametrize(
    ("name", "unit"),
    [("wind_speed_10m", "km/h"), ("temperature_2m", "°F"), ("precipitation", "inch"), ("time", "iso8601")],
)
async def test_another_unit_than_was_asked_for_is_refused_and_not_believed(
    open_meteo: Any, name: str, unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = open_meteo.sandbox.answer

    def answer(mark: Any, method: Any, call: Call) -> Answer:
        body = answered(mark, method, call).body
        return Answer({**body, "hourly_units": {**body["hourly_units"], name: unit}})

    monkeypatch.setattr(open_meteo.sandbox, "answer", answer)
    with pytest.raises(RetryLater, match=f"{name} comes in another unit"):
        await open_meteo.ask(open_meteo.now(), 2)


async def test_rain_gusts_and_radiation_of_a_cell_are_of_the_hour_before_it(open_meteo: Any) -> None:
    then = open_meteo.now() + 5 * HOUR
    wet = HourlyConditions(
        then, precipitation_mm=4.0, gust_ms=21.0, radiation_wm2=333.0, precipitation_probability_pct=90.0
    )
    hour = await open_meteo.only(wet)
    assert hour == msgspec.structs.replace(wet, time=hour.time)
    cells = open_meteo.get(FORECAST, **PLACE, hourly="precipitation", timeformat="unixtime").json()["hourly"]
    told = dict(zip(cells["time"], cells["precipitation"], strict=True))
    assert told[int((then + HOUR).timestamp())] == 4.0


async def test_a_local_time_without_an_offset_is_the_place_s_own(open_meteo: Any) -> None:
    """The raw answer says 15:00 and means Tokyo's; read as UTC it would be nine hours late."""
    open_meteo.sandbox.open_meteo.zone = "Asia/Tokyo"
    then = open_meteo.now() + 6 * HOUR
    hour = await open_meteo.only(HourlyConditions(then, temperature_c=33.0))
    assert (hour.time, hour.temperature_c) == (then, 33.0)
    assert hour.time.utcoffset() == 9 * HOUR
    raw = open_meteo.get(FORECAST, **PLACE, hourly="temperature_2m", timezone="auto").json()
    index = raw["hourly"]["temperature_2m"].index(33.0)
    assert raw["hourly"]["time"][index] == f"{then + 9 * HOUR:%Y-%m-%dT%H:%M}"


async def test_each_hour_is_there_once_where_clocks_change(open_meteo: Any) -> None:
    """Berlin, 30 March 2025: the clocks skip an hour; 26 October: one comes twice."""
    for start, offsets in (
        (dt.datetime(2025, 3, 29, 23, tzinfo=dt.UTC), {1, 2}),
        (dt.datetime(2025, 10, 25, 23, tzinfo=dt.UTC), {2, 1}),
    ):
        hours = await open_meteo.ask(start, 4)
        assert [hour.time.astimezone(dt.UTC) for hour in hours] == [start + n * HOUR for n in range(4)]
        assert {hour.time.utcoffset() for hour in hours} == {n * HOUR for n in offsets}


async def test_a_cell_may_be_null(open_meteo: Any) -> None:
    then = open_meteo.now() + HOUR
    hour = await open_meteo.only(HourlyConditions(then, temperature_c=5.0))
    assert hour == HourlyConditions(hour.time, temperature_c=5.0)


async def test_the_past_comes_from_the_host_that_has_it(open_meteo: Any) -> None:
    await open_meteo.ask(open_meteo.now() - dt.timedelta(days=400), 3)
    assert open_meteo.asked() == ["/open-meteo/archive-api/v1/archive"]
    open_meteo.sandbox.journal.clear()
    hours = await open_meteo.ask(open_meteo.now() - dt.timedelta(days=20), 3)
    assert hours[0].eu_aqi is not None
    assert open_meteo.asked() == [FORECAST, "/open-meteo/air-quality-api/v1/air-quality"]
    open_meteo.sandbox.journal.clear()
    across = await open_meteo.ask(open_meteo.now() - dt.timedelta(days=93), 7 * 24)
    assert len(across) == 7 * 24
    assert set(open_meteo.asked()) == {
        "/open-meteo/archive-api/v1/archive",
        FORECAST,
        "/open-meteo/air-quality-api/v1/air-quality",
    }


async def test_what_lies_beyond_the_horizon_is_not_known(open_meteo: Any) -> None:
    hours = await open_meteo.ask(open_meteo.now(), 24 * 20)
    days = (hours[-1].time - open_meteo.now()) / dt.timedelta(days=1)
    assert 14 < days < 16.1
    assert await open_meteo.ask(open_meteo.now() + dt.timedelta(days=40), 24) == ()
    assert await open_meteo.ask(dt.datetime(1939, 1, 1, tzinfo=dt.UTC), 24) == ()


async def test_air_quality_that_is_down_does_not_take_the_weather_along(open_meteo: Any) -> None:
    open_meteo.sandbox.open_meteo.air_is_down = True
    (hour,) = await open_meteo.ask(open_meteo.now(), 1)
    assert hour.temperature_c is not None
    assert hour.eu_aqi is None


@pytest.mark.parametrize(
    ("reason", "after_s"), [("Minutely", 60), ("Hourly", 3600), ("Daily", 86_400), ("Concurrent", None)]
)
async def test_how_long_to_wait_is_said_in_words_only(
    open_meteo: Any, reason: str, after_s: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"error": True, "reason": f"{reason} API request limit exceeded."}
    monkeypatch.setattr(open_meteo.sandbox, "answer", lambda *_: Answer(body, 429))
    with pytest.raises(RetryLater, match=reason) as refused:
        await open_meteo.ask(open_meteo.now(), 1)
    assert refused.value.after_s == after_s


@pytest.mark.parametrize(
    ("variables", "days", "places", "weight"),
    [(9, 7, 1, 1), (15, 14, 1, 1.5), (12, 16, 1, 1.371), (10, 365, 1, 26.07), (8, 7, 3, 3)],
)
def test_a_call_counts_by_its_weight(variables: int, days: int, places: int, weight: float) -> None:
    assert weigh(variables, days, places) == pytest.approx(weight, abs=0.005)


async def test_the_limit_is_reached_by_weight(open_meteo: Any) -> None:
    open_meteo.sandbox.open_meteo.spend(598)
    (hour,) = await open_meteo.ask(open_meteo.now(), 1)  # 1.3 fit, and 1 for the air does not
    assert hour.temperature_c is not None
    assert hour.eu_aqi is None
    with pytest.raises(RetryLater, match="Minutely"):
        await open_meteo.ask(open_meteo.now(), 1)


async def test_a_refused_parameter_is_told_in_the_vendor_s_words(open_meteo: Any) -> None:
    with pytest.raises(Rejected, match="Latitude must be in range"):
        await open_meteo.ask(open_meteo.now(), 1, Place(95.0, 13.4))


async def test_an_unreachable_host_is_no_empty_sky(open_meteo: Any) -> None:
    open_meteo.sandbox.faults.add(Fault(FaultKind.DROP_BEFORE))
    with pytest.raises(RetryLater):
        await open_meteo.ask(open_meteo.now(), 1)


def test_a_key_goes_to_the_paid_hosts_because_the_free_ones_redirect(open_meteo: Any) -> None:
    free, paid = WeatherSettings(), WeatherSettings(api_key="secret-key")
    assert free.hosts() == {
        "api.open-meteo.com",
        "archive-api.open-meteo.com",
        "air-quality-api.open-meteo.com",
        "api.openweathermap.org",
    }
    assert "customer-api.open-meteo.com" in paid.hosts()
    assert "api.open-meteo.com" not in paid.hosts()
    assert "secret-key" not in repr(paid)
    answer = open_meteo.get(FORECAST, **PLACE, hourly="temperature_2m", apikey="secret-key")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("https://customer-api.")


async def test_the_key_travels_in_a_header(open_meteo: Any) -> None:
    sandbox, origin = open_meteo.sandbox, open_meteo.harness.server.origin
    sandbox.open_meteo.paid_keys.add("paid-key")
    hosts = {
        name: f"{origin}/open-meteo/customer-{host}"
        for name, host in (("api_url", "api"), ("air_url", "air-quality-api"))
    }
    open_meteo.harness.settings = WeatherSettings(api_key="paid-key", archive_url=f"{origin}/none", **hosts)
    assert await open_meteo.ask(open_meteo.now(), 1)
    sandbox.open_meteo.paid_keys.clear()
    with pytest.raises(Rejected, match="API key required"):
        await open_meteo.ask(open_meteo.now(), 1)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"latitude": 91, "longitude": 0}, "Latitude must be in range"),
        ({**PLACE, "hourly": "temperature"}, "invalid String value temperature"),
        ({**PLACE, "wind_speed_unit": "bft"}, "wind_speed_unit"),
        ({**PLACE, "timezone": "Mars/Olympus"}, "Invalid timezone"),
        ({**PLACE, "start_date": "2026-01-01"}, "Both"),
        ({**PLACE, "start_date": "2027-01-02", "end_date": "2027-01-01"}, "larger or equal"),
        ({**PLACE, "start_date": "2010-01-01", "end_date": "2010-01-02"}, "out of allowed range"),
        ({"latitude": "1,2", "longitude": "3"}, "same number"),
    ],
)
def test_the_sandbox_refuses_what_the_server_refuses(
    open_meteo: Any, params: dict[str, Any], reason: str
) -> None:
    answer: httpx.Response = open_meteo.get(FORECAST, **params)
    assert answer.status_code == 400
    assert answer.json()["error"] is True
    assert reason in answer.json()["reason"]


def test_several_places_come_as_an_array(open_meteo: Any) -> None:
    answer = open_meteo.get(FORECAST, latitude="52.5,10", longitude="13.4,20", hourly="temperature_2m")
    assert [place["latitude"] for place in answer.json()] == [52.5, 10.0]
