"""Computes anew the activities around what was touched, and keeps their ids stable."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import msgspec

from hub_core.domain.merge import (
    Cluster,
    Identity,
    Rules,
    Statement,
    VisibleActivity,
    cluster,
    merge_activity,
    near_pairs,
    wants_series,
)
from hub_core.domain.merge.match import could_be_one
from hub_core.domain.merge.shape import MAX_SHIFT_S
from hub_core.domain.records import Activity
from hub_core.services.hub import Hub
from hub_core.services.inbound.observations import find_standing, fit_id, is_one_of, load_series, to_ms
from hub_core.services.merging.shown import Writer
from hub_core.services.sync.changes import record_change
from hub_core.storage import new_id, now_ms
from hub_core.storage.inbound_tables import StoredActivity

type Span = tuple[int, int]

_REACH_MS = MAX_SHIFT_S * 1000
#: No activity is longer (see `find_fault`), so that none which reaches into a span began earlier.
_LONGEST_MS = 14 * 86_400_000
#: SQLite takes expressions that are a thousand deep.
_AT_ONCE = 200


class Neighbourhood:
    """All statements that could be one activity with those that were touched, and the rows that show them."""

    def __init__(self, hub: Hub, athlete_id: str, rules: Rules) -> None:
        self._hub = hub
        self._athlete_id = athlete_id
        self._rules = rules
        self.statements: dict[Identity, Statement[Activity]] = {}
        self.rows: dict[str, StoredActivity] = {}
        self._near: dict[str, tuple[StoredActivity, list[Identity]]] = {}

    async def grow(self, identities: Iterable[Identity], spans: Iterable[Span]) -> None:
        """Follow what could be one, names and members until nothing new is found.

        Not everything that overlaps: a day-long hike would lead to the next one, and so through the years.
        """
        wanted, looked_for = set(identities), set[Identity]()
        for span in spans:
            await self._find_rows(span)
        while new := wanted - looked_for:
            looked_for |= new
            for one in await self._of(new):
                self.statements[one.identity] = one
                span = (to_ms(one.record.start), to_ms(one.record.end))
                await self._find_rows(span)
                around = await self._around(span)
                wanted |= {other.identity for other in around if could_be_one(one.record, other.record)}
                wanted |= self._joined(one.identity) | await self._named(one)
            for row, members in self._near.values():
                if not looked_for.isdisjoint(members):
                    self.rows[row.id] = row
                    wanted |= set(members)

    async def _find_rows(self, span: Span) -> None:
        for row in await self._rows_around(span):
            self._near[row.id] = row, read_members(row)

    async def _of(self, identities: Iterable[Identity]) -> list[Statement[Activity]]:
        found = []
        for chunk in itertools.batched(sorted(identities), _AT_ONCE):
            condition, arguments = is_one_of(chunk)
            found += await find_standing(self._hub, self._athlete_id, Activity, condition, *arguments)
        return found

    async def _around(self, span: Span) -> list[Statement[Activity]]:
        start, end = span[0] - _REACH_MS, span[1] + _REACH_MS
        return await find_standing(
            self._hub,
            self._athlete_id,
            Activity,
            "o.start_ms BETWEEN {} AND {} AND o.end_ms >= {}",
            start - _LONGEST_MS,
            end,
            start,
        )

    async def _rows_around(self, span: Span) -> list[StoredActivity]:
        start, end = span[0] - _REACH_MS, span[1] + _REACH_MS
        rows: list[StoredActivity] = await StoredActivity.objects().where(
            (StoredActivity.athlete_id == self._athlete_id)
            & (StoredActivity.start_ms >= start - _LONGEST_MS)
            & (StoredActivity.start_ms <= end)
            & (StoredActivity.end_ms >= start)
        )
        return rows

    async def _named(self, one: Statement[Activity]) -> set[Identity]:
        """Whom it passes on, who passes it on, and who tells of the same file."""
        record = one.record
        names = {str(one.identity)}
        found: set[Identity] = set()
        if record.origin and record.origin_id:
            names.add(fit_id(f"{record.origin}/{record.origin_id}"))
            found.add(Identity(record.origin, record.origin_id))
        rows = await self._hub.engine.execute(
            'SELECT DISTINCT source, external_id FROM "observation" WHERE athlete_id = {} AND kind = {}'  # noqa: S608
            f" AND echo_of <> '' AND echo_of IN ({', '.join(['{}'] * len(names))})",
            self._athlete_id,
            "activity",
            *sorted(names),
        )
        if record.file_digest:
            rows += await self._hub.engine.execute(
                'SELECT DISTINCT source, external_id FROM "observation" WHERE athlete_id = {} AND kind = {}'
                " AND file_digest <> '' AND file_digest = {}",
                self._athlete_id,
                "activity",
                record.file_digest,
            )
        return found | {Identity(row["source"], row["external_id"]) for row in rows}

    def _joined(self, identity: Identity) -> set[Identity]:
        return {other for pair in self._rules.joins() if identity in pair for other in pair}

    async def clusters(self) -> list[Cluster]:
        """The activities. Curves are loaded only where two statements need them to be told apart."""
        loaded: dict[Identity, Statement[Activity]] = {}
        for one, other in near_pairs(list(self.statements.values())):
            if wants_series(one, other):
                for side in (one, other):
                    if side.identity not in loaded:
                        series = await load_series(self._hub, self._athlete_id, side)
                        record = msgspec.structs.replace(side.record, series=series)
                        loaded[side.identity] = msgspec.structs.replace(side, record=record)
        # What has not been loaded keeps the names of its columns without their content.
        return cluster((loaded.get(key, one) for key, one in self.statements.items()), self._rules)


async def find_neighbourhood(
    hub: Hub, athlete_id: str, rules: Rules, identities: Iterable[Identity], spans: Iterable[Span] = ()
) -> Neighbourhood:
    """What has to be looked at together with these statements; `spans` is where they are or were."""
    neighbourhood = Neighbourhood(hub, athlete_id, rules)
    await neighbourhood.grow(identities, spans)
    return neighbourhood


async def merge_activities(
    writer: Writer, rules: Rules, identities: Iterable[Identity], spans: Iterable[Span]
) -> tuple[list[str], set[str]]:
    """Bring the activities up to date. The ids of those that hold these statements, and all dates touched."""
    touched = set(identities)
    neighbourhood = await find_neighbourhood(writer.hub, writer.athlete_id, rules, touched, spans)
    clusters = await neighbourhood.clusters()
    rows = sorted(neighbourhood.rows.values(), key=lambda row: (row.created_ms, row.id))
    owners = assign_rows(clusters, rows)
    holding, dates = [], {row.date for row in rows}
    for index, group in enumerate(clusters):
        row = owners.get(index)
        row = await _show(writer, group, rules, row)
        dates.add(row.date)
        if touched & group.identities:
            holding.append(row.id)
        owners[index] = row
    shown = {row.id for row in owners.values()}
    for row in rows:
        if row.id not in shown and not row.deleted:
            await _hide(writer, row, clusters, owners)
    return sorted(holding), dates


def assign_rows(clusters: Sequence[Cluster], rows: Sequence[StoredActivity]) -> dict[int, StoredActivity]:
    """Which row goes on showing which cluster: that of its first member that is still there.

    Of several rows the oldest shown one stays; a row that had been taken in comes back when its members
    stand alone again.
    """
    place = {identity: index for index, group in enumerate(clusters) for identity in group.identities}
    owners: dict[int, StoredActivity] = {}
    for row in sorted(rows, key=lambda row: (bool(row.deleted), row.created_ms, row.id)):
        first = next((place[member] for member in read_members(row) if member in place), None)
        if first is not None and first not in owners:
            owners[first] = row
    return owners


def read_members(row: StoredActivity) -> list[Identity]:
    """The statements behind a row; the first one is that for which it was made."""
    return msgspec.json.decode(row.members, type=list[Identity])


async def _show(writer: Writer, group: Cluster, rules: Rules, row: StoredActivity | None) -> StoredActivity:
    visible = merge_activity(group, rules)
    if row is None:
        row = StoredActivity(
            id=new_id("act"), athlete_id=writer.athlete_id, deleted=True, created_ms=now_ms()
        )
    known = read_members(row)
    kept = [member for member in known if member in group.identities]
    members = kept + sorted(group.identities - set(kept))
    document = msgspec.json.encode(visible).decode()
    before = "" if row.deleted else row.document
    if before == document and members == known:
        return row
    row.members = msgspec.json.encode(members).decode()
    row.deleted, row.merged_into = False, None
    _place(row, visible, document)
    await writer.write_activity(row, before)
    return row


def _place(row: StoredActivity, visible: VisibleActivity, document: str) -> None:
    row.document = document
    row.date = visible.date.isoformat()
    row.start_ms, row.end_ms = to_ms(visible.start), to_ms(visible.end)


async def _hide(
    writer: Writer, row: StoredActivity, clusters: Sequence[Cluster], owners: dict[int, StoredActivity]
) -> None:
    """Show it no longer: another one has taken it in, or nobody tells of it any more.

    It keeps its members, and with them the way back.
    """
    before = row.document
    members = set(read_members(row))
    into = next(
        (owners[index].id for index, group in enumerate(clusters) if members & group.identities), None
    )
    planned, row.workout_id = row.workout_id, None
    row.deleted, row.merged_into = True, into
    await writer.write_activity(row, before)
    if planned:
        # It was done with this activity, and isn't any more.
        await record_change(writer.hub, writer.athlete_id, "workouts", planned)


async def show_again(writer: Writer, rules: Rules, rows: Sequence[StoredActivity]) -> set[str]:
    """Choose the fields anew for activities whose statements stay the same: after an order or a pin."""
    dates = set()
    for row in rows:
        condition, arguments = is_one_of(read_members(row))
        members = await find_standing(writer.hub, writer.athlete_id, Activity, condition, *arguments)
        if members:
            await _show(writer, Cluster(tuple(members)), rules, row)
            dates.add(row.date)
    return dates
