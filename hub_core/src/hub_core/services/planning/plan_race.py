"""Plans an athlete's way to a race, and on request puts its sessions on their calendar."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.local_day import today_in
from hub_core.domain.periodization import Capacity, Discipline, NoPlan, RaceGoal, RacePlan, plan_race
from hub_core.domain.race import RaceStatus
from hub_core.domain.sport import SportFamily
from hub_core.errors import InvalidInputError
from hub_core.services.hub import Hub
from hub_core.services.planning.save_race import load_race, view_race
from hub_core.services.workouts.save_workout import (
    change_workout,
    delete_workout,
    read_document,
    save_workout,
)
from hub_core.storage.tables import Athlete, Workout

#: A session of a plan is found again by this and its planned date.
PREFIX = "plan-"


_DISCIPLINES = {SportFamily.RUNNING: Discipline.RUN, SportFamily.CYCLING: Discipline.RIDE}


async def find_goal(athlete: Athlete, race_id: str) -> RaceGoal:
    """What a race on the athlete's calendar asks for.

    Raises `NotFoundError`, and `InvalidInputError` for one that doesn't take place or doesn't say enough.
    """
    race = view_race(await load_race(athlete.id, race_id)).race
    if race.status in (RaceStatus.CANCELLED, RaceStatus.POSTPONED):
        raise InvalidInputError(f"{race.event} on {race.date} is {race.status}", path="race_id")
    discipline = _DISCIPLINES.get(race.sport.family)
    if race.distance_m is None or discipline is None:
        raise InvalidInputError(
            "its distance, or whether it is a run or a ride, isn't known; say it in race", path="race_id"
        )
    return RaceGoal(race.date, race.distance_m, discipline, race.event)


def plan_race_of(
    athlete: Athlete, goal: RaceGoal, capacity: Capacity, start: dt.date | None = None
) -> RacePlan | NoPlan:
    """The plan from a local day on, today by default, or why there is none. Nothing is saved.

    Raises `InvalidInputError` that names the field.
    """
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    return plan_race(goal, capacity, start or _today(thresholds), thresholds)


async def save_race_plan(
    hub: Hub, athlete: Athlete, plan: RacePlan, *, providers: tuple[str, ...] = ()
) -> list[Workout]:
    """The sessions of a plan from today on as planned workouts, all of them or none.

    Their export begins by itself.

    What an earlier plan has from this one's first day on is replaced: the same session stays as it is, a
    changed one gets its next revision, one that is no longer in the plan is deleted. The past and the
    athlete's own workouts aren't touched.
    """
    today = _today(msgspec.json.decode(athlete.thresholds, type=Thresholds))
    first = max(today, plan.start).isoformat()
    saved = []
    async with hub.engine.transaction():
        known = {row.external_id: row for row in await _planned(athlete)}
        for session in plan.sessions:
            row = known.pop(f"{PREFIX}{session.date}", None)
            if session.date < today or (row and row.date < first):
                continue
            if row is None:
                row = await save_workout(
                    hub,
                    athlete,
                    session.workout,
                    external_id=f"{PREFIX}{session.date}",
                    providers=providers,
                )
            elif read_document(row) != session.workout:
                row = await change_workout(hub, athlete, row.id, session.workout, providers=providers)
            saved.append(row)
        for row in known.values():
            if row.date >= first:
                await delete_workout(hub, athlete, row.id)
    return saved


async def _planned(athlete: Athlete) -> list[Workout]:
    return await Workout.objects().where(
        (Workout.athlete_id == athlete.id)
        & Workout.external_id.like(f"{PREFIX}%")
        & (Workout.deleted == False)  # noqa: E712
    )


def _today(thresholds: Thresholds) -> dt.date:
    return today_in(thresholds.time_zone)
