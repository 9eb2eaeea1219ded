"""When tokens were refreshed and how that went, what each try asked for, and what athletes changed later."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_COLUMNS = """
ALTER TABLE "platform" ADD COLUMN "on_drift" VARCHAR(10) NOT NULL DEFAULT 'ask';
ALTER TABLE "athlete" ADD COLUMN "on_drift" VARCHAR(10) DEFAULT NULL;
ALTER TABLE "connection" ADD COLUMN "connected_by" VARCHAR(10) NOT NULL DEFAULT 'oauth';
ALTER TABLE "connection" ADD COLUMN "tokens_ms" BIGINT DEFAULT NULL;
ALTER TABLE "connection" ADD COLUMN "refresh_began_ms" BIGINT DEFAULT NULL;
ALTER TABLE "connection" ADD COLUMN "refresh_before_ms" BIGINT DEFAULT NULL;
ALTER TABLE "connection" ADD COLUMN "refresh_error" TEXT NOT NULL DEFAULT '';
ALTER TABLE "connection" ADD COLUMN "refresh_failed_ms" BIGINT DEFAULT NULL;
ALTER TABLE "workout" ADD COLUMN "removed_at" VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE "workout" ADD COLUMN "removed_ms" BIGINT DEFAULT NULL;
ALTER TABLE "export" ADD COLUMN "selected_because" VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE "export" ADD COLUMN "drift" VARCHAR(10) NOT NULL DEFAULT '';
ALTER TABLE "export" ADD COLUMN "drift_ms" BIGINT DEFAULT NULL;
ALTER TABLE "attempt" ADD COLUMN "token" VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE "attempt" ADD COLUMN "calls" TEXT NOT NULL DEFAULT '[]';
"""

#: Whoever is connected already is cared for as well.
_CARE = """
INSERT INTO "job" (id, kind, subject_id, priority, run_at_ms)
 SELECT 'jk_' || substr(id, 1, 37), 'keep_connection', id, 8, 0 FROM "connection" WHERE status = 'connected';
INSERT INTO "job" (id, kind, subject_id, priority, run_at_ms)
 SELECT 'jw_' || substr(id, 1, 37), 'watch_drift', id, 8, 0 FROM "connection" WHERE status = 'connected';
"""


async def forwards(engine: HubEngine) -> None:
    """Add the columns and jobs; rows that are there get the defaults."""
    for script in (_COLUMNS, _CARE):
        await run_ddl(engine, script)
