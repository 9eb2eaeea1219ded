"""What is done for a connection from time to time, from when it is made: two jobs of its own."""

from __future__ import annotations

from hub_core.sdk.manifest import Operation
from hub_core.services.hub import Hub
from hub_core.storage import jobs, now_ms
from hub_core.storage.tables import Connection

#: Uses its refresh token before that dies of disuse (`keep_connection`).
KEEP_KIND = "keep_connection"
#: Looks whether athletes have changed what was sent (`watch_drift`).
WATCH_KIND = "watch_drift"
#: Exports go first.
CARE_PRIORITY = jobs.LIVE_PRIORITY + 3
#: The first look may wait: what is sent now is looked at by `verify_export`.
_FIRST_CARE_MS = 3_600_000


async def schedule_care(hub: Hub, connection: Connection) -> None:
    """Those that it needs, in the caller's transaction. Each decides for itself when it comes again."""
    manifest = hub.registry.get(connection.provider).manifest
    kinds = [WATCH_KIND] if Operation.READ_BACK in manifest.capabilities.operations else []
    if connection.connected_by == "oauth" and manifest.oauth2 and manifest.oauth2.refreshable:
        kinds.append(KEEP_KIND)
    for kind in kinds:
        run_at_ms = now_ms() + _FIRST_CARE_MS
        await jobs.enqueue(hub.engine, kind, connection.id, run_at_ms=run_at_ms, priority=CARE_PRIORITY)
