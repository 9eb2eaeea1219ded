"""Links planned workouts with what was done of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.merge import Identity, Rules, VisibleActivity
from hub_core.domain.merge.plan import Done, Pairing, Plan, pair_up
from hub_core.domain.merge.rules import Link
from hub_core.domain.profile import make_profile
from hub_core.domain.records import Activity
from hub_core.domain.workout import DistanceDuration, PlannedWorkout, Repeat, Step
from hub_core.sdk.pickups import pickup_uuid
from hub_core.services.exports.export_reference import reference_of
from hub_core.services.hub import Hub
from hub_core.services.inbound.observations import find_standing, is_one_of
from hub_core.services.merging.shown import Writer
from hub_core.services.sync.changes import record_change
from hub_core.storage import find_row, find_rows, now_ms, save_row
from hub_core.storage.inbound_tables import StoredActivity
from hub_core.storage.tables import Athlete, Export, Workout

#: Garmin keeps the last 20 characters of our reference; fewer would name anything.
_SHORTEST_TAIL = 16


async def link_workouts(writer: Writer, rules: Rules, dates: Iterable[str]) -> list[Pairing]:
    """Pair what was planned and done on some local dates, and write what changed. In a transaction."""
    hub, athlete_id = writer.hub, writer.athlete_id
    pairings, rows, workouts = await _pair(hub, athlete_id, set(dates), rules)
    wanted = {pair.activity_id: pair.workout_id for pair in pairings}
    for row in rows.values():
        workout_id = wanted.get(row.id)
        if row.workout_id == workout_id:
            continue
        for touched in workouts.keys() & {row.workout_id, workout_id}:
            await record_change(hub, athlete_id, "workouts", touched)
        writer.tell_link(row, row.workout_id, workout_id)
        row.workout_id, row.updated_ms = workout_id, now_ms()
        await save_row(row)
        await record_change(hub, athlete_id, "activities", row.id)
    return pairings


async def find_pairings(hub: Hub, athlete_id: str, date: str, rules: Rules) -> list[Pairing]:
    """What is linked on a local date, with the reasons."""
    return (await _pair(hub, athlete_id, {date}, rules))[0]


async def _pair(
    hub: Hub, athlete_id: str, dates: set[str], rules: Rules
) -> tuple[list[Pairing], dict[str, StoredActivity], dict[str, Workout]]:
    workouts, done, rows = await _gather(hub, athlete_id, dates, rules)
    plans = [await _plan(athlete_id, row) for row in workouts.values()] if done else []
    return pair_up(plans, done, rules), rows, workouts


async def _gather(
    hub: Hub, athlete_id: str, dates: set[str], rules: Rules
) -> tuple[dict[str, Workout], list[Done], dict[str, StoredActivity]]:
    """All workouts and activities of these dates, and of the dates that they are linked with."""
    looked_at: set[str] = set()
    workouts: dict[str, Workout] = {}
    rows: dict[str, StoredActivity] = {}
    done: dict[str, Done] = {}
    while dates - looked_at:
        new = sorted(dates - looked_at)
        looked_at |= set(new)
        for workout in await _workouts(athlete_id, dates=new):
            workouts[workout.id] = workout
        found = await _live(athlete_id, StoredActivity.date.is_in(new))
        if workouts:
            found += await _live(athlete_id, StoredActivity.workout_id.is_in(sorted(workouts)))
        for row in found:
            if row.id not in rows:
                rows[row.id] = row
                done[row.id] = await _done(hub, athlete_id, row)
        named = {workout_id for one in done.values() for workout_id, _ in one.named}
        named |= {row.workout_id for row in rows.values() if row.workout_id}
        members = {member for one in done.values() for member in one.activity.members}
        named |= {
            rule.workout_id for rule in rules.decisions if isinstance(rule, Link) and rule.member in members
        }
        for workout in await _workouts(athlete_id, ids=sorted(named - workouts.keys())):
            workouts[workout.id] = workout
        dates |= {row.date for row in rows.values()} | {workout.date for workout in workouts.values()}
    return workouts, list(done.values()), rows


async def _workouts(
    athlete_id: str, *, dates: list[str] | None = None, ids: list[str] | None = None
) -> list[Workout]:
    if not dates and not ids:
        return []
    wanted = Workout.date.is_in(dates) if dates else Workout.id.is_in(ids or [])
    return await Workout.objects().where(
        (Workout.athlete_id == athlete_id) & (Workout.deleted == False) & wanted  # noqa: E712
    )


async def _live(athlete_id: str, wanted: Any) -> list[StoredActivity]:
    mine = (StoredActivity.athlete_id == athlete_id) & (StoredActivity.deleted == False)  # noqa: E712
    rows: list[StoredActivity] = await StoredActivity.objects().where(mine & wanted)
    return rows


async def _done(hub: Hub, athlete_id: str, row: StoredActivity) -> Done:
    visible = msgspec.json.decode(row.document, type=VisibleActivity)
    condition, arguments = is_one_of(visible.members)
    members = await find_standing(
        hub,
        athlete_id,
        Activity,
        f"({condition}) AND o.document LIKE {{}}",
        *arguments,
        "%planned_reference%",
    )
    named = {
        await find_planned(athlete_id, member.identity, member.record.planned_reference) for member in members
    }
    return Done(row.id, visible, tuple(sorted(told for told in named if told)))


async def find_planned(athlete_id: str, teller: Identity, named: str) -> tuple[str, str] | None:
    """The workout behind a provider's `planned_reference`, and the code of the reason; None for no one's.

    It is our own reference, whole or as much of its end as the provider keeps, or the provider's own id of
    the copy that we sent (Wahoo's workout, the event of intervals.icu, the plan on an Apple Watch).
    """
    if not named:
        return None
    # By provider; or from anywhere, when our whole reference has come back through another one.
    mine = (Export.provider == teller.source) | (Export.id == named.removeprefix("hub-").partition("-r")[0])
    rows = await Export.select(
        Export.id, Export.workout_id, Export.external_ids, Export.older_copies, Export.copy_revision
    ).where((Export.athlete_id == athlete_id) & mine)
    for row in rows:
        ours = reference_of(row["id"], row["copy_revision"])
        is_tail = len(named) >= _SHORTEST_TAIL and ours.endswith(named)
        if named == ours or is_tail or named.upper() == pickup_uuid(ours):
            return row["workout_id"], "reference"
    for row in rows:
        older = msgspec.json.decode(row["older_copies"], type=list[dict[str, str]])
        copies = [msgspec.json.decode(row["external_ids"], type=dict[str, str]), *older]
        if any(named in copy.values() for copy in copies):
            return row["workout_id"], "provider_id"
    return None


async def _plan(athlete_id: str, row: Workout) -> Plan:
    athlete = await find_row(Athlete, id=athlete_id)
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds) if athlete else Thresholds()
    workout = msgspec.json.decode(row.document, type=PlannedWorkout)
    profile = make_profile(workout, thresholds)
    return Plan(
        row.id,
        dt.date.fromisoformat(row.date),
        workout.sport,
        profile.seconds or None,
        profile.distance_m or None if _is_by_distance(workout.steps) else None,
    )


def _is_by_distance(nodes: tuple[Step | Repeat, ...]) -> bool:
    """Whether every step ends at a distance, so that the whole is one."""
    return all(
        _is_by_distance(node.steps)
        if isinstance(node, Repeat)
        else isinstance(node.duration, DistanceDuration)
        for node in nodes
    )


async def find_done(athlete_id: str, workout_ids: Iterable[str]) -> dict[str, str]:
    """The activities with which planned workouts were done, by the workout's id."""
    rows = await find_rows(StoredActivity, athlete_id=athlete_id, workout_id=sorted(workout_ids))
    return {row.workout_id: row.id for row in rows if row.workout_id and not row.deleted}
