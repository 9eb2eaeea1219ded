"""Raw deliveries of an athlete: what came, what became of it, and once more for those that failed."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.errors import ConflictError, InvalidInputError, NotFoundError
from hub_core.services.hub import Hub
from hub_core.services.inbound.store_deliveries import INGEST_KIND
from hub_core.storage import change_row, find_row, jobs
from hub_core.storage.inbound_tables import StoredDelivery

STATES = ("waiting", "done", "failed", "dropped")
MOST = 200


class DeliveryView(msgspec.Struct, frozen=True):
    """One delivery, without its content. `way`: `webhook`, `poll`, `backfill` or `phone`."""

    id: str
    provider: str
    way: str
    kind: str
    state: str
    reason: str
    received: dt.datetime


async def list_deliveries(athlete_id: str, *, state: str = "") -> list[DeliveryView]:
    """The latest first, at most 200, of one state when asked."""
    if state and state not in STATES:
        raise InvalidInputError(f"must be one of {', '.join(STATES)}", path="state")
    mine = StoredDelivery.athlete_id == athlete_id
    rows = (
        await StoredDelivery.objects()
        .where(mine & (StoredDelivery.state == state) if state else mine)
        .order_by(StoredDelivery.id, ascending=False)
        .limit(MOST)
    )
    return [_view(row) for row in rows]


async def replay_delivery(hub: Hub, athlete_id: str, delivery_id: str) -> DeliveryView:
    """Ingest a failed delivery again: the plugin was mended, the file is there again, the key is back."""
    row = await find_row(StoredDelivery, id=delivery_id, athlete_id=athlete_id)
    if row is None:
        raise NotFoundError("there is no such delivery")
    if row.state != "failed":
        raise ConflictError(f"this delivery is {row.state}; only failed ones are replayed")
    async with hub.engine.transaction():
        await change_row(StoredDelivery, row.id, state="waiting", reason="")
        await jobs.enqueue(hub.engine, INGEST_KIND, row.id)
    row.state, row.reason = "waiting", ""
    return _view(row)


def _view(row: StoredDelivery) -> DeliveryView:
    received = dt.datetime.fromtimestamp(row.received_ms / 1000, dt.UTC)
    return DeliveryView(row.id, row.provider, row.way, row.kind, row.state, row.reason, received)
