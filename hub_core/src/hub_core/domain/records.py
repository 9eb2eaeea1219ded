"""What was done and measured, in one form whoever said it: activities, days, nights, meals.

Seconds, metres, m/s, watts, beats per minute. None means that nobody said anything, which is not zero.

`version` orders what one source says about the same thing: the higher one stands, such as the time of the
vendor's last change in epoch milliseconds. 0 when the vendor doesn't tell; then the later arrival stands.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Literal

import msgspec

from hub_core.domain.series import Series
from hub_core.domain.sport import Sport

Kind = Literal["activity", "daily", "sleep", "nutrition", "sample"]


class Device(msgspec.Struct, frozen=True, omit_defaults=True):
    """What recorded it. `serial` where it is told; together with the maker it is one piece of hardware."""

    name: str = ""
    manufacturer: str = ""
    serial: str = ""


class Lap(msgspec.Struct, frozen=True, omit_defaults=True):
    """One lap, `start_s` after the activity's start. Cadence as in `Activity`."""

    start_s: float
    duration_s: float
    distance_m: float | None = None
    avg_heart_rate_bpm: float | None = None
    avg_power_w: float | None = None
    avg_cadence_rpm: float | None = None
    name: str = ""


class Activity(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was done.

    `start` carries the athlete's own offset from UTC where it is told, so that `start.date()` is the day they
    would name; `time_zone` is the IANA name where that is told. `duration_s` is from start to end with all
    pauses, `moving_s` without them. `avg_cadence_rpm` counts turns of the cranks, or steps of ONE foot (half
    of the steps per minute that watches show). `perceived_exertion` is the athlete's, from 1 to 10.

    `origin` and `origin_id`: who recorded it, and under which id, when this provider only passes it on
    (intervals.icu says `garmin` and Garmin's id). `planned_reference`: our own reference of the planned
    workout, when the provider kept it. `file_digest`: SHA-256 of the file it came from, in hex.
    `is_manual`: a person typed it in.
    """

    external_id: str
    sport: Sport
    start: dt.datetime
    duration_s: float
    distance_m: float | None = None
    name: str = ""
    version: int = 0
    time_zone: str = ""
    moving_s: float | None = None
    elevation_gain_m: float | None = None
    elevation_loss_m: float | None = None
    avg_heart_rate_bpm: float | None = None
    max_heart_rate_bpm: float | None = None
    avg_power_w: float | None = None
    max_power_w: float | None = None
    normalized_power_w: float | None = None
    avg_cadence_rpm: float | None = None
    energy_kcal: float | None = None
    steps: int | None = None
    perceived_exertion: float | None = None
    notes: str = ""
    device: Device | None = None
    laps: tuple[Lap, ...] = ()
    series: Series | None = None
    origin: str = ""
    origin_id: str = ""
    planned_reference: str = ""
    file_digest: str = ""
    is_manual: bool = False

    @property
    def end(self) -> dt.datetime:
        """The instant at which it was over."""
        return self.start + dt.timedelta(seconds=self.duration_s)


class DailyHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one source says about one local calendar day, as far as it has come.

    HRV comes as RMSSD or as SDNN, two measures that are never mixed. Body battery is Garmin's, 0 to 100.
    `external_id` is made of the date when the vendor has none.
    """

    date: dt.date
    external_id: str = ""
    version: int = 0
    steps: int | None = None
    distance_m: float | None = None
    active_kcal: float | None = None
    basal_kcal: float | None = None
    floors: float | None = None
    resting_heart_rate_bpm: float | None = None
    hrv_rmssd_ms: float | None = None
    hrv_sdnn_ms: float | None = None
    body_battery_high: float | None = None
    body_battery_low: float | None = None
    stress_avg: float | None = None
    weight_kg: float | None = None
    body_fat_pct: float | None = None
    spo2_pct: float | None = None
    respiration_brpm: float | None = None
    vo2max: float | None = None


class Stage(StrEnum):
    """A part of a night. `ASLEEP` where the source doesn't tell which sleep; `CORE` is also called light."""

    IN_BED = "in_bed"
    ASLEEP = "asleep"
    CORE = "core"
    DEEP = "deep"
    REM = "rem"
    AWAKE = "awake"


class SleepStage(msgspec.Struct, frozen=True):
    """One stretch of one stage; both ends have an offset from UTC."""

    stage: Stage
    start: dt.datetime
    end: dt.datetime


class SleepNight(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sleep as one source tells it. It belongs to the local date on which it ends.

    `asleep_s` is without the time awake; the stages' seconds are None where they aren't told. `score` is
    the vendor's, 0 to 100. `is_nap` where the vendor says so.
    """

    date: dt.date
    external_id: str
    start: dt.datetime
    end: dt.datetime
    version: int = 0
    asleep_s: float | None = None
    in_bed_s: float | None = None
    core_s: float | None = None
    deep_s: float | None = None
    rem_s: float | None = None
    awake_s: float | None = None
    score: float | None = None
    is_nap: bool = False
    stages: tuple[SleepStage, ...] = ()


class NutritionDay(msgspec.Struct, frozen=True, omit_defaults=True):
    """The day's totals of what was eaten. A day on which nothing was logged has no record, or only None."""

    date: dt.date
    external_id: str = ""
    version: int = 0
    energy_kcal: float | None = None
    carbohydrate_g: float | None = None
    protein_g: float | None = None
    fat_g: float | None = None


class SampleMetric(StrEnum):
    """What is told in small pieces, each named with its unit. `SLEEP` has a stage in place of a value."""

    STEPS = "steps"
    ACTIVE_ENERGY = "active_kcal"
    DISTANCE = "distance_m"
    FLOORS = "floors"
    HEART_RATE = "heart_rate_bpm"
    RESTING_HEART_RATE = "resting_heart_rate_bpm"
    HRV_SDNN = "hrv_sdnn_ms"
    HRV_RMSSD = "hrv_rmssd_ms"
    WEIGHT = "weight_kg"
    BODY_FAT = "body_fat_pct"
    SPO2 = "spo2_pct"
    RESPIRATION = "respiration_brpm"
    VO2MAX = "vo2max"
    SLEEP = "sleep"


class Sample(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value over a stretch of time, as phones keep it: 212 steps from 7:03 to 7:08 by this watch.

    `start` and `end` have the athlete's offset. `device` tells pieces of hardware apart: the same steps are
    counted by the phone in the pocket and by the watch on the wrist. `stage` is for `SampleMetric.SLEEP`.
    `is_manual`: a person typed it in.
    """

    external_id: str
    metric: SampleMetric
    start: dt.datetime
    end: dt.datetime
    value: float = 0.0
    stage: Stage | None = None
    device: str = ""
    version: int = 0
    is_manual: bool = False


class Deleted(msgspec.Struct, frozen=True):
    """The source says that this record of its own is gone."""

    external_id: str
    kind: Kind = "activity"
    version: int = 0


class Refused(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item that can't be kept: its place in what was sent, such as `samples[3].end`, and what is wrong.

    `index` in its list and `external_id` of its own, where they are known.
    """

    path: str
    detail: str
    index: int | None = None
    external_id: str = ""


class Records(msgspec.Struct, frozen=True):
    """What one delivery said, normalized.

    `revoked`: the athlete has ended the consent at the provider. `scopes`: what is granted from now on, when
    the delivery says that this has changed. `refused`: items that can't be read, where the sender is told of
    each; `remarks`: what was left out though nothing is wrong with it, in words.
    """

    activities: tuple[Activity, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    revoked: bool = False
    daily: tuple[DailyHealth, ...] = ()
    sleep: tuple[SleepNight, ...] = ()
    nutrition: tuple[NutritionDay, ...] = ()
    samples: tuple[Sample, ...] = ()
    scopes: tuple[str, ...] | None = None
    refused: tuple[Refused, ...] = ()
    remarks: tuple[str, ...] = ()
