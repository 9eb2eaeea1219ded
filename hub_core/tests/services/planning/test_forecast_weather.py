"""The weather is asked for once an hour and place, and what is known outlives a provider's bad day."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.cli.serve import make_sandboxes
from hub_core.domain.weather import HourlyConditions, Place
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.sandbox import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.sdk.errors import Misconfigured, RetryLater
from hub_core.sdk.inbound import Window
from hub_core.services.hub import Hub
from hub_core.services.planning.forecast_weather import FRESH_MS, SETTLED_MS, forecast_days, forecast_weather
from hub_core.settings import HubSettings
from hub_core.storage import generate_key
from hub_core.storage.tables import WeatherHour

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

BERLIN = Place(52.52, 13.41)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with serve_sandboxes(make_sandboxes(["weather"])) as servers:
        yield servers["weather"]


@pytest.fixture
async def scene(database_url: str, server: SandboxServer) -> AsyncIterator[Any]:
    type(server.sandbox).__init__(server.sandbox)
    settings = HubSettings(database_url=database_url, encryption_keys=SecretStr(generate_key()))
    hub = make_hub(settings, provider_settings={"weather": server.sandbox.settings(server.origin)})
    yield SimpleNamespace(hub=hub, sandbox=server.sandbox, calls=lambda: len(list(server.sandbox.journal)))
    await hub.pool.close()
    await hub.engine.close()


def this_hour() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)


def hours_from(start: dt.datetime, hours: int) -> Window:
    return Window(start, start + hours * HOUR)


async def age(hub: Hub, ms: int) -> None:
    """As if all had been told earlier."""
    await hub.engine.execute('UPDATE "weather_hour" SET issued_ms = issued_ms - {}', ms)


async def test_hours_are_told_with_whom_to_name(scene: Any) -> None:
    then = this_hour() + 2 * HOUR
    scene.sandbox.set_weather(HourlyConditions(then, temperature_c=31.0, humidity_pct=40.0))
    told = await forecast_weather(scene.hub, BERLIN, hours_from(then, 1))
    assert [(hour.time, hour.temperature_c, hour.humidity_pct) for hour in told.hours] == [(then, 31.0, 40.0)]
    assert "Open-Meteo" in told.attribution[0]
    assert told.issued is not None
    assert abs(told.issued - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    assert told.failed == ()


@on_both
async def test_a_neighbour_and_a_part_of_the_time_are_answered_from_what_is_kept(scene: Any) -> None:
    start = this_hour()
    first = await forecast_weather(scene.hub, BERLIN, hours_from(start, 10))
    calls = scene.calls()
    near = await forecast_weather(scene.hub, Place(52.49, 13.39), hours_from(start + 3 * HOUR, 4))
    assert near.hours == first.hours[3:7]
    assert near.place == first.place == Place(52.5, 13.4)
    assert scene.calls() == calls
    await forecast_weather(scene.hub, Place(52.6, 13.4), hours_from(start, 1))
    assert scene.calls() > calls


async def test_the_provider_learns_the_rounded_place_only(scene: Any) -> None:
    asked: list[str] = []
    answered = scene.sandbox.answer
    scene.sandbox.answer = lambda mark, method, call: (
        asked.append(call.query["latitude"]) or answered(mark, method, call)
    )
    try:
        await forecast_weather(scene.hub, Place(52.51872, 13.4), hours_from(this_hour(), 1))
    finally:
        del scene.sandbox.answer
    assert set(asked) == {"52.5000"}


async def test_a_forecast_grows_old_and_is_asked_for_again(scene: Any) -> None:
    then = this_hour() + 5 * HOUR
    await forecast_weather(scene.hub, BERLIN, hours_from(then, 2))
    scene.sandbox.set_weather(HourlyConditions(then, temperature_c=-17.0))
    again = await forecast_weather(scene.hub, BERLIN, hours_from(then, 1))
    assert again.hours[0].temperature_c != -17.0
    await age(scene.hub, FRESH_MS)
    newer = await forecast_weather(scene.hub, BERLIN, hours_from(then, 1))
    assert newer.hours[0].temperature_c == -17.0
    assert await WeatherHour.count() == 2


@on_both
async def test_the_settled_past_is_asked_for_once_for_all(scene: Any) -> None:
    long_ago = hours_from(this_hour() - dt.timedelta(days=8), 2)
    lately = hours_from(this_hour() - dt.timedelta(days=2), 2)
    for window in (long_ago, lately):
        await forecast_weather(scene.hub, BERLIN, window)
    calls = scene.calls()
    await age(scene.hub, FRESH_MS)
    await forecast_weather(scene.hub, BERLIN, long_ago)
    assert scene.calls() == calls
    await forecast_weather(scene.hub, BERLIN, lately)
    assert scene.calls() > calls
    assert 8 * 24 * 3_600_000 - FRESH_MS > SETTLED_MS


async def test_an_hour_that_nobody_knows_is_not_asked_for_at_once_again(scene: Any) -> None:
    far = hours_from(this_hour() + dt.timedelta(days=14), 72)
    first = await forecast_weather(scene.hub, BERLIN, far)
    assert 0 < len(first.hours) < 72
    calls = scene.calls()
    assert (await forecast_weather(scene.hub, BERLIN, far)).hours == first.hours
    assert scene.calls() == calls


async def test_what_is_known_is_told_while_the_provider_is_down(scene: Any) -> None:
    window = hours_from(this_hour(), 3)
    first = await forecast_weather(scene.hub, BERLIN, window)
    await age(scene.hub, FRESH_MS)
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, value=503))
    again = await forecast_weather(scene.hub, BERLIN, window)
    assert again.hours == first.hours
    assert [(one.provider, one.code) for one in again.failed] == [("weather", "retry_later")]
    assert again.issued is not None
    assert first.issued is not None
    assert again.issued < first.issued


async def test_nothing_known_and_nobody_there_is_the_provider_s_error(scene: Any) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.DROP_BEFORE))
    with pytest.raises(RetryLater, match="weather"):
        await forecast_weather(scene.hub, BERLIN, hours_from(this_hour(), 1))


async def test_an_athlete_s_reconnect_is_the_operator_s_business_here(scene: Any) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, value=403))
    with pytest.raises(Misconfigured, match="HUB_WEATHER_"):
        await forecast_weather(scene.hub, BERLIN, hours_from(this_hour(), 1))


async def test_days_are_the_place_s_own(scene: Any) -> None:
    scene.sandbox.open_meteo.zone = "Pacific/Kiritimati"
    day = this_hour().date()
    told = await forecast_days(scene.hub, Place(1.9, -157.4), day, day)
    assert len(told.hours) == 24
    assert {hour.time.date() for hour in told.hours} == {day}
    assert told.hours[0].time.utcoffset() == 14 * HOUR


@pytest.mark.parametrize(
    ("place", "first", "last", "path"),
    [
        (Place(91, 0), "2026-05-01", "2026-05-01", "lat"),
        (Place(0, float("nan")), "2026-05-01", "2026-05-01", "lon"),
        (BERLIN, "2026-05-02", "2026-05-01", "to"),
        (BERLIN, "2026-05-01", "2026-06-10", "to"),
        (BERLIN, "1900-05-01", "1900-05-01", "from"),
        (BERLIN, "2026-05-01", "9999-12-31", "to"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_its_name(
    scene: Any, place: Place, first: str, last: str, path: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await forecast_days(scene.hub, place, dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    assert refused.value.path == path
    assert scene.calls() == 0


async def test_without_any_provider_of_weather_it_says_so(
    scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.hub.registry, "providers", {})
    with pytest.raises(NotFoundError, match="weather"):
        await forecast_weather(scene.hub, BERLIN, hours_from(this_hour(), 1))
