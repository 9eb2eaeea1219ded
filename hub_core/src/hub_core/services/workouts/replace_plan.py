"""Puts a new plan in place of what is planned from a date on. What is past, or was done, stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.local_day import today_in
from hub_core.domain.mutation import PlanEntry
from hub_core.domain.validate import MAX_DATE
from hub_core.errors import InvalidInputError
from hub_core.services.hub import Hub
from hub_core.services.merging.link_workouts import find_done
from hub_core.services.workouts.save_workout import (
    change_workout,
    delete_workout,
    list_workouts,
    read_document,
    save_workout,
)
from hub_core.storage.tables import Athlete, Workout

MOST = 400


async def find_named(athlete_id: str, entity: str) -> Workout | None:
    """A workout that isn't deleted, by the hub's id or the client's name for it."""
    return (
        await Workout.objects()
        .where(
            (Workout.athlete_id == athlete_id)
            & ((Workout.id == entity) | (Workout.external_id == entity))
            & (Workout.deleted == False)  # noqa: E712
        )
        .first()
    )


async def replace_plan(hub: Hub, athlete: Athlete, start: dt.date, entries: Sequence[PlanEntry]) -> str:
    """From `start` on, and never before today where the athlete is, the plan is `entries`. Told in words.

    Entries of earlier dates are passed over, and so are those of workouts that are past or done. In the
    caller's transaction. Raises `InvalidInputError`.
    """
    _check(entries)
    zone = msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone
    first = max(start, today_in(zone))
    ahead = await list_workouts(athlete.id, first.isoformat(), MAX_DATE.isoformat())
    done = await find_done(athlete.id, [row.id for row in ahead])
    kept = {row.id for row in ahead if row.id in done}
    added = changed = removed = passed = 0
    wanted: set[str] = set()
    for entry in entries:
        known = await find_named(athlete.id, entry.entity)
        if known is not None:
            wanted.add(known.id)
        is_past = entry.workout.date is None or entry.workout.date < first
        if is_past or (known and (known.date < first.isoformat() or known.id in kept)):
            passed += 1
        elif known is None:
            await save_workout(hub, athlete, entry.workout, external_id=entry.entity)
            added += 1
        elif read_document(known) != entry.workout:
            await change_workout(hub, athlete, known.id, entry.workout)
            changed += 1
    for row in ahead:
        if row.id not in wanted and row.id not in kept:
            await delete_workout(hub, athlete, row.id)
            removed += 1
    return (
        f"from {first}: {added} added, {changed} changed, {removed} removed;"
        f" {len(kept)} done and kept, {passed} of the past or done passed over"
    )


def _check(entries: Sequence[PlanEntry]) -> None:
    if len(entries) > MOST:
        raise InvalidInputError(f"at most {MOST} workouts", path="workouts")
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if not entry.entity.strip() or entry.entity in seen:
            raise InvalidInputError("each needs a name of its own", path=f"workouts[{index}].entity")
        if entry.workout.date is None:
            raise InvalidInputError("a planned workout needs a date", path=f"workouts[{index}].workout.date")
        seen.add(entry.entity)
