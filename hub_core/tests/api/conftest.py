"""One running hub for all API tests: the real app behind a real socket, and the plugins' sandboxes."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_app, make_hub
from hub_core.cli.serve import make_sandboxes
from hub_core.domain.records import Records
from hub_core.sandbox.server import LoopbackServer, SandboxServer, serve_sandboxes
from hub_core.services.athletes.issue_api_key import issue_api_key, list_api_keys, revoke_api_key
from hub_core.services.hub import Hub
from hub_core.services.inbound.observe import Observed, observe
from hub_core.settings import HubSettings
from hub_core.storage import generate_key, migrate
from hub_core.testing.processes import AthleteClient, PlatformClient

PROVIDERS = ("garmin", "wahoo", "intervals", "healthkit", "ahotu", "weather", "mfp")
_numbers = itertools.count(1)


class RunningHub:
    """The hub under test, its sandboxes, and what tests do with them."""

    def __init__(self, hub: Hub, origin: str, path: Path, sandboxes: dict[str, SandboxServer]) -> None:
        self.hub = hub
        self.origin = origin
        self.sandboxes = sandboxes
        self._path = path
        self._clients: list[httpx.Client] = []

    def key(self, platform: str) -> str:
        """A new API key."""
        return self._in_a_loop(lambda: issue_api_key(self.hub, platform))

    def revoke_keys(self, platform: str) -> None:
        """End every key of a platform."""

        async def end() -> None:
            for key_id, name, *_ in await list_api_keys():
                if name == platform:
                    await revoke_api_key(key_id)

        self._in_a_loop(end)

    def client(self, **headers: str) -> httpx.Client:
        """A client without a key."""
        client = httpx.Client(base_url=self.origin, headers=headers, timeout=30)
        self._clients.append(client)
        return client

    def platform(self) -> PlatformClient:
        """A new platform with a key."""
        platform = PlatformClient(self.origin, self.key(f"platform-{next(_numbers)}"))
        self._clients.append(platform.http)
        return platform

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database, or change it, beside the hub."""
        with sqlite3.connect(self._path, timeout=10) as database:
            found = database.execute(sql, values).fetchall()
        database.close()
        return found

    def asked(self) -> list[tuple[str, str, str]]:
        """What the providers have been asked so far."""
        return [
            (name, entry.method, entry.path)
            for name, server in self.sandboxes.items()
            for entry in server.sandbox.journal
        ]

    def close(self) -> None:
        """Close all clients."""
        for client in self._clients:
            client.close()

    def _in_a_loop[T](self, call: Callable[[], Any]) -> T:
        """Run a service on a loop of its own, away from that of the server."""

        async def run() -> T:
            try:
                return await call()
            finally:
                await self.hub.engine.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(run())).result()


class Person(AthleteClient):
    """An athlete of a platform, with an account of their own at every provider."""

    def __init__(self, running: RunningHub, platform: PlatformClient, athlete_id: str) -> None:
        super().__init__(platform, athlete_id)
        self.running = running
        self.id = athlete_id
        self.user = f"athlete-{next(_numbers) + 1000}"

    def connect(self, provider: str, user: str = "", granted: list[str] | None = None) -> None:
        """Consent as this person."""
        super().connect(provider, user or self.user, granted)

    def request(self, method: str, path: str = "", **arguments: Any) -> httpx.Response:
        """A request below this athlete's path."""
        return self.platform.http.request(method, f"{self.path}{path}", **arguments)

    def get(self, path: str = "", **arguments: Any) -> Any:
        """The JSON of a GET that must succeed."""
        return self.platform.call("GET", f"{self.path}{path}", **arguments)

    def post(self, path: str, **arguments: Any) -> Any:
        """The JSON of a POST that must succeed."""
        return self.platform.call("POST", f"{self.path}{path}", **arguments)

    def observe(self, source: str, records: Records) -> Observed:
        """Something is said of this person, as if it had come in."""
        return self.running._in_a_loop(lambda: observe(self.running.hub, self.id, source, records))

    def device(self, provider: str) -> list[str]:
        """The titles on this person's device."""
        screen = self.running.sandboxes[provider].sandbox.device(self.user)
        return [workout.title for workout in screen.workouts]


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """One for the whole folder: dramatiq allows one embedded worker in a process."""
    path = tmp_path_factory.mktemp("api") / "hub.db"
    server = LoopbackServer("the API")
    settings = HubSettings(
        database_url=f"sqlite:///{path}",
        broker_url="",
        encryption_keys=SecretStr(generate_key()),
        public_url=server.origin,
        second_look_s=0,
    )
    with serve_sandboxes(make_sandboxes(list(PROVIDERS))) as sandboxes:
        sandboxes["intervals"].sandbox.per_ip_rate = None  # type: ignore[attr-defined]
        pointed = {name: one.sandbox.settings(one.origin) for name, one in sandboxes.items()}
        hub = make_hub(settings, provider_settings=pointed)
        running = RunningHub(hub, server.origin, path, sandboxes)
        running._in_a_loop(lambda: migrate(hub.engine))
        server.start(make_app(hub))
        yield running
        running.close()
        server.stop()


@pytest.fixture(autouse=True)
def _calm(running: RunningHub) -> Iterator[None]:
    """No fault of one test strikes another."""
    running.hub.engine.bind()
    yield
    for server in running.sandboxes.values():
        server.sandbox.faults.clear()
    running.hub.circuits.forget()
    running.rows("DELETE FROM circuit")
    running.rows("DELETE FROM provider_hold")


@pytest.fixture(scope="package")
def platform(running: RunningHub) -> PlatformClient:
    """A platform."""
    return running.platform()


@pytest.fixture
def person(running: RunningHub, platform: PlatformClient) -> Person:
    """A new athlete with thresholds."""
    body = {
        "external_id": f"person-{next(_numbers)}",
        "thresholds": {"ftp_w": 265, "lthr_bpm": 168, "threshold_speed_mps": 4.08, "css_mps": 0.98},
        "export_to": "all",
    }
    return Person(running, platform, platform.call("POST", "/athletes", json=body)["id"])


@pytest.fixture
def connected(person: Person) -> Person:
    """An athlete who is connected to Garmin."""
    person.connect("garmin")
    return person


@pytest.fixture
def plan() -> dict[str, Any]:
    """A workout for tomorrow that every provider carries."""
    date = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    step = {
        "type": "step",
        "duration": {"type": "time", "duration_s": 600},
        "target": {"type": "range", "metric": "power", "low": 180, "high": 200},
    }
    return {"name": "Ten minutes", "sport": "ride", "date": date.isoformat(), "steps": [step]}
