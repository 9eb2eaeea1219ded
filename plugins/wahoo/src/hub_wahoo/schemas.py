"""What Wahoo's payloads look like, as far as they are read. Unknown fields are tolerated."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec

#: Ids are numbers of up to 64 bits; some clients have met strings.
WahooId = int | str
Instant = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class User(msgspec.Struct, frozen=True):
    """`GET /v1/user`."""

    id: WahooId
    first: str | None = None
    last: str | None = None


class PlanFile(msgspec.Struct, frozen=True):
    """Where the plan's JSON can be fetched; null when Wahoo could not use what was sent."""

    url: str | None = None


class Plan(msgspec.Struct, frozen=True):
    """A plan: the recipe. Name and description come from the file's header, not from form fields."""

    id: WahooId
    name: str | None = None
    description: str | None = None
    file: PlanFile | None = None
    external_id: str | None = None
    provider_updated_at: str | None = None
    workout_type_family_id: int | None = None
    workout_type_location_id: int | None = None
    deleted: bool | None = None
    updated_at: str | None = None


class Workout(msgspec.Struct, frozen=True):
    """A workout: the entry in the calendar that points to a plan. `starts` is UTC."""

    id: WahooId
    name: str | None = None
    starts: Instant | None = None
    minutes: float | None = None
    workout_token: str | None = None
    workout_type_id: int | None = None
    plan_id: WahooId | None = None
    updated_at: str | None = None


class WorkoutPage[W](msgspec.Struct, frozen=True):
    """One page of `GET /v1/workouts`, newest start first."""

    workouts: list[W]
    total: int | None = None


class PlanForm(msgspec.Struct, frozen=True):
    """What a plan is created or replaced with. `updated_at` is ISO 8601 UTC."""

    document: bytes
    external_id: str
    updated_at: str


class WorkoutForm(msgspec.Struct, frozen=True):
    """What a workout is created or replaced with. `starts` is ISO 8601 UTC, `minutes` a whole number."""

    name: str
    workout_token: str
    workout_type_id: int
    starts: str
    minutes: int
    plan_id: str


class StoredTarget(msgspec.Struct, frozen=True):
    """A target of an interval."""

    type: str
    low: float
    high: float


class StoredInterval(msgspec.Struct, frozen=True):
    """An interval, or a repeat of some."""

    exit_trigger_type: str
    exit_trigger_value: float
    intensity_type: str = "active"
    targets: list[StoredTarget] = []
    intervals: list[StoredInterval] | None = None


class StoredHeader(msgspec.Struct, frozen=True):
    """The part of a plan's header that its intervals refer to."""

    workout_type_family: int
    name: str = ""
    ftp: float | None = None


class StoredPlan(msgspec.Struct, frozen=True):
    """The file of a plan, as Wahoo gives it back."""

    header: StoredHeader
    intervals: list[StoredInterval]


class WebhookUser(msgspec.Struct, frozen=True):
    """Whose it is."""

    id: WahooId


class Webhook(msgspec.Struct, frozen=True):
    """The body of a webhook. The workout is nested in the summary. [Wahoo docs, webhooks]"""

    event_type: str
    user: WebhookUser
    workout_summary: dict[str, Any] | None = None
    webhook_token: str = ""


class DoneWorkout(msgspec.Struct, frozen=True):
    """The entry in the calendar that a summary belongs to. `minutes` are planned, or rounded."""

    id: WahooId
    starts: Instant | None = None
    minutes: float | None = None
    name: str | None = None
    #: Our reference, or a text of the device that began it.
    workout_token: str | None = None
    workout_type_id: int | None = None


class Summary(msgspec.Struct, frozen=True):
    """What was done. Numbers come as strings, and any may be null. Seconds, metres, W, bpm, kcal."""

    workout: DoneWorkout
    started_at: Instant | None = None
    duration_active_accum: float | None = None
    duration_paused_accum: float | None = None
    duration_total_accum: float | None = None
    distance_accum: float | None = None
    ascent_accum: float | None = None
    heart_rate_avg: float | None = None
    cadence_avg: float | None = None
    power_avg: float | None = None
    power_bike_np_last: float | None = None
    calories_accum: float | None = None
    name: str | None = None
    time_zone: str | None = None
    manual: bool | None = None
    updated_at: Instant | None = None
