"""The processes that are measured against, and the sandbox: `python -m figures.children KIND ...`.

Each prints `ready` once it works. They are ended by a signal.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dramatiq
import msgspec
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AsyncIO
from litestar import Litestar, Request, Response, post

from hub_core.bootstrap import make_hub, make_worker, read_settings
from hub_core.cli.serve import make_sandboxes
from hub_core.pipeline.run_job import HANDLERS
from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.server import LoopbackServer, SandboxServer
from hub_core.sdk.client_pool import ClientPool
from hub_core.storage import HubEngine, jobs, new_id, open_engine
from hub_core.storage.jobs import Lease

#: In Redis: when jobs began, as `name/nanoseconds` of the clock that all processes of a machine share.
STARTS = "starts"
NAP_S = 2.0


@dataclass(frozen=True)
class Child:
    """A process, and what it said when it was ready."""

    process: subprocess.Popen[bytes]
    told: list[str]


@contextmanager
def child(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[Child]:
    """Run one of these, and end it afterwards."""
    command = [sys.executable, "-m", "figures.children", *arguments]
    folder = Path(__file__).parent.parent
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout
        first, *told = process.stdout.readline().decode().split() or [""]
        if first != "ready":
            raise RuntimeError(f"{arguments[0]} did not start")
        yield Child(process, told)
    finally:
        process.kill()
        process.wait()


def _ready(*told: str) -> None:
    print("ready", *told, flush=True)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    stopped.wait()


def sandbox(port: str, latency_s: str) -> None:
    """The `fake` provider, without the limits that it would have."""
    (fake,) = make_sandboxes(["fake"])
    fake.limits.budgets = ()
    if float(latency_s):
        fake.faults.add(Fault(FaultKind.LATENCY, path="/workouts", value=float(latency_s)))
    SandboxServer(fake, int(port)).start()
    _ready(fake.api_key("bare"))


def _table(database_url: str) -> HubEngine:
    engine = open_engine(database_url)

    async def make() -> None:
        await engine.execute_ddl("CREATE TABLE IF NOT EXISTS bare (id VARCHAR(40), at_ms BIGINT, body TEXT)")
        await engine.close()

    asyncio.run(make())
    return engine


async def _commit(engine: HubEngine, body: str = "") -> None:
    async with engine.transaction():
        now_ms = int(time.time() * 1000)
        await engine.execute("INSERT INTO bare VALUES ({}, {}, {})", new_id("bar"), now_ms, body)


def api(port: str, database_url: str) -> None:
    """A route that decodes a body and commits one row."""
    engine = _table(database_url)

    @post("/save")
    async def save(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await request.body()
        msgspec.json.decode(body)
        await _commit(engine, body.decode())
        return Response(b"{}", status_code=201)

    LoopbackServer("bare", int(port)).start(Litestar([save], openapi_config=None))
    _ready()


def bare_broker(redis_url: str) -> dramatiq.Broker:
    """Dramatiq's own, tuned as the hub's is."""
    if not redis_url:
        return StubBroker(middleware=[AsyncIO()])
    return RedisBroker(  # type: ignore[no-untyped-call]
        url=redis_url,
        middleware=[AsyncIO()],
        maintenance_chance=1_000_000,
        heartbeat_timeout=5_000,
        socket_timeout=30,
    )


def exporter(database_url: str, origin: str, key: str, threads: str, count: str, redis_url: str = "") -> None:
    """An actor with one call to the sandbox and as many commits as an export has: taken, begun, settled."""
    engine, pool, broker = _table(database_url), ClientPool(), bare_broker(redis_url)
    headers = {"Authorization": f"Bearer {key}"}
    steps = [{"kind": "warmup", "duration": {"type": "time", "duration_s": 600}}]
    plan = {"title": "Ride", "sport": "cycling", "date": "2026-12-01", "steps": steps}

    @dramatiq.actor(broker=broker, queue_name="bare")
    async def export(reference: str) -> None:
        await _commit(engine)
        await _commit(engine)
        async with pool.client("fake") as client:
            answer = await client.put(f"{origin}/workouts/{reference}", json=plan, headers=headers)
            answer.raise_for_status()
        await _commit(engine, "sent")

    broker.emit_after("process_boot")
    worker = dramatiq.Worker(broker, worker_threads=int(threads), worker_timeout=20)
    worker.start()
    for number in range(int(count)):
        export.send(str(number))
    _ready()


def tell_start(told: redis.Redis, name: str) -> None:
    told.rpush(STARTS, f"{name}/{time.monotonic_ns()}")


def starter(redis_url: str) -> None:
    """Bare actors that say when they began; `nap` takes a while besides."""
    broker, told = bare_broker(redis_url), redis.Redis.from_url(redis_url)

    @dramatiq.actor(broker=broker, queue_name="bare")
    async def mark(name: str) -> None:
        tell_start(told, name)

    @dramatiq.actor(broker=broker, queue_name="bare")
    async def nap(name: str) -> None:
        tell_start(told, name)
        await asyncio.sleep(NAP_S)

    broker.emit_after("process_boot")
    dramatiq.Worker(broker, worker_threads=20, worker_timeout=20).start()
    _ready()


def worker(redis_url: str) -> None:
    """`hub worker`, with two kinds of jobs more that say when they began."""
    told = redis.Redis.from_url(redis_url)
    hub = make_hub(read_settings())

    async def mark(_: object, lease: Lease) -> None:
        tell_start(told, lease.subject_id)
        await jobs.finish(hub.engine, lease)

    async def nap(_: object, lease: Lease) -> None:
        tell_start(told, lease.subject_id)
        await asyncio.sleep(NAP_S)
        await jobs.finish(hub.engine, lease)

    HANDLERS.update(mark=mark, nap=nap)
    make_worker(hub).start_worker()
    _ready()


KINDS = {one.__name__: one for one in (sandbox, api, exporter, starter, worker)}

if __name__ == "__main__":
    KINDS[sys.argv[1]](*sys.argv[2:])
