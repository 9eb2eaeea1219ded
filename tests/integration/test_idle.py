"""Workers with nothing to do, on Redis: longer than a socket's patience, and with one of them replaced."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from hub_core.sandbox.server import SandboxServer
from hub_core.storage.jobs import LOST_MESSAGE_MS
from hub_core.testing.processes import HubProcesses
from hub_core.testing.tally import rides, tell, titles

#: redis-py gives up a read after so long.
SOCKET_PATIENCE_S = 5.0
BAD_NEWS = ("WARNING", "ERROR", "CRITICAL", "Traceback")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What all processes write."""
    return tmp_path / "log"


@pytest.fixture
def idle_hub(environment: dict[str, str], postgres_dsn: str, redis_url: str, log: Path) -> HubProcesses:
    """On PostgreSQL and Redis, with one worker."""
    own = {"HUB_DATABASE_URL": postgres_dsn, "HUB_BROKER_URL": redis_url, "HUB_INTERVALS_READ_BACK": "false"}
    return HubProcesses(environment | own, workers=1, log=log)


def idle(
    hub: HubProcesses, provider: SandboxServer, plan: dict[str, Any], log: Path, *, idle_s: float, times: int
) -> float:
    """Nothing happens for a while, but that the worker is replaced in the middle of it. Then a job comes.
    Returns how long the slowest took, in seconds."""
    with hub:
        athlete = hub.platform().athlete()
        athlete.connect("intervals")
        wanted, took_s = rides([plan, plan], times), []
        for one in wanted:
            time.sleep(idle_s / 2)
            hub.replace(1)
            time.sleep(idle_s / 2)
            began = time.monotonic()
            athlete.save(one)
            athlete.settled()
            took_s.append(time.monotonic() - began)
        wrong = [row for row in athlete.exports() if row["status"] != "SENT"]
    print(f"idle for {idle_s:g} s, {times} times: save to SENT in at most {max(took_s):.2f} s")  # noqa: T201
    tell("idle", [one["name"] for one in wanted], titles(provider), wrong)
    told = [line for line in log.read_text().splitlines() if any(word in line for word in BAD_NEWS)]
    assert told == []  # no timeout and no lost connection
    return max(took_s)


def test_idle_for_longer_than_a_socket_waits(
    idle_hub: HubProcesses, sandboxes: dict[str, SandboxServer], plans: list[dict[str, Any]], log: Path
) -> None:
    idle(idle_hub, sandboxes["intervals"], plans[1], log, idle_s=SOCKET_PATIENCE_S + 2, times=1)


@pytest.mark.chaos
def test_an_idle_minute_with_a_worker_restart_in_it(
    idle_hub: HubProcesses, sandboxes: dict[str, SandboxServer], plans: list[dict[str, Any]], log: Path
) -> None:
    took_s = idle(idle_hub, sandboxes["intervals"], plans[1], log, idle_s=60, times=5)
    # The bell was heard; the job was not found later on among those whose messages are lost.
    assert took_s < LOST_MESSAGE_MS / 1000
