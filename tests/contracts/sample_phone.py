"""The app on an athlete's phone: the consumer of the pickups, as far as the contract goes.

In the field it asks its platform's server, which adds the key and asks the hub the same.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .sample_caller import SampleCaller

PROVIDER = "healthkit"


class Connection(msgspec.Struct):
    """Which phone the athlete is connected by."""

    provider: str
    status: str
    provider_user_id: str
    display_name: str


class Moment(msgspec.Struct, rename="camel"):
    """When WorkoutKit's scheduler is to show the plan (DateComponents)."""

    year: int
    month: int
    day: int
    hour: int
    minute: int


class Plan(msgspec.Struct, rename={"minimum_os": "minimumOS", "scheduled_at": "scheduledAt"}):
    """`workoutkit-plan/1`."""

    format: str
    minimum_os: str
    scheduled_at: Moment
    workout: dict[str, Any]


class Schedule(msgspec.Struct):
    """Put this on the watch."""

    date: str
    time_zone: str
    payload: Plan
    time: str | None = None


class Removal(msgspec.Struct):
    """Take this off the watch."""

    external_id: str


class Pickup(msgspec.Struct):
    """What to do about one workout."""

    id: str
    revision: int
    uuid: str
    is_confirmed: bool
    schedule: Schedule | None
    remove: Removal | None


class Fetched(msgspec.Struct):
    """All that the phone should hold, and what to send to be told of changes only."""

    etag: str
    pickups: list[Pickup]


class Outcome(msgspec.Struct, omit_defaults=True):
    """How it went with one revision; kept on the phone until the hub has heard it."""

    revision: int
    outcome: str
    external_id: str = ""
    reason: str = ""


class Export(msgspec.Struct):
    """What the platform now shows the athlete."""

    id: str
    status: str
    reason_code: str
    reason: str
    external_ids: dict[str, str]
    sent_revision: int | None


class ItemError(msgspec.Struct):
    """An item that was not taken: to be shown in the app's log."""

    path: str
    detail: str
    index: int
    external_id: str


class Taken(msgspec.Struct):
    """What became of a batch."""

    new: int
    known: int
    errors: list[ItemError]


class Change(msgspec.Struct):
    """An entity as it is now, or that it is gone."""

    collection: str
    id: str
    operation: str
    entity: dict[str, Any] | None


class Page(msgspec.Struct):
    """What has changed, and where to go on."""

    changes: list[Change]
    next_cursor: str
    has_more: bool


class Result(msgspec.Struct):
    """What became of one operation."""

    id: str
    status: str
    detail: str = ""


class Results(msgspec.Struct):
    """One for each operation."""

    results: list[Result]


class SamplePhone(SampleCaller):
    """One method for each thing that the app wants of the hub."""

    def __init__(self, origin: str, key: str, athlete: str) -> None:
        super().__init__(origin, key)
        self._athlete = f"/athletes/{athlete}"
        self._pickups = f"{self._athlete}/pickups/{PROVIDER}"

    def connect_device(self, device_id: str, name: str) -> list[Connection]:
        """Once the athlete has allowed it, and at each start of the app."""
        body = {"device_id": device_id, "name": name}
        return self._call(
            "PUT", f"{self._athlete}/connections/{PROVIDER}/device", list[Connection], json=body
        )

    def fetch_pickups(self, *, etag: str = "", room: int | None = None) -> Fetched | None:
        """None when nothing has changed since that ETag."""
        headers = {"If-None-Match": etag} if etag else {}
        params = {} if room is None else {"room": room}
        answer = self._request("GET", self._pickups, headers=headers, params=params)
        if answer.status_code == 304:
            return None
        return Fetched(answer.headers["etag"], msgspec.json.decode(answer.content, type=list[Pickup]))

    def confirm(self, pickup_id: str, outcome: Outcome) -> Export:
        """Say how it went."""
        return self.confirm_kept(pickup_id, msgspec.json.encode(outcome))

    def confirm_kept(self, pickup_id: str, kept: bytes) -> Export:
        """Say what could not be said earlier, as the phone has kept it in a file."""
        headers = {"Content-Type": "application/json"}
        return self._call("POST", f"{self._pickups}/{pickup_id}", Export, content=kept, headers=headers)

    def send_batch(self, batch: dict[str, Any]) -> Taken:
        """What HealthKit has told since the last time; the same batch again when no answer came."""
        return self._call("POST", f"{self._athlete}/ingest/batch", Taken, json=batch)

    def fetch_changes(self, cursor: str = "") -> Page:
        """What has changed since the cursor."""
        params = {"cursor": cursor, "collections": "daily"}
        return self._call("GET", f"{self._athlete}/changes", Page, params=params)

    def send_operations(self, client_id: str, operations: list[dict[str, Any]]) -> list[Result]:
        """What the person did while there was no network."""
        body = {"client_id": client_id, "operations": operations}
        return self._call("POST", f"{self._athlete}/mutations", Results, json=body).results
