"""The change feed as clients follow it: pages in an order in which nothing can be missed, with the entities.

A plain sequence is no such order on PostgreSQL: number 7 may be committed after number 8 was read. So lines
are ordered by (transaction, number), and read up to the oldest transaction that is still running: nothing can
come in below that any more. SQLite has one writer at a time. `docs/adr/0015-the-order-of-changes.md`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Literal

import msgspec

from hub_core.domain.merge import VisibleDaily, VisibleNutrition, VisibleSleep
from hub_core.errors import CursorExpiredError, InvalidInputError
from hub_core.services.athletes.save_athlete import AthleteView, view_athlete
from hub_core.services.connections.disconnect_provider import ConnectionView, list_connections
from hub_core.services.exports.retry_export import ExportView, view_export
from hub_core.services.hub import Hub
from hub_core.services.inbound.backfill_history import BackfillView, list_backfills
from hub_core.services.merging.read_activity import ActivityView, view_activity
from hub_core.services.planning.save_race import RaceView, view_race
from hub_core.services.workouts.view_workouts import FedWorkout, feed_workouts
from hub_core.storage import find_row
from hub_core.storage.inbound_tables import Day, StoredActivity
from hub_core.storage.tables import Athlete, Export, SavedRace, Workout

MOST = 500


class ChangeView(msgspec.Struct, frozen=True):
    """An entity as it is now, in the form in which its own path shows it; null after `delete`.

    A workout comes without its exports and conflicts, which change without it.
    """

    collection: str
    id: str
    operation: Literal["upsert", "delete"]
    entity: Any


class ChangePage(msgspec.Struct, frozen=True):
    """What has changed since the cursor, each entity once. `next_cursor` goes into the next request, also
    when nothing has changed; `has_more`: there is more to fetch at once."""

    changes: tuple[ChangeView, ...]
    next_cursor: str
    has_more: bool


class _Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a client is. `epoch` is of the database's own numbering: another one counts anew.

    `line` is what was written there (`_line_of`): a database that was put back writes other lines under the
    same numbers.
    """

    athlete_id: str
    epoch: str
    collections: tuple[str, ...]
    xid: int
    seq: int
    line: str = ""


async def read_changes(
    hub: Hub, athlete: Athlete, cursor: str, limit: int, collections: Sequence[str] = ()
) -> ChangePage:
    """The changes after a cursor; all that there is, when it is empty. `collections`: these only.

    Raises `InvalidInputError` for what is no cursor or no collection, and `CursorExpiredError` for a cursor
    of another athlete, other collections, or another database.
    """
    wanted = tuple(sorted(set(collections)))
    if unknown := [name for name in wanted if name not in _LOADERS]:
        raise InvalidInputError(
            f"there is no {unknown[0]!r}; there are {', '.join(_LOADERS)}", path="collections"
        )
    epoch = await _epoch(hub)
    at = _Cursor(athlete.id, epoch, wanted, -1, 0)
    if cursor:
        at = await _check(hub, _decode(cursor), at)
    named = f"AND collection IN ({', '.join(['{}'] * len(wanted))})" if wanted else ""
    rows = await hub.engine.execute(
        'SELECT xid, seq, collection, entity_id, created_ms FROM "change" WHERE athlete_id = {}'  # noqa: S608 (only places)
        f" AND (xid, seq) > ({{}}, {{}}) {_SETTLED[hub.engine.kind]} {named} ORDER BY xid, seq LIMIT {{}}",
        athlete.id,
        at.xid,
        at.seq,
        *wanted,
        limit + 1,
    )
    page = rows[:limit]
    if page:
        end = page[-1]
        at = msgspec.structs.replace(at, xid=end["xid"], seq=end["seq"], line=_line_of(end))
    # Of several changes of one entity the last place counts; what is shown is its state of now anyway.
    last = {(row["collection"], row["entity_id"]): None for row in reversed(page)}
    named_ids: dict[str, list[str]] = {}
    for collection, entity_id in last:
        named_ids.setdefault(collection, []).append(entity_id)
    found = {name: await _LOADERS[name](athlete, ids) for name, ids in named_ids.items()}
    changes = tuple(_view(name, id_, found[name].get(id_)) for name, id_ in reversed(last))
    return ChangePage(changes, _encode(at), len(rows) > limit)


#: On PostgreSQL nothing is read that a transaction which is still running could come before.
_SETTLED = {"postgres": "AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint", "sqlite": ""}


def _view(collection: str, id_: str, entity: Any) -> ChangeView:
    return ChangeView(collection, id_, "delete" if entity is None else "upsert", entity)


async def _epoch(hub: Hub) -> str:
    """PostgreSQL's numbers of transactions begin anew when a dump is loaded into another cluster."""
    if hub.engine.kind == "sqlite":
        return ""
    rows = await hub.engine.execute("SELECT system_identifier::text AS epoch FROM pg_control_system()")
    return str(rows[0]["epoch"])


def _encode(cursor: _Cursor) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).rstrip(b"=").decode()


def _decode(text: str) -> _Cursor:
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return msgspec.msgpack.decode(packed, type=_Cursor)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise InvalidInputError(
            "this is no cursor of this API; leave it out to begin anew", path="cursor"
        ) from error


async def _check(hub: Hub, told: _Cursor, asked: _Cursor) -> _Cursor:
    """A cursor that is ours, and of the same question."""
    begin = "ask again without a cursor, and forget what is not told then"
    if told.athlete_id != asked.athlete_id:
        raise CursorExpiredError(f"this cursor is another athlete's: {begin}")
    if told.collections != asked.collections:
        raise CursorExpiredError(f"this cursor is of other collections: {begin}")
    if told.epoch != asked.epoch or not await _is_there(hub, told):
        raise CursorExpiredError(f"this cursor is of another database, or of a later state of it: {begin}")
    return told


async def _is_there(hub: Hub, told: _Cursor) -> bool:
    """Whether the line at which the client stopped is the one that is there now. After a backup was put back
    it is missing, or another one as soon as enough was written anew."""
    if not told.seq:
        return True  # nothing has been told yet
    rows = await hub.engine.execute(
        'SELECT entity_id, created_ms FROM "change" WHERE seq = {} AND xid = {} AND athlete_id = {}',
        told.seq,
        told.xid,
        told.athlete_id,
    )
    return bool(rows) and _line_of(rows[0]) == told.line


def _line_of(row: Mapping[str, Any]) -> str:
    return f"{row['entity_id']} {row['created_ms']}"


# -- the entities of each collection, by id ---------------------------------------------------------------

type Loader = Callable[[Athlete, list[str]], Coroutine[Any, Any, dict[str, Any]]]


async def _athletes(athlete: Athlete, _: list[str]) -> dict[str, AthleteView]:
    row = await find_row(Athlete, id=athlete.id)
    return {row.id: view_athlete(row)} if row else {}


async def _connections(athlete: Athlete, _: list[str]) -> dict[str, ConnectionView]:
    return {one.id: one for one in await list_connections(athlete)}


async def _workouts(athlete: Athlete, ids: list[str]) -> dict[str, FedWorkout]:
    rows = await Workout.objects().where(
        (Workout.athlete_id == athlete.id) & Workout.id.is_in(ids) & (Workout.deleted == False)  # noqa: E712
    )
    return {one.id: one for one in await feed_workouts(rows, athlete.id)}


async def _exports(athlete: Athlete, ids: list[str]) -> dict[str, ExportView]:
    rows = await Export.objects().where((Export.athlete_id == athlete.id) & Export.id.is_in(ids))
    return {row.id: view_export(row) for row in rows}


async def _activities(athlete: Athlete, ids: list[str]) -> dict[str, ActivityView]:
    rows = await StoredActivity.objects().where(
        (StoredActivity.athlete_id == athlete.id)
        & StoredActivity.id.is_in(ids)
        & (StoredActivity.deleted == False)  # noqa: E712
    )
    return {row.id: view_activity(row) for row in rows}


def _days(type_: type[VisibleDaily | VisibleSleep | VisibleNutrition]) -> Loader:
    async def load(athlete: Athlete, ids: list[str]) -> dict[str, Any]:
        rows = await Day.objects().where(
            (Day.athlete_id == athlete.id) & Day.id.is_in(ids) & (Day.deleted == False)  # noqa: E712
        )
        return {row.id: msgspec.json.decode(row.document, type=type_) for row in rows}

    return load


async def _races(athlete: Athlete, ids: list[str]) -> dict[str, RaceView]:
    rows = await SavedRace.objects().where((SavedRace.athlete_id == athlete.id) & SavedRace.id.is_in(ids))
    return {row.id: view_race(row) for row in rows}


async def _backfills(athlete: Athlete, _: list[str]) -> dict[str, BackfillView]:
    return {one.id: one for one in await list_backfills(athlete.id)}


_LOADERS: dict[str, Loader] = {
    "athletes": _athletes,
    "connections": _connections,
    "workouts": _workouts,
    "exports": _exports,
    "activities": _activities,
    "daily": _days(VisibleDaily),
    "sleep": _days(VisibleSleep),
    "nutrition": _days(VisibleNutrition),
    "races": _races,
    "backfills": _backfills,
}
#: What can be followed.
COLLECTIONS = tuple(_LOADERS)
