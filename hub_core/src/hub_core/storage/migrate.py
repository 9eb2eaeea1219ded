"""Brings the schema up to date. Any number of processes may do it at the same time.

Everything happens in one transaction under one lock: either all pending migrations are applied
or none, and who comes second finds nothing to do. Both databases roll back DDL.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from typing import cast

from hub_core.storage import migrations
from hub_core.storage.engine import HubEngine
from hub_core.storage.ids import now_ms

# Any fixed number; it names the lock among all advisory locks of the database.
_LOCK = 4_870_231_958
_RECORD = """
CREATE TABLE IF NOT EXISTS "migration" (
    name VARCHAR(100) PRIMARY KEY NOT NULL,
    applied_ms BIGINT NOT NULL
)
"""

# The migration from which on changes have the number of their transaction.
_NUMBERED = "m0008_phone"
# A dump that was loaded into another cluster brings numbers of transactions that are still to come here.
_OF_ANOTHER_CLUSTER = """
UPDATE "change" SET xid = 0 WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""


def known() -> list[str]:
    """The names of all migrations that this version has, in order."""
    return sorted(found.name for found in pkgutil.iter_modules(migrations.__path__) if found.name[0] == "m")


async def pending(engine: HubEngine) -> list[str]:
    """The names of the migrations that the database still lacks. Writes nothing."""
    if not await _has_record(engine):
        return known()
    return await _missing(engine)


async def migrate(engine: HubEngine) -> list[str]:
    """Apply what is pending and return its names."""
    async with engine.transaction():
        if engine.kind == "postgres":
            await engine.execute("SELECT pg_advisory_xact_lock({})", _LOCK)
        await engine.execute_ddl(_RECORD)
        missing = await _missing(engine)
        for name in missing:
            await _forwards(name)(engine)
            await engine.execute('INSERT INTO "migration" (name, applied_ms) VALUES ({}, {})', name, now_ms())
        if engine.kind == "postgres" and _NUMBERED in known():
            await engine.execute_ddl(_OF_ANOTHER_CLUSTER)
    return missing


async def _missing(engine: HubEngine) -> list[str]:
    applied = {row["name"] for row in await engine.execute('SELECT name FROM "migration"')}
    return [name for name in known() if name not in applied]


async def _has_record(engine: HubEngine) -> bool:
    if engine.kind == "sqlite":
        found = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migration'"
    else:
        found = "SELECT 1 AS name WHERE to_regclass('migration') IS NOT NULL"
    return bool(await engine.execute(found))


def _forwards(name: str) -> Callable[[HubEngine], Awaitable[None]]:
    module = importlib.import_module(f"{migrations.__name__}.{name}")
    return cast("Callable[[HubEngine], Awaitable[None]]", module.forwards)
