"""Many exports at once, and workers that come and go: F36, F37. Each prints what it found."""

from __future__ import annotations

import os
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer
from hub_core.testing.processes import HubProcesses, PlatformClient, wait_until
from hub_core.testing.tally import rides, tell, titles

SEED = 36
THREADS = 50
#: So much more memory is no leak, but what the allocator keeps.
GROWTH = 0.05
#: The API lists an athlete's last 500 exports; each athlete has fewer.
MOST_OF_ONE = 200


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Nothing but the provider's own speed holds anything up."""
    return environment | {"HUB_INTERVALS_RATE_BUDGETS": "none", "HUB_WORKER_THREADS": str(THREADS)}


@pytest.fixture
def provider(sandboxes: dict[str, SandboxServer]) -> SandboxServer:
    """One that answers after 0.1 s to 0.3 s, however often it is asked."""
    one = sandboxes["intervals"]
    intervals: Any = one.sandbox
    intervals.limits.budgets, intervals.per_ip_rate = (), None
    return one


def slow(server: SandboxServer, errors: float) -> None:
    faults = server.sandbox.faults
    faults.add(Fault(FaultKind.LATENCY, value=0.1))
    faults.add(Fault(FaultKind.LATENCY, value=0.1, share=0.5))
    faults.add(Fault(FaultKind.LATENCY, value=0.1, share=0.5))
    faults.add(Fault(FaultKind.STATUS, "/api/v1/athlete/0/events", value=503, share=errors))


def held(hub: HubProcesses) -> tuple[int, int]:
    """Kilobytes of memory, and open sockets, of all its processes."""
    memory = sockets = 0
    for process in hub.processes:
        status = Path(f"/proc/{process.pid}/status").read_text()
        memory += int(status.split("VmRSS:")[1].split()[0])
        links = [os.readlink(one) for one in Path(f"/proc/{process.pid}/fd").iterdir()]
        sockets += sum(link.startswith("socket:") for link in links)
    return memory, sockets


def is_at_work(pid: int) -> bool:
    """Whether a worker has started its threads."""
    return len(list(Path(f"/proc/{pid}/task").iterdir())) > THREADS


class Round:
    """A new athlete with an account of their own, and what came of their workouts."""

    def __init__(self, platform: PlatformClient, name: str, **fields: Any) -> None:
        self.user = name
        self.athlete = platform.athlete(name, **fields)
        self.athlete.connect("intervals", user=name)
        self.saved: dict[str, tuple[str, float]] = {}

    def save(self, plan: dict[str, Any]) -> None:
        began_s = time.time()
        self.saved[self.athlete.save(plan)] = (plan["name"], began_s)

    def end(self, provider: SandboxServer, name: str) -> tuple[list[dict[str, Any]], list[int]]:
        """All exports, which have to be sent, and how long each took to be, in milliseconds."""
        found = self.athlete.settled(patience_s=180)
        wrong = [row for row in found if row["status"] != "SENT"]
        if len(found) != len(self.saved):
            wrong.append({"exports": len(found), "saved": len(self.saved)})
        tell(name, [one for one, _ in self.saved.values()], titles(provider, self.user), wrong, SEED)
        took = [row["sent_ms"] - int(1000 * self.saved[row["workout_id"]][1]) for row in found]
        return found, took


@pytest.mark.parametrize(
    ("hub", "at_once", "minutes"),
    [
        ("embedded", 30, 0.0),
        pytest.param("embedded", 100, 10.0, marks=pytest.mark.chaos),
        pytest.param("scaled", 100, 10.0, marks=pytest.mark.chaos),
    ],
    indirect=["hub"],
)
def test_f36_a_hundred_syncs_at_once_again_and_again(
    hub: HubProcesses,
    provider: SandboxServer,
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
    at_once: int,
    minutes: float,
) -> None:
    platform, end = hub.platform(), time.monotonic() + 60 * minutes
    # A create that failed with 503 is looked up after its deadline: the short form has no time for that.
    slow(provider, errors=0.02 if minutes else 0)
    took: list[int] = []
    seen: list[tuple[int, int]] = []
    with ThreadPoolExecutor(at_once) as phones:
        while len(seen) < 2 or time.monotonic() < end:
            number = len(seen)
            one = Round(platform, f"round-{number}", thresholds=thresholds)
            list(phones.map(one.save, rides(plans, at_once, f"Round {number} ride")))
            took += one.end(provider, f"F36 round {number}")[1]
            seen.append(held(hub))
    memory, sockets = [one[0] / 1024 for one in seen], [one[1] for one in seen]
    took.sort()
    p50, p99 = (took[int(len(took) * share)] for share in (0.5, 0.99))
    print(  # noqa: T201
        f"F36: {len(took)} exports in {len(seen)} rounds of {at_once}; save to SENT p50 {p50} ms,"
        f" p99 {p99} ms, longest {took[-1]} ms; MB {memory[0]:.0f} at first, {memory[-1]:.0f} at last;"
        f" sockets {sockets[0]}, {statistics.median(sockets):.0f}, {sockets[-1]}"
    )
    # As many connections as one round needs are kept open, and not one more for each round.
    assert sockets[-1] <= sockets[0] + at_once
    if minutes:
        # The first fifth is what is loaded once; the rest has to be flat.
        steady = memory[len(memory) // 5 :]
        early, late = (
            statistics.median(part) for part in (steady[: len(steady) // 4], steady[-len(steady) // 4 :])
        )
        print(f"F36: {early:.1f} MB early, {late:.1f} MB late")  # noqa: T201
        assert late <= early * (1 + GROWTH)


@pytest.mark.chaos
@pytest.mark.parametrize("hub", ["scaled"], indirect=True)
def test_f37_two_workers_are_replaced_one_after_the_other_for_five_minutes(
    hub: HubProcesses, provider: SandboxServer, thresholds: dict[str, Any], plans: list[dict[str, Any]]
) -> None:
    platform, is_over = hub.platform(), threading.Event()
    slow(provider, errors=0)
    rounds: list[Round] = []

    def save_one_after_the_other() -> None:
        while not is_over.is_set():
            number = len(rounds)
            rounds.append(Round(platform, f"round-{number}", thresholds=thresholds))
            for plan in rides(plans, MOST_OF_ONE, f"Round {number} ride"):
                if not is_over.wait(0.1):
                    rounds[-1].save(plan)

    saver = threading.Thread(target=save_one_after_the_other)
    saver.start()
    ends_s: list[float] = []
    try:
        end = time.monotonic() + 300
        while time.monotonic() < end:
            for number in (1, 2):
                began = time.monotonic()
                hub.replace(number)
                ends_s.append(time.monotonic() - began)
                wait_until(lambda one=hub.processes[number]: is_at_work(one.pid), "the new worker")  # type: ignore[misc]
                time.sleep(1)
    finally:
        is_over.set()
        saver.join()
    sent = twice = 0
    for number, one in enumerate(rounds):
        found, _ = one.end(provider, f"F37 round {number}")
        sent += len(found)
        twice += sum(len(one.athlete.export(row["id"])["attempts"]) > 1 for row in found)
    print(  # noqa: T201
        f"F37: {len(ends_s)} workers replaced, the slowest end after {max(ends_s):.1f} s; {sent} exports,"
        f" {twice} of them in two tries"
    )
