"""A database that is full, read-only or away: what can't be stored isn't accepted, and it recovers (F38)."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import httpx
import pytest

from hub_core.sandbox.server import SandboxServer
from hub_core.testing.processes import AthleteClient, HubProcesses, wait_until
from hub_core.testing.servers import Service, create_database, postgres_service
from hub_core.testing.tally import rides, tell, titles


def try_to_save(
    athlete: AthleteClient, plans: list[dict[str, Any]]
) -> tuple[list[str], list[httpx.Response]]:
    """What was accepted, and the other answers."""
    accepted, refused = [], []
    for plan in plans:
        answer = athlete.platform.http.post(f"{athlete.path}/workouts", json=plan)
        if answer.status_code == httpx.codes.CREATED:
            accepted.append(plan["name"])
        else:
            refused.append(answer)
    return accepted, refused


def survive(
    name: str,
    athlete: AthleteClient,
    server: SandboxServer,
    plans: list[dict[str, Any]],
    break_it: Callable[[], None],
    mend_it: Callable[[], None],
) -> None:
    """Save before, while and after: exactly what was accepted is there in the end, and has gone out."""
    wanted = rides(plans, 12)
    accepted, refused = try_to_save(athlete, wanted[:3])
    assert refused == []
    break_it()
    try:
        meanwhile, refused = try_to_save(athlete, wanted[3:9])
    finally:
        mend_it()
    answers = sorted({one.status_code for one in refused})
    print(f"{name}: {len(refused)} of 6 refused while it lasted, with {answers}")  # noqa: T201
    assert refused
    for one in refused:
        assert one.status_code in {500, 503}
        assert one.headers["content-type"].startswith("application/problem+json")
        assert "Traceback" not in one.text
    wait_until(lambda: not try_to_save(athlete, wanted[9:10])[1], "the database", 30)
    after, refused = try_to_save(athlete, wanted[10:])
    assert refused == []
    accepted += [*meanwhile, wanted[9]["name"], *after]
    found = athlete.settled(patience_s=90)
    stored = [row["name"] for row in _workouts(athlete)]
    assert sorted(stored) == sorted(accepted)
    wrong = [row for row in found if row["status"] != "SENT" or not row["external_ids"]]
    tell(name, accepted, titles(server), wrong)


def _workouts(athlete: AthleteClient) -> list[dict[str, Any]]:
    rows = athlete.platform.call("GET", f"{athlete.path}/workouts")
    return [row["workout"] for row in rows]


@pytest.mark.chaos
def test_f38_the_disk_is_full(
    sandboxes: dict[str, SandboxServer],
    environment: dict[str, str],
    tmp_path: Path,
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    with HubProcesses(environment | {"HUB_DATABASE_URL": f"sqlite:///{tmp_path / 'hub.db'}"}) as hub:
        athlete = hub.platform().athlete(thresholds=thresholds)
        athlete.connect("intervals")

        def limit(most: int) -> None:
            _, hard = resource.prlimit(hub.processes[0].pid, resource.RLIMIT_FSIZE)
            resource.prlimit(hub.processes[0].pid, resource.RLIMIT_FSIZE, (most, hard))

        survive(
            "F38, disk full",
            athlete,
            sandboxes["intervals"],
            plans,
            lambda: limit(4096),
            lambda: limit(resource.RLIM_INFINITY),
        )


@pytest.fixture
def postgres() -> Iterator[tuple[str, Service]]:
    with postgres_service() as (url, service):
        yield create_database(url, "hub"), service


@pytest.fixture
def scaled(
    environment: dict[str, str], postgres: tuple[str, Service], redis_url: str
) -> Iterator[HubProcesses]:
    own = {"HUB_DATABASE_URL": postgres[0], "HUB_BROKER_URL": redis_url}
    with HubProcesses(environment | own, workers=1) as hub:
        yield hub


@pytest.mark.chaos
def test_f38_postgresql_is_restarted(
    scaled: HubProcesses,
    postgres: tuple[str, Service],
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    athlete = scaled.platform().athlete(thresholds=thresholds)
    athlete.connect("intervals")
    _, service = postgres

    def start() -> None:
        time.sleep(5)
        service.start()

    survive("F38, restart", athlete, sandboxes["intervals"], plans, service.stop, start)


@pytest.mark.chaos
def test_f38_postgresql_is_read_only(
    scaled: HubProcesses,
    postgres: tuple[str, Service],
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    """As after a failover, when the connections lead to what isn't the primary any more."""
    athlete = scaled.platform().athlete(thresholds=thresholds)
    athlete.connect("intervals")

    def set_read_only(value: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(postgres[0])
            try:
                await connection.execute("SET default_transaction_read_only = off")
                await connection.execute(f"ALTER DATABASE hub SET default_transaction_read_only = {value}")
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = 'hub' AND pid <> pg_backend_pid()"
                )

            finally:
                await connection.close()

        asyncio.run(run())
        time.sleep(3)

    survive(
        "F38, read-only",
        athlete,
        sandboxes["intervals"],
        plans,
        lambda: set_read_only("on"),
        lambda: set_read_only("off"),
    )
