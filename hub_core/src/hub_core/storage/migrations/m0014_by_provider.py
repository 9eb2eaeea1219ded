"""What becomes of drift can be said for one provider."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_SCRIPT = """
ALTER TABLE "platform" ADD COLUMN "on_drift_at" TEXT NOT NULL DEFAULT '{}';
ALTER TABLE "athlete" ADD COLUMN "on_drift_at" TEXT NOT NULL DEFAULT '{}';
"""


async def forwards(engine: HubEngine) -> None:
    """Add the columns; nobody has said anything so far."""
    await run_ddl(engine, _SCRIPT)
