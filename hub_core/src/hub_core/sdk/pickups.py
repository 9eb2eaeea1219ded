"""What a phone fetches, and what it says afterwards: for providers without an API to call.

A phone asks for its *pickups*, which are the whole of what it should hold now, does what they say, and
tells for each how it went. The same words travel over the API, and between the hub and a sandbox's phone.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

import msgspec

Outcome = Literal["scheduled", "removed", "failed"]


class Schedule(msgspec.Struct, frozen=True):
    """Put this on the device. `payload` is the provider's form, as its plugin's README describes it;
    `date`, `time` and `time_zone` are the athlete's wall clock."""

    payload: dict[str, Any]
    date: dt.date
    time: dt.time | None = None
    time_zone: str = "UTC"


class Removal(msgspec.Struct, frozen=True):
    """Take it off the device. `external_id` is the phone's own, or `uuid` if it never told one; what the
    device doesn't have counts as removed."""

    external_id: str


class Pickup(msgspec.Struct, frozen=True):
    """What the phone should do about one export: exactly one of `schedule` and `remove` is there.

    `id` is the export's. `reference` and `uuid` name the workout, are the same at every revision, and are
    meant as the id on the device: a newer revision then replaces the older one. `is_confirmed`: the phone
    has said already that it holds this revision.
    """

    id: str
    workout_id: str
    revision: int
    reference: str
    uuid: str
    is_confirmed: bool = False
    schedule: Schedule | None = None
    remove: Removal | None = None


class PickupOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it went with one revision. `external_id`: the id on the device. `reason`: why it failed, or what
    the device could not take of it."""

    revision: int
    outcome: Outcome
    external_id: str = ""
    reason: str = ""


def pickup_uuid(reference: str) -> str:
    """The stable UUID of a workout on its way to phones, in upper case as Apple's are printed."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:hub:{reference}")).upper()
