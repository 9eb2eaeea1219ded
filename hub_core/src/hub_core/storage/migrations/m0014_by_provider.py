"""What becomes of drift can be said for one provider; an edit's steps are kept until it is decided.

And of exports the ones that aren't sent are counted, by an index that holds no others.
"""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_SCRIPT = """
ALTER TABLE "platform" ADD COLUMN "on_drift_at" TEXT NOT NULL DEFAULT '{}';
ALTER TABLE "athlete" ADD COLUMN "on_drift_at" TEXT NOT NULL DEFAULT '{}';
ALTER TABLE "export" ADD COLUMN "drift_steps" TEXT NOT NULL DEFAULT '';
DROP INDEX IF EXISTS "export_counts";
CREATE INDEX IF NOT EXISTS "export_open" ON "export" (provider, status) WHERE status <> 'SENT';
"""


async def forwards(engine: HubEngine) -> None:
    """Add the columns and the index; what was there gets the defaults."""
    await run_ddl(engine, _SCRIPT)
