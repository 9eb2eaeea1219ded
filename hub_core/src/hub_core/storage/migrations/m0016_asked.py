"""A workout keeps the providers that it was asked to go to."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_DDL = """
ALTER TABLE "workout" ADD COLUMN "asked" TEXT NOT NULL DEFAULT '';
"""


async def forwards(engine: HubEngine) -> None:
    """Add the column: what was there goes the athlete's usual way."""
    await run_ddl(engine, _DDL)
