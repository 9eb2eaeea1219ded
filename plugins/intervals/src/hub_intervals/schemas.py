"""What intervals.icu answers, as far as it is read. Unknown fields are tolerated."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec


class DocValue(msgspec.Struct):
    """A target: one value, or two ends, of which `start` comes first in time on a ramp."""

    units: str = ""
    value: float | None = None
    start: float | None = None
    end: float | None = None


class DocStep(msgspec.Struct):
    """A step of a parsed workout, or a repeat with `reps` and `steps`.

    A step with a `distance` has a `duration` too, which the server guessed.
    """

    reps: int | None = None
    steps: list[DocStep] | None = None
    duration: float | None = None
    distance: float | None = None
    until_lap_press: bool | None = None
    ramp: bool | None = None
    power: DocValue | None = None
    hr: DocValue | None = None
    pace: DocValue | None = None
    cadence: DocValue | None = None


class ParsedDoc(msgspec.Struct):
    """The steps that the server made of the workout text."""

    steps: list[DocStep] | None = None


class WorkoutDoc(msgspec.Struct):
    """The thresholds that the server resolved the workout with."""

    ftp: float | msgspec.UnsetType | None = msgspec.UNSET
    lthr: float | msgspec.UnsetType | None = msgspec.UNSET
    threshold_pace: float | msgspec.UnsetType | None = msgspec.UNSET


class PushError(msgspec.Struct):
    """A watch service that the server could not hand the workout on to."""

    service: str = ""
    message: str = ""


class Event(msgspec.Struct):
    """A calendar event."""

    id: int
    external_id: str | None = None
    description: str | None = None
    workout_doc: WorkoutDoc | None = None
    push_errors: list[PushError] | None = None


class AthleteProfile(msgspec.Struct):
    """The owner of a token. Ids are `i12345`; old accounts have plain digits."""

    id: str
    name: str | None = None


class WebhookEvent(msgspec.Struct):
    """One thing that happened; what it tells stands under a name of its own for each type."""

    type: str
    athlete_id: str
    timestamp: str | None = None
    activity: dict[str, Any] | None = None
    records: list[dict[str, Any]] | None = None
    scope: str | None = None
    deauthorized: bool | None = None


class Webhook(msgspec.Struct):
    """The body of a webhook. An event that can't be read must not take the others with it."""

    secret: str = ""
    events: list[dict[str, Any]] = []


class Stream(msgspec.Struct):
    """A series. `latlng` has latitudes in `data` and longitudes in `data2`, or both in `data`."""

    type: str
    data: list[Any] | None = None
    data2: list[Any] | None = None


class DoneActivity(msgspec.Struct):
    """An activity. Seconds, metres, W, bpm; cadence is turns of the cranks, or steps of one leg."""

    id: str
    start_date_local: dt.datetime | None = None
    start_date: dt.datetime | None = None
    timezone: str | None = None
    type: str | None = None
    trainer: bool | None = None
    name: str | None = None
    description: str | None = None
    elapsed_time: float | None = None
    moving_time: float | None = None
    distance: float | None = None
    total_elevation_gain: float | None = None
    total_elevation_loss: float | None = None
    average_heartrate: float | None = None
    max_heartrate: float | None = None
    icu_average_watts: float | None = None
    icu_weighted_avg_watts: float | None = None
    average_cadence: float | None = None
    calories: float | None = None
    icu_rpe: float | None = None
    device_name: str | None = None
    source: str | None = None
    external_id: str | None = None
    paired_event_id: int | None = None
    stream_types: list[str] | None = None


class ToldActivity(msgspec.Struct):
    """The body of a delivery: an activity, and when a webhook told of it."""

    activity: DoneActivity
    timestamp: str | None = None


class ActivityStub(msgspec.Struct):
    """What is left of a deleted activity: its id, zeros and no date."""

    id: str


class DeletedActivity(msgspec.Struct):
    """The body of a delivery that tells of a deletion."""

    activity: ActivityStub
    timestamp: str | None = None


_WELLNESS_NAMES = {
    "body_fat": "bodyFat",
    "resting_hr": "restingHR",
    "hrv_sdnn": "hrvSDNN",
    "sp_o2": "spO2",
    "kcal_consumed": "kcalConsumed",
    "fat_total": "fatTotal",
}


class Wellness(msgspec.Struct, rename=_WELLNESS_NAMES):
    """A day, by its date. `hrv` is RMSSD; what begins with `temp` is carried forward, and isn't read."""

    id: dt.date
    updated: str | None = None
    weight: float | None = None
    body_fat: float | None = None
    resting_hr: float | None = None
    hrv: float | None = None
    hrv_sdnn: float | None = None
    sp_o2: float | None = None
    respiration: float | None = None
    vo2max: float | None = None
    steps: float | None = None
    kcal_consumed: float | None = None
    carbohydrates: float | None = None
    protein: float | None = None
    fat_total: float | None = None


class ScopeChange(msgspec.Struct):
    """The athlete has changed what the app may do; `scope` is all of it."""

    scope: str | None = None
    deauthorized: bool | None = None
