"""What is due goes by priority and place in the line: by an index, not by sorting all that is due."""

from __future__ import annotations

from hub_core.storage.engine import HubEngine
from hub_core.storage.migrations import run_ddl

_SCRIPT = """
CREATE INDEX IF NOT EXISTS "job_line" ON "job" (state, priority, line_ms);
"""


async def forwards(engine: HubEngine) -> None:
    """Add it."""
    await run_ddl(engine, _SCRIPT)
