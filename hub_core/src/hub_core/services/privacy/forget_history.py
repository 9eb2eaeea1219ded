"""Forgets all that came from one provider: what it said, raw and read, and what was still to be asked of it.

What is shown is computed anew from what others say. Decisions of the athlete's own about merging stay.
"""

from __future__ import annotations

import msgspec

from hub_core.domain.merge import Identity
from hub_core.services.connections.tell_leaving import LEAVE_KIND
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.inbound.observations import find_said_by
from hub_core.services.merging.merge_activities import read_members
from hub_core.services.merging.recompute import Touched, recompute
from hub_core.storage import change_row, now_ms, save_row
from hub_core.storage.inbound_tables import Day, StoredActivity
from hub_core.storage.tables import Connection

#: Above this one look at the whole span is less work than one around each.
_MANY_SPANS = 200
#: What a connection's jobs are about, beside itself.
_SUBJECTS = """SELECT id FROM "delivery" WHERE connection_id = {} UNION ALL
    SELECT id FROM "backfill" WHERE connection_id = {}"""


class ForgottenHistory(msgspec.Struct, frozen=True):
    """How many rows are gone. `activities` and `days`: how many fewer are shown, for nobody else tells of
    them."""

    observations: int
    deliveries: int
    files: int
    backfills: int
    jobs: int
    activities: int
    days: int


async def forget_history(hub: Hub, row: Connection) -> ForgottenHistory:
    """Delete the history of a connection that has ended, all or nothing."""
    athlete_id, source = row.athlete_id, row.provider
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete_id)
        touched = await _touched(hub, athlete_id, source)
        activities, days = await _count_shown(athlete_id)
        jobs = await _count(
            hub,
            # That the athlete has left is still to be told.
            f'"job" WHERE (subject_id = {{}} AND kind <> {{}}) OR subject_id IN ({_SUBJECTS})',
            *(row.id, LEAVE_KIND, row.id, row.id),
            delete=True,
        )
        raw = '"delivery" WHERE connection_id = {}'
        files = await _count(hub, f"{raw} AND file IS NOT NULL", row.id)
        deliveries = await _count(hub, raw, row.id, delete=True)
        backfills = await _count(hub, '"backfill" WHERE connection_id = {}', row.id, delete=True)
        await _count(hub, '"feed" WHERE id = {}', row.id, delete=True)
        observations = await _count(
            hub, '"observation" WHERE athlete_id = {} AND source = {}', athlete_id, source, delete=True
        )
        await recompute(hub, athlete_id, touched)
        await _forget_hidden(athlete_id, source)
        await change_row(
            Connection, row.id, provider_user_id="", display_name="", scopes="", updated_ms=now_ms()
        )
        left = await _count_shown(athlete_id)
    return ForgottenHistory(
        observations, deliveries, files, backfills, jobs, activities - left[0], days - left[1]
    )


async def _touched(hub: Hub, athlete_id: str, source: str) -> Touched:
    touched = Touched()
    for kind, seen in await find_said_by(hub, athlete_id, source):
        touched.add(Identity(source, seen.external_id), kind, [seen])
    if len(touched.spans) > _MANY_SPANS:
        touched.spans = [(min(start for start, _ in touched.spans), max(end for _, end in touched.spans))]
    return touched


async def _forget_hidden(athlete_id: str, source: str) -> None:
    """What is shown no longer still holds what it showed, as the way back. Of this there is none."""
    await Day.delete().where((Day.athlete_id == athlete_id) & (Day.deleted == True))  # noqa: E712
    hidden = await StoredActivity.objects().where(
        (StoredActivity.athlete_id == athlete_id) & (StoredActivity.deleted == True)  # noqa: E712
    )
    for row in hidden:
        members = read_members(row)
        left = [member for member in members if member.source != source]
        if not left:
            await StoredActivity.delete().where(StoredActivity.id == row.id)
        elif left != members:
            row.members, row.document = msgspec.json.encode(left).decode(), ""
            await save_row(row)


async def _count_shown(athlete_id: str) -> tuple[int, int]:
    """How many activities and days are shown."""
    activities = (StoredActivity.athlete_id == athlete_id) & (StoredActivity.deleted == False)  # noqa: E712
    days = (Day.athlete_id == athlete_id) & (Day.deleted == False)  # noqa: E712
    return await StoredActivity.count().where(activities), await Day.count().where(days)


async def _count(hub: Hub, rows: str, *arguments: str, delete: bool = False) -> int:
    """How many rows there are; gone afterwards, if that is wanted."""
    (found,) = await hub.engine.execute(f"SELECT COUNT(*) AS n FROM {rows}", *arguments)  # noqa: S608
    if delete:
        await hub.engine.execute(f"DELETE FROM {rows}", *arguments)  # noqa: S608
    return int(found["n"])
