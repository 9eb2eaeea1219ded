"""How what intervals.icu tells becomes our records."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

import msgspec

from hub_core.sdk import (
    Activity,
    DailyHealth,
    Deleted,
    Delivery,
    Device,
    NotFound,
    NutritionDay,
    Records,
    Rejected,
    Sport,
    to_sport,
)
from hub_intervals import webhooks
from hub_intervals.client import IntervalsClient
from hub_intervals.ingest_streams import TYPES, to_series
from hub_intervals.schemas import DeletedActivity, DoneActivity, ScopeChange, ToldActivity, Wellness
from hub_intervals.webhooks import find_zone

#: Theirs: ours. [intervals.icu API, Activity]
SPORTS = {
    "Run": Sport.RUN,
    "TrailRun": Sport.TRAIL_RUN,
    "VirtualRun": Sport.TREADMILL_RUN,
    "Ride": Sport.RIDE,
    "TrackRide": Sport.RIDE,
    "EBikeRide": Sport.RIDE,
    "Handcycle": Sport.RIDE,
    "Velomobile": Sport.RIDE,
    "VirtualRide": Sport.INDOOR_RIDE,
    "GravelRide": Sport.GRAVEL_RIDE,
    "Cyclocross": Sport.GRAVEL_RIDE,
    "MountainBikeRide": Sport.MOUNTAIN_BIKE_RIDE,
    "EMountainBikeRide": Sport.MOUNTAIN_BIKE_RIDE,
    "Swim": Sport.POOL_SWIM,
    "OpenWaterSwim": Sport.OPEN_WATER_SWIM,
    "Walk": Sport.WALK,
    "Hike": Sport.HIKE,
    "Rowing": Sport.ROW,
    "VirtualRow": Sport.ROW,
    "WeightTraining": Sport.STRENGTH,
    "Yoga": Sport.YOGA,
}
#: What `trainer` makes of a sport that can be done on one.
_INDOORS = {Sport.RUN: Sport.TREADMILL_RUN, Sport.RIDE: Sport.INDOOR_RIDE}
#: Who recorded it, by our names where we have one. An upload, or another app's, names nobody.
ORIGINS = {
    "GARMIN_CONNECT": "garmin",
    "WAHOO": "wahoo",
    "POLAR": "polar",
    "SUUNTO": "suunto",
    "COROS": "coros",
    "ZWIFT": "zwift",
    "ZEPP": "zepp",
    "CONCEPT2": "concept2",
    "HUAWEI": "huawei",
}
_LARGEST = 1e9


async def ingest(client: IntervalsClient, delivery: Delivery) -> Records:
    """The records of one delivery. What is new to us says nothing."""
    match delivery.kind:
        case webhooks.ACTIVITY:
            return await _from_activity(client, delivery)
        case webhooks.DELETED:
            gone = delivery.decode(DeletedActivity)
            if not gone.activity.id:
                raise Rejected("intervals.icu: a deletion names no activity")
            return Records(deleted=(Deleted(gone.activity.id, version=to_version(gone.timestamp)),))
        case webhooks.WELLNESS:
            return from_wellness(delivery.decode(Wellness))
        case webhooks.SCOPE:
            change = delivery.decode(ScopeChange)
            if change.deauthorized:
                return Records(revoked=True)
            named = [scope.strip() for scope in (change.scope or "").split(",")]
            return Records(scopes=tuple(scope for scope in named if scope))
    return Records()


async def _from_activity(client: IntervalsClient, delivery: Delivery) -> Records:
    told = delivery.decode(ToldActivity)
    theirs, version = told.activity, to_version(told.timestamp) or delivery.asked_ms
    is_sparse = theirs.start_date_local is None and theirs.start_date is None
    if is_sparse or not version:
        # Some webhooks carry no more than an id: ask for the rest. And one without a moment may have been
        # overtaken: as the activity is now it is the newest word, and gets its version as it arrives.
        try:
            full = await client.get_activity(theirs.id)
        except NotFound:
            return Records()  # deleted meanwhile, which is told by itself
        if full.get("source") == "STRAVA" or "_note" in full:
            return Records()
        try:
            theirs = msgspec.convert(full, DoneActivity, strict=False)
        except msgspec.ValidationError as error:
            raise Rejected(f"intervals.icu: an activity can't be read: {error}") from error
    activity = to_activity(theirs, version)
    if theirs.stream_types:
        streams = await client.get_streams(theirs.id, TYPES)
        activity = msgspec.structs.replace(activity, series=to_series(streams))
    if theirs.paired_event_id:
        with suppress(NotFound):
            event = await client.get_event(str(theirs.paired_event_id))
            activity = msgspec.structs.replace(
                activity, planned_reference=str(event.get("external_id") or "")
            )
    return Records((activity,))


def to_activity(theirs: DoneActivity, version: int = 0) -> Activity:
    """The activity without its series. Raises `Rejected` when it has no start or no duration.

    They keep no time of the last change (`analyzed` and `icu_sync_date` stay when a name is edited). So the
    version is the moment of the webhook, or that at which a poll asked; 0 for the word that arrives last.
    """
    if not theirs.id:
        raise Rejected("intervals.icu: the activity has no id")
    zone = find_zone(theirs.timezone)
    sport = to_sport(theirs.type, SPORTS)
    length_s = measured(theirs.elapsed_time)
    if length_s is None:
        length_s = measured(theirs.moving_time)
    if length_s is None:
        raise Rejected("intervals.icu: the activity has no duration")
    origin = ORIGINS.get(theirs.source or "", "")
    return Activity(
        external_id=theirs.id,
        sport=_INDOORS.get(sport, sport) if theirs.trainer else sport,
        start=to_start(theirs, zone),
        duration_s=length_s,
        distance_m=measured(theirs.distance),
        name=theirs.name or "",
        version=version,
        time_zone=theirs.timezone or "" if zone else "",
        moving_s=measured(theirs.moving_time),
        elevation_gain_m=measured(theirs.total_elevation_gain),
        elevation_loss_m=measured(theirs.total_elevation_loss),
        avg_heart_rate_bpm=measured(theirs.average_heartrate) or None,
        max_heart_rate_bpm=measured(theirs.max_heartrate) or None,
        avg_power_w=measured(theirs.icu_average_watts),
        normalized_power_w=measured(theirs.icu_weighted_avg_watts),
        avg_cadence_rpm=measured(theirs.average_cadence),  # of one leg, as ours
        energy_kcal=measured(theirs.calories),
        perceived_exertion=theirs.icu_rpe if theirs.icu_rpe and 1 <= theirs.icu_rpe <= 10 else None,
        notes=theirs.description or "",
        device=Device(name=theirs.device_name) if theirs.device_name else None,
        origin=origin,
        origin_id=theirs.external_id or "" if origin else "",
        is_manual=theirs.source == "MANUAL",
    )


def to_start(theirs: DoneActivity, zone: dt.tzinfo | None) -> dt.datetime:
    """The instant, on the athlete's own clock: their local time beside UTC tells the offset."""
    local, utc = theirs.start_date_local, theirs.start_date
    if utc is None:
        if local is None:
            raise Rejected("intervals.icu: the activity has no start")
        return local if local.tzinfo else local.replace(tzinfo=zone or dt.UTC)
    utc = utc if utc.tzinfo else utc.replace(tzinfo=dt.UTC)
    if local is None or local.tzinfo:
        return utc.astimezone(zone) if zone else utc
    offset = local - utc.astimezone(dt.UTC).replace(tzinfo=None)
    minutes = round(offset.total_seconds() / 60)
    if abs(minutes) >= 24 * 60:
        raise Rejected(f"intervals.icu: {local} is no local time of {utc}")
    return utc.astimezone(dt.timezone(dt.timedelta(minutes=minutes)))


def from_wellness(theirs: Wellness) -> Records:
    """A day's health and what was eaten. RMSSD and SDNN are two fields there as here."""
    name, version = f"wellness-{theirs.id}", to_version(theirs.updated)
    daily = DailyHealth(
        date=theirs.id,
        external_id=name,
        version=version,
        steps=None if (steps := measured(theirs.steps)) is None else round(steps),
        resting_heart_rate_bpm=measured(theirs.resting_hr) or None,
        hrv_rmssd_ms=measured(theirs.hrv) or None,
        hrv_sdnn_ms=measured(theirs.hrv_sdnn) or None,
        weight_kg=measured(theirs.weight) or None,
        body_fat_pct=measured(theirs.body_fat) or None,
        spo2_pct=measured(theirs.sp_o2) or None,
        respiration_brpm=measured(theirs.respiration) or None,
        vo2max=measured(theirs.vo2max) or None,
    )
    eaten = NutritionDay(
        date=theirs.id,
        external_id=name,
        version=version,
        energy_kcal=measured(theirs.kcal_consumed),
        carbohydrate_g=measured(theirs.carbohydrates),
        protein_g=measured(theirs.protein),
        fat_g=measured(theirs.fat_total),
    )
    return Records(daily=(daily,), nutrition=(eaten,))


def to_version(moment: str | None) -> int:
    """A moment in epoch milliseconds, 0 when it can't be read."""
    with suppress(ValueError, OverflowError):
        read = dt.datetime.fromisoformat(moment or "")
        return max(0, round((read if read.tzinfo else read.replace(tzinfo=dt.UTC)).timestamp() * 1000))
    return 0


def measured(value: float | None) -> float | None:
    """A number that can be one of a person."""
    return value if value is not None and 0 <= value < _LARGEST else None
