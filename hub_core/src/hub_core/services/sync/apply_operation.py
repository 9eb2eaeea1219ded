"""Does one operation of an offline client, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hub_core.domain.merge import ATHLETE, Link, Unlink, VisibleActivity, VisibleDaily
from hub_core.domain.merge.days import DAILY_FIELDS
from hub_core.domain.merge.fields import SUBJECTIVE
from hub_core.domain.mutation import (
    CreateWorkout,
    DeleteWorkout,
    DescribeActivity,
    EnterDaily,
    FieldConflict,
    LinkWorkout,
    Operation,
    OperationResult,
    PinField,
    ReplacePlan,
    UnlinkWorkout,
    Unpin,
    UpdateWorkout,
    judge,
    merge_fields,
)
from hub_core.domain.records import Activity, DailyHealth
from hub_core.domain.validate import MAX_DATE, MIN_DATE
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import ConflictError, InvalidInputError, NotFoundError
from hub_core.formats.workout_json import invalid_input_from_msgspec
from hub_core.services.hub import Hub
from hub_core.services.merging.decide_merge import decide, undo
from hub_core.services.merging.enter_activity import enter_activity
from hub_core.services.merging.read_activity import load_activity, read_visible
from hub_core.services.merging.read_days import enter_day, read_day
from hub_core.services.workouts.replace_plan import find_named, replace_plan
from hub_core.services.workouts.save_workout import (
    change_workout,
    delete_workout,
    read_document,
    save_workout,
)
from hub_core.storage import find_row
from hub_core.storage.tables import Athlete, Workout, WorkoutRevision


async def apply_operation(hub: Hub, athlete: Athlete, operation: Operation) -> OperationResult:
    """Raises any `HubError` for what can't be done; the caller then takes everything back."""
    match operation:
        case CreateWorkout():
            row = await save_workout(hub, athlete, operation.workout, external_id=operation.entity)
            return OperationResult(operation.id, "applied", row.id, 1)
        case UpdateWorkout():
            return await _update(hub, athlete, operation)
        case DeleteWorkout():
            return await _delete(hub, athlete, operation)
        case ReplacePlan():
            told = await replace_plan(hub, athlete, operation.start, operation.workouts)
            return OperationResult(operation.id, "applied", detail=told)
        case EnterDaily():
            return await _enter(hub, athlete, operation)
        case DescribeActivity():
            return await _describe(hub, athlete, operation)
        case PinField():
            change = await decide(hub, athlete.id, operation.pin)
            return OperationResult(operation.id, "applied", change.rule.id if change.rule else "")
        case Unpin():
            await undo(hub, athlete.id, operation.rule)
            return OperationResult(operation.id, "applied", operation.rule)
        case LinkWorkout() | UnlinkWorkout():
            return await _link(hub, athlete, operation)


async def _load(athlete_id: str, entity: str) -> Workout:
    """A workout by the hub's id or the client's name. Raises `ConflictError` when it is deleted by now."""
    row = await find_named(athlete_id, entity)
    if row is not None:
        return row
    if await Workout.exists().where((Workout.athlete_id == athlete_id) & (Workout.id == entity)):
        raise ConflictError("it was deleted meanwhile")
    raise NotFoundError("there is no such workout")


async def _update(hub: Hub, athlete: Athlete, operation: UpdateWorkout) -> OperationResult:
    row = await _load(athlete.id, operation.entity)
    theirs = _to_fields(read_document(row))
    base = await _seen(row, operation)
    yours = _as_plan(theirs, operation.fields, "fields")
    named = {name: yours[name] for name in operation.fields}
    settable, conflicts = merge_fields(base, theirs, named)
    revision = row.revision
    if any(theirs[name] != value for name, value in settable.items()):
        plan = msgspec.convert({**theirs, **settable}, PlannedWorkout)
        revision = (await change_workout(hub, athlete, row.id, plan)).revision
    is_alone = row.revision == operation.base_revision
    return judge(operation.id, settable, conflicts, entity=row.id, revision=revision, is_alone=is_alone)


async def _seen(row: Workout, operation: UpdateWorkout | DeleteWorkout) -> dict[str, Any]:
    """What the workout said before the person's eyes, as JSON data."""
    kept = await find_row(WorkoutRevision, workout_id=row.id, revision=operation.base_revision)
    if kept is None:
        raise InvalidInputError(f"the workout has revisions 1 to {row.revision}", path="base_revision")
    told = _to_fields(msgspec.json.decode(kept.document, type=PlannedWorkout))
    return _as_plan(told, operation.base, "base")


def _to_fields(plan: PlannedWorkout) -> dict[str, Any]:
    """All fields as JSON data, those that are not told as well."""
    return {name: msgspec.to_builtins(getattr(plan, name)) for name in PlannedWorkout.__struct_fields__}


def _as_plan(data: dict[str, Any], changes: dict[str, Any], path: str) -> dict[str, Any]:
    """The fields with some changed, as the hub would keep them. Raises `InvalidInputError`, below `path`."""
    if unknown := [name for name in changes if name not in PlannedWorkout.__struct_fields__]:
        raise InvalidInputError("there is no such field", path=f"{path}.{unknown[0]}")
    try:
        return _to_fields(msgspec.convert({**data, **changes}, PlannedWorkout))
    except msgspec.ValidationError as error:
        told = invalid_input_from_msgspec(error)
        raise InvalidInputError(told.detail, path=f"{path}.{told.path}") from error


async def _delete(hub: Hub, athlete: Athlete, operation: DeleteWorkout) -> OperationResult:
    try:
        row = await _load(athlete.id, operation.entity)
    except ConflictError:
        return OperationResult(operation.id, "applied", operation.entity)  # somebody was quicker
    if row.revision != operation.base_revision and await _seen(row, operation) != _to_fields(
        read_document(row)
    ):
        conflict = FieldConflict("revision", operation.base_revision, row.revision)
        detail = "it has changed since: look at it, and delete that revision"
        return OperationResult(operation.id, "conflict", row.id, row.revision, (conflict,), detail)
    await delete_workout(hub, athlete, row.id)
    return OperationResult(operation.id, "applied", row.id, row.revision)


async def _enter(hub: Hub, athlete: Athlete, operation: EnterDaily) -> OperationResult:
    if not MIN_DATE <= operation.date <= MAX_DATE:
        raise InvalidInputError(f"must be between {MIN_DATE} and {MAX_DATE}", path="date")
    _check_fields(operation.fields, DailyHealth, DAILY_FIELDS)
    shown = await read_day(athlete.id, "daily", VisibleDaily, operation.date)
    settable, conflicts = _merge_words(shown, operation)
    if settable:
        await enter_day(hub, athlete.id, DailyHealth, operation.date, settable)
    return judge(operation.id, settable, conflicts, entity=operation.date.isoformat())


async def _describe(hub: Hub, athlete: Athlete, operation: DescribeActivity) -> OperationResult:
    _check_fields(operation.fields, Activity, SUBJECTIVE)
    row = await load_activity(athlete.id, operation.entity)
    settable, conflicts = _merge_words(read_visible(row), operation)
    if settable:
        await enter_activity(hub, athlete.id, row.id, settable)
    return judge(operation.id, settable, conflicts, entity=row.id)


def _check_fields(
    fields: dict[str, Any], record: type[Activity | DailyHealth], settable: Sequence[str]
) -> None:
    types = {field.name: field.type for field in msgspec.structs.fields(record)}
    for name, value in fields.items():
        if name not in settable:
            told = f"people set {', '.join(settable)}; what devices measure can be pinned"
            raise InvalidInputError(told, path=f"fields.{name}")
        try:
            if value is not None:
                msgspec.convert(value, types[name])
        except msgspec.ValidationError as error:
            raise InvalidInputError(str(error), path=f"fields.{name}") from None


def _merge_words(
    shown: VisibleDaily | VisibleActivity, operation: EnterDaily | DescribeActivity
) -> tuple[dict[str, Any], tuple[FieldConflict, ...]]:
    """Only a person's word can stand against a person's, such as from another device of theirs: what
    providers say comes after both."""
    said = {name: getattr(shown, name) for name, told in shown.sources.items() if told.source == ATHLETE}
    theirs = {name: said.get(name, operation.base.get(name)) for name in operation.fields}
    return merge_fields(operation.base, theirs, operation.fields)


async def _link(hub: Hub, athlete: Athlete, operation: LinkWorkout | UnlinkWorkout) -> OperationResult:
    workout = await _load(athlete.id, operation.workout)
    activity = await load_activity(athlete.id, operation.activity)
    kind = Link if isinstance(operation, LinkWorkout) else Unlink
    members = read_visible(activity).members
    # The athlete's own words may be taken back, and rules name what stays.
    named = next((member for member in members if member.source != ATHLETE), members[0])
    change = await decide(hub, athlete.id, kind(workout.id, named))
    return OperationResult(operation.id, "applied", change.rule.id if change.rule else "")
