"""Phones: answers to batches, operations of offline clients, and a change feed in order of commits."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_SCRIPT = """
ALTER TABLE "change" ADD COLUMN "xid" BIGINT NOT NULL DEFAULT 0;
DROP INDEX IF EXISTS "change_feed";
CREATE INDEX "change_order" ON "change" ("athlete_id", "xid", "seq");
ALTER TABLE "delivery" ADD COLUMN "body_digest" VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE "delivery" ADD COLUMN "answer" TEXT NOT NULL DEFAULT '';
CREATE TABLE "mutation" (
    "id" VARCHAR(64) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "body_digest" VARCHAR(64) NOT NULL DEFAULT '',
    "result" TEXT NOT NULL DEFAULT '',
    "created_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX "mutation_athlete_id" ON "mutation" ("athlete_id");
"""


async def forwards(engine: HubEngine) -> None:
    """Add them."""
    await run_ddl(engine, _SCRIPT)
