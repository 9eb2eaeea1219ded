"""Advises on an athlete's next seven days: hours for each workout, and what had better move."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import msgspec

from hub_core.domain.advice import (
    Availability,
    AvailabilityConflict,
    SavedWorkout,
    WorkoutAdvice,
    list_windows,
    plan_week,
)
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.weather import HourlyConditions, Place
from hub_core.errors import ConflictError, InvalidInputError, NotFoundError
from hub_core.services.athletes.save_athlete import read_home
from hub_core.services.athletes.save_availability import list_conflicts, read_availability
from hub_core.services.connections.ask_as_app import Failure
from hub_core.services.hub import Hub
from hub_core.services.planning.forecast_weather import forecast_days
from hub_core.services.workouts.save_workout import change_workout, list_workouts, read_document
from hub_core.storage.tables import Athlete, Workout

LAST = dt.timedelta(days=6)
#: Forecasts end after 16 days, and the week needs 7 of them.
_FARTHEST = dt.timedelta(days=9)


class AdvisedWorkout(WorkoutAdvice, frozen=True, kw_only=True):
    """The advice on one workout, and what its present time has against the athlete's availability."""

    conflicts: tuple[AvailabilityConflict, ...] = ()


class WeekAdvice(msgspec.Struct, frozen=True):
    """The advice with all that it rests on: the same facts and the same `as_of` give the same advice.

    `as_of`: nothing before it is advised. `issued` is when the oldest hour of the weather was told. Show
    `attribution` with it. `failed` names providers that gave no newer weather.
    """

    first: dt.date
    as_of: dt.datetime
    place: Place
    workouts: tuple[AdvisedWorkout, ...]
    availability: Availability
    hours: tuple[HourlyConditions, ...]
    attribution: tuple[str, ...]
    issued: dt.datetime | None
    failed: tuple[Failure, ...]


async def advise_week(
    hub: Hub, athlete: Athlete, first: dt.date | None = None, place: Place | None = None
) -> WeekAdvice:
    """The week from a local date on, today by default, at a place, the athlete's home by default.

    Without any weather each workout says so. Raises `InvalidInputError` without a place, and for a week that
    has begun or is too far ahead.
    """
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    zone = zoneinfo.ZoneInfo(thresholds.time_zone)
    as_of = dt.datetime.now(zone).replace(second=0, microsecond=0)
    first = first or as_of.date()
    if not as_of.date() <= first <= as_of.date() + _FARTHEST:
        raise InvalidInputError(f"must be from today to {as_of.date() + _FARTHEST}", path="from")
    as_of = max(as_of, dt.datetime.combine(first, dt.time(), zone))
    told = await forecast_days(hub, place_of(athlete, place), first, first + LAST, is_needed=False)
    availability = read_availability(athlete)
    rows = await list_workouts(athlete.id, first.isoformat(), (first + LAST).isoformat())
    saved = []
    for row in rows:
        workout = read_document(row)
        windows = list_windows(availability, workout.sport, first, first + LAST, zone)
        saved.append(SavedWorkout(row.id, workout, windows if athlete.availability else None))
    advised = plan_week(saved, told.hours, now=as_of, athlete=thresholds, place=told.place)
    plans = {one.id: one.workout for one in saved}
    workouts = tuple(
        AdvisedWorkout(
            **{name: getattr(one, name) for name in WorkoutAdvice.__struct_fields__},
            conflicts=list_conflicts(athlete, plans[one.workout_id]),
        )
        for one in advised
    )
    return WeekAdvice(
        first,
        as_of,
        told.place,
        workouts,
        availability,
        told.hours,
        told.attribution,
        told.issued,
        told.failed,
    )


async def accept_move(
    hub: Hub,
    athlete: Athlete,
    workout_id: str,
    start: dt.datetime,
    first: dt.date | None = None,
    place: Place | None = None,
) -> Workout:
    """Move a workout to the time that is advised now; its copies at the providers follow.

    Raises `NotFoundError` for a workout that isn't in that week, and `ConflictError` when this isn't what is
    advised any more: weather and calendar may have changed since.
    """
    if start.utcoffset() is None:
        raise InvalidInputError("needs its offset, as in 2026-11-21T07:00:00+01:00", path="start")
    week = await advise_week(hub, athlete, first, place)
    advice = next((one for one in week.workouts if one.workout_id == workout_id), None)
    if advice is None:
        raise NotFoundError("that week has no such workout")
    if advice.move is None:
        raise ConflictError(f"no move is advised: {advice.note}")
    to = advice.move.to.start
    if to != start:
        raise ConflictError(f"what is advised now is {to.isoformat()}")
    change = {"date": to.date(), "time": to.time().replace(tzinfo=None)}
    return await change_workout(hub, athlete, workout_id, change)


def place_of(athlete: Athlete, place: Place | None) -> Place:
    """The given place, else the athlete's home. Raises `InvalidInputError` where neither is known."""
    found = place or read_home(athlete)
    if found is None:
        raise InvalidInputError("a place is needed: lat and lon, or the athlete's home", path="lat")
    return found
