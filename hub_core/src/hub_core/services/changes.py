"""Writes the change feed, in the transaction of the change itself."""

from __future__ import annotations

from hub_core.services.hub import Hub
from hub_core.storage import now_ms


async def record_change(
    hub: Hub, athlete_id: str, collection: str, entity_id: str, operation: str = "upsert"
) -> None:
    """One line of the feed: this entity was written, or is gone (`operation="delete"`)."""
    await hub.engine.execute(
        'INSERT INTO "change" (athlete_id, collection, entity_id, operation, created_ms)'
        " VALUES ({}, {}, {}, {}, {})",
        athlete_id,
        collection,
        entity_id,
        operation,
        now_ms(),
    )
