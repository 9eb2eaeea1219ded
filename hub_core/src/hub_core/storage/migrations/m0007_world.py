"""Races on athletes' calendars, and weather by place and hour."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_TABLES = """
CREATE TABLE "race" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "source_key" VARCHAR(64) DEFAULT NULL,
    "date" VARCHAR(10) NOT NULL DEFAULT '',
    "document" TEXT NOT NULL DEFAULT '',
    "sources" TEXT NOT NULL DEFAULT '[]',
    "course" TEXT NOT NULL DEFAULT '',
    "created_ms" BIGINT NOT NULL DEFAULT 0,
    "updated_ms" BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX "race_source" ON "race" ("athlete_id", "source_key");
CREATE INDEX "race_date" ON "race" ("athlete_id", "date");
CREATE TABLE "weather_hour" (
    "id" VARCHAR(60) PRIMARY KEY NOT NULL DEFAULT '',
    "provider" VARCHAR(40) NOT NULL DEFAULT '',
    "attribution" VARCHAR(200) NOT NULL DEFAULT '',
    "hour_ms" BIGINT NOT NULL DEFAULT 0,
    "issued_ms" BIGINT NOT NULL DEFAULT 0,
    "conditions" TEXT NOT NULL DEFAULT ''
);
"""


async def forwards(engine: HubEngine) -> None:
    """Add the tables."""
    await run_ddl(engine, _TABLES)
