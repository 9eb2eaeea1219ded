"""Hubs to measure: running processes, a hundred athletes, exports that wait for the word."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from figures.children import child
from figures.load import request, send
from figures.table import query, wait_for
from hub_core.cli.demo import DEMO_ATHLETE, example_files
from hub_core.storage import generate_key, now_ms
from hub_core.testing.processes import AthleteClient, HubProcesses
from hub_core.testing.programs import free_port
from hub_fake.sandbox import FakeSandbox

THRESHOLDS: dict[str, Any] = msgspec.to_builtins(DEMO_ATHLETE)
PLAN: dict[str, Any] = msgspec.json.decode(example_files()[1].read_bytes())
TODAY = dt.datetime.now(dt.UTC).date()
DATE, DAY_BEFORE = str(TODAY + dt.timedelta(days=7)), str(TODAY + dt.timedelta(days=6))


@dataclass(frozen=True)
class Provider:
    """A sandbox in a process of its own. `key` opens it to who comes without the hub."""

    origin: str
    key: str

    def environment(self) -> dict[str, str]:
        """What points a hub at it: without limits, and one call for each export."""
        own = FakeSandbox().environment(self.origin)
        return own | {"HUB_FAKE_RATE_BUDGETS": "none", "HUB_FAKE_READ_BACK": "false"}


@contextmanager
def provider(latency_s: float = 0.0) -> Iterator[Provider]:
    """The `fake` provider, which answers after so long."""
    port = free_port()
    with child("sandbox", str(port), str(latency_s)) as running:
        yield Provider(f"http://127.0.0.1:{port}", running.told[0])


class MeasuredHub(HubProcesses):
    """A hub with many athletes, all of whose workouts go to one provider."""

    def __init__(self, at: Provider, environment: dict[str, str], *, workers: int = 0) -> None:
        own = {"HUB_ENCRYPTION_KEYS": generate_key(), "HUB_LOG_LEVEL": "ERROR", **at.environment()}
        super().__init__(own | environment, workers=workers)
        self.database_url = environment["HUB_DATABASE_URL"]
        self.athletes: list[AthleteClient] = []
        self._key = ""

    def fill(self, count: int) -> None:
        """So many athletes, connected."""
        platform = self.platform()
        self._key = platform.http.headers["Authorization"]

        def add(number: int) -> AthleteClient:
            athlete = platform.athlete(f"athlete-{number}", thresholds=THRESHOLDS)
            athlete.connect("fake", user=f"user-{number}")
            return athlete

        with ThreadPoolExecutor(4) as pool:
            self.athletes = list(pool.map(add, range(count)))

    def saves(self, count: int, **more: Any) -> list[bytes]:
        """Requests that save a workout each, the athletes taking turns."""
        body = json.dumps(PLAN | {"date": DATE} | more).encode()
        headers = {"Authorization": self._key, "Content-Type": "application/json"}
        turns = (self.athletes[number % len(self.athletes)].path for number in range(count))
        return [request("POST", f"{self.origin}/v1{path}/workouts", body, headers) for path in turns]

    def lay_up(self, count: int) -> None:
        """Exports that wait, to be let go by `let_go`."""
        _, bad = send(self.origin, self.saves(count, send_at=DAY_BEFORE), 8)
        if bad:
            raise RuntimeError(f"saving was answered with {bad[:3]}")

    def send_and_wait(self, count: int, sent: int) -> None:
        """Save so many, and wait until that many in all are SENT."""
        send(self.origin, self.saves(count), 4)
        wait_for(lambda: self.count("SENT") >= sent, "all exports")

    def let_go(self) -> None:
        """What waits is due now. Nothing may be running."""
        query(
            self.database_url,
            "UPDATE export SET send_at_ms = NULL WHERE status = 'PENDING'",
            f"UPDATE job SET run_at_ms = {now_ms()} WHERE state = 'waiting' AND kind = 'export_workout'",
        )

    def count(self, status: str) -> int:
        """How many exports stand so."""
        sql = f"SELECT COUNT(*) AS n FROM export WHERE status = '{status}'"
        return int(query(self.database_url, sql)[0]["n"])

    def memory_mb(self) -> float:
        """What the first process holds now."""
        with open(f"/proc/{self.processes[0].pid}/status") as status:
            return int(status.read().split("VmRSS:")[1].split()[0]) / 1024
