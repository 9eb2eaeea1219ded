"""Workers that die, or fall asleep, on time: `mortal_worker.py` starts one for each order on standard input.

A worker is a process of its own, forked so that none has to import the hub anew, with the relay, the broker
and the threads of a hub that runs jobs by itself. It does what it is told, runs all jobs that come due within
`HORIZON_S`, and ends. Or it dies by SIGKILL right after so many commits and answers of providers, or is
stopped there until somebody wakes it, a minute later by its clocks. These points are counted outside of the
hub: around its engine of Piccolo, and where httpx gets its answers.

Orders are lines of JSON, and two are the answer: its process's id; how it ended, and what it went through.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, NoReturn

import httpx
import msgspec
import uvicorn

from hub_core.bootstrap import make_app, make_hub, read_settings
from hub_core.errors import NotFoundError
from hub_core.pipeline.broker import Pipeline
from hub_core.registry.registry import load_registry
from hub_core.sdk.client_pool import tls_context
from hub_core.sdk.inbound import WebhookRequest
from hub_core.services.connections.disconnect_provider import disconnect_provider
from hub_core.services.hub import Hub
from hub_core.services.inbound.receive_webhook import receive_webhook
from hub_core.services.privacy.erase_athlete import erase_athlete
from hub_core.storage import jobs, now_ms
from hub_core.storage.tables import Athlete

#: Retries and second looks come within it; what comes round for ever doesn't.
HORIZON_S = 600.0
#: Longer than any lease, claim and deadline.
SLEEP_S = 60.0
_PATIENCE_S = 150.0
_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
_IDS = re.compile(r"[\w-]*\d[\w-]*")


class Order(msgspec.Struct, frozen=True):
    """What one worker is to do. `strike_after`: it gets `strike`, SIGKILL or SIGSTOP, after so many commits
    and answers; 0 for never. `ahead_s`: by how much its clock is ahead, since waits need not be sat out."""

    environment: dict[str, str]
    athlete_id: str
    provider: str
    act: str = "work"
    webhook: WebhookRequest | None = None
    strike_after: int = 0
    strike: int = signal.SIGKILL
    ahead_s: float = 0.0


class Clock:
    """The time of this process, which may be ahead; also that of its timers, when it has slept."""

    def __init__(self, ahead_s: float) -> None:
        self.ahead_s = ahead_s
        self.slept_s = 0.0
        seconds, nanoseconds, timer = time.time, time.time_ns, time.monotonic
        time.time = lambda: seconds() + self.ahead_s + self.slept_s
        time.time_ns = lambda: nanoseconds() + int((self.ahead_s + self.slept_s) * 1e9)
        time.monotonic = lambda: timer() + self.slept_s


class Life:
    """Counts what has been done, tells it, and is struck after so much of it."""

    def __init__(self, order: Order, clock: Clock, told: int) -> None:
        self._order = order
        self._clock = clock
        self._told = told
        self._count = 0
        self._lock = threading.Lock()
        self._written: dict[Any, list[str]] = {}

    def passed(self, what: str) -> None:
        """Something is done that others see."""
        with self._lock:
            self._count += 1
            os.write(self._told, f"{what}\n".encode())
            if self._count == self._order.strike_after:
                os.kill(os.getpid(), self._order.strike)
                self._clock.slept_s = SLEEP_S

    def watch_commits(self, hub: Hub) -> None:
        """Each write by itself, and each transaction that wrote."""
        engine: Any = hub.engine._piccolo
        begin, run, written = engine.transaction, engine.run_plain, self._written

        @asynccontextmanager
        async def transaction(*arguments: Any, **options: Any) -> AsyncIterator[Any]:
            if engine.current_transaction.get() is not None:
                yield
                return
            async with begin(*arguments, **options) as current:
                tables = written[current] = []
                try:
                    yield current
                finally:
                    del written[current]
            if tables:
                self.passed("commit " + "+".join(dict.fromkeys(tables)))

        async def run_plain(query: str, arguments: Sequence[Any], **options: Any) -> Any:
            rows = await run(query, arguments, **options)
            if writes := _WRITES.match(query):
                current = engine.current_transaction.get()
                if current is None:
                    self.passed(f"commit {writes[1]}")
                else:
                    written[current].append(writes[1])
            return rows

        engine.transaction, engine.run_plain = transaction, run_plain

    def watch_calls(self) -> None:
        """Each answer of a provider."""
        ask = httpx.AsyncHTTPTransport.handle_async_request

        async def handle(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            answer = await ask(transport, request)
            self.passed(f"{request.method} {_IDS.sub('*', request.url.path)}")
            return answer

        httpx.AsyncHTTPTransport.handle_async_request = handle  # type: ignore[method-assign]


async def act(hub: Hub, order: Order) -> None:
    """What is asked of the hub; whoever gets no answer asks again."""
    athlete = await Athlete.objects().where(Athlete.id == order.athlete_id).first()
    if order.act == "disconnect" and athlete:
        await disconnect_provider(hub, athlete, order.provider)
    if order.act == "erase" and athlete:
        with suppress(NotFoundError):
            await erase_athlete(hub, athlete, withdraw=True)
    if order.act == "webhook" and order.webhook:
        await receive_webhook(hub, order.provider, order.webhook)


async def rest(hub: Hub, clock: Clock) -> None:
    """Until nothing is due soon. The clock goes on to the next moment at which something is."""
    end_ms, patience = now_ms() + int(1000 * HORIZON_S), time.monotonic() + _PATIENCE_S
    while True:
        rows = await hub.engine.execute(
            "SELECT kind, state, run_at_ms FROM \"job\" WHERE state = 'leased'"
            " OR (state = 'waiting' AND run_at_ms < {}) ORDER BY run_at_ms",
            end_ms,
        )
        if not rows:
            return
        if time.monotonic() > patience:
            raise TimeoutError(f"never came to rest: {rows}")
        if all(row["state"] == "waiting" for row in rows):
            clock.ahead_s += max(0, rows[0]["run_at_ms"] - now_ms() + 1) / 1000
        await asyncio.sleep(0.02)


def serve() -> None:
    """The whole hub, with its API, until it is killed."""
    settings = read_settings()
    uvicorn.run(make_app(make_hub(settings)), host=settings.host, port=settings.port, log_level="critical")


async def work(order: Order, told: int) -> None:
    """One worker's life."""
    clock = Clock(order.ahead_s)
    life = Life(order, clock, told)
    hub = make_hub(read_settings())
    await jobs.forget_dispatches(hub.engine)  # as `hub serve` does when it starts
    life.watch_commits(hub)
    life.watch_calls()
    pipeline = Pipeline(hub, with_relay=True)
    pipeline.start_worker()
    await act(hub, order)
    pipeline.relay.wake()
    await rest(hub, clock)


def live(order: Order, told: int) -> NoReturn:
    """In the forked process."""
    os.environ |= order.environment
    try:
        if order.act == "serve":
            serve()
        else:
            asyncio.run(work(order, told))
    except BaseException:  # noqa: BLE001 (it is told, and the process ends)
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


async def warm_up() -> None:
    """What takes long to import and to read is there before the first worker is forked."""
    load_registry()
    if "serve" in sys.argv:
        importlib.import_module("hub_core.api.app")
    async with httpx.AsyncClient(verify=tls_context()) as client:
        with suppress(httpx.TransportError):
            await client.get("http://127.0.0.1:1")  # nobody is there


def main() -> None:
    """Until standard input ends."""
    asyncio.run(warm_up())
    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(heard)
            live(order, told)
        os.close(told)
        print(json.dumps({"pid": child}), flush=True)  # noqa: T201
        with os.fdopen(heard) as pipe:
            points = pipe.read().splitlines()
        _, status = os.waitpid(child, 0)
        ended = {"status": os.waitstatus_to_exitcode(status), "points": points}
        print(json.dumps(ended), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
