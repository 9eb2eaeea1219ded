"""Weather by place and hour."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_TABLES = """
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
