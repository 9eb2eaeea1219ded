"""The weather over the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from hub_core.domain.weather import HourlyConditions
from hub_core.sandbox import Fault, FaultKind
from hub_core.testing.processes import PlatformClient

WHERE = {"lat": "52.52", "lon": "13.41"}


@pytest.fixture(autouse=True)
def _forgotten(running: Any) -> Iterator[None]:
    yield
    running.rows("DELETE FROM weather_hour")


def test_a_week_from_today_hour_by_hour(platform: PlatformClient, running: Any) -> None:
    noon = dt.datetime.now(dt.UTC).replace(hour=12, minute=0, second=0, microsecond=0) + dt.timedelta(days=2)
    running.sandboxes["weather"].sandbox.set_weather(HourlyConditions(noon, temperature_c=28.0, us_aqi=110.0))
    told = platform.call("GET", "/weather", params=WHERE)
    assert told["place"] == {"latitude": 52.5, "longitude": 13.4}
    assert len({hour["time"][:10] for hour in told["hours"]}) == 7
    (hour,) = [hour for hour in told["hours"] if dt.datetime.fromisoformat(hour["time"]) == noon]
    assert {name: hour[name] for name in hour if name != "time"} == {"temperature_c": 28.0, "us_aqi": 110.0}
    assert "Open-Meteo" in told["attribution"][0]
    assert told["failed"] == []


def test_some_days_of_the_past(platform: PlatformClient) -> None:
    told = platform.call("GET", "/weather", params={**WHERE, "from": "2025-10-26", "to": "2025-10-26"})
    assert len(told["hours"]) == 25  # in Berlin the clocks went back that day
    assert {hour["time"][-6:] for hour in told["hours"]} == {"+02:00", "+01:00"}


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"lat": "91", "lon": "0"}, "lat"),
        ({"lat": "nan", "lon": "0"}, "lat"),
        ({"lat": "0", "lon": "1e9"}, "lon"),
        ({"lat": "here", "lon": "0"}, "lat"),
        ({"lat": "0"}, "lon"),
        ({}, "lat"),
        ({**WHERE, "from": "soon"}, "from"),
        ({**WHERE, "from": "2026-05-02", "to": "2026-05-01"}, "to"),
        ({**WHERE, "from": "2026-05-02", "to": "2027-05-01"}, "to"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(
    platform: PlatformClient, params: dict[str, str], path: str
) -> None:
    answer = platform.http.get("/weather", params=params)
    assert (answer.status_code, answer.json().get("path", "")) == (422, path)


def test_a_provider_that_is_down_is_a_503_in_its_words(platform: PlatformClient, running: Any) -> None:
    running.sandboxes["weather"].sandbox.faults.add(Fault(FaultKind.STATUS, value=503))
    answer = platform.http.get("/weather", params=WHERE)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:hub:problem:retry_later")


def test_it_asks_for_a_key(running: Any) -> None:
    assert running.client().get("/v1/weather", params=WHERE).status_code == 401


@pytest.mark.parametrize(
    ("method", "way", "body"),
    [
        ("POST", "authorize", {}),
        ("PUT", "api-key", {"api_key": "key"}),
        ("PUT", "device", {"device_id": "phone-1"}),
    ],
)
def test_nobody_connects_to_the_weather(person: Any, method: str, way: str, body: dict[str, str]) -> None:
    answer = person.request(method, f"/connections/weather/{way}", json=body)
    assert answer.status_code == 422
    assert "nobody connects to it, the hub asks it in its own name" in answer.json()["detail"]
