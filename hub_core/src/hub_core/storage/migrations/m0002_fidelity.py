"""Policies on what may be lost, what an export was made of, and what the provider's copy looked like."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_COLUMNS = """
ALTER TABLE "platform" ADD COLUMN "fidelity_policy" VARCHAR(20) NOT NULL DEFAULT 'accept_degraded';
ALTER TABLE "athlete" ADD COLUMN "fidelity_policy" VARCHAR(20) DEFAULT NULL;
ALTER TABLE "export" ADD COLUMN "sent_digest" VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE "export" ADD COLUMN "sent_thresholds" TEXT NOT NULL DEFAULT '';
ALTER TABLE "export" ADD COLUMN "verification" VARCHAR(20) NOT NULL DEFAULT '';
ALTER TABLE "export" ADD COLUMN "verification_reason" TEXT NOT NULL DEFAULT '';
ALTER TABLE "export" ADD COLUMN "differences" TEXT NOT NULL DEFAULT '[]';
ALTER TABLE "export" ADD COLUMN "verified_ms" BIGINT DEFAULT NULL;
"""


async def forwards(engine: HubEngine) -> None:
    """Add the columns; rows that are there get the defaults."""
    await run_ddl(engine, _COLUMNS)
