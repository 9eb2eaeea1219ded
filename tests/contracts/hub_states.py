"""What the hub must hold before each exchange of `test_hub_platform.py`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from hub_core.cli.serve import make_sandboxes
from hub_core.sandbox import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.storage import generate_key
from hub_core.testing.processes import AthleteClient, HubProcesses, PlatformClient
from hub_intervals.sandbox_accounts import API_KEY

from .plugin_contract import PLAN
from .provider import State as SetUp

WORKOUT: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(PLAN))
TAKEN = "runner-taken"

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


@contextmanager
def running_hub(folder: Path) -> Iterator[tuple[str, Mapping[str, SetUp]]]:
    """The origin of a hub in processes of its own, and its states."""
    with serve_sandboxes(make_sandboxes(["garmin", "wahoo", "intervals"])) as sandboxes:
        environment = {"HUB_ENCRYPTION_KEYS": generate_key(), "HUB_LOG_LEVEL": "WARNING"}
        environment["HUB_DATABASE_URL"] = f"sqlite:///{folder / 'hub.db'}"
        for server in sandboxes.values():
            environment |= server.sandbox.environment(server.origin)
        with HubProcesses(environment, log=folder / "hub.log") as processes:
            platform = processes.platform()
            key = platform.http.headers["Authorization"].removeprefix("Bearer ")
            hub = Hub(platform, key, sandboxes)
            yield processes.origin, {name: partial(state, hub) for name, state in STATES.items()}
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


STATES: Mapping[str, Callable[[Hub], State]] = {
    "a platform has a key": has_key,
    "an athlete is there": has_athlete,
    "an athlete has the platform's name for another": taken,
    "an athlete is connected to Garmin": is_connected,
    "an athlete has an API key of intervals.icu": has_intervals_key,
    "a workout waits for a connection": has_workout,
    "a workout was sent to Garmin": sent,
    "a workout was refused by Garmin": refused,
}
