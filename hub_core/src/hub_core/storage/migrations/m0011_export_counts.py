"""Exports are counted for every scrape of the metrics: by an index, not by reading them all."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_SCRIPT = """
CREATE INDEX IF NOT EXISTS "export_counts" ON "export" (provider, status);
"""


async def forwards(engine: HubEngine) -> None:
    """Add it."""
    await run_ddl(engine, _SCRIPT)
