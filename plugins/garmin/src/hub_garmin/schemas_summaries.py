"""What Garmin tells of athletes: the items of its webhooks and pulls. Other fields are tolerated.

A metric that wasn't measured is absent, not 0. Times are epoch seconds in UTC; an offset is added to get
what the device's clock showed.
"""

from __future__ import annotations

import datetime as dt

import msgspec

#: `{"60": 17}`, or `[[60, 17]]` as live integrations have met it: offset in seconds from the start, value.
Curve = dict[str, float | None] | list[tuple[float, float | None]]


class Item(msgspec.Struct, frozen=True, rename="camel"):
    """What any item may have. With a `callback_url` it is a ping: the data has to be fetched there."""

    callback_url: str | None = msgspec.field(default=None, name="callbackURL")
    upload_end_time_in_seconds: int | None = None


class ActivitySummary(msgspec.Struct, frozen=True, rename="camel"):
    """An activity. Spellings differ from client to client: both are read."""

    start_time_in_seconds: float
    duration_in_seconds: float
    activity_id: int | str | None = None
    activity_type: str | None = None
    activity_name: str | None = None
    device_name: str | None = None
    manual: bool | None = None
    is_parent: bool | None = None
    start_time_offset_in_seconds: float | None = None
    distance_in_meters: float | None = None
    total_elevation_gain_in_meters: float | None = None
    elevation_gain_in_meters: float | None = None
    total_elevation_loss_in_meters: float | None = None
    elevation_loss_in_meters: float | None = None
    average_heart_rate_in_beats_per_minute: float | None = None
    max_heart_rate_in_beats_per_minute: float | None = None
    average_run_cadence_in_steps_per_minute: float | None = None
    average_bike_cadence_in_rounds_per_minute: float | None = None
    average_biking_cadence_in_rev_per_minute: float | None = None
    average_power_in_watts: float | None = None
    max_power_in_watts: float | None = None
    normalized_power_in_watts: float | None = None
    active_kilocalories: float | None = None
    steps: float | None = None


class ActivitySample(msgspec.Struct, frozen=True, rename="camel"):
    """A moment of an activity."""

    start_time_in_seconds: float
    latitude_in_degree: float | None = None
    longitude_in_degree: float | None = None
    elevation_in_meters: float | None = None
    air_temperature_celcius: float | None = None  # the spelling is Garmin's
    heart_rate: float | None = None
    speed_meters_per_second: float | None = None
    steps_per_minute: float | None = None
    total_distance_in_meters: float | None = None
    power_in_watts: float | None = None
    bike_cadence_in_rpm: float | None = msgspec.field(default=None, name="bikeCadenceInRPM")


class ActivityLap(msgspec.Struct, frozen=True, rename="camel"):
    """Where a lap began: all that Garmin is sure to tell of it."""

    start_time_in_seconds: float


class ActivityDetails(msgspec.Struct, frozen=True, rename="camel"):
    """An activity with its samples. Its own id has the suffix `-detail`; the summary's has not."""

    summary: ActivitySummary
    activity_id: int | str | None = None
    samples: list[ActivitySample] | None = None
    laps: list[ActivityLap] | None = None


class ActivityFile(msgspec.Struct, frozen=True, rename="camel"):
    """What lies behind the callback: `file_type` is FIT, TCX or GPX."""

    activity_id: int | str | None = None
    summary_id: str | None = None
    file_type: str | None = None
    start_time_in_seconds: float | None = None
    activity_type: str | None = None
    activity_name: str | None = None
    device_name: str | None = None
    manual: bool | None = None


class OfDay(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What says which day is meant: the athlete's own date, or a moment with its offset."""

    calendar_date: dt.date | None = None
    start_time_in_seconds: float | None = None
    start_time_offset_in_seconds: float | None = None
    duration_in_seconds: float | None = None


class Daily(OfDay, frozen=True, rename="camel", kw_only=True):
    """A day as far as it has come; it is sent again as it grows."""

    steps: float | None = None
    distance_in_meters: float | None = None
    active_kilocalories: float | None = None
    bmr_kilocalories: float | None = None
    floors_climbed: float | None = None
    resting_heart_rate_in_beats_per_minute: float | None = None
    average_stress_level: float | None = None


class Epoch(msgspec.Struct, frozen=True, rename="camel"):
    """A quarter of an hour in one kind of motion; several kinds share one quarter."""

    start_time_in_seconds: float
    duration_in_seconds: float
    start_time_offset_in_seconds: float | None = None
    activity_type: str | None = None
    steps: float | None = None


class Span(msgspec.Struct, frozen=True, rename="camel"):
    """A stretch of one stage of sleep."""

    start_time_in_seconds: float
    end_time_in_seconds: float


class Score(msgspec.Struct, frozen=True):
    """0 to 100."""

    value: float | None = None


class Nap(msgspec.Struct, frozen=True, rename="camel"):
    """A sleep by day."""

    nap_start_time_in_seconds: float
    nap_duration_in_seconds: float
    nap_offset_in_seconds: float | None = None


class Sleep(msgspec.Struct, frozen=True, rename="camel"):
    """A night. `duration_in_seconds` is what was slept: without the time awake and what wasn't measurable."""

    start_time_in_seconds: float
    duration_in_seconds: float
    calendar_date: dt.date | None = None
    start_time_offset_in_seconds: float | None = None
    deep_sleep_duration_in_seconds: float | None = None
    light_sleep_duration_in_seconds: float | None = None
    rem_sleep_in_seconds: float | None = None  # without "Duration", unlike the others
    awake_duration_in_seconds: float | None = None
    unmeasurable_sleep_in_seconds: float | None = None
    unmeasurable_sleep_duration_in_seconds: float | None = None
    sleep_levels_map: dict[str, list[Span]] | None = None
    validation: str | None = None
    overall_sleep_score: Score | float | None = None
    naps: list[Nap] | None = None


class Hrv(OfDay, frozen=True, rename="camel", kw_only=True):
    """A night's heart rate variability, as RMSSD in ms."""

    last_night_avg: float | None = None


class BodyComp(msgspec.Struct, frozen=True, rename="camel"):
    """A weighing."""

    measurement_time_in_seconds: float
    measurement_time_offset_in_seconds: float | None = None
    weight_in_grams: float | None = None
    body_fat_in_percent: float | None = None
    percent_fat: float | None = None


class StressDetails(OfDay, frozen=True, rename="camel", kw_only=True):
    """Stress and body battery every three minutes; negative levels are reasons why there is none."""

    time_offset_body_battery_values: Curve | None = None


class UserMetrics(OfDay, frozen=True, rename="camel", kw_only=True):
    """What Garmin computes of the athlete."""

    vo2_max: float | None = None
    vo2_max_cycling: float | None = None


class PulseOx(OfDay, frozen=True, rename="camel", kw_only=True):
    """Oxygen in the blood; `on_demand`: one measurement that the athlete asked for."""

    time_offset_spo2_values: Curve | None = None
    on_demand: bool | None = None


class Respiration(OfDay, frozen=True, rename="camel", kw_only=True):
    """Breaths a minute."""

    time_offset_epoch_to_breaths: Curve | None = None
