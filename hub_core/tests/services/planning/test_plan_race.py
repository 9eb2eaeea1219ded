"""A plan on the calendar: all of it or none, once, and forward only."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import msgspec
import pytest

from hub_core.cli.demo import DEMO_ATHLETE
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.periodization import Capacity, Discipline, Kind, RaceGoal, RacePlan, plan_race
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import InvalidInputError
from hub_core.registry.dispatcher import Dispatcher
from hub_core.registry.registry import load_registry
from hub_core.services.exports.preflight_workout import preflight_workout
from hub_core.services.planning.plan_race import plan_race_of, save_race_plan
from hub_core.services.workouts.save_workout import change_workout, list_workouts, save_workout

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)

PROVIDERS = ("garmin", "wahoo", "intervals", "healthkit")
#: Where the athlete is: the plan begins with their day.
TODAY = dt.datetime.now(zoneinfo.ZoneInfo(DEMO_ATHLETE.time_zone)).date()
DAY = dt.timedelta(days=1)
ALL = ((TODAY - 60 * DAY).isoformat(), (TODAY + 120 * DAY).isoformat())


def planned(scene: Any, *, days: int = 55, hours: float = 6, start: dt.date = TODAY) -> RacePlan:
    goal = RaceGoal(TODAY + days * DAY, 21_097)
    plan = plan_race_of(scene.athlete, goal, Capacity(hours, ctl=40), start)
    assert isinstance(plan, RacePlan)
    return plan


async def calendar(scene: Any) -> list[tuple[str | None, str, int]]:
    rows = await list_workouts(scene.athlete.id, *ALL)
    return [(row.external_id, row.name, row.revision) for row in rows]


@on_both
async def test_a_plan_is_saved_once_and_replaced_forward_only(scene: Any, plan: PlannedWorkout) -> None:
    own = await save_workout(scene.hub, scene.athlete, plan, external_id="mine")
    begun = planned(scene, start=TODAY - 14 * DAY)
    ahead = [session for session in begun.sessions if session.date >= TODAY]
    rows = await save_race_plan(scene.hub, scene.athlete, begun)
    assert [row.date for row in rows] == [session.date.isoformat() for session in ahead]

    # Once more changes nothing: no revision, no export that would be sent again.
    before = await calendar(scene)
    await save_race_plan(scene.hub, scene.athlete, begun)
    assert await calendar(scene) == before

    # A session of the old plan that the athlete has moved into the past is a log now.
    done = msgspec.structs.replace(ahead[0].workout, date=TODAY - 3 * DAY)
    await change_workout(scene.hub, scene.athlete, rows[0].id, done)
    other = planned(scene, days=48, hours=4)
    saved = await save_race_plan(scene.hub, scene.athlete, other)
    now = await list_workouts(scene.athlete.id, *ALL)
    assert {row.id for row in now} == {own.id, rows[0].id} | {row.id for row in saved}
    forward = {row.date for row in now if row.id not in (own.id, rows[0].id)}
    assert forward == {one.date.isoformat() for one in other.sessions} - {ahead[0].date.isoformat()}
    assert all(row.name == rows[0].name for row in now if row.id == rows[0].id)


async def test_nothing_is_saved_when_one_session_cant_be(scene: Any) -> None:
    plan = planned(scene)
    last = plan.weeks[-1]
    broken = msgspec.structs.replace(last.sessions[-1].workout, name="")
    sessions = (*last.sessions[:-1], msgspec.structs.replace(last.sessions[-1], workout=broken))
    weeks = (*plan.weeks[:-1], msgspec.structs.replace(last, sessions=sessions))
    with pytest.raises(InvalidInputError, match="a name is needed"):
        await save_race_plan(scene.hub, scene.athlete, msgspec.structs.replace(plan, weeks=weeks))
    assert await calendar(scene) == []


async def test_every_kind_of_session_can_be_exported() -> None:
    """To every provider, by pace, power, heart rate and feeling."""
    dispatcher = Dispatcher(load_registry())
    capacity = Capacity(8, ctl=45)
    known = Thresholds(ftp_w=265, lthr_bpm=168, threshold_speed_mps=4.08)
    for discipline in (Discipline.RUN, Discipline.RIDE):
        goal = RaceGoal(TODAY + 120 * DAY, 42_195, discipline)
        for athlete in (known, Thresholds(lthr_bpm=165), Thresholds()):
            plan = plan_race(goal, capacity, TODAY, athlete)
            assert isinstance(plan, RacePlan)
            kinds: dict[Kind, PlannedWorkout] = {one.kind: one.workout for one in plan.sessions}
            assert len(kinds) == len(Kind)
            for workout in kinds.values():
                for report in await preflight_workout(dispatcher, workout, athlete, PROVIDERS):
                    assert report.level is not Fidelity.UNSUPPORTED, (report.provider, workout.name)
