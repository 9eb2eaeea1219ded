"""The one door for what comes in: keeps what a source said, and brings up to date what the API shows of it.

Webhooks, polls, files, phones and people all end here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from hub_core.domain.merge.statement import Identity, Record, find_fault
from hub_core.domain.records import Records, Refused
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.inbound.observations import NewRow, Seen, append, find_seen, to_deletion, to_row
from hub_core.services.merging.recompute import Touched, recompute
from hub_core.services.merging.shown import Shown
from hub_core.storage import now_ms


class Observed(msgspec.Struct, frozen=True):
    """What a call of `observe` has done.

    `new` and `known` count statements: those that were added, and those that had been heard before. `refused`
    are not kept; all others are. `shown`: the visible activities and days that were touched.
    """

    new: int
    known: int
    refused: tuple[Refused, ...]
    shown: Shown


async def observe(
    hub: Hub, athlete_id: str, source: str, records: Records, *, delivery_id: str = ""
) -> Observed:
    """Keep what `source` says of an athlete, and bring up to date what is shown. All or nothing.

    `source` is a provider's name, `file`, or `athlete` for what people say themselves. The same statement
    again changes nothing. It joins the caller's transaction; calls for one athlete take turns. Raises
    `NotFoundError` for an athlete who is not there (any more).
    """
    rows, refused = _read(records)
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete_id)
        new, touched = await _append(hub, athlete_id, source, rows, delivery_id)
        shown = await recompute(hub, athlete_id, touched)
    return Observed(new, len(rows) - new, refused, shown)


def _read(records: Records) -> tuple[list[NewRow], tuple[Refused, ...]]:
    rows, refused = [], list(records.refused)
    for path, record in _placed(records):
        if fault := find_fault(record):
            refused.append(Refused(f"{path}.{fault[0]}", fault[1]))
        else:
            rows.append(to_row(record))
    rows += [to_deletion(gone) for gone in records.deleted]
    return rows, tuple(refused)


def _placed(records: Records) -> Iterator[tuple[str, Record]]:
    fields: dict[str, Iterable[Record]] = {
        "activities": records.activities,
        "daily": records.daily,
        "sleep": records.sleep,
        "nutrition": records.nutrition,
        "samples": records.samples,
    }
    for field, values in fields.items():
        for index, record in enumerate(values):
            yield f"{field}[{index}]", record


async def _append(
    hub: Hub, athlete_id: str, source: str, rows: list[NewRow], delivery_id: str
) -> tuple[int, Touched]:
    now = now_ms()
    touched = Touched()
    fresh: list[NewRow] = []
    before: dict[tuple[str, str], list[Seen]] = {}
    for kind in sorted({row.kind for row in rows}):
        ids = [row.external_id for row in rows if row.kind == kind]
        for external_id, seen in (await find_seen(hub, athlete_id, source, kind, ids)).items():
            before[kind, external_id] = seen
    heard: dict[tuple[str, str], list[Seen]] = {key: list(seen) for key, seen in before.items()}
    for row in rows:
        known = heard.setdefault((row.kind, row.external_id), [])
        stamped = _stamp(row, known, now, delivery_id)
        if stamped is None:
            continue
        known.append(_see(stamped, delivery_id))
        fresh.append(stamped)
    new = await append(hub, athlete_id, source, fresh, delivery_id=delivery_id, received_ms=now)
    for row in fresh:
        if (row.kind, row.external_id, row.version, row.digest) in new:
            touched.add(Identity(source, row.external_id), row.kind, heard[row.kind, row.external_id])
    return len(new), touched


def _stamp(row: NewRow, known: list[Seen], now: int, delivery_id: str) -> NewRow | None:
    """The row with its version; None when it says nothing new.

    Without a version of the source's own, the moment of arrival is one: the later word stands. Two things
    are final all the same: what stands already isn't said again, and what is deleted doesn't come back by
    a word without a version, which may be the older one (a webhook that was overtaken). Samples never
    change under one id, and so need no stamp.
    """
    if any((one.version, one.digest) == (row.version, row.digest) for one in known):
        return None
    if row.version or (row.kind == "sample" and not row.is_deleted):
        return row
    standing = max(known, key=lambda one: (one.version, one.digest), default=None)
    if standing is None:
        return row._replace(version=now)
    if standing.digest == row.digest:
        return None
    if delivery_id and any((one.delivery_id, one.digest) == (delivery_id, row.digest) for one in known):
        return None
    if standing.is_deleted:
        return row
    return row._replace(version=max(now, standing.version + 1))


def _see(row: NewRow, delivery_id: str) -> Seen:
    return Seen(
        row.external_id,
        row.version,
        row.digest,
        row.is_deleted,
        delivery_id,
        row.metric,
        row.date,
        row.start_ms,
        row.end_ms,
    )
