"""Advises on one session: what to know before it, and how hard a run was, hills and weather taken out."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import msgspec

from hub_core.domain.advice import (
    BeforeRun,
    EffortScore,
    RunDone,
    SavedWorkout,
    advise_before_run,
    plan_week,
    score_run,
)
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.fact import Fact
from hub_core.domain.merge import VisibleDaily
from hub_core.domain.profile import make_profile
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.weather import HourlyConditions, Place
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import InvalidInputError
from hub_core.sdk.inbound import Window
from hub_core.services.athletes.save_athlete import read_home
from hub_core.services.connections.ask_as_app import Failure
from hub_core.services.hub import Hub
from hub_core.services.merging.read_activity import load_activity, read_visible
from hub_core.services.merging.read_days import list_days
from hub_core.services.planning.advise_week import place_of
from hub_core.services.planning.forecast_weather import Forecast, forecast_days, forecast_weather
from hub_core.services.planning.measure_series import Course, read_course
from hub_core.services.workouts.save_workout import load_workout, read_document
from hub_core.storage.tables import Athlete

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
#: A weight is believed for a quarter of a year.
_WEIGHT_DAYS = 90


class RunNote(msgspec.Struct, frozen=True):
    """What to know before a session that begins at `start`, and the hours of weather that this rests on.

    `note` is None, and `reason` says why, indoors and where no weather is known.
    """

    workout_id: str
    start: dt.datetime | None
    note: BeforeRun | None
    reason: str
    place: Place | None
    hours: tuple[HourlyConditions, ...]
    attribution: tuple[str, ...]
    failed: tuple[Failure, ...]
    why: tuple[Fact, ...]


class Effort(msgspec.Struct, frozen=True):
    """The effort of a run, and the hour of weather that it rests on: that of its middle, where it began.

    `place_from`: `series`, `home`, or empty where no place is known.
    """

    activity_id: str
    effort: EffortScore
    weather: HourlyConditions | None
    place: Place | None
    place_from: str
    attribution: tuple[str, ...]
    failed: tuple[Failure, ...]


async def advise_run(
    hub: Hub,
    athlete: Athlete,
    workout_id: str,
    place: Place | None = None,
    sweat_l_per_h: float | None = None,
) -> RunNote:
    """The note before a planned session, at the best hour of its day when it has no time.

    Raises `NotFoundError` for no such workout and `InvalidInputError` without a place.
    """
    workout = read_document(await load_workout(athlete.id, workout_id))
    if workout.sport.is_indoor or workout.date is None:
        return RunNote(workout_id, None, None, "Indoors: the weather doesn't matter.", None, (), (), (), ())
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    seconds = make_profile(workout, thresholds).seconds
    told = await forecast_days(
        hub, place_of(athlete, place), workout.date, workout.date + DAY, is_needed=False
    )
    start, source = _start(workout, told, thresholds)
    facts = [Fact("start", f"{start:%H:%M}", "", source)] if start else []
    end = start + dt.timedelta(seconds=seconds) if start else None
    hours = tuple(hour for hour in told.hours if start and end and start - HOUR < hour.time < end)
    if not hours:
        reason = "The weather of its time isn't known."
        return RunNote(
            workout_id, start, None, reason, told.place, (), told.attribution, told.failed, tuple(facts)
        )
    weight = await find_weight(athlete, workout.date)
    if weight:
        facts.append(weight)
    note = advise_before_run(
        hours,
        max(seconds, 60),
        weight_kg=float(weight.value) if weight else None,
        sweat_l_per_h=sweat_l_per_h,
    )
    return RunNote(
        workout_id, start, note, "", told.place, hours, told.attribution, told.failed, tuple(facts)
    )


async def find_weight(athlete: Athlete, date: dt.date) -> Fact | None:
    """The athlete's weight in kg at a date: the last one of their days, else that of their thresholds."""
    first = (date - _WEIGHT_DAYS * DAY).isoformat()
    days = await list_days(athlete.id, "daily", VisibleDaily, first, date.isoformat())
    for day in reversed(days):
        if day.weight_kg is not None:
            return Fact("weight", day.weight_kg, "kg", f"the athlete's day {day.date}")
    known = msgspec.json.decode(athlete.thresholds, type=Thresholds).weight_kg
    return None if known is None else Fact("weight", known, "kg", "the athlete's thresholds")


async def score_effort(hub: Hub, athlete: Athlete, activity_id: str) -> Effort:
    """How hard a run was. Raises `NotFoundError`, and `InvalidInputError` for anything but a run."""
    row = await load_activity(athlete.id, activity_id)
    done = read_visible(row)
    if done.sport.family is not SportFamily.RUNNING or not done.distance_m:
        raise InvalidInputError("only runs with a distance are scored", path="activity_id")
    is_outdoors = done.sport is not Sport.TREADMILL_RUN
    course = await read_course(hub, athlete.id, row.id) if is_outdoors else Course()
    home = read_home(athlete) if is_outdoors else None
    place = course.start or home
    weather, told = None, Forecast(place or Place(0, 0), (), ())
    if place:
        middle = (done.start + dt.timedelta(seconds=done.duration_s / 2)).astimezone(dt.UTC)
        hour = middle.replace(minute=0, second=0, microsecond=0)
        told = await forecast_weather(hub, place, Window(hour, hour + HOUR), is_needed=False)
        weather = told.hours[0] if told.hours else None
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    run = RunDone(done.distance_m, done.moving_s or done.duration_s, course.course_m, course.elevation_m)
    return Effort(
        row.id,
        score_run(run, weather, thresholds.threshold_speed_mps),
        weather,
        told.place if place else None,
        "series" if course.start else "home" if home else "",
        told.attribution,
        told.failed,
    )


def _start(workout: PlannedWorkout, told: Forecast, thresholds: Thresholds) -> tuple[dt.datetime | None, str]:
    """When the session begins: as planned, else at the best hour of its day."""
    zone = zoneinfo.ZoneInfo(thresholds.time_zone)
    if workout.date is None:
        return None, ""
    if workout.time is not None:
        return dt.datetime.combine(workout.date, workout.time, zone), "the plan"
    midnight = dt.datetime.combine(workout.date, dt.time(), zone)
    saved = [SavedWorkout("", workout)]
    advised = plan_week(saved, told.hours, now=midnight, athlete=thresholds, place=told.place)
    slots = advised[0].slots if advised else ()
    return (slots[0].start, "the best hour of its day") if slots else (None, "")
