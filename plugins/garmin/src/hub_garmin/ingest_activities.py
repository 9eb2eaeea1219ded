"""Activities: summaries, details with samples, files. Theirs on the left of a table, ours on the right."""

from __future__ import annotations

import itertools

import msgspec

from hub_core.sdk import (
    Activity,
    Delivery,
    Device,
    Lap,
    Records,
    Rejected,
    Series,
    Sport,
    read_file,
    to_sport,
)
from hub_garmin.moments import half, measured, positive, signed, to_length, to_moment, whole
from hub_garmin.schemas_summaries import (
    ActivityDetails,
    ActivityFile,
    ActivityLap,
    ActivitySample,
    ActivitySummary,
)

#: Their upper case; other clients have met lower case.
SPORTS = {
    "RUNNING": Sport.RUN,
    "STREET_RUNNING": Sport.RUN,
    "VIRTUAL_RUN": Sport.TREADMILL_RUN,
    "INDOOR_RUNNING": Sport.TREADMILL_RUN,
    "TREADMILL_RUNNING": Sport.TREADMILL_RUN,
    "TRAIL_RUNNING": Sport.TRAIL_RUN,
    "ULTRA_RUN": Sport.TRAIL_RUN,  # arguable: most are on trails
    "OBSTACLE_RUN": Sport.TRAIL_RUN,
    "TRACK_RUNNING": Sport.TRACK_RUN,
    "CYCLING": Sport.RIDE,
    "ROAD_BIKING": Sport.RIDE,
    "TRACK_CYCLING": Sport.RIDE,
    "RECUMBENT_CYCLING": Sport.RIDE,
    "E_BIKE_FITNESS": Sport.RIDE,
    "HANDCYCLING": Sport.RIDE,
    "INDOOR_CYCLING": Sport.INDOOR_RIDE,
    "VIRTUAL_RIDE": Sport.INDOOR_RIDE,
    "GRAVEL_CYCLING": Sport.GRAVEL_RIDE,
    "CYCLOCROSS": Sport.GRAVEL_RIDE,
    "MOUNTAIN_BIKING": Sport.MOUNTAIN_BIKE_RIDE,
    "DOWNHILL_BIKING": Sport.MOUNTAIN_BIKE_RIDE,
    "E_BIKE_MOUNTAIN": Sport.MOUNTAIN_BIKE_RIDE,
    "BMX": Sport.MOUNTAIN_BIKE_RIDE,
    "SWIMMING": Sport.POOL_SWIM,
    "LAP_SWIMMING": Sport.POOL_SWIM,
    "OPEN_WATER_SWIMMING": Sport.OPEN_WATER_SWIM,
    "WALKING": Sport.WALK,
    "CASUAL_WALKING": Sport.WALK,
    "SPEED_WALKING": Sport.WALK,
    "HIKING": Sport.HIKE,
    "RUCKING": Sport.HIKE,
    "ROWING": Sport.ROW,
    "ROWING_V2": Sport.ROW,
    "INDOOR_ROWING": Sport.ROW,
    "STRENGTH_TRAINING": Sport.STRENGTH,
    "YOGA": Sport.YOGA,
}
#: The whole of several sports, whose parts come as activities of their own: it would count them twice.
_WHOLE = "MULTI_SPORT"
#: What Garmin says of one activity, the fullest last. A person's correction stands above all that was
#: measured. There is no version: within one kind the longer one is the later one.
RANKS = {"activities": 1, "activityDetails": 2, "activityFiles": 3, "manuallyUpdatedActivities": 4}
_RANK_STEP = 10**11


def from_summary(delivery: Delivery, upload_end_s: int) -> Records:
    """One of `activities` or `manuallyUpdatedActivities`."""
    theirs = delivery.decode(ActivitySummary)
    return _records(to_activity(theirs, _version(delivery.kind, theirs, upload_end_s)))


def from_details(delivery: Delivery, upload_end_s: int) -> Records:
    """One of `activityDetails`: the summary with samples and laps."""
    theirs = delivery.decode(ActivityDetails)
    told = to_activity(theirs.summary, _version(delivery.kind, theirs.summary, upload_end_s))
    if told is None:
        return Records()
    if theirs.summary.activity_id is None and theirs.activity_id is not None:
        told = msgspec.structs.replace(told, external_id=str(theirs.activity_id))
    start_s = theirs.summary.start_time_in_seconds
    laps = to_laps(theirs.laps or [], start_s, told.duration_s)
    return _records(msgspec.structs.replace(told, laps=laps, series=to_series(theirs.samples or [], start_s)))


def from_file(delivery: Delivery) -> Records:
    """One of `activityFiles`, by what the file says. Nothing is told when Garmin doesn't hold it any more."""
    theirs = delivery.decode(ActivityFile)
    if delivery.file is None or (theirs.activity_type or "").upper() == _WHOLE:
        return Records()
    external_id = theirs.activity_id if theirs.activity_id is not None else theirs.summary_id
    if external_id is None or not str(external_id):
        raise Rejected("garmin: the file names no activity")
    start_s = theirs.start_time_in_seconds
    start = None if start_s is None else to_moment(start_s, None)
    read = read_file(delivery.file, f"{external_id}.{(theirs.file_type or 'fit').lower()}", start)
    sport = to_sport((theirs.activity_type or "").upper(), SPORTS)
    return _records(
        msgspec.structs.replace(
            read,
            external_id=str(external_id),
            sport=read.sport if sport is Sport.OTHER else sport,
            name=theirs.activity_name or read.name,
            version=RANKS["activityFiles"] * _RANK_STEP,
            device=_device(theirs.device_name) or read.device,
            is_manual=bool(theirs.manual),
        )
    )


def to_activity(theirs: ActivitySummary, version: int) -> Activity | None:
    """The activity; None for the whole of several sports."""
    kind = (theirs.activity_type or "").upper()
    if theirs.is_parent or kind == _WHOLE:
        return None
    start = to_moment(theirs.start_time_in_seconds, theirs.start_time_offset_in_seconds)
    # The id of the activity in Garmin Connect, under which others pass it on. `summaryId` may change.
    named = str(theirs.activity_id) if theirs.activity_id not in {None, ""} else ""
    return Activity(
        external_id=named or f"{kind.lower() or 'activity'}-{theirs.start_time_in_seconds:.0f}",
        sport=to_sport(kind, SPORTS),
        start=start,
        duration_s=to_length(theirs.duration_in_seconds),
        distance_m=measured(theirs.distance_in_meters),
        name=theirs.activity_name or "",
        version=version,
        elevation_gain_m=measured(theirs.total_elevation_gain_in_meters, theirs.elevation_gain_in_meters),
        elevation_loss_m=measured(theirs.total_elevation_loss_in_meters, theirs.elevation_loss_in_meters),
        avg_heart_rate_bpm=positive(theirs.average_heart_rate_in_beats_per_minute),
        max_heart_rate_bpm=positive(theirs.max_heart_rate_in_beats_per_minute),
        avg_power_w=measured(theirs.average_power_in_watts),
        max_power_w=measured(theirs.max_power_in_watts),
        normalized_power_w=measured(theirs.normalized_power_in_watts),
        avg_cadence_rpm=measured(
            half(theirs.average_run_cadence_in_steps_per_minute),
            theirs.average_bike_cadence_in_rounds_per_minute,
            theirs.average_biking_cadence_in_rev_per_minute,
        ),
        energy_kcal=measured(theirs.active_kilocalories),
        steps=whole(measured(theirs.steps)),
        device=_device(theirs.device_name),
        is_manual=bool(theirs.manual),
    )


def to_laps(theirs: list[ActivityLap], start_s: float, length_s: float) -> tuple[Lap, ...]:
    """Each lap until the next, the last until the end."""
    marks = sorted({lap.start_time_in_seconds - start_s for lap in theirs})
    inside = [mark for mark in marks if 0 <= mark < length_s]
    return tuple(Lap(mark, until - mark) for mark, until in itertools.pairwise([*inside, length_s]))


def to_series(theirs: list[ActivitySample], start_s: float) -> Series | None:
    """The samples as columns; None when there are none. Moments that don't go forward are left out."""
    samples: list[ActivitySample] = []
    for sample in theirs:
        if sample.start_time_in_seconds >= start_s and (
            not samples or sample.start_time_in_seconds > samples[-1].start_time_in_seconds
        ):
            samples.append(sample)
    if not samples:
        return None
    return Series.of(
        {
            "time_s": [sample.start_time_in_seconds - start_s for sample in samples],
            "heart_rate_bpm": [positive(sample.heart_rate) for sample in samples],
            "power_w": [measured(sample.power_in_watts) for sample in samples],
            "cadence_rpm": [
                measured(sample.bike_cadence_in_rpm, half(sample.steps_per_minute)) for sample in samples
            ],
            "speed_ms": [measured(sample.speed_meters_per_second) for sample in samples],
            "distance_m": [measured(sample.total_distance_in_meters) for sample in samples],
            "altitude_m": [signed(sample.elevation_in_meters) for sample in samples],
            "latitude_deg": [signed(sample.latitude_in_degree) for sample in samples],
            "longitude_deg": [signed(sample.longitude_in_degree) for sample in samples],
            "temperature_c": [signed(sample.air_temperature_celcius) for sample in samples],
        }
    )


def _version(kind: str, theirs: ActivitySummary, upload_end_s: int) -> int:
    rank = RANKS[kind] * _RANK_STEP
    if kind == "manuallyUpdatedActivities":
        return rank + upload_end_s  # a correction may make it shorter
    return rank + (upload_end_s or round(to_length(theirs.duration_in_seconds)))


def _device(name: str | None) -> Device | None:
    return Device(name=name, manufacturer="garmin") if name and name.lower() != "unknown" else None


def _records(activity: Activity | None) -> Records:
    return Records((activity,) if activity else ())
