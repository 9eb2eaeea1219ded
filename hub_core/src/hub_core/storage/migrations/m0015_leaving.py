"""The tokens of a connection that has ended, until the provider knows that it has."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_DDL = """
ALTER TABLE "connection" ADD COLUMN "leaving_tokens" BYTEA DEFAULT NULL;
"""


async def forwards(engine: HubEngine) -> None:
    """Add the column."""
    await run_ddl(engine, _DDL)
