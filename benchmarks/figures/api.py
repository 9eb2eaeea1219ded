"""What people and providers wait for: saving, arriving, and webhooks that are acknowledged."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from figures.children import child
from figures.hubs import DATE, PLAN, MeasuredHub, provider
from figures.load import request, send
from figures.table import Figure, Size, percentile, query, say, spread, wait_for
from hub_core.domain.sport import Sport
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.testing.programs import free_port, temporary_folder
from hub_fake.sandbox import FakeSandbox

ATHLETES = 100
#: Saves in a second, from a hundred athletes, that come as they like.
PER_S = 50.0
LATENCY_MS = 200.0


@contextmanager
def bare_api(folder: Path) -> Iterator[str]:
    """The route with one commit, and its address."""
    port = free_port()
    with child("api", str(port), f"sqlite:///{folder}/bare.db"):
        yield f"http://127.0.0.1:{port}"


def save(size: Size) -> Iterator[Figure]:
    """Save to durable PENDING to 201, while the workers send what was saved."""
    count = size.of(300, 3_000)
    with temporary_folder() as folder:
        body = json.dumps(PLAN | {"date": DATE}).encode()
        with bare_api(folder) as origin:
            wires = [request("POST", f"{origin}/save", body, {})] * count
            send(origin, wires[:100], ATHLETES)
            bare = [send(origin, wires, ATHLETES, per_s=per_s)[0] for per_s in (PER_S, 0)]
        environment = {"HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db"}
        with provider() as at, MeasuredHub(at, environment) as hub:
            say(f"{ATHLETES} athletes are connected")
            hub.fill(ATHLETES)
            hub.lay_up(100)
            for way, per_s, reference in (("spread over time", PER_S, bare[0]), ("all at once", 0, bare[1])):
                taken, bad = send(hub.origin, hub.saves(count), ATHLETES, per_s=per_s)
                is_met = percentile(taken, 50) <= 5 and percentile(taken, 99) <= 30 and not bad
                what = f"save to 201, {ATHLETES} athletes, {way}" + (f", {per_s:g}/s" if per_s else "")
                measured = f"{spread(taken)}, {len(bad)} errors"
                yield Figure(what, "p50 <= 5 ms, p99 <= 30 ms", measured, spread(reference), is_met)
                wait_for(lambda: hub.count("PENDING") == 100, "the end of all exports")


def arrive(size: Size) -> Iterator[Figure]:
    """Save to SENT at a provider that takes its time."""
    count = size.of(300, 3_000)
    with temporary_folder() as folder, provider(LATENCY_MS / 1000) as at:
        environment = {"HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db", "HUB_WORKER_THREADS": "128"}
        with MeasuredHub(at, environment) as hub:
            hub.fill(ATHLETES)
            # One each first: what the figure is about goes on all day.
            for wanted in (ATHLETES, ATHLETES + count):
                send(hub.origin, hub.saves(wanted - hub.count("SENT")), ATHLETES)
                wait_for(lambda wanted=wanted: hub.count("SENT") == wanted, "all exports")  # type: ignore[misc]
            sql = "SELECT created_ms, sent_ms FROM export ORDER BY created_ms"
            rows = query(hub.database_url, sql)[ATHLETES:]
    above = [row["sent_ms"] - row["created_ms"] - LATENCY_MS for row in rows]
    lasted_s = (max(row["sent_ms"] for row in rows) - rows[0]["created_ms"]) / 1000
    rate, p99, longest = len(rows) / lasted_s, percentile(above, 99), max(above)
    yield Figure(
        f"save to SENT, {ATHLETES} at once, {LATENCY_MS:g} ms each: exports/s",
        ">= 475/s",
        f"{rate:.0f}/s",
        f"{ATHLETES / LATENCY_MS * 1000:.0f}/s would be ideal",
        rate >= 475,
    )
    yield Figure(
        "   above the provider's own time",
        "p99 <= 300 ms, never 3 s",
        f"{spread(above)}, max {longest:.0f} ms",
        "-",
        p99 <= 300 and longest + LATENCY_MS <= 3_000,
    )


def webhooks(size: Size) -> Iterator[Figure]:
    """Acknowledged is: verified, told apart, stored sealed with its job, and committed."""
    count = 1_000
    now = dt.datetime.now(dt.UTC)
    with temporary_folder() as folder:
        with bare_api(folder) as origin:
            wire = request("POST", f"{origin}/save", b'{"user": "user-0"}' * 1, {})
            send(origin, [wire] * 100, ATHLETES)
            bare = [send(origin, [wire] * count, lanes, per_s=per_s)[0] for lanes, per_s in _WAYS.values()]
        environment = {"HUB_DATABASE_URL": f"sqlite:///{folder}/hub.db"}
        with provider() as at, MeasuredHub(at, environment) as hub:
            hub.fill(size.of(10, 100))
            for (way, (lanes, per_s)), reference in zip(_WAYS.items(), bare, strict=True):
                sender = FakeSandbox()
                for number in range(count):
                    run = RecordedActivity(
                        f"{way} {number}", Sport.RUN, now - dt.timedelta(hours=number), 1800.0, 5000.0, 150.0
                    )
                    sender.record_activity(f"user-{number % len(hub.athletes)}", run)
                wires = [
                    request(one.method, hub.origin + one.path, one.body, dict(one.headers))
                    for one in sender.outbox
                ]
                taken, bad = send(hub.origin, wires, lanes, per_s=per_s)
                is_met = percentile(taken, 99) <= 30 and not bad
                measured = f"{spread(taken)}, {len(bad)} errors"
                yield Figure(
                    f"webhook to 200, {count}, {way}", "p99 <= 30 ms", measured, spread(reference), is_met
                )


#: Connections, and how many in a second.
_WAYS = {"50 in a second": (100, 50.0), "ten at a time": (10, 0.0), "all in one instant": (1_000, 0.0)}
