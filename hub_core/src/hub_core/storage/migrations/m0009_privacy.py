"""Receipts of erasures."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_TABLE = """
CREATE TABLE "erasure" (
    "id" VARCHAR(40) PRIMARY KEY NOT NULL DEFAULT '',
    "platform_id" VARCHAR(40) NOT NULL DEFAULT '',
    "deleted" TEXT NOT NULL DEFAULT '{}',
    "files" INTEGER NOT NULL DEFAULT 0,
    "providers" TEXT NOT NULL DEFAULT '[]',
    "erased_ms" BIGINT NOT NULL DEFAULT 0
);
"""


async def forwards(engine: HubEngine) -> None:
    """Add the table."""
    await run_ddl(engine, _TABLE)
