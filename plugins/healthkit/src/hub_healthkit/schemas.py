"""What a phone sends, item by item. [sheet, 3] Unknown fields are passed over: a later SDK adds some."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

STEP_COUNT = "HKQuantityTypeIdentifierStepCount"


class Source(msgspec.Struct, frozen=True, rename="camel"):
    """Which app wrote it, on which device."""

    name: str = ""
    bundle_identifier: str = ""
    product_type: str = ""
    device_name: str = ""
    device_manufacturer: str = ""
    device_id: str = ""
    recording_method: str = ""

    @property
    def hardware(self) -> str:
        """What tells devices apart. Apple's own write as `com.apple.health.<UUID>`, one for each device."""
        return self.device_id or self.bundle_identifier or self.product_type or self.name


class Item(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What all items have. `id` is the sample's UUID."""

    id: str
    start_date: dt.datetime
    end_date: dt.datetime
    zone_offset: str | None = None
    source: Source = Source()
    metadata: dict[str, Any] = {}

    @property
    def is_manual(self) -> bool:
        """Whether a person typed it in."""
        told = self.metadata.get("HKWasUserEntered")
        return str(told).lower() in {"1", "true"} or self.source.recording_method == "manual"


class Quantity(Item, frozen=True, rename="camel", kw_only=True):
    """One of `data.records`."""

    value: float
    type: str = STEP_COUNT
    unit: str = ""


class SleepSample(Item, frozen=True, rename="camel", kw_only=True):
    """One of `data.sleep`."""

    stage: str | int


class Value(msgspec.Struct, frozen=True):
    """A number of a workout. Flags come as `true`, and words as text."""

    type: str
    value: float | bool | str
    unit: str = ""


class WorkoutSample(msgspec.Struct, frozen=True, rename="camel"):
    """What was measured during a workout."""

    type: str
    value: float
    start_date: dt.datetime
    unit: str = ""


class RoutePoint(msgspec.Struct, frozen=True):
    """`t`: its moment; metres, and metres per second."""

    lat: float
    lon: float
    t: dt.datetime
    ele: float | None = None
    speed: float | None = None


class WorkoutLap(msgspec.Struct, frozen=True, rename="camel"):
    """`distance` in metres."""

    start_date: dt.datetime
    end_date: dt.datetime
    distance: float | None = None


class Workout(Item, frozen=True, rename="camel", kw_only=True):
    """One of `data.workouts`. `type` is HKWorkoutActivityType by name or number."""

    type: str | int
    title: str = ""
    notes: str = ""
    values: tuple[Value, ...] = ()
    laps: tuple[WorkoutLap, ...] = ()
    samples: tuple[WorkoutSample, ...] = ()
    route_points: tuple[RoutePoint, ...] = ()


class Gone(msgspec.Struct, frozen=True):
    """An HKDeletedObject, which knows no type: the app adds that of its query."""

    id: str
    type: str = ""


class Parts(msgspec.Struct, frozen=True):
    """The lists of a batch. Each item is read by itself: a bad neighbour costs nothing."""

    records: tuple[msgspec.Raw, ...] = ()
    sleep: tuple[msgspec.Raw, ...] = ()
    workouts: tuple[msgspec.Raw, ...] = ()
    deleted: tuple[msgspec.Raw, ...] = ()


class Batch(msgspec.Struct, frozen=True):
    """The SDK's envelope."""

    data: Parts
