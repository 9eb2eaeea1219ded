"""What the queue itself costs: an export's own share, the way to a worker, a kill, many waiting jobs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import dramatiq
import msgspec
import psutil  # type: ignore[import-untyped]
import redis

from figures.children import STARTS, bare_broker, child
from figures.hubs import THRESHOLDS, MeasuredHub, provider
from figures.table import Figure, Size, percentile, query, say, spread, wait_for
from hub_core.bootstrap import make_hub
from hub_core.cli.demo import example_files
from hub_core.domain.athlete import Athlete
from hub_core.domain.validate import validate
from hub_core.domain.workout import PlannedWorkout
from hub_core.pipeline.broker import Pipeline
from hub_core.pipeline.run_job import HANDLERS
from hub_core.registry.dispatcher import Dispatcher
from hub_core.registry.registry import load_registry
from hub_core.settings import HubSettings
from hub_core.storage import close_engine, generate_key, jobs, migrate, open_engine
from hub_core.storage.jobs import Lease
from hub_core.testing.programs import temporary_folder
from hub_core.testing.servers import create_database, postgres_server, redis_server

IN_FLIGHT = 20


def share(size: Size) -> Iterator[Figure]:
    """Decode, validate and compile, which normalizes, the examples for three providers."""
    taken = asyncio.run(_prepare(size))
    is_met = percentile(taken, 99) <= 10
    yield Figure("own share of an export: validate, compile", "p99 <= 10 ms", spread(taken), "-", is_met)


async def _prepare(size: Size) -> list[float]:
    """Milliseconds of each."""
    dispatcher, athlete = Dispatcher(load_registry()), msgspec.convert(THRESHOLDS, Athlete)
    documents = [
        msgspec.json.encode(msgspec.json.decode(path.read_bytes()) | {"date": "2026-12-01"})
        for path in example_files()
    ]
    taken = []
    for _ in range(size.of(50, 1_000)):
        for provider_name in ("garmin", "intervals", "wahoo"):
            for document in documents:
                began = time.perf_counter()
                workout = msgspec.json.decode(document, type=PlannedWorkout)
                validate(workout)
                await dispatcher.call(provider_name, "compile_workout", workout=workout, athlete=athlete)
                taken.append((time.perf_counter() - began) * 1000)
    return taken


# -- from the commit to the worker ------------------------------------------------------------------------


def start(size: Size) -> Iterator[Figure]:
    """One job at a time, in an idle queue: how long until a worker begins with it."""
    count = size.of(50, 1_000)
    with temporary_folder() as folder, redis_server() as redis_url, postgres_server() as server:
        embedded = HubSettings(
            database_url=f"sqlite:///{folder}/hub.db",
            encryption_keys=generate_key(),  # type: ignore[arg-type]
        )
        taken = asyncio.run(_hub_starts(embedded, count))
        reach = percentile(taken, 99) <= 2
        alone = spread(_bare_starts("", count))
        yield Figure("enqueue to start, embedded", "p99 <= 2 ms", spread(taken), alone, reach)
        with child("starter", redis_url):
            alone = spread(_bare_starts(redis_url, count))
        scaled = HubSettings(
            database_url=create_database(server, "hub"),
            broker_url=redis_url,
            encryption_keys=generate_key(),  # type: ignore[arg-type]
        )
        asyncio.run(_migrate(scaled.database_url))
        with child("worker", redis_url, environment=_environment(scaled)) as worker:
            taken = asyncio.run(_hub_starts(scaled, count))
            idle = psutil.Process(worker.process.pid).cpu_percent(interval=size.of(5, 30))
        reach = percentile(taken, 99) <= 25
        yield Figure("enqueue to start, Redis, idle queue", "p99 <= 25 ms", spread(taken), alone, reach)
        yield Figure(
            "   a worker meanwhile, with nothing to do", "<= 5 % CPU", f"{idle:.1f} %", "-", idle <= 5
        )


def _environment(settings: HubSettings) -> dict[str, str]:
    return {
        "HUB_DATABASE_URL": settings.database_url,
        "HUB_BROKER_URL": settings.broker_url,
        "HUB_ENCRYPTION_KEYS": settings.encryption_keys.get_secret_value(),
        "HUB_WORKER_THREADS": str(IN_FLIGHT),
        "HUB_LOG_LEVEL": "ERROR",
    }


async def _migrate(database_url: str) -> None:
    engine = open_engine(database_url)
    await migrate(engine)
    await close_engine(engine)


async def _hub_starts(settings: HubSettings, count: int) -> list[float]:
    """As the API does it: commit, and ring the bell."""
    hub = make_hub(settings)
    await migrate(hub.engine)
    pipeline, begun = Pipeline(hub, with_relay=False), dict[str, int]()

    async def mark(_: object, lease: Lease) -> None:
        begun[lease.subject_id] = time.monotonic_ns()
        await jobs.finish(hub.engine, lease)

    HANDLERS["mark"] = mark
    if settings.is_embedded:
        pipeline.start_worker()
    await pipeline.relay.start()
    asked = {}
    for number in range(-5, count):
        async with hub.engine.transaction():
            await jobs.enqueue(hub.engine, "mark", str(number))
        asked[str(number)] = time.monotonic_ns()
        pipeline.relay.wake()
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    await pipeline.relay.stop()
    await asyncio.to_thread(pipeline.stop_worker)
    await hub.close()
    if not settings.is_embedded:
        begun = _told(settings.broker_url)
    return [(begun[name] - at) / 1e6 for name, at in asked.items() if int(name) >= 0]


def _bare_starts(redis_url: str, count: int) -> list[float]:
    """Dramatiq alone: send, and begin."""
    broker, begun = bare_broker(redis_url), dict[str, int]()

    @dramatiq.actor(broker=broker, queue_name="bare")
    async def mark(name: str) -> None:
        begun[name] = time.monotonic_ns()

    worker = None if redis_url else dramatiq.Worker(broker, worker_threads=8, worker_timeout=100)
    if worker:
        worker.start()
    asked = {}
    for number in range(-5, count):
        asked[str(number)] = time.monotonic_ns()
        mark.send(str(number))
        time.sleep(0.05)
    time.sleep(1)
    if worker:
        worker.stop()
    begun = begun or _told(redis_url)
    return [(begun[name] - at) / 1e6 for name, at in asked.items() if int(name) >= 0]


def _told(redis_url: str, since_ns: int = 0) -> dict[str, int]:
    """When what was told in Redis began, the last time that it did."""
    with redis.Redis.from_url(redis_url, decode_responses=True) as told:
        pairs = [line.rsplit("/", 1) for line in told.lrange(STARTS, 0, -1)]
        if not since_ns:
            told.delete(STARTS)
    return {name: int(at) for name, at in pairs if int(at) > since_ns}


# -- SIGKILL ----------------------------------------------------------------------------------------------


def kill(_: Size) -> Iterator[Figure]:
    """Everything in flight: killed, the processes started again at once, and begun again when?"""
    with redis_server() as redis_url, postgres_server() as server:

        def bare_send() -> None:

            @dramatiq.actor(broker=bare_broker(redis_url), queue_name="bare")
            async def nap(_: str) -> None: ...

            for number in range(IN_FLIGHT):
                nap.send(str(number))

        alone_s = _killed(redis_url, bare_send, "starter")
        url = create_database(server, "hub")
        settings = HubSettings(
            database_url=url,
            broker_url=redis_url,
            encryption_keys=generate_key(),  # type: ignore[arg-type]
        )
        asyncio.run(_migrate(url))
        ours_s = _killed(redis_url, lambda: asyncio.run(_enqueue_naps(url)), "worker", _environment(settings))
    yield Figure(
        f"{IN_FLIGHT} jobs in flight, SIGKILL, all begun again",
        "<= 10 s",
        f"{ours_s:.1f} s",
        f"{alone_s:.1f} s (Dramatiq over Redis, tuned)",
        ours_s <= 10,
    )
    with temporary_folder() as folder, provider(1.0) as at:
        environment = {"HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db", "HUB_WORKER_THREADS": str(IN_FLIGHT)}
        with MeasuredHub(at, environment) as hub:
            hub.fill(5)
            hub.lay_up(IN_FLIGHT)
            hub.stop()
            hub.let_go()
            hub.start()
            running = "SELECT COUNT(*) AS n FROM attempt WHERE outcome = 'running'"
            wait_for(lambda: query(hub.database_url, running)[0]["n"] > IN_FLIGHT / 2, "exports on their way")
            hub.kill()
            began = time.monotonic()
            hub.start()
            wait_for(lambda: hub.count("SENT") == IN_FLIGHT, "all exports")
            took_s = time.monotonic() - began
    yield Figure(
        "   exports in flight, SIGKILL, all SENT",
        "-",
        f"{took_s:.1f} s",
        "16 s: until when a call under way may still arrive",
    )


async def _enqueue_naps(database_url: str) -> None:
    engine = open_engine(database_url)
    for number in range(IN_FLIGHT):
        await jobs.enqueue(engine, "nap", str(number))
    await close_engine(engine)


def _killed(
    redis_url: str, ask: Callable[[], None], kind: str, environment: dict[str, str] | None = None
) -> float:
    """Seconds from the kill until the last one that it met begins again."""
    with ExitStack() as first:
        first.enter_context(child(kind, redis_url, environment=environment))
        ask()
        wait_for(lambda: len(_told(redis_url, 1)) == IN_FLIGHT, "all at work")
        killed_ns = time.monotonic_ns()
    with child(kind, redis_url, environment=environment):
        wait_for(lambda: len(_told(redis_url, killed_ns)) == IN_FLIGHT, "all at work again")
    return (max(_told(redis_url).values()) - killed_ns) / 1e9


# -- many that wait ---------------------------------------------------------------------------------------


def lease(size: Size) -> Iterator[Figure]:
    """What one job costs, claimed, taken and finished, while so many others are due."""
    many = size.of(100_000, 1_000_000)
    with temporary_folder() as folder, postgres_server() as server:
        for title, few_url, many_url in (
            ("SQLite", f"sqlite:///{folder}/few.db", f"sqlite:///{folder}/many.db"),
            ("PostgreSQL", create_database(server, "few"), create_database(server, "many")),
        ):
            say(f"{many:,} jobs wait in {title}")
            few_ms, many_ms = (
                asyncio.run(_lease_ms(url, count)) for url, count in ((few_url, 1_000), (many_url, many))
            )
            yield Figure(
                f"one job with {many:,} due, {title}",
                "flat",
                f"{many_ms:.2f} ms",
                f"{few_ms:.2f} ms with 1,000",
                many_ms <= 1.5 * few_ms,
            )


#: Of a thousand athletes, three of four live, as they would come over a day.
_JOBS = (
    'INSERT INTO "job" (id, kind, subject_id, state, priority, generation, fence, tries, run_at_ms, error,'
    " created_ms, updated_ms, provider, athlete_id, line_ms)"
    " SELECT 'job_' || n, 'mark', 'sub_' || n, 'waiting', CASE WHEN n % 4 = 0 THEN 9 ELSE 5 END, 1, 0, 0,"
    " 1700000000000 + n * 80, '', 0, 0, 'fake', 'ath_' || (n % 1000), 1700000000000 + (n * 7919) % 86400000"
)
_NUMBERS = {
    "postgres": " FROM generate_series(1, {}) AS n",
    "sqlite": " FROM (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {})"
    " SELECT n FROM c) AS c",
}


async def _lease_ms(database_url: str, count: int, batches: int = 5) -> float:
    engine = open_engine(database_url)
    await migrate(engine)
    await engine.execute(_JOBS + _NUMBERS[engine.kind], count)
    if engine.kind == "postgres":
        await engine.execute("ANALYZE job")  # which PostgreSQL does by itself, in time
    done, began = 0, time.perf_counter()
    for _ in range(batches):
        for job_id in await jobs.claim_due(engine):
            taken = await jobs.take(engine, job_id)
            assert taken
            await jobs.finish(engine, taken)
            done += 1
    took_ms = (time.perf_counter() - began) * 1000
    await close_engine(engine)
    return took_ms / done
