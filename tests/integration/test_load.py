"""Many exports at once, and workers that come and go: F36, F37. Each prints what it found."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer
from hub_core.testing.processes import HubProcesses
from hub_core.testing.tally import rides, tell, titles

SEED = 36


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Nothing but the provider's own speed holds anything up."""
    return environment | {"HUB_INTERVALS_RATE_BUDGETS": "none", "HUB_WORKER_THREADS": "50"}


@pytest.fixture
def provider(sandboxes: dict[str, SandboxServer]) -> SandboxServer:
    """One that answers after 0.1 s to 0.3 s, and fails now and then."""
    one = sandboxes["intervals"]
    one.sandbox.limits.budgets = ()
    return one


def slow(server: SandboxServer, errors: float) -> None:
    faults = server.sandbox.faults
    faults.add(Fault(FaultKind.LATENCY, value=0.1))
    faults.add(Fault(FaultKind.LATENCY, value=0.1, share=0.5))
    faults.add(Fault(FaultKind.LATENCY, value=0.1, share=0.5))
    faults.add(Fault(FaultKind.STATUS, "/api/v1/", value=503, share=errors))


def held(hub: HubProcesses) -> tuple[int, int]:
    """Kilobytes of memory, and open sockets, of all its processes."""
    memory = sockets = 0
    for process in hub.processes:
        status = Path(f"/proc/{process.pid}/status").read_text()
        memory += int(status.split("VmRSS:")[1].split()[0])
        links = [os.readlink(one) for one in Path(f"/proc/{process.pid}/fd").iterdir()]
        sockets += sum(link.startswith("socket:") for link in links)
    return memory, sockets


def sync(
    hub: HubProcesses,
    provider: SandboxServer,
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
    *,
    at_once: int,
    rounds: int,
) -> None:
    athlete = hub.platform().athlete(thresholds=thresholds)
    athlete.connect("intervals")
    slow(provider, errors=0.02)
    wanted: list[str] = []
    seen, saved_s = [], {}

    def save(plan: dict[str, Any]) -> None:
        began_s = time.time()
        saved_s[athlete.save(plan)] = began_s

    with ThreadPoolExecutor(at_once) as phones:
        for number in range(rounds):
            began = time.monotonic()
            plan = rides(plans, at_once, f"Round {number} ride")
            wanted += [one["name"] for one in plan]
            list(phones.map(save, plan))
            athlete.settled(patience_s=120)
            memory, sockets = held(hub)
            seen.append((round(time.monotonic() - began, 1), memory // 1024, sockets))
    found = athlete.exports()
    took = sorted(row["sent_ms"] - int(1000 * saved_s[row["workout_id"]]) for row in found if row["sent_ms"])
    print(f"F36: seconds, MB and sockets after each of {rounds} rounds of {at_once}: {seen}")  # noqa: T201
    print(f"F36: save to SENT, ms: p50 {took[len(took) // 2]}, longest {took[-1]}")  # noqa: T201
    wrong = [row for row in found if row["status"] != "SENT"]
    tell("F36", wanted, titles(provider), wrong, SEED)
    # As many connections as at the start are kept open, and not one more for each round.
    assert seen[-1][2] <= seen[0][2] + at_once


@pytest.mark.chaos
def test_f36_a_hundred_syncs_at_once_again_and_again(
    hub: HubProcesses, provider: SandboxServer, thresholds: dict[str, Any], plans: list[dict[str, Any]]
) -> None:
    sync(hub, provider, thresholds, plans, at_once=100, rounds=8)


@pytest.mark.chaos
@pytest.mark.parametrize("hub", ["scaled"], indirect=True)
def test_f37_two_workers_are_replaced_one_after_the_other(
    hub: HubProcesses, provider: SandboxServer, thresholds: dict[str, Any], plans: list[dict[str, Any]]
) -> None:
    athlete = hub.platform().athlete(thresholds=thresholds)
    athlete.connect("intervals")
    slow(provider, errors=0)
    wanted, is_over = rides(plans, 600), threading.Event()
    saved: list[str] = []

    def save_one_after_the_other() -> None:
        for plan in wanted:
            if is_over.is_set():
                return
            athlete.save(plan)
            saved.append(plan["name"])
            time.sleep(0.1)

    saver = threading.Thread(target=save_one_after_the_other)
    saver.start()
    try:
        for _ in range(8):
            for number in (1, 2):
                hub.replace(number)
                time.sleep(0.5)
    finally:
        is_over.set()
        saver.join()
    found = athlete.settled(patience_s=90)
    wrong = [row for row in found if row["status"] != "SENT"]
    again = [row for row in found if len(athlete.export(row["id"])["attempts"]) > 1]
    print(f"F37: 16 workers replaced, {len(saved)} exports, {len(again)} of them in two tries")  # noqa: T201
    tell("F37", saved, titles(provider), wrong)
