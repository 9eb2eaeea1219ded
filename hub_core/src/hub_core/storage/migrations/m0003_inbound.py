"""What comes in: raw deliveries, observations, what is shown of them, the rules, feeds and backfills."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_TABLES = """
CREATE TABLE "delivery" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "connection_id" VARCHAR(40) NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "way" VARCHAR(20) NOT NULL DEFAULT '',
    "kind" VARCHAR(100) NOT NULL DEFAULT '',
    "identity" VARCHAR(64) NOT NULL DEFAULT '',
    "content" BYTEA DEFAULT NULL,
    "file" BYTEA DEFAULT NULL,
    "file_state" VARCHAR(20) NOT NULL DEFAULT '',
    "state" VARCHAR(20) NOT NULL DEFAULT 'waiting',
    "reason" TEXT NOT NULL DEFAULT '',
    "received_ms" BIGINT NOT NULL DEFAULT 0,
    "done_ms" BIGINT DEFAULT NULL
);
CREATE TABLE "observation" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "kind" VARCHAR(20) NOT NULL DEFAULT '',
    "source" VARCHAR(40) NOT NULL DEFAULT '',
    "external_id" VARCHAR(200) NOT NULL DEFAULT '',
    "version" BIGINT NOT NULL DEFAULT 0,
    "is_deleted" BOOLEAN NOT NULL DEFAULT false,
    "metric" VARCHAR(40) NOT NULL DEFAULT '',
    "date" VARCHAR(10) NOT NULL DEFAULT '',
    "start_ms" BIGINT NOT NULL DEFAULT 0,
    "end_ms" BIGINT NOT NULL DEFAULT 0,
    "echo_of" VARCHAR(250) NOT NULL DEFAULT '',
    "file_digest" VARCHAR(64) NOT NULL DEFAULT '',
    "document" TEXT NOT NULL DEFAULT '',
    "series" BYTEA DEFAULT NULL,
    "digest" VARCHAR(64) NOT NULL DEFAULT '',
    "delivery_id" VARCHAR(40) NOT NULL DEFAULT '',
    "received_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "activity" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "members" TEXT NOT NULL DEFAULT '[]',
    "document" TEXT NOT NULL DEFAULT '',
    "date" VARCHAR(10) NOT NULL DEFAULT '',
    "start_ms" BIGINT NOT NULL DEFAULT 0,
    "end_ms" BIGINT NOT NULL DEFAULT 0,
    "workout_id" VARCHAR(40) DEFAULT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "merged_into" VARCHAR(40) DEFAULT NULL,
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "day" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "kind" VARCHAR(20) NOT NULL DEFAULT '',
    "date" VARCHAR(10) NOT NULL DEFAULT '',
    "document" TEXT NOT NULL DEFAULT '',
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "rule" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "kind" VARCHAR(20) NOT NULL DEFAULT '',
    "document" TEXT NOT NULL DEFAULT '',
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "undone_ms" BIGINT DEFAULT NULL
);
CREATE TABLE "feed" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "state" VARCHAR(20) NOT NULL DEFAULT '',
    "reason" TEXT NOT NULL DEFAULT '',
    "webhook_ms" BIGINT DEFAULT NULL,
    "poll_ms" BIGINT DEFAULT NULL,
    "polled_until_ms" BIGINT DEFAULT NULL,
    "poll_error" TEXT NOT NULL DEFAULT '',
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE "backfill" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "connection_id" VARCHAR(40) NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "start_date" VARCHAR(10) NOT NULL DEFAULT '',
    "end_date" VARCHAR(10) NOT NULL DEFAULT '',
    "next_date" VARCHAR(10) NOT NULL DEFAULT '',
    "state" VARCHAR(20) NOT NULL DEFAULT '',
    "reason" TEXT NOT NULL DEFAULT '',
    "deliveries" INTEGER NOT NULL DEFAULT 0,
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
"""

_COLUMN_INDEXES = """
CREATE INDEX IF NOT EXISTS rule_athlete_id ON "rule" (athlete_id);
CREATE INDEX IF NOT EXISTS backfill_athlete_id ON "backfill" (athlete_id);
CREATE INDEX IF NOT EXISTS delivery_athlete_id ON "delivery" (athlete_id);
"""

_UNIQUE_INDEXES = """
CREATE UNIQUE INDEX IF NOT EXISTS delivery_identity ON "delivery" (identity);
CREATE UNIQUE INDEX IF NOT EXISTS observation_identity
    ON "observation" (athlete_id, kind, source, external_id, version, digest);
CREATE UNIQUE INDEX IF NOT EXISTS day_identity ON "day" (athlete_id, kind, date);
"""

_ORDER_INDEXES = """
CREATE INDEX IF NOT EXISTS observation_calendar ON "observation" (athlete_id, kind, date);
CREATE INDEX IF NOT EXISTS observation_span ON "observation" (athlete_id, kind, start_ms);
CREATE INDEX IF NOT EXISTS observation_echo ON "observation" (athlete_id, echo_of) WHERE echo_of <> '';
CREATE INDEX IF NOT EXISTS observation_file ON "observation" (athlete_id, file_digest)
    WHERE file_digest <> '';
CREATE INDEX IF NOT EXISTS activity_workout ON "activity" (workout_id) WHERE workout_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS activity_calendar ON "activity" (athlete_id, date);
CREATE INDEX IF NOT EXISTS activity_span ON "activity" (athlete_id, start_ms);
CREATE INDEX IF NOT EXISTS connection_owner ON "connection" (provider, provider_user_id);
"""


async def forwards(engine: HubEngine) -> None:
    """Create the tables and indexes of the inbound half."""
    for script in (_TABLES, _COLUMN_INDEXES, _UNIQUE_INDEXES, _ORDER_INDEXES):
        await run_ddl(engine, script)
