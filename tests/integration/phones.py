"""Phones of several athletes, two each, which work offline and sync with the reference client."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from hub_core.client import Store, SyncClient
from hub_core.sdk.client_pool import tls_context
from hub_core.services.sync.read_changes import COLLECTIONS
from hub_core.testing.processes import AthleteClient

#: What the two phones of an athlete measure by hand: each its own field of the same days.
FIELDS = ("weight_kg", "body_fat_pct")
STEPS = 3
_FIRST_DAY = dt.date(2031, 1, 1)
_STEP = {"type": "step", "duration": {"type": "time", "duration_s": 600}}


class Phone:
    """One of an athlete's phones. What it did is in `names`, `samples`, `days` and `operations`."""

    def __init__(self, athlete: AthleteClient, number: int, file: Path, origin: str) -> None:
        self.athlete = athlete
        self.number = number
        self.name = f"{athlete.path.split('/')[-1][-6:]}-{number}"
        self.file = file
        self.http = httpx.Client(
            base_url=origin,
            headers={"Authorization": athlete.platform.http.headers["Authorization"]},
            verify=tls_context(),
            timeout=30,
        )
        #: What each revision of each workout was called.
        self.names: list[str] = []
        self.samples: list[str] = []
        self.days: dict[str, float] = {}
        self.operations = 0
        self.deleted: set[str] = set()
        self.unanswered = 0

    @contextmanager
    def awake(self) -> Iterator[SyncClient]:
        """The app is opened: it goes on from its file."""
        store, clock = Store(self.file), Clock()
        try:
            yield SyncClient(store, self.http, self.athlete.path.split("/")[-1], clock.now)
        finally:
            store.close()

    def live(self, client: SyncClient, turn: int) -> None:
        """What happens on it before its next sync: a plan made, another one renamed, one dropped, a value of
        a day typed, and steps counted."""
        name = f"{self.name} {turn}"
        date = (_FIRST_DAY + dt.timedelta(days=turn)).isoformat()
        plan = {"name": name, "sport": "run", "date": date, "steps": [_STEP]}
        self._do(client, "create_workout", entity=name, workout=plan)
        self._do(client, "update_workout", entity=name, fields={"name": f"{name} renamed"})
        self.names += [name, f"{name} renamed"]
        if turn:
            old = f"{self.name} {turn - 1}"
            self._do(client, "update_workout", entity=old, fields={"name": f"{old} again"})
            self.names.append(f"{old} again")
            if turn % 4 == 0:
                self._do(client, "delete_workout", entity=old)
                self.deleted.add(f"{old} again")
        self.days[date] = 20 + self.number + turn / 10
        self._do(client, "enter_daily", date=date, fields={FIELDS[self.number]: self.days[date]})
        client.send_samples(records=list(self._count_steps(date)))

    def _do(self, client: SyncClient, op: str, **fields: Any) -> None:
        client.do(op, **fields)
        self.operations += 1

    def _count_steps(self, date: str) -> Iterator[dict[str, Any]]:
        """Each in minutes of its own, so that the day's sum tells if one is missing or there twice."""
        for index in range(STEPS):
            sample = f"{self.name} {date} {index}".upper()  # as the hub keeps ids of samples
            minute = 10 * (STEPS * self.number + index)
            start = dt.datetime.fromisoformat(f"{date}T08:00:00+00:00") + dt.timedelta(minutes=minute)
            self.samples.append(sample)
            yield {
                "id": sample,
                "type": "HKQuantityTypeIdentifierStepCount",
                "value": 100,
                "unit": "count",
                "startDate": start.isoformat(),
                "endDate": (start + dt.timedelta(minutes=5)).isoformat(),
                "source": {"name": f"Phone {self.number}"},
            }

    def sync(self, client: SyncClient, answered: Counter) -> None:
        """Until it is in step, however often nobody answers."""
        for tries in range(1_000):
            if client.sync():
                answered.add()
                return
            self.unanswered += 1
            client.store.try_again()
            time.sleep(min(0.1 * (1 + tries), 1))
        raise AssertionError(f"{self.name} never came in step: {client.store.queued()[:3]}")

    def held(self) -> dict[str, dict[str, Any]]:
        """What it shows."""
        with self.awake() as client:
            return {name: client.store.entities(name) for name in COLLECTIONS}

    def left_over(self) -> list[str]:
        """What is in its queue still, such as what was refused."""
        with self.awake() as client:
            return [f"{one.state} {one.body}: {one.answer}" for one in client.store.queued()]


class Clock:
    """A minute passes whenever it is looked at, so that nobody waits for the backoff."""

    def __init__(self) -> None:
        self._now = time.time()

    def now(self) -> float:
        self._now += 60
        return self._now


class Counter:
    """Counts in many threads."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def add(self) -> None:
        with self._lock:
            self.count += 1


class Copy:
    """All that the hub holds of an athlete, as it hands it out."""

    def __init__(self, athlete: AthleteClient) -> None:
        text = athlete.platform.http.get(f"{athlete.path}/export").text
        *lines, end = [json.loads(line) for line in text.splitlines()]
        assert end["end"]
        self._rows = [line for line in lines if "row" in line]

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [one["row"] for one in self._rows if one["table"] == table]

    def statements(self) -> Iterable[str]:
        """Every revision by its name, and every sample by its id, as often as it is there."""
        yield from (one["document"]["name"] for one in self.rows("workout_revision"))
        yield from (one["external_id"] for one in self.rows("observation") if one["kind"] == "sample")
