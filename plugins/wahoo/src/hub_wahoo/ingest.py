"""How what Wahoo tells becomes our records. Pure: no clock, no call."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo

from hub_core.sdk import Activity, Delivery, Records, Rejected, Sport, with_content
from hub_wahoo.schemas import Summary
from hub_wahoo.webhooks import KIND

#: Their numbers; those that are missing here are `OTHER`. [Wahoo docs, workout types]
SPORTS = {
    0: Sport.RIDE,
    1: Sport.RUN,
    3: Sport.TRACK_RUN,
    4: Sport.TRAIL_RUN,
    5: Sport.TREADMILL_RUN,
    6: Sport.WALK,
    7: Sport.WALK,
    8: Sport.WALK,
    9: Sport.HIKE,
    10: Sport.HIKE,
    11: Sport.GRAVEL_RIDE,  # cyclocross
    12: Sport.INDOOR_RIDE,
    13: Sport.MOUNTAIN_BIKE_RIDE,
    14: Sport.RIDE,
    15: Sport.RIDE,
    16: Sport.RIDE,
    19: Sport.TREADMILL_RUN,
    21: Sport.INDOOR_RIDE,
    22: Sport.ROW,
    25: Sport.POOL_SWIM,
    26: Sport.OPEN_WATER_SWIM,
    39: Sport.ROW,
    42: Sport.STRENGTH,  # "workout", of the family gym
    49: Sport.INDOOR_RIDE,
    56: Sport.WALK,
    61: Sport.INDOOR_RIDE,
    64: Sport.RIDE,  # with a motor
    66: Sport.YOGA,
    67: Sport.RUN,  # a race
    68: Sport.INDOOR_RIDE,
    70: Sport.RIDE,
    71: Sport.TREADMILL_RUN,
}
#: What a reference of ours looks like. Devices put texts such as "ELEMNT ROAM 5C21:7" there.
_REFERENCE = re.compile(r"[a-z0-9_-]{1,40}")
_LARGEST = 1e9


def to_records(delivery: Delivery) -> Records:
    """The activity, with its file where the hub could fetch it. Raises `Rejected` for what can't be read."""
    if delivery.kind != KIND:
        return Records()
    told = to_activity(delivery.decode(Summary))
    return Records((with_content(told, delivery.file, f"{told.external_id}.fit"),))


def to_activity(theirs: Summary) -> Activity:
    """The summary as our activity."""
    workout = theirs.workout
    start = theirs.started_at or workout.starts
    if start is None or not str(workout.id):
        raise Rejected("wahoo: the summary names no start, or no workout")
    zone = to_zone(theirs.time_zone)
    moving_s = measured(theirs.duration_active_accum)
    token = workout.workout_token or ""
    return Activity(
        external_id=str(workout.id),
        sport=SPORTS.get(workout.workout_type_id, Sport.OTHER)
        if workout.workout_type_id is not None
        else Sport.OTHER,
        start=start.astimezone(zone) if zone else start,
        duration_s=to_length(theirs),
        distance_m=measured(theirs.distance_accum),
        name=theirs.name or workout.name or "",
        version=max(0, round(theirs.updated_at.timestamp() * 1000)) if theirs.updated_at else 0,
        time_zone=theirs.time_zone or "" if zone else "",
        moving_s=moving_s,
        elevation_gain_m=measured(theirs.ascent_accum),
        avg_heart_rate_bpm=measured(theirs.heart_rate_avg) or None,  # 0: no strap
        avg_power_w=measured(theirs.power_avg),
        normalized_power_w=measured(theirs.power_bike_np_last),
        avg_cadence_rpm=measured(theirs.cadence_avg),
        energy_kcal=measured(theirs.calories_accum),
        planned_reference=token if _REFERENCE.fullmatch(token) else "",
        is_manual=bool(theirs.manual),
    )


def to_length(theirs: Summary) -> float:
    """From start to end with pauses. The workout's minutes are planned or rounded, and so come last."""
    total_s = measured(theirs.duration_total_accum)
    if total_s is not None:
        return total_s
    active_s = measured(theirs.duration_active_accum)
    if active_s is not None:
        return active_s + (measured(theirs.duration_paused_accum) or 0)
    minutes = measured(theirs.workout.minutes)
    if minutes is None:
        raise Rejected("wahoo: the summary names no duration")
    return minutes * 60


def to_zone(name: str | None) -> dt.tzinfo | None:
    """An IANA zone; None for a name that is none."""
    try:
        return zoneinfo.ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def measured(value: float | None) -> float | None:
    """A number that can be one of a person."""
    return value if value is not None and 0 <= value < _LARGEST else None
