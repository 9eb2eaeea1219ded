"""Hands an athlete everything that the hub holds of them, in a form that machines read (GDPR, article 20).

JSON lines: what this is, then one row of one table on each line, and last a count of them, by which a reader
sees that nothing was cut off. Secrets are left out: tokens, and what stands for them.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from hub_core.domain.series import Series
from hub_core.errors import VaultError
from hub_core.sdk.inbound import Delivery
from hub_core.services.hub import Hub
from hub_core.services.inbound.store_deliveries import content_row, file_row
from hub_core.storage import Row, now_ms
from hub_core.storage.ownership import Owned, owned_tables

#: A row may hold a file of 50 MB.
_PAGE = 20
#: Columns that open doors, by table.
SECRETS = frozenset(
    {("connection", "tokens"), ("connection", "leaving_tokens"), ("authorization", "verifier")}
)
#: Columns that hold JSON.
_JSON = frozenset(
    {"document", "thresholds", "sent_thresholds", "members", "sources", "external_ids", "progress"}
    | {"fidelity", "differences", "calls"}
)


async def hand_out_data(hub: Hub, athlete_id: str) -> AsyncIterator[bytes]:
    """The lines, in the order of the tables' names."""
    yield _line({"format": "hub-athlete-data", "version": 1, "athlete_id": athlete_id, "made_ms": now_ms()})
    counts = {}
    for owned in sorted(owned_tables(), key=lambda one: one.name):
        counts[owned.name] = 0
        async for row in _rows(hub, owned, athlete_id):
            counts[owned.name] += 1
            yield _line({"table": owned.name, "row": _readable(hub, owned, row)})
    yield _line({"end": True, "rows": counts})


async def _rows(hub: Hub, owned: Owned, athlete_id: str) -> AsyncIterator[Row]:
    last: list[object] = []
    while True:
        after = f'AND "{owned.key}" > {{}}' if last else ""
        page = await hub.engine.execute(
            f'SELECT * FROM "{owned.name}" WHERE ({owned.condition}) {after}'  # noqa: S608 (our own names)
            f' ORDER BY "{owned.key}" LIMIT {_PAGE}',
            *owned.arguments(athlete_id),
            *last,
        )
        for row in page:
            yield row
        if len(page) < _PAGE:
            return
        last = [page[-1][owned.key]]


def _line(value: object) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _readable(hub: Hub, owned: Owned, row: Row) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, is_flag in owned.columns.items():
        value = row[name]
        if (owned.name, name) in SECRETS:
            continue
        if isinstance(value, bytes | memoryview):
            told[name] = _open(hub, owned.name, name, row["id"], bytes(value))
        elif is_flag:
            told[name] = bool(value)
        elif name in _JSON and value:
            told[name] = msgspec.json.decode(value)
        else:
            told[name] = value
    return told


def _open(hub: Hub, table: str, column: str, row_id: str, value: bytes) -> Any:
    """The content of a column of bytes; None when it can't be opened with the keys that are left."""
    try:
        return READERS[table, column](hub, row_id, value)
    except VaultError:
        return None


def _read_content(hub: Hub, row_id: str, value: bytes) -> Any:
    """Without the address of its file, which may hold a token."""
    delivery = msgspec.msgpack.decode(hub.keys.open(value, content_row(row_id)), type=Delivery)
    return {
        "kind": delivery.kind,
        "content_type": delivery.content_type,
        "body": delivery.body.decode(errors="replace"),
    }


def _read_file(hub: Hub, row_id: str, value: bytes) -> str:
    return base64.b64encode(hub.keys.open(value, file_row(row_id))).decode()


def _read_payload(hub: Hub, row_id: str, value: bytes) -> Any:
    return msgspec.json.decode(hub.keys.open(value, f"export:{row_id}:payload") or b"null")


def _read_series(_: Hub, __: str, value: bytes) -> dict[str, list[float | None]]:
    series = msgspec.msgpack.decode(zlib.decompress(value), type=Series)
    columns = {name: series.column(name) for name in series.names()}
    return {
        name: [None if math.isnan(one) else one for one in values.tolist()]
        for name, values in columns.items()
        if values is not None
    }


#: How each other column of bytes is read.
READERS: dict[tuple[str, str], Callable[[Hub, str, bytes], Any]] = {
    ("delivery", "content"): _read_content,
    ("delivery", "file"): _read_file,
    ("export", "payload"): _read_payload,
    ("observation", "series"): _read_series,
}
