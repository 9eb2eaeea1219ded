"""What has waited goes by the day it is for, and holds may leave live work alone."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_SCRIPT = """
ALTER TABLE "job" ADD COLUMN "day_ends_ms" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "job" ADD COLUMN "turn_ms" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "provider_hold" ADD COLUMN "spares_live" INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS "job_turn" ON "job" (state, priority, turn_ms, line_ms);
DROP INDEX IF EXISTS "job_line";
"""


async def forwards(engine: HubEngine) -> None:
    """Add the columns, and the index that has the new order."""
    await run_ddl(engine, _SCRIPT)
