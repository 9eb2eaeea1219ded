"""A hub without API and broker: services on a real database, real plugins, sandboxes over HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.cli.demo import DEMO_ATHLETE, example_files
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import LeaseLostError
from hub_core.pipeline.run_job import run_job
from hub_core.registry.registry import Provider, load_registry
from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.sdk.pickups import Pickup, PickupOutcome
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.athletes.save_athlete import create_athlete, load_athlete
from hub_core.services.connections.connect_provider import begin_connection, connect_device, finish_connection
from hub_core.services.exports.confirm_pickup import confirm_pickup
from hub_core.services.exports.export_workout import export_workout
from hub_core.services.exports.list_pickups import find_offers, view_offers
from hub_core.services.exports.retry_export import ExportView, list_exports, read_export
from hub_core.services.hub import Hub
from hub_core.settings import HubSettings
from hub_core.storage import generate_key, jobs
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Athlete
from hub_core.testing.harness import give_consent

PROVIDERS = ("garmin", "wahoo", "intervals", "healthkit")


class Scene:
    """One athlete at one hub."""

    def __init__(self, hub: Hub, sandboxes: dict[str, SandboxServer], athlete: Athlete) -> None:
        self.hub = hub
        self.sandboxes = sandboxes
        self.athlete = athlete

    async def connect(self, name: str, user: str = DEFAULT_USER) -> None:
        """Consent on the sandbox's page."""
        url = await begin_connection(self.hub, self.athlete, name)
        back = urlsplit(await give_consent(url, user=user))
        query = {key: values[0] for key, values in parse_qs(back.query).items()}
        done = await finish_connection(self.hub, name, state=query["state"], code=query["code"], error="")
        assert done.error == ""
        # What comes in has tests of its own; here its looks would only be in the way.
        await self.hub.engine.execute(
            "UPDATE \"job\" SET run_at_ms = run_at_ms + 86400000 WHERE kind = 'poll' AND state = 'waiting'"
        )

    async def connect_phone(self, name: str = "healthkit", device_id: str = "athlete-1") -> None:
        """The app on the athlete's phone says that it may schedule workouts."""
        await connect_device(self.hub, self.athlete, name, device_id=device_id, title="Anna's iPhone")

    async def pickups(self, room: int | None = None, name: str = "healthkit") -> list[Pickup]:
        """What the phone fetches."""
        return view_offers(self.hub, await find_offers(self.hub, self.athlete, name, room))

    async def say(self, pickup: Pickup, outcome: str = "scheduled", **fields: Any) -> ExportView:
        """What the phone says about one pickup."""
        said = PickupOutcome(**{"revision": pickup.revision, "outcome": outcome, **fields})
        return await confirm_pickup(self.hub, self.athlete, "healthkit", pickup.id, said)

    async def answer_phone(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        """What the API answers a phone, without the API."""
        _, _, name, *rest = path.split("/")
        if method == "GET":
            return msgspec.to_builtins(await self.pickups(name=name))
        said = msgspec.convert(body, PickupOutcome)
        return msgspec.to_builtins(await confirm_pickup(self.hub, self.athlete, name, rest[0], said))

    async def export_under(self, lease: Lease) -> None:
        """Run the job of an export under a lease that may have been lost."""
        with suppress(LeaseLostError):
            await export_workout(self.hub, lease)

    async def run_due(self) -> int:
        """Run what is due now, each job once."""
        due = await jobs.claim_due(self.hub.engine)
        await asyncio.gather(*(run_job(self.hub, job_id) for job_id in due))
        return len(due)

    async def run_all(self) -> None:
        """Run everything that waits, as if all waits were over."""
        for _ in range(20):
            await self.hub.engine.execute('UPDATE "attempt" SET deadline_ms = 0')
            await self.hub.engine.execute('DELETE FROM "provider_hold"')
            await self.hub.engine.execute('UPDATE "circuit" SET probe_ms = 0')
            self.hub.circuits.forget()
            await jobs.recover_lost(self.hub.engine)
            await self.hub.engine.execute(
                "UPDATE \"job\" SET run_at_ms = 0, dispatched_ms = NULL WHERE state = 'waiting'"
                " AND kind NOT IN ('poll', 'keep_connection', 'watch_drift')"  # which come round for ever
            )
            if not await self.run_due():
                return

    async def export(self) -> ExportView:
        """The only export, with its attempts."""
        (row,) = await list_exports(self.athlete.id)
        return await read_export(self.athlete.id, row.id)

    def titles(self, name: str, user: str = DEFAULT_USER) -> list[str]:
        """What the device shows."""
        return [one.title for one in self.sandboxes[name].sandbox.device(user).workouts]

    def fault(self, name: str, kind: FaultKind, path: str = "/", **fields: Any) -> None:
        """Turn a fault switch on."""
        self.sandboxes[name].sandbox.faults.add(Fault(kind, path, **fields))


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for another: what rests on statements of the database is tried on each."""
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    return url


@pytest.fixture(scope="session")
def plugins() -> dict[str, Provider]:
    """Those that are installed. To read their settings takes longer than many a test."""
    return load_registry().providers


@pytest.fixture
def sandboxes(plugins: dict[str, Provider]) -> Iterator[dict[str, SandboxServer]]:
    fresh = [plugins[name].plugin.provider_sandbox() for name in PROVIDERS]
    with serve_sandboxes(fresh, wait=False) as servers:
        yield servers


@pytest.fixture
async def scene(
    database_url: str, sandboxes: dict[str, SandboxServer], plugins: dict[str, Provider]
) -> AsyncIterator[Scene]:
    settings = HubSettings(database_url=database_url, encryption_keys=SecretStr(generate_key()))
    others = {name: one.settings for name, one in plugins.items()}
    pointed = {name: one.sandbox.settings(one.origin) for name, one in sandboxes.items()}
    for own in pointed.values():
        own.rate_budgets = "none"  # all waits are over here, and that of a second's window as well
    hub = make_hub(settings, provider_settings=others | pointed)
    platform = await find_platform(await issue_api_key(hub, "coach"))
    assert platform
    made = await create_athlete(
        hub, platform, external_id="anna", name="Anna", thresholds=DEMO_ATHLETE, export_to="all"
    )
    yield Scene(hub, sandboxes, await load_athlete(platform, made.id))
    await hub.close()


@pytest.fixture
def plan() -> PlannedWorkout:
    """A ride for tomorrow that every provider carries."""
    ride = msgspec.json.decode(example_files()[1].read_bytes(), type=PlannedWorkout)
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    return msgspec.structs.replace(ride, date=tomorrow)
