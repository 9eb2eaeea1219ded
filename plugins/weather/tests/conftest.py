"""The plugin with its sandbox behind a real socket. One server for all tests, as fresh as new for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest

import hub_weather.plugin as plugin
from hub_core.sdk import HourlyConditions, Place, Window
from hub_core.testing.harness import ProviderHarness
from hub_weather.sandbox import WeatherSandbox

BERLIN = Place(52.5, 13.4)
HOUR = dt.timedelta(hours=1)


class Weather:
    """A source, and what tests ask of it."""

    def __init__(self, harness: ProviderHarness) -> None:
        self.harness = harness
        self.sandbox: Any = harness.sandbox

    def now(self) -> dt.datetime:
        """The hour that runs."""
        return dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)

    async def ask(
        self, start: dt.datetime, hours: int, place: Place = BERLIN
    ) -> tuple[HourlyConditions, ...]:
        """What the plugin says of some hours."""
        window = Window(start, start + hours * HOUR)
        return await plugin.forecast_weather(self.harness.context(), place, window) or ()

    async def only(self, conditions: HourlyConditions) -> HourlyConditions:
        """What comes of an hour that is so."""
        self.sandbox.set_weather(conditions)
        (hour,) = await self.ask(conditions.time, 1)
        return hour

    def asked(self) -> list[str]:
        """The paths that were called."""
        return [entry.path for entry in self.sandbox.journal]

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Ask the sandbox itself."""
        return httpx.get(f"{self.harness.server.origin}{path}", params=params)


@pytest.fixture(scope="session")
def _running() -> Iterator[ProviderHarness]:
    harness = ProviderHarness(plugin)  # type: ignore[arg-type]
    harness.server.start()
    yield harness
    harness.server.stop()


@pytest.fixture
def make(_running: ProviderHarness) -> Callable[[str], Weather]:
    """Start afresh with one of the sources."""

    def start(source: str) -> Weather:
        sandbox = _running.sandbox
        assert isinstance(sandbox, WeatherSandbox)
        WeatherSandbox.__init__(sandbox, source=source)  # type: ignore[arg-type]
        _running.settings = sandbox.settings(_running.server.origin)
        return Weather(_running)

    return start


@pytest.fixture
async def open_meteo(make: Callable[[str], Weather]) -> AsyncIterator[Weather]:
    """Open-Meteo."""
    weather = make("open-meteo")
    yield weather
    await weather.harness.pool.close()


@pytest.fixture
async def openweather(make: Callable[[str], Weather]) -> AsyncIterator[Weather]:
    """OpenWeather."""
    weather = make("openweather")
    yield weather
    await weather.harness.pool.close()
