"""What the hub must hold before each exchange of `test_hub_platform.py` and of `test_hub_phone.py`."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Self

import msgspec

from hub_core.cli.serve import make_sandboxes
from hub_core.sandbox import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.storage import generate_key
from hub_core.testing.processes import AthleteClient, HubProcesses, PlatformClient, wait_until
from hub_intervals.sandbox_accounts import API_KEY

from .plugin_contract import PLAN
from .provider import State as SetUp

WORKOUT: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(PLAN))
TAKEN = "runner-taken"
EASIER = "Easier"
#: The id that the phone has given the plan.
UUID = "3D1C7C0E-55AA-5B3F-9C1E-0A6F5B1D2E90"
PICKUPS = "/pickups/healthkit"

State = dict[str, Any]


class Hub:
    """A running hub with the sandboxes of its providers, and one platform."""

    def __init__(self, platform: PlatformClient, key: str, sandboxes: Mapping[str, SandboxServer]) -> None:
        self.platform = platform
        self.key = key
        self.sandboxes = sandboxes
        self._numbers = itertools.count(1)

    def athlete(self, external_id: str = "", **fields: Any) -> tuple[AthleteClient, State]:
        """A new athlete, and what requests about them need."""
        number = next(self._numbers)
        athlete = self.platform.athlete(external_id or f"runner-{number}", **fields)
        return athlete, {"key": self.key, "athlete_id": athlete.path.removeprefix("/athletes/")}

    def connected(self) -> tuple[AthleteClient, State]:
        """A new athlete who is connected to Garmin."""
        athlete, known = self.athlete()
        athlete.connect("garmin", user=known["athlete_id"])
        return athlete, known

    def settled(self) -> State:
        """A new athlete with one workout, whose way to Garmin has come to an end."""
        athlete, known = self.connected()
        workout_id = athlete.save(WORKOUT)
        [export] = athlete.settled()
        return {**known, "workout_id": workout_id, "export_id": export["id"]}

    def phone(self) -> Phone:
        """A new athlete with a phone."""
        athlete, known = self.athlete()
        athlete.connect_phone("healthkit", device_id="phone-1")
        return Phone(athlete, known)


class Phone:
    """An athlete's phone, and what the hub has for it."""

    def __init__(self, athlete: AthleteClient, known: State) -> None:
        self.athlete = athlete
        self.known = known

    def lay_out(self, days: int = 2, name: str = WORKOUT["name"]) -> Self:
        """One more workout, so many days from now; the scheduler shows a week."""
        day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days)
        workout_id = self.athlete.save({**WORKOUT, "date": day.isoformat(), "name": name})
        self.known["workout_id"] = workout_id
        return self._once(lambda rows: workout_id in [row["workout_id"] for row in rows])

    def change(self) -> Self:
        """The newest workout gets another name."""
        self._ask("PATCH", json={"name": EASIER})
        return self._once(lambda rows: rows[0]["revision"] == 2)

    def delete(self) -> Self:
        """The newest workout is not to be done any more."""
        self._ask("DELETE")
        return self._once(lambda rows: rows and rows[0]["remove"])

    def take(self) -> Self:
        """The phone says that it holds what is laid out."""
        body = {"revision": 1, "outcome": "scheduled", "external_id": UUID}
        self.athlete.ask("POST", f"{PICKUPS}/{self.known['export_id']}", body)
        return self._once(lambda rows: rows[0]["is_confirmed"])

    def _ask(self, method: str, **body: Any) -> None:
        path = f"{self.athlete.path}/workouts/{self.known['workout_id']}"
        self.athlete.platform.call(method, path, **body)

    def _once(self, is_so: Callable[[list[dict[str, Any]]], object]) -> Self:
        """Wait until the list is like that, and know its ETag."""

        def look() -> bool:
            answer = self.athlete.platform.http.get(f"{self.athlete.path}{PICKUPS}")
            rows: list[dict[str, Any]] = answer.json()
            if found := bool(is_so(rows)):
                self.known |= {"export_id": rows[0]["id"], "etag": answer.headers["etag"]}
            return found

        wait_until(look, "the pickup")
        return self


@contextmanager
def running_hub(
    folder: Path, states: Mapping[str, Callable[[Hub], State]]
) -> Iterator[tuple[str, Mapping[str, SetUp]]]:
    """The origin of a hub in processes of its own, and these states of it."""
    with serve_sandboxes(make_sandboxes(["garmin", "wahoo", "intervals"])) as sandboxes:
        environment = {"HUB_ENCRYPTION_KEYS": generate_key(), "HUB_LOG_LEVEL": "WARNING"}
        environment["HUB_DATABASE_URL"] = f"sqlite:///{folder / 'hub.db'}"
        for server in sandboxes.values():
            environment |= server.sandbox.environment(server.origin)
        with HubProcesses(environment, log=folder / "hub.log") as processes:
            platform = processes.platform()
            key = platform.http.headers["Authorization"].removeprefix("Bearer ")
            hub = Hub(platform, key, sandboxes)
            yield processes.origin, {name: partial(state, hub) for name, state in states.items()}
            processes.kill()  # nothing of it is needed any more, and an orderly end takes seconds


def has_key(hub: Hub) -> State:
    return {"key": hub.key}


def has_athlete(hub: Hub) -> State:
    return hub.athlete()[1]


def taken(hub: Hub) -> State:
    return hub.athlete(TAKEN)[1]


def is_connected(hub: Hub) -> State:
    return hub.connected()[1]


def has_intervals_key(hub: Hub) -> State:
    return {**hub.athlete()[1], "api_key": API_KEY}


def has_workout(hub: Hub) -> State:
    athlete, known = hub.athlete()
    return {**known, "workout_id": athlete.save(WORKOUT)}


def sent(hub: Hub) -> State:
    return hub.settled()


def refused(hub: Hub) -> State:
    faults = hub.sandboxes["garmin"].sandbox.faults
    faults.add(Fault(FaultKind.STATUS, "/workoutportal", value=400))
    try:
        return hub.settled()
    finally:
        faults.clear()


def has_phone(hub: Hub) -> State:
    return hub.phone().known


def lost_phone(hub: Hub) -> State:
    phone = hub.phone().lay_out().take()
    phone.athlete.ask("DELETE", "/connections/healthkit")
    return phone.known


def ready(hub: Hub) -> State:
    return hub.phone().lay_out().known


def two_ready(hub: Hub) -> State:
    return hub.phone().lay_out(3, "Later").lay_out(2).known


def others_ready(hub: Hub) -> State:
    return {**ready(hub), "athlete_id": hub.phone().known["athlete_id"]}


def held(hub: Hub) -> State:
    return hub.phone().lay_out().take().known


def changed(hub: Hub) -> State:
    phone = hub.phone().lay_out()
    before = phone.known["etag"]
    return {**phone.change().known, "etag": before}


def deleted(hub: Hub) -> State:
    return hub.phone().lay_out().take().delete().known


#: A batch of a phone, with one item that can't be taken.
BATCH: dict[str, Any] = {
    "batchId": "batch-1",
    "data": {
        "records": [
            {
                "id": "S-1",
                "startDate": "2031-04-07T06:00:00Z",
                "endDate": "2031-04-07T06:10:00Z",
                "zoneOffset": "+02:00",
                "type": "HKQuantityTypeIdentifierStepCount",
                "value": 1200,
                "unit": "count",
            }
        ]
    },
}


def has_steps(hub: Hub) -> State:
    phone = hub.phone()
    phone.athlete.ask("POST", "/ingest/batch", BATCH)
    return phone.known


def has_foreign_cursor(hub: Hub) -> State:
    other = hub.phone().athlete.ask("GET", "/changes?collections=daily")
    return {**hub.phone().known, "cursor": other["next_cursor"]}


PLATFORM_STATES: Mapping[str, Callable[[Hub], State]] = {
    "a platform has a key": has_key,
    "an athlete is there": has_athlete,
    "an athlete has the platform's name for another": taken,
    "an athlete is connected to Garmin": is_connected,
    "an athlete has an API key of intervals.icu": has_intervals_key,
    "a workout waits for a connection": has_workout,
    "a workout was sent to Garmin": sent,
    "a workout was refused by Garmin": refused,
}

PHONE_STATES: Mapping[str, Callable[[Hub], State]] = {
    "a platform has a key": has_key,
    "an athlete is there": has_athlete,
    "a phone is connected": has_phone,
    "a phone that holds a workout is not connected any more": lost_phone,
    "a workout lies ready for a phone": ready,
    "two workouts lie ready for a phone": two_ready,
    "a workout lies ready for another athlete's phone": others_ready,
    "a phone holds a workout": held,
    "a workout was changed since a phone fetched it": changed,
    "a workout that a phone holds was deleted": deleted,
    "a phone has sent its steps": has_steps,
    "a phone has the cursor of another athlete": has_foreign_cursor,
}
