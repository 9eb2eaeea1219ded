"""Keeps what a provider said, raw and sealed, and asks for it to be ingested."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from hub_core.errors import VaultError
from hub_core.sdk.inbound import Delivery
from hub_core.services.hub import Hub
from hub_core.storage import change_row, digest, find_row, jobs, new_id, now_ms
from hub_core.storage.inbound_tables import StoredDelivery
from hub_core.storage.tables import Connection

Way = Literal["webhook", "poll", "backfill", "phone"]

INGEST_KIND = "ingest"
#: What just happened is ingested before history.
_PRIORITIES: dict[Way, int] = {
    "webhook": jobs.LIVE_PRIORITY,
    "poll": jobs.LIVE_PRIORITY + 1,
    "backfill": jobs.LIVE_PRIORITY + 3,
    "phone": jobs.LIVE_PRIORITY,
}


async def store_deliveries(
    hub: Hub, connection: Connection, deliveries: Iterable[Delivery], way: Way, *, asked_ms: int = 0
) -> list[str]:
    """Store what isn't known yet, with a job for each, and return the new ids. In the caller's transaction.

    What a provider repeats has the same key and finds its row, unless `Delivery.news_by` says more. After a
    new consent all keys count as new: what the athlete took back and gave again is to be heard again.
    `asked_ms`: when the provider was asked for them.
    """
    new = []
    for delivery in deliveries:
        told = msgspec.structs.replace(delivery, asked_ms=asked_ms)
        delivery_id = await store_delivery(hub, connection, told, way)
        if delivery_id:
            new.append(delivery_id)
            await jobs.enqueue(hub.engine, INGEST_KIND, delivery_id, priority=_PRIORITIES[way])
    return new


async def store_delivery(hub: Hub, connection: Connection, delivery: Delivery, way: Way) -> str | None:
    """Store one without asking for more, and return its id; None when it is known."""
    delivery_id, now = new_id("dlv"), now_ms()
    identity = identity_of(connection, delivery.key)
    if delivery.news_by != "key":
        await _make_room(hub, identity, delivery, now)
    rows = await hub.engine.execute(
        'INSERT INTO "delivery" (id, provider, connection_id, athlete_id, way, kind, identity, content,'
        " state, received_ms) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, 'waiting', {})"
        " ON CONFLICT (identity) DO NOTHING RETURNING id",
        delivery_id,
        connection.provider,
        connection.id,
        connection.athlete_id,
        way,
        delivery.kind[:100],
        identity,
        hub.keys.seal(msgspec.msgpack.encode(delivery), content_row(delivery_id)),
        now,
    )
    return delivery_id if rows else None


def identity_of(connection: Connection, key: str) -> str:
    """By what a repeated delivery is known."""
    return digest(f"{connection.id}/{connection.connected_ms}/{key}")


async def _make_room(hub: Hub, identity: str, delivery: Delivery, now: int) -> None:
    """Take the identity from an older statement under the same key, if the new one is news beside it.

    One that nobody has looked at yet is dropped: it says what was, or asks for the same look.
    """
    row = await find_row(StoredDelivery, identity=identity)
    if row is None:
        return
    is_waiting = row.state == "waiting" and not await jobs.is_in_hand(hub.engine, INGEST_KIND, row.id)
    if _says(hub, row) == delivery.body and (delivery.news_by == "content" or is_waiting):
        return
    values: dict[str, object] = {"identity": row.id}
    if is_waiting:
        values |= {"state": "dropped", "reason": "Something newer was told.", "done_ms": now}
    await change_row(StoredDelivery, row.id, **values)


def _says(hub: Hub, row: StoredDelivery) -> bytes | None:
    """The body of a stored delivery; None when it can't be opened any more."""
    try:
        content = hub.keys.open(bytes(row.content or b""), content_row(row.id))
    except VaultError:
        return None
    return msgspec.msgpack.decode(content, type=Delivery).body


def content_row(delivery_id: str) -> str:
    """The name under which a delivery's content is sealed."""
    return f"delivery:{delivery_id}:content"


def file_row(delivery_id: str) -> str:
    """The name under which a delivery's file is sealed."""
    return f"delivery:{delivery_id}:file"
