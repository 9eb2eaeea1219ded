"""Keeps what an athlete says of an activity: its name, their notes, how hard it was."""

from __future__ import annotations

from typing import Any

import msgspec

from hub_core.domain.merge import ATHLETE, Identity, Statement, VisibleActivity
from hub_core.domain.mutation import (
    SUBJECTIVE_FIELDS,
    DescribeActivity,
    OperationResult,
    judge,
    merge_fields,
)
from hub_core.domain.records import Activity, Records
from hub_core.domain.validate import MAX_NAME, MAX_TEXT, check_text
from hub_core.errors import InvalidInputError
from hub_core.services.hub import Hub
from hub_core.services.merge_activities import read_members
from hub_core.services.observations import find_standing, is_one_of
from hub_core.services.observe import observe
from hub_core.services.read_activity import load_activity, read_visible
from hub_core.services.read_days import next_version
from hub_core.storage.inbound_tables import StoredActivity

_LIMITS = {"name": MAX_NAME, "notes": MAX_TEXT}
_NOTHING: dict[str, Any] = {"name": "", "notes": "", "perceived_exertion": None}


async def describe_activity(hub: Hub, athlete_id: str, operation: DescribeActivity) -> OperationResult:
    """It counts before what any provider says, and goes with the activity whoever else tells of it later.

    A statement of source `athlete` that names the activity's first one, so that both stay together. In the
    caller's transaction. Raises `InvalidInputError`, and `NotFoundError` for an activity that isn't there.
    """
    fields = {name: _check(name, value) for name, value in operation.fields.items()}
    row = await load_activity(athlete_id, operation.entity)
    visible = read_visible(row)
    known = await _own_word(hub, athlete_id, visible)
    said = known.record if known else None
    # Only what the athlete has said elsewhere stands against it.
    base = {name: operation.base.get(name) or _NOTHING[name] for name in operation.base if name in _NOTHING}
    theirs = {
        name: told
        if (told := getattr(said, name, None)) not in ("", None)
        else base.get(name, _NOTHING[name])
        for name in fields
    }
    settable, conflicts = merge_fields(base, theirs, fields)
    if settable:
        record = msgspec.structs.replace(said or _about(row, visible), **settable)
        version = await next_version(athlete_id, "activity", record.external_id)
        record = msgspec.structs.replace(record, version=version)
        await observe(hub, athlete_id, ATHLETE, Records(activities=(record,)))
    return judge(operation.id, settable, conflicts, entity=row.id)


def _check(name: str, value: Any) -> Any:
    path = f"fields.{name}"
    if name not in SUBJECTIVE_FIELDS:
        told = f"a device has measured it: only {', '.join(SUBJECTIVE_FIELDS)} are set so, else pin it"
        raise InvalidInputError(told, path=path)
    if value is None:
        return _NOTHING[name]
    if name in _LIMITS:
        if not isinstance(value, str):
            raise InvalidInputError("must be text", path=path)
        check_text(value, _LIMITS[name], path)
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 10:
        raise InvalidInputError("must be from 1 to 10", path=path)
    return float(value)


async def _own_word(hub: Hub, athlete_id: str, visible: VisibleActivity) -> Statement[Activity] | None:
    own = [member for member in visible.members if member.source == ATHLETE]
    condition, arguments = is_one_of(own)
    found = await find_standing(hub, athlete_id, Activity, condition, *arguments)
    return found[0] if found else None


def _about(row: StoredActivity, visible: VisibleActivity) -> Activity:
    first: Identity = read_members(row)[0]
    return Activity(
        f"about/{first}",
        visible.sport,
        visible.start,
        visible.duration_s,
        time_zone=visible.time_zone,
        origin=first.source,
        origin_id=first.external_id,
        is_manual=True,
    )
