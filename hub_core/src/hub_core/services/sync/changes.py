"""Writes the change feed, in the transaction of the change itself."""

from __future__ import annotations

from hub_core.errors import NotFoundError
from hub_core.services.hub import Hub
from hub_core.storage import now_ms

#: The transaction that writes: what `read_changes` orders by. SQLite has one writer at a time.
_XID = {"postgres": "pg_current_xact_id()::text::bigint", "sqlite": "0"}


async def record_change(
    hub: Hub, athlete_id: str, collection: str, entity_id: str, operation: str = "upsert"
) -> None:
    """One line of the feed: this entity was written, or is gone (`operation="delete"`).

    Raises `NotFoundError` for an athlete who is not there (any more), so that whatever was still under way
    when they were erased is rolled back: every change of an athlete's passes here or by `lock_athlete`.
    """
    # On PostgreSQL an erasure waits for whoever wrote before it, and who writes after it finds nobody.
    lock = " FOR KEY SHARE" if hub.engine.kind == "postgres" else ""
    if not await hub.engine.execute(
        'INSERT INTO "change" (athlete_id, collection, entity_id, operation, created_ms, xid)'  # noqa: S608
        " SELECT id, CAST({} AS VARCHAR), CAST({} AS VARCHAR), CAST({} AS VARCHAR), CAST({} AS BIGINT),"
        f' {_XID[hub.engine.kind]} FROM "athlete" WHERE id = {{}}{lock} RETURNING seq',
        collection,
        entity_id,
        operation,
        now_ms(),
        athlete_id,
    ):
        raise NotFoundError("there is no such athlete")
