"""Where athletes train and when they have time, and what was computed of the series of activities."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_DDL = """
ALTER TABLE "athlete" ADD COLUMN "home" TEXT NOT NULL DEFAULT '';
ALTER TABLE "athlete" ADD COLUMN "availability" TEXT NOT NULL DEFAULT '';
CREATE TABLE "activity_measure" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "athlete_id" VARCHAR(40) NOT NULL DEFAULT '',
    "basis" VARCHAR(64) NOT NULL DEFAULT '',
    "document" TEXT NOT NULL DEFAULT ''
);
CREATE INDEX "activity_measure_athlete_id" ON "activity_measure" ("athlete_id");
"""


async def forwards(engine: HubEngine) -> None:
    """Add the columns and the table."""
    await run_ddl(engine, _DDL)
