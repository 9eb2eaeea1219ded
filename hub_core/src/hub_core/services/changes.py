"""Writes the change feed, in the transaction of the change itself."""

from __future__ import annotations

from hub_core.services.hub import Hub
from hub_core.storage import now_ms

#: The transaction that writes: what `read_changes` orders by. SQLite has one writer at a time.
_XID = {"postgres": "pg_current_xact_id()::text::bigint", "sqlite": "0"}


async def record_change(
    hub: Hub, athlete_id: str, collection: str, entity_id: str, operation: str = "upsert"
) -> None:
    """One line of the feed: this entity was written, or is gone (`operation="delete"`)."""
    await hub.engine.execute(
        'INSERT INTO "change" (athlete_id, collection, entity_id, operation, created_ms, xid)'  # noqa: S608
        f" VALUES ({{}}, {{}}, {{}}, {{}}, {{}}, {_XID[hub.engine.kind]})",
        athlete_id,
        collection,
        entity_id,
        operation,
        now_ms(),
    )
