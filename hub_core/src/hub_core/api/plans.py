"""Training plans backward from a race."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

import msgspec
from litestar import post
from litestar.params import JSONBody, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.api.dates import today
from hub_core.domain.fact import Fact
from hub_core.domain.periodization import Capacity, NoPlan, RaceGoal, RacePlan
from hub_core.domain.periodization.goal import DEFAULT_RAMP
from hub_core.errors import InvalidInputError
from hub_core.services.planning.measure_load import current_ctl
from hub_core.services.planning.plan_race import find_goal, plan_race_of, save_race_plan


class PlanRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The race or the id of one on the athlete's calendar, what the athlete has, the first day (today).

    As in `Capacity`; without a `ctl` that of the athlete's activities is taken.
    """

    weekly_hours: float
    ctl: float | None = None
    sessions: int | None = None
    long_weekday: int = 6
    max_ramp: float = DEFAULT_RAMP
    loading_weeks: int = 3
    race: RaceGoal | None = None
    race_id: str = ""
    start: dt.date | None = None


class PlanView(msgspec.Struct, frozen=True):
    """A plan, or why there is none and what there is instead; and the workouts that were saved.

    `ctl` is the one that it begins with, and where it is from.
    """

    plan: RacePlan | None
    no_plan: NoPlan | None
    workout_ids: tuple[str, ...] = ()
    ctl: Fact | None = None


@post("/v1/athletes/{athlete_id:str}/plans/periodize", status_code=200, tags=["plans"])
async def periodize(
    hub: TheHub,
    athlete: TheAthlete,
    data: JSONBody[PlanRequest],
    save: Annotated[bool, QueryParameter(description="Put the sessions on the calendar.")] = False,
) -> PlanView:
    """The weeks to a race: base, build, peak, taper, with load and sessions.

    Nothing is saved unless `save` is true. Then an earlier plan is replaced, from today on.
    """
    if (data.race is None) == (not data.race_id):
        raise InvalidInputError("either race or race_id is needed", path="race")
    goal = data.race or await find_goal(athlete, data.race_id)
    given = {name: getattr(data, name) for name in Capacity.__struct_fields__}
    if data.ctl is not None:
        ctl = Fact("starting CTL", data.ctl, "TSS/day", "the request")
    else:
        ctl = await current_ctl(hub, athlete, min(data.start or today(athlete), today(athlete)))
    capacity = Capacity(**given | {"ctl": float(ctl.value)})
    # Where there is none, other ways are tried out: up to a quarter of a second of arithmetic.
    plan = await asyncio.to_thread(plan_race_of, athlete, goal, capacity, data.start)
    if isinstance(plan, NoPlan):
        return PlanView(None, plan, ctl=ctl)
    rows = await save_race_plan(hub, athlete, plan) if save else []
    return PlanView(plan, None, tuple(row.id for row in rows), ctl)
