"""The plugin with its sandbox behind a real socket. One server for all tests, as fresh as new for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import msgspec
import pytest

import hub_ahotu.plugin as plugin
from hub_ahotu.sandbox import AhotuSandbox
from hub_core.sdk import Place, ProviderContext, Race, RaceQuery, Sport
from hub_core.testing.harness import ProviderHarness

TODAY = dt.datetime.now(dt.UTC).date()
DAY = TODAY + dt.timedelta(days=60)
RACE = Race(
    "1",
    "Mockstadt River Marathon",
    DAY,
    name="Marathon",
    start_time=dt.time(9, 30),
    city="Mockstadt",
    country="DE",
    place=Place(52.4, 13.06),
    sport=Sport.RUN,
    distance_m=42_195.0,
    elevation_gain_m=128.0,
    registration_open=True,
    url="https://example.invalid/event/1",
)


class Calendar:
    """A calendar, and what tests ask of it."""

    def __init__(self, harness: ProviderHarness) -> None:
        self.harness = harness
        self.sandbox: Any = harness.sandbox

    def hold(self, **fields: Any) -> Race:
        """The calendar has it."""
        race = msgspec.structs.replace(RACE, **fields)
        self.sandbox.hold_race(race)
        return race

    def configure(self, **fields: Any) -> None:
        """Other settings."""
        self.harness.settings = self.harness.settings.model_copy(update=fields)

    async def search(self, context: ProviderContext | None = None, **fields: Any) -> tuple[Race, ...]:
        """What the plugin finds."""
        return await plugin.search_races(context or await self.harness.app_context(), RaceQuery(**fields))

    async def only(self, **fields: Any) -> Race:
        """The one race that is found."""
        (race,) = await self.search(**fields)
        return race

    def asked(self) -> list[Any]:
        """The paths that were called."""
        return [entry.path for entry in self.sandbox.journal]

    def get(self, path: str, **arguments: Any) -> httpx.Response:
        """Ask the sandbox itself."""
        return httpx.get(f"{self.harness.server.origin}{path}", **arguments)


@pytest.fixture(scope="session")
def _running() -> Iterator[ProviderHarness]:
    harness = ProviderHarness(plugin)
    harness.server.start()
    yield harness
    harness.server.stop()


@pytest.fixture
async def start(_running: ProviderHarness) -> AsyncIterator[Callable[[str], Calendar]]:
    """Begin afresh with one of the calendars."""

    def make(source: str) -> Calendar:
        sandbox = _running.sandbox
        assert isinstance(sandbox, AhotuSandbox)
        AhotuSandbox.__init__(sandbox, source=source)
        _running.settings = sandbox.settings(_running.server.origin)
        return Calendar(_running)

    yield make
    await _running.pool.close()


@pytest.fixture
def ahotu(start: Callable[[str], Calendar]) -> Calendar:
    """Ahotu."""
    return start("ahotu")


@pytest.fixture
def runsignup(start: Callable[[str], Calendar]) -> Calendar:
    """RunSignup."""
    return start("rest")


@pytest.fixture
def club(start: Callable[[str], Calendar]) -> Calendar:
    """A calendar that differs from RunSignup's in all it can."""
    return start("club")
