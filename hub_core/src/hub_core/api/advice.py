"""Advice on the coming week, on one session before and after, and on meals; and the load behind it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec
from litestar import Controller, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.api.dates import From, To, read_span, today
from hub_core.domain.advice import Availability
from hub_core.domain.weather import Place, check_place
from hub_core.errors import InvalidInputError
from hub_core.services.athletes.save_availability import read_availability, save_availability
from hub_core.services.planning.advise_run import Effort, RunNote, advise_run, score_effort
from hub_core.services.planning.advise_week import WeekAdvice, accept_move, advise_week
from hub_core.services.planning.check_meals import NutritionAdvice, check_meals
from hub_core.services.planning.measure_load import TrainingLoad, measure_training_load
from hub_core.services.workouts.save_workout import read_document

#: Of the load and of meals by default: four weeks with their last day.
_DAYS = 27
#: `check_nutrition` looks no farther.
_LONGEST_MEALS = 119
_DAY = dt.timedelta(days=1)

Lat = Annotated[
    float | None, QueryParameter(name="lat", description="Degrees; the athlete's home when empty.")
]
Lon = Annotated[
    float | None, QueryParameter(name="lon", description="Degrees; the athlete's home when empty.")
]
WeekFrom = Annotated[dt.date | None, QueryParameter(name="from", description="Today when empty.")]
OptedIn = Annotated[bool, QueryParameter(description="The athlete has asked for the screen of their energy.")]
Adult = Annotated[bool, QueryParameter(description="The athlete is of age; others aren't screened.")]
Sweat = Annotated[float | None, QueryParameter(description="Litres an hour, if the athlete has measured it.")]


class AcceptedMove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A move of the week's advice: `start` is that of its `to`."""

    workout_id: str
    start: dt.datetime


class MovedWorkout(msgspec.Struct, frozen=True):
    """The workout as it is planned now. Its export begins by itself."""

    workout_id: str
    revision: int
    date: dt.date
    time: dt.time | None


class AdviceController(Controller):
    """Computed anew from stored facts at each request, and given together with them."""

    path = "/v1/athletes/{athlete_id:str}"
    tags = ("advice",)

    @get("/availability")
    async def availability(self, athlete: TheAthlete) -> Availability:
        """When the athlete can train on each weekday."""
        return read_availability(athlete)

    @put("/availability")
    async def keep_availability(
        self, hub: TheHub, athlete: TheAthlete, data: JSONBody[Availability]
    ) -> Availability:
        """Replace it. A weekday that is left out is free; an empty body forgets all."""
        return await save_availability(hub, athlete, data)

    @get("/advice/week")
    async def week(
        self, hub: TheHub, athlete: TheAthlete, start: WeekFrom = None, lat: Lat = None, lon: Lon = None
    ) -> WeekAdvice:
        """Seven days: for each outdoor workout its hours in their order, and a move where one is better."""
        return await advise_week(hub, athlete, start, _place(lat, lon))

    @post("/advice/week/moves", status_code=200)
    async def accept(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        data: JSONBody[AcceptedMove],
        start: WeekFrom = None,
        lat: Lat = None,
        lon: Lon = None,
    ) -> MovedWorkout:
        """Accept one move of a week that is asked for in the same way. 409 if it isn't advised any more."""
        row = await accept_move(hub, athlete, data.workout_id, data.start, start, _place(lat, lon))
        return MovedWorkout(row.id, row.revision, dt.date.fromisoformat(row.date), read_document(row).time)

    @get("/workouts/{workout_id:str}/advice")
    async def before(
        self,
        hub: TheHub,
        athlete: TheAthlete,
        workout_id: FromPath[str],
        lat: Lat = None,
        lon: Lon = None,
        sweat_l_per_h: Sweat = None,
    ) -> RunNote:
        """What to know before a session: how it feels outside, what to drink, what to eat."""
        if sweat_l_per_h is not None and not 0 < sweat_l_per_h <= 4:
            raise InvalidInputError("must be more than 0 and at most 4 L/h", path="sweat_l_per_h")
        return await advise_run(hub, athlete, workout_id, _place(lat, lon), sweat_l_per_h)

    @get("/activities/{activity_id:str}/effort")
    async def effort(self, hub: TheHub, athlete: TheAthlete, activity_id: FromPath[str]) -> Effort:
        """How hard a run was: its pace on the level and in the best weather, and the TSS of that."""
        return await score_effort(hub, athlete, activity_id)

    @get("/advice/nutrition")
    async def nutrition(
        self,
        athlete: TheAthlete,
        start: From = None,
        end: To = None,
        opted_in: OptedIn = False,
        adult: Adult = False,
    ) -> NutritionAdvice:
        """Meals against training, with the days that weren't logged: by default the four weeks up to
        yesterday. A screen, never a diagnosis."""
        first, last = _past(start, end, today(athlete) - _DAY)
        if (last - first).days > _LONGEST_MEALS:
            raise InvalidInputError(f"must be at most {_LONGEST_MEALS} days later", path="to")
        return await check_meals(athlete, first, last, is_opted_in=opted_in, is_minor=not adult)

    @get("/load")
    async def load(
        self, hub: TheHub, athlete: TheAthlete, start: From = None, end: To = None
    ) -> TrainingLoad:
        """TSS of each activity in its three forms, and CTL, ATL and TSB of each day: by default of four
        weeks up to today."""
        return await measure_training_load(hub, athlete, *_past(start, end, today(athlete)))


def _place(lat: float | None, lon: float | None) -> Place | None:
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise InvalidInputError("a place has both", path="lat" if lat is None else "lon")
    place = Place(lat, lon)
    check_place(place)
    return place


def _past(start: dt.date | None, end: dt.date | None, usual: dt.date) -> tuple[dt.date, dt.date]:
    last = end or (usual if start is None else start + _DAYS * _DAY)
    first, last_text = read_span(start or last - _DAYS * _DAY, last, _DAYS)
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last_text)
