"""F26: the athlete disconnects while an export and an ingest are under way."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from typing import Any

import httpx
import pytest

from hub_core.domain.sport import Sport
from hub_core.domain.workout import PlannedWorkout
from hub_core.sandbox.faults import FaultKind
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.services.connections.disconnect_provider import disconnect_provider, list_connections
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.inbound.receive_webhook import receive_webhook
from hub_core.services.workouts.save_workout import save_workout
from hub_core.storage.tables import Connection


class Watched(httpx.AsyncBaseTransport):
    """The network, with when each request left and for whom."""

    def __init__(self) -> None:
        self._network = httpx.AsyncHTTPTransport()
        self.sent: list[tuple[float, str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        at = (time.monotonic(), request.headers.get("Authorization", ""), request.url.path)
        self.sent.append(at)
        return await self._network.handle_async_request(request)

    async def aclose(self) -> None:
        await self._network.aclose()


@pytest.mark.parametrize("times", [5, pytest.param(100, marks=pytest.mark.chaos)])
async def test_f26_no_call_uses_a_token_after_its_connection_has_ended(
    scene: Any, plan: PlannedWorkout, times: int
) -> None:
    chance, watched = random.Random(26), Watched()
    scene.hub.pool._transport = watched
    garmin = scene.sandboxes["garmin"].sandbox
    garmin.tell_by_address()
    late = revoked = 0
    for number in range(times):
        garmin.faults.clear()
        await scene.connect("garmin")
        await save_workout(scene.hub, scene.athlete, plan)
        start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2 + number)
        garmin.record_activity("athlete-1", RecordedActivity(f"Run {number}", Sport.RUN, start, 1800.0))
        await receive_webhook(scene.hub, "garmin", garmin.outbox[-1])
        scene.fault("garmin", FaultKind.LATENCY, value=0.05)
        work = asyncio.create_task(scene.run_due())
        await asyncio.sleep(chance.uniform(0.0, 0.35))
        answer = await disconnect_provider(scene.hub, scene.athlete, "garmin")
        gone = time.monotonic()
        await work
        await scene.run_all()
        revoked += answer.revoked
        late += sum(1 for at, token, _ in watched.sent if at > gone and token)
        (connection,) = await list_connections(scene.athlete)
        assert connection.status == ConnectionStatus.DISCONNECTED
        assert not await Connection.exists().where(Connection.tokens.is_not_null())
    print(f"\nF26 seed 26: {times} disconnects, {revoked} revoked, {late} calls with a token afterwards")  # noqa: T201
    assert (late, revoked) == (0, times)
