"""An HKWorkout becomes an activity."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

from hub_core.formats.apple import to_apple_sport
from hub_core.formats.apple.words import to_quantity, to_unit
from hub_core.sdk import Activity, Column, Device, Lap, Series, Sport
from hub_healthkit.activities import ACTIVITIES
from hub_healthkit.moments import to_local, zone_name
from hub_healthkit.schemas import Source, Workout

_NAMES = {activity.raw: activity.name for activity in ACTIVITIES.values()}
#: `values[].type`: ours. Duration is without pauses. [sheet, 2.1]
_VALUES = {
    "duration": "moving_s",
    "distance": "distance_m",
    "activeEnergyBurned": "energy_kcal",
    "averageHeartRate": "avg_heart_rate_bpm",
    "maxHeartRate": "max_heart_rate_bpm",
    "averageRunningPower": "avg_power_w",
    "averageCyclingPower": "avg_power_w",
    "elevationAscended": "elevation_gain_m",
    "elevationDescended": "elevation_loss_m",
    "stepCount": "steps",
}
_UNITS = {"bpm": "count/min"}
#: `samples[].type`, without its prefix: ours.
_COLUMNS: dict[str, Column] = {
    "HeartRate": "heart_rate_bpm",
    "RunningPower": "power_w",
    "CyclingPower": "power_w",
    "CyclingCadence": "cadence_rpm",
    "RunningSpeed": "speed_ms",
    "CyclingSpeed": "speed_ms",
}
#: Who writes into Health what it recorded itself: the beginning of its bundle's name, and the provider.
_WRITERS = (
    ("com.garmin.", "garmin"),
    ("com.wahoofitness.", "wahoo"),
    ("com.WahooFitness.", "wahoo"),
    ("com.strava.", "strava"),
)
_APPLE = "com.apple."


def to_activity(workout: Workout, home: dt.tzinfo) -> Activity:
    """The workout as it was done. Raises `InvalidInputError` for one whose times can't be read.

    HealthKit's objects never change, but a route may come in a later batch, and histories are sent again
    without it: of two tellings of one UUID the fuller one stands, so that is the version.
    """
    start, _ = to_local(workout, home)
    told = _values(workout)
    series = _series(workout, start)
    indoor, place = told.pop("indoor", None), told.pop("swim_location", "")
    steps = told.pop("steps", None)
    origin = _origin(workout.source)
    return Activity(
        external_id=workout.id.upper(),
        sport=_sport(workout.type, bool(indoor), str(place)),
        start=start,
        duration_s=(workout.end_date - workout.start_date).total_seconds(),
        name=workout.title[:200],
        notes=workout.notes[:5_000],
        version=1 + len(workout.route_points) + len(workout.samples) + len(workout.laps),
        time_zone=zone_name(workout),
        steps=None if steps is None else round(float(steps)),
        device=_device(workout.source),
        laps=tuple(
            Lap(
                (lap.start_date - workout.start_date).total_seconds(),
                (lap.end_date - lap.start_date).total_seconds(),
                lap.distance,
            )
            for lap in workout.laps
            if lap.start_date.tzinfo and lap.end_date.tzinfo and lap.end_date >= lap.start_date
        ),
        series=series,
        origin=origin,
        origin_id=str(workout.metadata.get("HKExternalUUID") or "") if origin else "",
        planned_reference=str(workout.metadata.get("workoutPlanId") or ""),
        is_manual=workout.is_manual,
        **{name: float(value) for name, value in told.items()},  # type: ignore[arg-type]
    )


def _values(workout: Workout) -> dict[str, float | bool | str]:
    """Our fields. What can't be understood is left out: the rest of the workout is worth having."""
    found: dict[str, float | bool | str] = {}
    for one in workout.values:
        if one.type == "indoorWorkout":
            found["indoor"] = one.value in (True, 1, "true", "1")
        elif one.type == "swimmingLocationType":
            found["swim_location"] = str(one.value).removesuffix(".0")
        elif one.type in _VALUES and isinstance(one.value, int | float) and not isinstance(one.value, bool):
            value = to_unit(float(one.value), _UNITS.get(one.unit, one.unit))
            if value is not None and math.isfinite(value) and value >= 0:
                found[_VALUES[one.type]] = value
    metadata = workout.metadata
    if "indoor" not in found and "HKIndoorWorkout" in metadata:
        found["indoor"] = metadata["HKIndoorWorkout"] in (True, 1, "1", "true")
    if "swim_location" not in found and "HKSwimmingLocationType" in metadata:
        found["swim_location"] = str(metadata["HKSwimmingLocationType"])
    for key, ours in (
        ("HKElevationAscended", "elevation_gain_m"),
        ("HKElevationDescended", "elevation_loss_m"),
    ):
        told = metadata.get(key)
        climbed = to_quantity(told) if isinstance(told, str) else None
        if ours not in found and climbed is not None:
            found[ours] = climbed
    return found


def _sport(kind: str | int, indoor: bool, place: str) -> Sport:
    name = _NAMES.get(kind, "other") if isinstance(kind, int) else kind
    return to_apple_sport(name, indoor=indoor, swim_location=place)


def _series(workout: Workout, start: dt.datetime) -> Series | None:
    """Route and samples on one clock; seconds in which nothing of a kind was measured stay empty."""
    at: dict[float, dict[Column, float]] = {}

    def put(moment: dt.datetime, column: Column, value: float | None) -> None:
        if value is not None and math.isfinite(value) and moment.tzinfo is not None:
            seconds = round((moment - start).total_seconds(), 3)
            if 0 <= seconds <= (workout.end_date - workout.start_date).total_seconds():
                at.setdefault(seconds, {})[column] = value

    for point in workout.route_points:
        put(point.t, "latitude_deg", point.lat)
        put(point.t, "longitude_deg", point.lon)
        put(point.t, "altitude_m", point.ele)
        # Apple says -1 where it doesn't know.
        put(point.t, "speed_ms", point.speed if point.speed is not None and point.speed >= 0 else None)
    for sample in workout.samples:
        column = _COLUMNS.get(sample.type.removeprefix("HKQuantityTypeIdentifier"))
        if column is not None:
            unit = _UNITS.get(sample.unit, sample.unit)
            put(sample.start_date, column, to_unit(sample.value, unit))
    if not at:
        return None
    times = sorted(at)
    columns: dict[Column, Iterable[float | None]] = {"time_s": times}
    for name in sorted({name for values in at.values() for name in values}):
        columns[name] = [at[seconds].get(name) for seconds in times]
    return Series.of(columns)


def _device(source: Source) -> Device | None:
    name = source.device_name or source.name or source.product_type
    is_apple = source.bundle_identifier.startswith(_APPLE) or not source.bundle_identifier
    maker = source.device_manufacturer or ("Apple" if is_apple and name else "")
    return Device(name, maker) if name or maker else None


def _origin(source: Source) -> str:
    """Who recorded it, when Health only passes it on: an app of somebody else's."""
    bundle = source.bundle_identifier
    if not bundle or bundle.startswith(_APPLE):
        return ""
    return next((name for start, name in _WRITERS if bundle.startswith(start)), bundle[:40])
