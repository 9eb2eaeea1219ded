"""When an athlete has time: kept, and what a workout has against it."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import msgspec

from hub_core.domain.advice import Availability, AvailabilityConflict, Window, find_conflicts, suggest_slots
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.profile import make_profile
from hub_core.domain.validate import check_text
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import ConflictError, InvalidInputError
from hub_core.services.athletes.save_athlete import load_athlete
from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.services.workouts.save_workout import list_workouts, read_document
from hub_core.storage import now_ms, save_row
from hub_core.storage.tables import Athlete

_MAX_NOTES = 1_000
_WEEK = dt.timedelta(days=6)


class UnavailableError(ConflictError):
    """A workout doesn't fit the athlete's availability; `slots` are times at which it would."""

    code = "unavailable"

    def __init__(self, conflicts: tuple[AvailabilityConflict, ...], slots: tuple[Window, ...]) -> None:
        reasons = "; ".join(conflict.message for conflict in conflicts)
        super().__init__(f"{reasons}. Save it with force=true all the same.")
        self.conflicts = conflicts
        self.slots = slots


def read_availability(athlete: Athlete) -> Availability:
    """What the athlete has said; nothing at all is no obstacle."""
    if not athlete.availability:
        return Availability()
    return msgspec.json.decode(athlete.availability, type=Availability)


async def save_availability(hub: Hub, athlete: Athlete, availability: Availability) -> Availability:
    """Replace what was said before. Raises `InvalidInputError` that names the field."""
    for weekday, day in availability.days.items():
        check_text(day.notes, _MAX_NOTES, f"days.{weekday}.notes")
        if day.indoor_only and day.outdoor_only:
            raise InvalidInputError("indoor only and outdoor only leave nothing", path=f"days.{weekday}")
    async with hub.engine.transaction():
        row = await load_athlete(athlete.platform_id, athlete.id)
        row.availability = msgspec.json.encode(availability).decode()
        row.updated_ms = now_ms()
        await save_row(row)
        await record_change(hub, row.id, "athletes", row.id)
    return availability


def list_conflicts(athlete: Athlete, workout: PlannedWorkout) -> tuple[AvailabilityConflict, ...]:
    """What speaks against a workout on its date."""
    if not athlete.availability or workout.date is None:
        return ()
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    seconds = make_profile(workout, thresholds).seconds
    zone = zoneinfo.ZoneInfo(thresholds.time_zone)
    return find_conflicts(
        read_availability(athlete), workout.sport, workout.date, workout.time, seconds, zone
    )


async def check_availability(athlete: Athlete, workout: PlannedWorkout, *, workout_id: str = "") -> None:
    """Raise `UnavailableError` for a workout that doesn't fit, with times of that week at which it would."""
    conflicts = list_conflicts(athlete, workout)
    if not conflicts or workout.date is None:
        return
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    zone = zoneinfo.ZoneInfo(thresholds.time_zone)
    now = dt.datetime.now(zone)
    first = max(workout.date, now.date())
    taken = []
    for row in await list_workouts(athlete.id, first.isoformat(), (first + _WEEK).isoformat()):
        other = read_document(row)
        if row.id != workout_id and other.date and other.time is not None:
            start = dt.datetime.combine(other.date, other.time, zone)
            length = dt.timedelta(seconds=make_profile(other, thresholds).seconds)
            taken.append(Window(start, start + length))
    seconds = make_profile(workout, thresholds).seconds
    slots = suggest_slots(read_availability(athlete), workout.sport, seconds, first, now, taken, zone)
    raise UnavailableError(conflicts, slots)
