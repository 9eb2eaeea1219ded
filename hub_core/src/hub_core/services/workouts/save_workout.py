"""Saves a planned workout: document, revision, exports, jobs and feed are committed together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from hub_core.domain.validate import MAX_NAME, check_text, validate
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import ConflictError, InvalidInputError, NotFoundError
from hub_core.sdk.manifest import Operation
from hub_core.services.exports.schedule_exports import schedule_exports, withdraw_exports
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.merging.recompute import relink_workouts
from hub_core.services.sync.changes import record_change
from hub_core.storage import find_row, new_id, now_ms, save_row
from hub_core.storage.tables import Athlete, Workout, WorkoutRevision


def _check(plan: PlannedWorkout) -> str:
    """Validate, and return the date as text."""
    validate(plan)
    if plan.date is None:
        raise InvalidInputError("a planned workout needs a date", path="date")
    return plan.date.isoformat()


async def save_workout(
    hub: Hub,
    athlete: Athlete,
    plan: PlannedWorkout,
    *,
    external_id: str | None = None,
    providers: tuple[str, ...] = (),
    send_at_ms: int | None = None,
) -> Workout:
    """A new workout. Raises `InvalidInputError` naming the place, `ConflictError` for a used `external_id`.

    `send_at_ms`: nothing is sent before, in epoch milliseconds. No provider is called: that is the jobs'
    work.
    """
    date, asked = _check(plan), _asked(hub, providers)
    if external_id is not None:
        check_text(external_id, MAX_NAME, "external_id")
    now = now_ms()
    row = Workout(
        id=new_id("wk"),
        athlete_id=athlete.id,
        external_id=external_id,
        revision=1,
        name=plan.name,
        sport=plan.sport,
        date=date,
        document=msgspec.json.encode(plan).decode(),
        created_ms=now,
        updated_ms=now,
        asked=asked,
    )
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete.id)
        if external_id is not None and await find_row(
            Workout, athlete_id=athlete.id, external_id=external_id
        ):
            raise ConflictError(f"there is a workout with external_id {external_id!r} already")
        await save_row(row)
        await _keep_revision(row)
        await schedule_exports(hub, athlete, row, send_at_ms=send_at_ms)
        await record_change(hub, athlete.id, "workouts", row.id)
        await relink_workouts(hub, athlete.id, row.id, {date})
    return row


async def change_workout(
    hub: Hub,
    athlete: Athlete,
    workout_id: str,
    change: PlannedWorkout | Mapping[str, Any],
    *,
    providers: tuple[str, ...] | None = None,
) -> Workout:
    """The next revision of a workout: another plan, or the fields of the present one that change.

    Its copies at the providers are replaced (decision 8). `providers`: where it goes from now on, the
    athlete's usual way if there are none; without the argument it goes where it went.
    """
    async with hub.engine.transaction():
        # Two changes at once both stay: the second one reads what the first has written.
        await lock_athlete(hub, athlete.id)
        row = await load_workout(athlete.id, workout_id)
        present = read_document(row)
        before = row.date
        plan = change if isinstance(change, PlannedWorkout) else msgspec.structs.replace(present, **change)
        date = _check(plan)
        row.revision += 1
        row.name, row.sport, row.date = plan.name, plan.sport, date
        row.document = msgspec.json.encode(plan).decode()
        row.updated_ms = now_ms()
        row.removed_at, row.removed_ms = "", None  # that was another revision
        if providers is not None:
            row.asked = _asked(hub, providers)
        await save_row(row)
        await _keep_revision(row)
        await schedule_exports(hub, athlete, row)
        await record_change(hub, athlete.id, "workouts", row.id)
        await relink_workouts(hub, athlete.id, row.id, {before, date})
    return row


def _asked(hub: Hub, providers: tuple[str, ...]) -> str:
    for name in providers:
        if name not in hub.registry.providers:
            raise InvalidInputError(f"there is no provider {name!r}", path="providers")
        if Operation.EXPORT not in hub.registry.get(name).manifest.capabilities.operations:
            raise InvalidInputError(f"{name} takes no workouts", path="providers")
    return " ".join(dict.fromkeys(providers))


async def delete_workout(hub: Hub, athlete: Athlete, workout_id: str) -> None:
    """Delete a workout here, and have its copies withdrawn."""
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete.id)
        row = await load_workout(athlete.id, workout_id)
        row.deleted = True
        # A deleted workout's name is free for a new one.
        row.external_id = None
        row.updated_ms = now_ms()
        await save_row(row)
        await withdraw_exports(hub, row)
        await record_change(hub, athlete.id, "workouts", row.id, "delete")
        await relink_workouts(hub, athlete.id, row.id, {row.date})


async def load_workout(athlete_id: str, workout_id: str) -> Workout:
    """One workout of an athlete that isn't deleted, or `NotFoundError`."""
    row = await find_row(Workout, id=workout_id, athlete_id=athlete_id)
    if row is None or row.deleted:
        raise NotFoundError("there is no such workout")
    return row


async def list_workouts(athlete_id: str, start: str, end: str) -> list[Workout]:
    """The workouts from one local date to another, both included, by date."""
    return (
        await Workout.objects()
        .where(
            (Workout.athlete_id == athlete_id)
            & (Workout.date >= start)
            & (Workout.date <= end)
            & (Workout.deleted == False)  # noqa: E712
        )
        .order_by(Workout.date, Workout.id)
    )


async def _keep_revision(row: Workout) -> None:
    await save_row(
        WorkoutRevision(
            id=new_id("rev"),
            workout_id=row.id,
            revision=row.revision,
            document=row.document,
            created_ms=row.updated_ms,
        )
    )


def read_document(row: Workout) -> PlannedWorkout:
    """The workout as the platform saved it."""
    return msgspec.json.decode(row.document, type=PlannedWorkout)
