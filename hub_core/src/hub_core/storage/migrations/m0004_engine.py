"""The queue's order and its dead, holds and circuits of providers, scheduled exports, copies on update."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_COLUMNS = """
ALTER TABLE "platform" ADD COLUMN "on_update" VARCHAR(10) NOT NULL DEFAULT 'replace';
ALTER TABLE "athlete" ADD COLUMN "on_update" VARCHAR(10) DEFAULT NULL;
ALTER TABLE "export" ADD COLUMN "send_at_ms" BIGINT DEFAULT NULL;
ALTER TABLE "export" ADD COLUMN "copy_revision" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "export" ADD COLUMN "older_copies" TEXT NOT NULL DEFAULT '[]';
ALTER TABLE "job" ADD COLUMN "provider" VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE "job" ADD COLUMN "athlete_id" VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE "job" ADD COLUMN "line_ms" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "job" ADD COLUMN "losses" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "job" ADD COLUMN "failing_since_ms" BIGINT DEFAULT NULL;
"""

_TABLES = """
CREATE TABLE "provider_hold" (
    "id" VARCHAR(90) PRIMARY KEY NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "code" VARCHAR(20) NOT NULL DEFAULT '',
    "reason" TEXT NOT NULL DEFAULT '',
    "until_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "circuit" (
    "id" VARCHAR(300) PRIMARY KEY NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "host" VARCHAR(255) NOT NULL DEFAULT '',
    "state" VARCHAR(10) NOT NULL DEFAULT 'closed',
    "calls" INTEGER NOT NULL DEFAULT 0,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "window_ms" BIGINT NOT NULL DEFAULT 0,
    "opened_ms" BIGINT DEFAULT NULL,
    "probe_ms" BIGINT DEFAULT NULL,
    "reason" TEXT NOT NULL DEFAULT ''
);
"""

# What was queued before this version keeps its place, and learns whose it is.
_BACKFILL = """
UPDATE "job" SET line_ms = run_at_ms;
UPDATE "job" SET
    athlete_id = COALESCE((SELECT e.athlete_id FROM "export" e WHERE e.id = "job".subject_id), ''),
    provider = COALESCE((SELECT e.provider FROM "export" e WHERE e.id = "job".subject_id), '')
    WHERE kind IN ('export_workout', 'verify_export');
"""

# The partial ones stay small, however many jobs are done or wait.
_INDEXES = """
CREATE INDEX IF NOT EXISTS job_lane ON "job" (athlete_id, state, line_ms);
CREATE INDEX IF NOT EXISTS job_dispatched ON "job" (dispatched_ms) WHERE dispatched_ms IS NOT NULL;
CREATE INDEX IF NOT EXISTS job_lease ON "job" (lease_until_ms) WHERE lease_until_ms IS NOT NULL;
"""


async def forwards(engine: HubEngine) -> None:
    """Add the columns, tables and indexes; rows that are there get the defaults."""
    for script in (_COLUMNS, _TABLES, _BACKFILL, _INDEXES):
        await run_ddl(engine, script)
