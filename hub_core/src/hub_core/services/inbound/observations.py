"""Observations as rows: written once, read as the statements that stand.

Of one identity (kind, source, external id) the highest version stands, among equal ones the highest digest.
A deletion's digest is above all others, so that it wins over versions up to its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from hub_core.domain.merge.statement import Identity, Record, Statement, local_start
from hub_core.domain.records import (
    Activity,
    DailyHealth,
    Deleted,
    Kind,
    NutritionDay,
    Sample,
    SampleMetric,
    SleepNight,
)
from hub_core.domain.series import Series
from hub_core.services.hub import Hub
from hub_core.storage import Row, digest, new_id

_TYPES: dict[Kind, type[Record]] = {
    "activity": Activity,
    "daily": DailyHealth,
    "sleep": SleepNight,
    "nutrition": NutritionDay,
    "sample": Sample,
}
_COLUMNS = (
    "id, athlete_id, kind, source, external_id, version, is_deleted, metric, date, start_ms, end_ms,"
    " echo_of, file_digest, document, series, digest, delivery_id, received_ms"
)
_PLACES = f"({', '.join(['{}'] * 18)})"
#: SQLite takes 32,766 arguments in one statement.
_CHUNK = 500
_DELETED_DIGEST = "z" * 64
_DAY_MS = 86_400_000
_LONGEST_ID = 200

_STANDS = """NOT EXISTS (SELECT 1 FROM "observation" n WHERE n.athlete_id = o.athlete_id AND n.kind = o.kind
    AND n.source = o.source AND n.external_id = o.external_id
    AND (n.version > o.version OR (n.version = o.version AND n.digest > o.digest)))"""


class NewRow(NamedTuple):
    """One statement on its way into the table. `document` is empty for a deletion."""

    kind: Kind
    external_id: str
    version: int
    metric: str
    date: str
    start_ms: int
    end_ms: int
    echo_of: str
    file_digest: str
    document: str
    series: bytes | None
    digest: str

    @property
    def is_deleted(self) -> bool:
        """Whether it says that the thing is gone."""
        return self.digest == _DELETED_DIGEST


class Seen(NamedTuple):
    """What is known of one row: enough to see what a new one touches."""

    external_id: str
    version: int
    digest: str
    is_deleted: bool
    delivery_id: str
    metric: str
    date: str
    start_ms: int
    end_ms: int


def to_row(record: Record) -> NewRow:
    """A record as a row."""
    date, start_ms, end_ms = _place(record)
    told, packed, echo_of, file_digest = record, None, "", ""
    if isinstance(record, Activity):
        if record.origin and record.origin_id:
            echo_of = fit_id(f"{record.origin}/{record.origin_id}")
        file_digest = record.file_digest[:64]
        if record.series is not None:
            packed = zlib.compress(msgspec.msgpack.encode(record.series), 3)
            told = msgspec.structs.replace(record, series=Series(dict.fromkeys(record.series.names(), b"")))
    document = msgspec.json.encode(told)
    # The series is compared as it was before compression, which other versions of zlib do differently.
    content = hashlib.sha256(document)
    if isinstance(record, Activity) and record.series is not None:
        for name in record.series.names():
            content.update(record.series.packed[name])
    return NewRow(
        kind_of(record),
        fit_id(record.external_id or date),
        max(0, record.version),
        str(record.metric) if isinstance(record, Sample) else "",
        date,
        start_ms,
        end_ms,
        echo_of,
        file_digest,
        document.decode(),
        packed,
        content.hexdigest(),
    )


def to_deletion(gone: Deleted) -> NewRow:
    """A deletion as a row."""
    return NewRow(
        gone.kind,
        fit_id(gone.external_id),
        max(0, gone.version),
        "",
        "",
        0,
        0,
        "",
        "",
        "",
        None,
        _DELETED_DIGEST,
    )


def kind_of(record: Record) -> Kind:
    """The kind of a record."""
    return next(kind for kind, type_ in _TYPES.items() if isinstance(record, type_))


def fit_id(text: str) -> str:
    """An id as it is kept: one that is too long, or not printable, by its digest."""
    return text if len(text) <= _LONGEST_ID and text.isprintable() else digest(text)


def to_ms(at: dt.datetime) -> int:
    """An instant in epoch milliseconds."""
    return round(at.timestamp() * 1000)


def _place(record: Record) -> tuple[str, int, int]:
    """Local date and span. What belongs to a date only has the span of that date in UTC."""
    match record:
        case Activity():
            return local_start(record).date().isoformat(), to_ms(record.start), to_ms(record.end)
        case Sample():
            return record.start.date().isoformat(), to_ms(record.start), to_ms(record.end)
        case SleepNight():
            return record.date.isoformat(), to_ms(record.start), to_ms(record.end)
        case DailyHealth() | NutritionDay():
            start = to_ms(dt.datetime.combine(record.date, dt.time(), dt.UTC))
            return record.date.isoformat(), start, start + _DAY_MS


async def find_seen(
    hub: Hub, athlete_id: str, source: str, kind: str, external_ids: Iterable[str]
) -> dict[str, list[Seen]]:
    """All that a source has said so far under these ids."""
    found: dict[str, list[Seen]] = {}
    for chunk in _chunks(sorted(set(external_ids))):
        rows = await hub.engine.execute(
            "SELECT external_id, version, digest, is_deleted, delivery_id, metric, date, start_ms, end_ms"  # noqa: S608 (only places)
            ' FROM "observation" WHERE athlete_id = {} AND kind = {} AND source = {}'
            f" AND external_id IN ({_places(chunk)})",
            athlete_id,
            kind,
            source,
            *chunk,
        )
        for row in rows:
            found.setdefault(row["external_id"], []).append(Seen(**row))
    return found


async def find_said_by(hub: Hub, athlete_id: str, source: str) -> list[tuple[Kind, Seen]]:
    """All that a source has ever said of an athlete."""
    rows = await hub.engine.execute(
        "SELECT kind, external_id, version, digest, is_deleted, delivery_id, metric, date, start_ms, end_ms"
        ' FROM "observation" WHERE athlete_id = {} AND source = {}',
        athlete_id,
        source,
    )
    return [(row.pop("kind"), Seen(**row)) for row in rows]


async def append(
    hub: Hub, athlete_id: str, source: str, rows: Sequence[NewRow], *, delivery_id: str, received_ms: int
) -> set[tuple[str, str, int, str]]:
    """Write rows; (kind, external id, version, digest) of those that weren't there."""
    new: set[tuple[str, str, int, str]] = set()
    for chunk in _chunks(rows):
        values = [
            value
            for row in chunk
            for value in (
                new_id("obs"),
                athlete_id,
                row.kind,
                source,
                row.external_id,
                row.version,
                row.is_deleted,
                *row[3:],
                delivery_id,
                received_ms,
            )
        ]
        written = await hub.engine.execute(
            f'INSERT INTO "observation" ({_COLUMNS}) VALUES {", ".join([_PLACES] * len(chunk))}'  # noqa: S608 (only places)
            " ON CONFLICT (athlete_id, kind, source, external_id, version, digest) DO NOTHING"
            " RETURNING kind, external_id, version, digest",
            *values,
        )
        new |= {(row["kind"], row["external_id"], row["version"], row["digest"]) for row in written}
    return new


async def find_standing[R: Record](
    hub: Hub, athlete_id: str, type_: type[R], condition: str, *arguments: object
) -> list[Statement[R]]:
    """The statements that stand and fulfil a condition on the row `o`, by identity. Series are left out."""
    kind = next(kind for kind, known in _TYPES.items() if known is type_)
    rows = await hub.engine.execute(
        "SELECT o.source, o.external_id, o.version, o.document"  # noqa: S608 (conditions are our own)
        ' FROM "observation" o WHERE o.athlete_id = {} AND o.kind = {} AND o.is_deleted = {} AND'
        f" ({condition}) AND {_STANDS} ORDER BY o.source, o.external_id",
        athlete_id,
        kind,
        False,
        *arguments,
    )
    decoder = msgspec.json.Decoder(type_)
    found = [
        Statement(
            Identity(row["source"], row["external_id"]), row["version"], decoder.decode(row["document"])
        )
        for row in rows
    ]
    if type_ is Activity:
        found = await _with_earlier_detail(hub, athlete_id, found)  # type: ignore[arg-type, assignment]
    return found


async def _with_earlier_detail(
    hub: Hub, athlete_id: str, found: list[Statement[Activity]]
) -> list[Statement[Activity]]:
    """The same, with curve, laps and device of an earlier version where the standing one has no curve.

    A correction tells new numbers and not the file again: Garmin sends the two apart, under one id. What was
    deleted in between stays deleted.
    """
    bare = [one.identity for one in found if one.record.series is None]
    earlier: dict[Identity, tuple[int, Activity]] = {}
    for chunk in _chunks(bare):
        condition, arguments = is_one_of(chunk)
        rows = await hub.engine.execute(
            'SELECT o.source, o.external_id, o.version, o.document FROM "observation" o'  # noqa: S608 (as above)
            " WHERE o.athlete_id = {} AND o.kind = 'activity' AND o.series IS NOT NULL"
            f' AND ({condition}) AND NOT EXISTS (SELECT 1 FROM "observation" n WHERE'
            " n.athlete_id = o.athlete_id AND n.kind = o.kind AND n.source = o.source"
            " AND n.external_id = o.external_id AND n.is_deleted = {} AND n.version > o.version)"
            " ORDER BY o.version, o.digest",
            athlete_id,
            *arguments,
            True,
        )
        for row in rows:
            record = msgspec.json.decode(row["document"], type=Activity)
            earlier[Identity(row["source"], row["external_id"])] = row["version"], record
    return [_complete(one, earlier.get(one.identity)) for one in found]


def _complete(statement: Statement[Activity], earlier: tuple[int, Activity] | None) -> Statement[Activity]:
    if earlier is None or earlier[0] > statement.version or statement.record.series is not None:
        return statement
    now, then = statement.record, earlier[1]
    record = msgspec.structs.replace(
        now,
        series=then.series,
        laps=now.laps or then.laps,
        device=now.device or then.device,
        file_digest=now.file_digest or then.file_digest,
    )
    return msgspec.structs.replace(statement, record=record)


def is_one_of(identities: Iterable[Identity]) -> tuple[str, list[str]]:
    """A condition on the row `o`: it is of one of these identities."""
    wanted = sorted(identities)
    if not wanted:
        return "1 = 0", []
    places = " OR ".join(["(o.source = {} AND o.external_id = {})"] * len(wanted))
    return places, [part for one in wanted for part in (one.source, one.external_id)]


async def load_series(hub: Hub, athlete_id: str, statement: Statement[Activity]) -> Series | None:
    """The series of an activity's statement."""
    if statement.record.series is None:
        return None
    rows: list[Row] = await hub.engine.execute(
        'SELECT series FROM "observation" WHERE athlete_id = {} AND kind = {} AND source = {}'
        " AND external_id = {} AND version <= {} AND series IS NOT NULL"
        " ORDER BY version DESC, digest DESC LIMIT 1",
        athlete_id,
        "activity",
        statement.identity.source,
        statement.identity.external_id,
        statement.version,
    )
    packed = rows[0]["series"] if rows else None
    return msgspec.msgpack.decode(zlib.decompress(packed), type=Series) if packed else None


def sample_metrics(*, wanted: Iterable[SampleMetric]) -> tuple[str, list[str]]:
    """A condition on the row `o`: it is a sample of one of these metrics."""
    names = [str(metric) for metric in wanted]
    return f"o.metric IN ({_places(names)})", names


def _places(values: Sequence[object]) -> str:
    return ", ".join(["{}"] * len(values))


def _chunks[T](values: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
