"""One change at a time of what is shown of an athlete."""

from __future__ import annotations

from hub_core.errors import NotFoundError
from hub_core.services.hub import Hub


async def lock_athlete(hub: Hub, athlete_id: str) -> None:
    """Let nobody else change what is shown of this athlete until the caller's transaction ends.

    Raises `NotFoundError` for an athlete who is not there (any more).
    """
    # SQLite has one writer at a time anyway, and no row locks. This one lets `record_change` pass.
    lock = " FOR NO KEY UPDATE" if hub.engine.kind == "postgres" else ""
    if not await hub.engine.execute(f'SELECT id FROM "athlete" WHERE id = {{}}{lock}', athlete_id):  # noqa: S608
        raise NotFoundError("there is no such athlete")
