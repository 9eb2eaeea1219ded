"""One athlete, one provider, and workers that may die: what the stories of `test_deaths` are told with."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec
from due_work_harness.crash_histories import HistoryRun
from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.cli.demo import DEMO_ATHLETE, example_files
from hub_core.cli.serve import make_sandboxes
from hub_core.domain.sport import Sport
from hub_core.domain.workout import PlannedWorkout
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.sdk.client_pool import tls_context
from hub_core.sdk.inbound import WebhookRequest
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.athletes.save_athlete import create_athlete, load_athlete
from hub_core.services.connections.connect_provider import begin_connection, finish_connection
from hub_core.services.hub import Hub
from hub_core.services.workouts.save_workout import save_workout
from hub_core.settings import HubSettings
from hub_core.storage import generate_key
from hub_core.storage.tables import Athlete, Export
from hub_core.testing.harness import give_consent
from hub_core.testing.programs import free_port

MORTAL = Path(__file__).with_name("mortal_worker.py")
KILLED = -9
#: After a death, or in a sleep, so much time goes by: leases, claims and deadlines are over.
OVER_S = 60.0
DAY_MS = 86_400_000
#: Of the points that one worker has passed, in bytes.
_LONGEST_LINE = 10_000_000


@asynccontextmanager
async def mortals(*ready: str) -> AsyncIterator[Process]:
    """What forks the workers; `ready` to `serve` if they will."""
    command = (sys.executable, str(MORTAL), *ready)
    process = await create_subprocess_exec(
        *command, env=dict(os.environ), stdin=PIPE, stdout=PIPE, limit=_LONGEST_LINE
    )
    try:
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        await process.wait()


def ride() -> PlannedWorkout:
    """A ride for tomorrow."""
    example = msgspec.json.decode(example_files()[1].read_bytes(), type=PlannedWorkout)
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    return msgspec.structs.replace(example, date=tomorrow)


def is_stopped(pid: int) -> bool:
    """Whether all of a process's threads stand still."""
    try:
        told = [one.read_text() for one in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:  # one of them has just ended
        return False
    return bool(told) and {one.rpartition(")")[2].split()[0] for one in told} == {"T"}


class World:
    """An athlete at a hub of their own, and the provider that they connect."""

    def __init__(
        self,
        hub: Hub,
        athlete: Athlete,
        server: SandboxServer,
        environment: dict[str, str],
        workers: Process,
        key: str,
    ) -> None:
        self.hub = hub
        self.athlete = athlete
        self.sandbox: Any = server.sandbox
        self.provider = server.sandbox.name
        self.webhook: WebhookRequest | None = None
        self.key = key
        self._environment = environment
        self._workers = workers

    async def work(self, act: str = "work", *, die_after: int = 0, ahead_s: float = 0.0) -> dict[str, Any]:
        """Let one worker live: how it ended, the points that it has passed, and what is seen then."""
        await self._begin(self._workers, act, strike_after=die_after, ahead_s=ahead_s)
        ended = await self._end(self._workers)
        return ended | {"midway": await self.seen()}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """The hub with its API, at a URL, which is killed in the end."""
        port = free_port()
        pid = await self._begin(self._workers, "serve", port=port)
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(verify=tls_context()) as client:
            for _ in range(1_000):
                with suppress(httpx.TransportError):
                    if (await client.get(f"{url}/v1/health")).is_success:
                        break
                await asyncio.sleep(0.02)
        try:
            yield url
        finally:
            os.kill(pid, signal.SIGKILL)
            await self._end(self._workers)

    async def sleep(self, act: str, *, after: int, sleepers: Process) -> dict[str, Any]:
        """Let one worker fall asleep; another takes over, and then it wakes up."""
        pid = await self._begin(sleepers, act, strike_after=after, strike=signal.SIGSTOP)
        ending = asyncio.create_task(self._end(sleepers))
        while not ending.done() and not is_stopped(pid):  # noqa: ASYNC110 (a stopped process rings no bell)
            await asyncio.sleep(0.01)
        is_asleep, midway = not ending.done(), await self.seen()
        if is_asleep:
            await self.work(ahead_s=OVER_S)
            os.kill(pid, signal.SIGCONT)
        return await ending | {"is_struck": is_asleep, "midway": midway}

    async def _begin(self, workers: Process, act: str, *, port: int = 0, **more: Any) -> int:
        order = {
            "environment": {**self._environment, "HUB_PORT": str(port or 8000)},
            "athlete_id": self.athlete.id,
            "provider": self.provider,
            "act": act,
            "webhook": self.webhook,
            **more,
        }
        assert workers.stdin
        assert workers.stdout
        workers.stdin.write(msgspec.json.encode(order) + b"\n")
        begun: dict[str, int] = json.loads(await workers.stdout.readline())
        return begun["pid"]

    async def _end(self, workers: Process) -> dict[str, Any]:
        assert workers.stdout
        ended: dict[str, Any] = json.loads(await workers.stdout.readline())
        if ended["status"] not in (0, KILLED):
            raise AssertionError(f"a worker ended with {ended}")
        return ended | {"is_struck": ended["status"] == KILLED}

    async def connect(self) -> None:
        """Consent to all that there is. The look that follows is put off, to be no part of other stories."""
        url = await begin_connection(self.hub, self.athlete, self.provider)
        back = urlsplit(await give_consent(url, everything=True))
        query = {key: values[0] for key, values in parse_qs(back.query).items()}
        state, code = query["state"], query["code"]
        assert not (await finish_connection(self.hub, self.provider, state=state, code=code, error="")).error
        await self.hub.engine.execute(
            "UPDATE \"job\" SET run_at_ms = run_at_ms + {} WHERE kind = 'poll'", DAY_MS
        )

    async def plan(self) -> str:
        """A ride for tomorrow; its id."""
        return (await save_workout(self.hub, self.athlete, ride())).id

    async def sent_plan(self) -> str:
        """A ride that the provider holds."""
        workout_id = await self.plan()
        await self.work()
        assert (await Export.objects().first()).status == "SENT"  # type: ignore[union-attr]
        return workout_id

    def run(self, days_ago: int = 1) -> None:
        """Half an hour of running, of which the provider tells."""
        start = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=days_ago)
        recorded = RecordedActivity("Run", Sport.RUN, start, 1800.0, 5000.0, 150.0)
        self.sandbox.record_activity("athlete-1", recorded)
        self.webhook = self.sandbox.outbox[-1]

    def expire(self) -> None:
        """The provider takes the access token no more."""
        for grant in self.sandbox.oauth.grants:
            grant.expires_at = self.sandbox.clock.now() - 1

    async def come_round(self, kind: str) -> None:
        """What sleeps until another day is due."""
        await self.hub.engine.execute('UPDATE "job" SET run_at_ms = 0 WHERE kind = {}', kind)

    async def seen(self) -> dict[str, Any]:
        """What the athlete, the provider and the platform see, and what is still to be done."""
        soon = int(1000 * (time.time() + 600))
        return {
            "device": sorted(one.title for one in self.sandbox.device("athlete-1").workouts),
            "orphans": len(self._orphans()),
            "has grant": bool(self.sandbox.oauth.grants),
            "exports": await self._rows(
                "wanted, status, reason_code, sent_revision, external_ids <> {} AS is_held, progress,"
                ' verification FROM "export"',
                "{}",
            ),
            "to do": await self._rows(
                "kind, state FROM \"job\" WHERE state IN ('leased', 'dead')"
                " OR (state = 'waiting' AND run_at_ms < {})",
                soon,
            ),
            "deliveries": await self._rows('way, kind, state, reason FROM "delivery"'),
            "connections": await self._rows('status, tokens IS NULL AS is_empty FROM "connection"'),
            "backfills": await self._rows('state, deliveries FROM "backfill"'),
            "counts": [
                await self._rows(f'COUNT(*) FROM "{name}"')
                for name in ("activity", "observation", "athlete", "workout", "erasure")
            ],
        }

    async def _rows(self, selection: str, *arguments: object) -> list[str]:
        rows = await self.hub.engine.execute(f"SELECT {selection}", *arguments)
        # The two databases write truth differently.
        return sorted(
            " ".join(str(int(v) if isinstance(v, bool) else v) for v in row.values()) for row in rows
        )

    def _orphans(self) -> list[Any]:
        """What the provider holds for nothing: a plan that no workout points to, a workout on no day."""
        if self.provider == "wahoo":
            store = self.sandbox.store
            used = {workout.plan_id for workout in store.workouts.values()}
            return [plan for plan in store.plans.values() if not plan.deleted and plan.id not in used]
        if self.provider == "garmin":
            used = {plan["workoutId"] for plan in self.sandbox.schedules.values()}
            return [number for number in self.sandbox.workouts if number not in used]
        return []


@asynccontextmanager
async def world(database_url: str, provider: str, workers: Process) -> AsyncIterator[World]:
    """A migrated, empty database gets an athlete, and the provider a sandbox of its own."""
    with serve_sandboxes(make_sandboxes([provider]), wait=False) as servers:
        server, key = servers[provider], generate_key()
        server.sandbox.limits.budgets = ()
        environment = {
            "HUB_DATABASE_URL": database_url,
            "HUB_ENCRYPTION_KEYS": key,
            "HUB_WORKER_THREADS": "1",  # in the same order each time
            "HUB_LOG_LEVEL": "ERROR",
            f"HUB_{provider.upper()}_RATE_BUDGETS": "none",
            **server.sandbox.environment(server.origin),
        }
        settings = HubSettings(database_url=database_url, encryption_keys=SecretStr(key))
        hub = make_hub(settings, provider_settings={provider: server.sandbox.settings(server.origin)})
        api_key = await issue_api_key(hub, "coach")
        platform = await find_platform(api_key)
        assert platform
        made = await create_athlete(
            hub, platform, external_id="anna", name="Anna", thresholds=DEMO_ATHLETE, export_to="all"
        )
        athlete = await load_athlete(platform, made.id)
        try:
            yield World(hub, athlete, server, environment, workers, api_key)
        finally:
            await hub.pool.close()
            await hub.engine.close()


@dataclass(frozen=True)
class Story:
    """What is there before, and what then is asked of the hub: an act of `mortal_worker`."""

    provider: str
    arrange: Callable[[World], Awaitable[None]]
    act: str = "work"
    #: Whoever got no answer asks again: an athlete, a platform, a provider with its webhook.
    is_asked_again: bool = True


async def tell(
    story: Story, database_url: str, workers: Process, strike_after: int = 0, sleepers: Process | None = None
) -> tuple[HistoryRun, list[str]]:
    """One history: arranged, begun, perhaps cut short, and brought to its end by another worker.

    With `sleepers`, of which the first worker is one then, it isn't cut short but interrupted.
    """
    async with world(database_url, story.provider, workers) as one:
        await story.arrange(one)
        before = await one.seen()
        if sleepers:
            ended = await one.sleep(story.act, after=strike_after, sleepers=sleepers)
        else:
            ended = await one.work(story.act, die_after=strike_after)
        is_struck, is_dead = ended["is_struck"], ended["status"] == KILLED
        await one.work(story.act if is_dead and story.is_asked_again else "work", ahead_s=2 * OVER_S)
        points: list[str] = ended["points"]
        point = points[strike_after - 1] if is_struck else ""
        label = (
            f"{'died' if is_dead else 'slept'} after {strike_after}: {point}" if point else "normal operation"
        )
        after = await one.seen()
        return HistoryRun(
            label=label, before=before, midway=ended["midway"], after=after, interrupted=is_struck
        ), points
