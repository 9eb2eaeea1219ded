"""What a phone's Health app holds, and how its SDK sends that: new, gone, in any order, again and again."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from typing import Any

from hub_core.sandbox import RecordedActivity
from hub_healthkit.activities import ACTIVITIES

WATCH = {
    "name": "Watch",
    "bundleIdentifier": "com.apple.health.11111111-2222-4333-8444-555555555555",
    "productType": "Watch7,2",
}
PHONE = {
    "name": "iPhone",
    "bundleIdentifier": "com.apple.health.66666666-7777-4888-8999-000000000000",
    "productType": "iPhone15,2",
}
_STEPS = "HKQuantityTypeIdentifierStepCount"
_SLEEP = "HKCategoryTypeIdentifierSleepAnalysis"
_WORKOUT = "HKWorkoutTypeIdentifier"

type Item = dict[str, Any]


class HealthStore:
    """One person's samples by UUID, and what the SDK has not sent yet (its anchor)."""

    def __init__(self, *, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311 (it names samples, and guards nothing)
        self.items: dict[str, tuple[str, Item]] = {}
        self._unsent: list[tuple[str, Item]] = []

    # -- what happens ---------------------------------------------------------------------------------

    def walk(self, start: dt.datetime, minutes: float, steps: float, source: Item = WATCH) -> str:
        """Steps are counted. Watch and phone count the same ones."""
        return self._add("records", start, minutes, source, type=_STEPS, value=steps, unit="count")

    def measure(self, start: dt.datetime, name: str, value: float, unit: str, *, typed: bool = False) -> str:
        """One quantity, such as `BodyMass`; `typed` by the person into the Health app."""
        metadata = {"HKWasUserEntered": 1} if typed else {}
        kind = f"HKQuantityTypeIdentifier{name}"
        return self._add("records", start, 0, PHONE, type=kind, value=value, unit=unit, metadata=metadata)

    def sleep(self, start: dt.datetime, minutes: float, stage: str, source: Item = WATCH) -> str:
        """A stretch of sleep."""
        return self._add("sleep", start, minutes, source, stage=stage)

    def train(self, start: dt.datetime, minutes: float, kind: str | int = "running", **fields: Any) -> str:
        """A workout; `fields` are further ones of the SDK's."""
        return self._add("workouts", start, minutes, fields.pop("source", WATCH), type=kind, **fields)

    def keep(self, **workout: Any) -> str:
        """A workout in the SDK's own words (`to_workout`)."""
        item = {"id": self._uuid(), **workout}
        self._keep("workouts", item)
        return str(item["id"])

    def delete(self, sample_id: str) -> None:
        """It is gone, and HealthKit tells its UUID only."""
        name, _ = self.items.pop(sample_id)
        kind = {"records": _STEPS, "sleep": _SLEEP, "workouts": _WORKOUT}[name]
        self._unsent.append(("deleted", {"id": sample_id, "type": kind}))

    def edit(self, sample_id: str, **fields: Any) -> str:
        """HealthKit's objects never change: an edited one is another one, with another UUID."""
        name, item = self.items[sample_id]
        self.delete(sample_id)
        edited = {**item, **fields, "id": self._uuid()}
        self._keep(name, edited)
        return str(edited["id"])

    def _add(self, name: str, start: dt.datetime, minutes: float, source: Item, **fields: Any) -> str:
        item = {"id": self._uuid(), **_span(start, 60 * minutes), "source": source, **fields}
        self._keep(name, item)
        return str(item["id"])

    def _keep(self, name: str, item: Item) -> None:
        self.items[item["id"]] = (name, item)
        self._unsent.append((name, item))

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4)).upper()

    # -- what is sent ---------------------------------------------------------------------------------

    def send_new(self, size: int = 500) -> Iterator[Item]:
        """What has happened since the last time, deletions too."""
        unsent, self._unsent = self._unsent, []
        yield from self._batches(unsent, size)

    def send_again(self, size: int = 500) -> Iterator[Item]:
        """The whole history in any order, as after a new installation; nothing is told of what is gone."""
        held = list(self.items.values())
        self._random.shuffle(held)
        yield from self._batches(held, size)

    def send_backwards(self, size: int = 500) -> Iterator[Item]:
        """What has happened, the last first: deletions come before what they delete."""
        unsent, self._unsent = self._unsent[::-1], []
        yield from self._batches(unsent, size)

    def _batches(self, items: list[tuple[str, Item]], size: int) -> Iterator[Item]:
        for first in range(0, len(items), size):
            data: dict[str, list[Item]] = {}
            for name, item in items[first : first + size]:
                data.setdefault(name, []).append(item)
            yield {"provider": "apple", "sdkVersion": "9.9.9", "batchId": self._uuid(), "data": data}


def to_workout(activity: RecordedActivity) -> Item:
    """What somebody did, in the SDK's words."""
    kind, values = ACTIVITIES[activity.sport], [_value("duration", activity.duration_s, "s")]
    if activity.distance_m is not None:
        values.append(_value("distance", activity.distance_m, "m"))
    if activity.heart_rate_bpm is not None:
        values.append(_value("averageHeartRate", activity.heart_rate_bpm, "bpm"))
    metadata: Item = {"HKIndoorWorkout": int(kind.location == "indoor")}
    if kind.name == "swimming":
        metadata["HKSwimmingLocationType"] = 1 if kind.location == "indoor" else 2
    if activity.plan_id:
        metadata["workoutPlanId"] = activity.plan_id
    return {
        "type": kind.name,
        **_span(activity.start, activity.duration_s),
        "title": activity.name,
        "source": WATCH,
        "values": values,
        "metadata": metadata,
    }


def _value(kind: str, value: float, unit: str) -> Item:
    return {"type": kind, "value": value, "unit": unit}


def _span(start: dt.datetime, seconds: float) -> Item:
    offset = start.strftime("%z")
    return {
        "startDate": _utc(start),
        "endDate": _utc(start + dt.timedelta(seconds=seconds)),
        "zoneOffset": f"{offset[:3]}:{offset[3:]}",
    }


def _utc(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
