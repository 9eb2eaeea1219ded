"""The first schema: platforms, athletes, connections, workouts, exports, jobs, the change feed."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_TABLES = """
CREATE TABLE "platform" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "name" VARCHAR(200) NOT NULL DEFAULT '',
    "created_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "api_key" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "platform_id" VARCHAR(40) NOT NULL DEFAULT '',
    "label" VARCHAR(200) NOT NULL DEFAULT '',
    "digest" VARCHAR(64) UNIQUE NOT NULL DEFAULT '',
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "revoked_ms" BIGINT DEFAULT NULL
);
CREATE TABLE "athlete" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "platform_id" VARCHAR(40) NOT NULL DEFAULT '',
    "external_id" VARCHAR(200) NOT NULL DEFAULT '',
    "name" VARCHAR(200) NOT NULL DEFAULT '',
    "thresholds" TEXT NOT NULL DEFAULT '{}',
    "primary_provider" VARCHAR(40) DEFAULT NULL,
    "export_to" VARCHAR(10) NOT NULL DEFAULT 'primary',
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "connection" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "status" VARCHAR(20) NOT NULL DEFAULT '',
    "reason" TEXT NOT NULL DEFAULT '',
    "provider_user_id" VARCHAR(200) NOT NULL DEFAULT '',
    "display_name" VARCHAR(200) NOT NULL DEFAULT '',
    "scopes" TEXT NOT NULL DEFAULT '',
    "tokens" BYTEA DEFAULT NULL,
    "token_version" INTEGER NOT NULL DEFAULT 0,
    "token_expires_ms" BIGINT DEFAULT NULL,
    "refreshing_until_ms" BIGINT DEFAULT NULL,
    "connected_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "authorization" (
    "id" VARCHAR(64) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "verifier" BYTEA DEFAULT NULL,
    "redirect_uri" TEXT NOT NULL DEFAULT '',
    "return_url" TEXT NOT NULL DEFAULT '',
    "expires_ms" BIGINT NOT NULL DEFAULT 0,
    "used_ms" BIGINT DEFAULT NULL
);
CREATE TABLE "workout" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "external_id" VARCHAR(200) DEFAULT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "name" VARCHAR(300) NOT NULL DEFAULT '',
    "sport" VARCHAR(40) NOT NULL DEFAULT '',
    "date" VARCHAR(10) NOT NULL DEFAULT '',
    "document" TEXT NOT NULL DEFAULT '',
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "workout_revision" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "workout_id" VARCHAR(40) NOT NULL DEFAULT '',
    "revision" INTEGER NOT NULL DEFAULT 0,
    "document" TEXT NOT NULL DEFAULT '',
    "created_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "export" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "workout_id" VARCHAR(40) NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "wanted" VARCHAR(10) NOT NULL DEFAULT 'present',
    "wanted_revision" INTEGER NOT NULL DEFAULT 1,
    "sent_revision" INTEGER DEFAULT NULL,
    "status" VARCHAR(20) NOT NULL DEFAULT '',
    "reason_code" VARCHAR(60) NOT NULL DEFAULT '',
    "reason" TEXT NOT NULL DEFAULT '',
    "external_ids" TEXT NOT NULL DEFAULT '{}',
    "progress" TEXT NOT NULL DEFAULT '{}',
    "fidelity" TEXT NOT NULL DEFAULT '',
    "payload" BYTEA DEFAULT NULL,
    "sent_ms" BIGINT DEFAULT NULL,
    "next_try_ms" BIGINT DEFAULT NULL,
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "attempt" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "export_id" VARCHAR(40) NOT NULL DEFAULT '',
    "number" INTEGER NOT NULL DEFAULT 0,
    "action" VARCHAR(20) NOT NULL DEFAULT '',
    "revision" INTEGER NOT NULL DEFAULT 0,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "started_ms" BIGINT NOT NULL DEFAULT 0,
    "deadline_ms" BIGINT NOT NULL DEFAULT 0,
    "finished_ms" BIGINT DEFAULT NULL,
    "outcome" VARCHAR(20) NOT NULL DEFAULT 'running',
    "code" VARCHAR(60) NOT NULL DEFAULT '',
    "message" TEXT NOT NULL DEFAULT ''
);
CREATE TABLE "job" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "kind" VARCHAR(40) NOT NULL DEFAULT '',
    "subject_id" VARCHAR(40) NOT NULL DEFAULT '',
    "state" VARCHAR(10) NOT NULL DEFAULT 'waiting',
    "priority" INTEGER NOT NULL DEFAULT 5,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "run_at_ms" BIGINT NOT NULL DEFAULT 0,
    "dispatched_ms" BIGINT DEFAULT NULL,
    "lease_until_ms" BIGINT DEFAULT NULL,
    "error" TEXT NOT NULL DEFAULT '',
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "change" (
    "seq" BIGSERIAL PRIMARY KEY NOT NULL,
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "collection" VARCHAR(40) NOT NULL DEFAULT '',
    "entity_id" VARCHAR(40) NOT NULL DEFAULT '',
    "operation" VARCHAR(10) NOT NULL DEFAULT '',
    "created_ms" BIGINT NOT NULL DEFAULT 0
);
"""

# Named as Piccolo names the index of a column, so that the tables and this schema can be compared.
_COLUMN_INDEXES = """
CREATE INDEX IF NOT EXISTS api_key_platform_id ON "api_key" (platform_id);
CREATE INDEX IF NOT EXISTS export_athlete_id ON "export" (athlete_id);
"""

_UNIQUE_INDEXES = """
CREATE UNIQUE INDEX IF NOT EXISTS athlete_identity ON "athlete" (platform_id, external_id);
CREATE UNIQUE INDEX IF NOT EXISTS connection_identity ON "connection" (athlete_id, provider);
CREATE UNIQUE INDEX IF NOT EXISTS workout_identity ON "workout" (athlete_id, external_id);
CREATE UNIQUE INDEX IF NOT EXISTS workout_revision_identity ON "workout_revision" (workout_id, revision);
CREATE UNIQUE INDEX IF NOT EXISTS export_identity ON "export" (workout_id, provider);
CREATE UNIQUE INDEX IF NOT EXISTS attempt_identity ON "attempt" (export_id, number);
CREATE UNIQUE INDEX IF NOT EXISTS job_identity ON "job" (kind, subject_id);
"""

# Several workouts on one day are ordinary, and many jobs wait in one state: not unique.
_ORDER_INDEXES = """
CREATE INDEX IF NOT EXISTS workout_calendar ON "workout" (athlete_id, date);
CREATE INDEX IF NOT EXISTS job_due ON "job" (state, run_at_ms);
CREATE INDEX IF NOT EXISTS change_feed ON "change" (athlete_id, seq);
"""


async def forwards(engine: HubEngine) -> None:
    """Create every table and index."""
    for script in (_TABLES, _COLUMN_INDEXES, _UNIQUE_INDEXES, _ORDER_INDEXES):
        await run_ddl(engine, script)
