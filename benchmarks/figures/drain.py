"""How fast waiting exports go out, in one process and over Redis, and what memory that takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from figures.children import child
from figures.hubs import MeasuredHub, Provider, provider
from figures.table import Figure, Size, query, say, wait_for
from hub_core.testing.programs import temporary_folder
from hub_core.testing.servers import create_database, postgres_server, redis_server

ATHLETES = 10
THREADS = 8


def drain(size: Size) -> Iterator[Figure]:
    """Durable exports in a second, against a provider that answers at once."""
    count = size.of(300, 10_000)
    with temporary_folder() as folder, provider() as at:
        bare = bare_rate(at, f"sqlite:///{folder}/bare.db", count)
        rate = hub_rate(at, {"HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db"}, count)
        yield _figure("embedded, SQLite", rate, bare)
        with postgres_server() as server, redis_server() as redis_url:
            before = 0.0
            for workers in (1, 2):
                name = create_database(server, f"bare{workers}")
                bare = bare_rate(at, name, count, redis_url, workers)
                environment = {
                    "HUB_DATABASE_URL": create_database(server, f"hub{workers}"),
                    "HUB_BROKER_URL": redis_url,
                }
                rate = hub_rate(at, environment, count, workers)
                yield _figure(f"Redis, PostgreSQL, workers: {workers}", rate, bare, before)
                before = rate


def _figure(how: str, rate: float, bare: float, before: float = 0.0) -> Figure:
    return Figure(
        f"durable exports/s, {how}",
        ">= 0.8 of the bare actor" + (", grows" if before else ""),
        f"{rate:.0f}/s ({rate / bare:.2f})",
        f"{bare:.0f}/s",
        rate >= 0.8 * bare and rate > before,
    )


def _rate(database_url: str, moments: str) -> float:
    row = query(database_url, f"SELECT COUNT(*) AS n, MIN(at) AS a, MAX(at) AS z FROM ({moments}) AS m")[0]
    return float((row["n"] - 1) / max(0.001, (row["z"] - row["a"]) / 1000))


def bare_rate(at: Provider, database_url: str, count: int, redis_url: str = "", workers: int = 1) -> float:
    """Exports in a second of actors that do nothing else."""
    say(f"{count} exports of a bare actor, workers: {workers}")
    shares = [count, *[0] * (workers - 1)]
    with ExitStack() as running:
        for share in shares:
            more = [redis_url] if redis_url else []
            told = [database_url, at.origin, at.key, str(THREADS), str(share), *more]
            running.enter_context(child("exporter", *told))
        sql = "SELECT COUNT(*) AS n FROM bare WHERE body = 'sent'"
        wait_for(lambda: query(database_url, sql)[0]["n"] >= count, "the bare actor's exports")
    return _rate(database_url, "SELECT at_ms AS at FROM bare WHERE body = 'sent'")


def hub_rate(at: Provider, environment: dict[str, str], count: int, workers: int = 0) -> float:
    """Exports in a second of a hub that finds them waiting."""
    say(f"{count} exports of the hub, workers: {workers or 'inside'}")
    with MeasuredHub(at, environment | {"HUB_WORKER_THREADS": str(THREADS)}) as hub:
        hub.fill(ATHLETES)
        hub.lay_up(count)
        hub.stop()
        hub.let_go()
        hub.workers = workers
        hub.start()
        wait_for(lambda: hub.count("SENT") >= count, "all exports")
        return _rate(hub.database_url, "SELECT sent_ms AS at FROM export WHERE status = 'SENT'")


def memory(size: Size) -> Iterator[Figure]:
    """What `hub serve` holds as exports go by."""
    rounds, each = 5, size.of(100, 20_000)
    with temporary_folder() as folder, provider() as at:
        environment = {"HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db"}
        with MeasuredHub(at, environment) as hub:
            hub.fill(ATHLETES)
            held = []
            for number in range(rounds):
                # Saved and sent by the one process, a few at a time.
                hub.send_and_wait(each, (number + 1) * each)
                held.append(hub.memory_mb())
    grown = held[-1] - held[0]
    say("memory after each round: " + ", ".join(f"{one:.0f} MB" for one in held))
    yield Figure(
        f"memory over {rounds * each:,} exports",
        "flat",
        f"{held[0]:.0f} MB, then {held[-1]:.0f} MB",
        f"after the first {each:,}",
        grown <= 0.1 * held[0],
    )
