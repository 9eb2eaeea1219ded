"""After a day without the provider: what has piled up goes by its day, inside the budget, and what is saved
meanwhile doesn't wait for it."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer
from hub_core.sdk.manifest import RateBudget
from hub_core.storage import close_engine, now_ms, open_engine
from hub_core.testing.processes import PATIENCE_S, AthleteClient, HubProcesses, wait_until
from hub_core.testing.tally import tell, titles

#: In the order in which they should go: days from today.
DAYS = (0, 1, 2, 9, -1, -2, -7)
_DAY_MS = 86_400_000
#: Handed to a broker, or in the hands of workers, at the moment when something newer comes.
UNDER_WAY = 20 + 16
#: Calls travel at different speeds, where processes wait for a processor: the provider's window is shorter by
#: so much than the one that the hub counts in.
LATE_S = 1

BOTH = pytest.mark.parametrize("hub", ["embedded", "scaled"], indirect=True)


@pytest.fixture
def budget(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Calls, and seconds."""
    calls: tuple[int, int] = request.param
    return calls


@pytest.fixture
def environment(environment: dict[str, str], budget: tuple[int, int]) -> dict[str, str]:
    """One provider, which is asked once for each export."""
    own = {"HUB_INTERVALS_RATE_BUDGETS": f"{budget[0]}/{budget[1]}", "HUB_INTERVALS_READ_BACK": "false"}
    return environment | own


def query(hub: HubProcesses, *statements: str) -> list[dict[str, Any]]:
    """The rows of the last one."""

    async def run() -> list[dict[str, Any]]:
        engine = open_engine(hub.environment["HUB_DATABASE_URL"])
        for statement in statements:
            rows = await engine.execute(statement)
        await close_engine(engine)
        return rows

    return asyncio.run(run())


def pile_up(
    hub: HubProcesses,
    provider: SandboxServer,
    athlete: AthleteClient,
    plan: dict[str, Any],
    count: int,
) -> list[str]:
    """Saved while the provider is down, in no good order; then a day goes by, and it is back. Their names."""
    provider.sandbox.faults.add(Fault(FaultKind.DROP_BEFORE, "/api/v1/"))
    today = dt.datetime.now(dt.UTC).date()
    names = []

    def save(number: int) -> None:
        day = DAYS[-1 - number % len(DAYS)]
        name = f"{number} for {DAYS.index(day)}"
        names.append(name)
        date = str(today + dt.timedelta(days=day))
        athlete.save({**plan, "name": name, "date": date})

    with ThreadPoolExecutor(4) as coaches:
        list(coaches.map(save, range(count)))
    busy = "SELECT 1 FROM job WHERE state = 'leased' OR dispatched_ms IS NOT NULL LIMIT 1"
    wait_until(lambda: not query(hub, busy), "the end of the last tries")
    provider.sandbox.faults.clear()
    query(
        hub,
        "UPDATE attempt SET deadline_ms = 0",
        f"UPDATE job SET run_at_ms = run_at_ms - {_DAY_MS}, line_ms = line_ms - {_DAY_MS}",  # noqa: S608
        "DELETE FROM circuit",  # a probe was answered
        f"UPDATE provider_hold SET until_ms = {now_ms() + 3_000}",  # noqa: S608 (by then a relay has looked)
    )
    return names


def drain(
    hub: HubProcesses, provider: SandboxServer, plan: dict[str, Any], budget: tuple[int, int], count: int
) -> list[float]:
    """Returns how long the live ones took, in seconds, shortest first."""
    provider.sandbox.limits.budgets = (RateBudget(budget[0], budget[1] - LATE_S),)
    provider.sandbox.per_ip_rate = None
    platform = hub.platform()
    anna, ben = platform.athlete("anna"), platform.athlete("ben")
    anna.connect("intervals", user="anna")
    ben.connect("intervals", user="ben")
    wanted = pile_up(hub, provider, anna, plan, count)
    tried = {row["export_id"] for row in query(hub, "SELECT export_id FROM attempt")}
    began = time.monotonic()
    saved_s: dict[str, float] = {}
    waits = (
        "SELECT 1 FROM job WHERE kind = 'export_workout' AND state <> 'done' AND athlete_id = '{}' LIMIT 1"
    )
    while (
        query(hub, waits.format(anna.path.rpartition("/")[2]))
        and time.monotonic() - began < PATIENCE_S + count / 10
    ):
        name = f"live {len(saved_s)}"
        saved_s[ben.save({**plan, "name": name})] = time.time()
        wanted.append(name)
        time.sleep(0.5)
    took_s = time.monotonic() - began
    ben.settled()
    rows = query(
        hub,
        "SELECT e.*, w.name FROM export e JOIN workout w ON w.id = e.workout_id ORDER BY e.sent_ms, e.id",
    )
    piled = [row for row in rows if row["workout_id"] not in saved_s]
    live = sorted(row["sent_ms"] / 1000 - saved_s[row["workout_id"]] for row in rows if row not in piled)
    # What was under way when the provider went down waits for its deadline first.
    order = [int(row["name"].rpartition(" ")[2]) for row in piled if row["id"] not in tried]
    astray = 0
    for place, day in enumerate(order):
        best = sorted(order)[max(0, place - UNDER_WAY) : place + UNDER_WAY + 1]
        astray += not best[0] <= day <= best[-1]
    refused = [one for one in provider.sandbox.journal if one.status == 429]
    tries = query(
        hub, "SELECT COUNT(*) AS n, COUNT(CASE WHEN outcome = 'held' THEN 1 END) AS h FROM attempt"
    )[0]
    p95 = live[int(0.95 * len(live))]
    print(  # noqa: T201
        f"outage: {count} drained in {took_s:.0f} s of at least {count / budget[0] * budget[1]:.0f} s,"
        f" {astray} out of turn, {len(refused)} x 429, {tries['h']} of {tries['n']} tries put back;"
        f" {len(live)} live beside them, p95 {p95:.2f} s"
    )
    wrong = [row["id"] for row in rows if row["status"] != "SENT"]
    shown = titles(provider, "anna") + titles(provider, "ben")
    tell("outage", wanted, shown, wrong + refused)
    assert astray <= count / 10  # of those in the hands of a worker that is slower than another
    return live


@BOTH
@pytest.mark.parametrize("budget", [(60, 2)], indirect=True)
def test_after_an_outage_the_newest_day_goes_first(
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    budget: tuple[int, int],
    plans: list[dict[str, Any]],
) -> None:
    drain(hub, sandboxes["intervals"], plans[1], budget, count=105)


@pytest.mark.chaos
@BOTH
@pytest.mark.parametrize("budget", [(600, 4)], indirect=True)
def test_ten_thousand_due_jobs_after_a_day_of_outage(
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    budget: tuple[int, int],
    plans: list[dict[str, Any]],
) -> None:
    live = drain(hub, sandboxes["intervals"], plans[1], budget, count=10_000)
    assert live[int(0.95 * len(live))] < 3
