"""The words for where things stand, and the one place that writes an export's status."""

from __future__ import annotations

from enum import StrEnum

from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.storage import change_row, now_ms
from hub_core.storage.tables import Export


class ExportStatus(StrEnum):
    """Where an export stands (row A4)."""

    NOT_CONNECTED = "NOT_CONNECTED"
    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"


class Verification(StrEnum):
    """What a look at the provider's copy after the export has shown. `PENDING`: not known yet."""

    PENDING = "pending"
    SAME = "same"
    CHANGED = "changed"
    NOT_VERIFIED = "not_verified"


class ConnectionStatus(StrEnum):
    """Whether a connection can be used. `RECONNECT` means that the athlete has to consent again."""

    CONNECTED = "connected"
    RECONNECT = "reconnect"
    DISCONNECTED = "disconnected"


#: The columns of an export of which the provider holds nothing.
NO_COPY: dict[str, object] = {
    "external_ids": "{}",
    "progress": "{}",
    "sent_revision": None,
    "verification": "",
    "verification_reason": "",
    "differences": "[]",
    "drift": "",
    "drift_ms": None,
}


async def set_export_status(
    hub: Hub,
    export_id: str,
    athlete_id: str,
    status: ExportStatus,
    *,
    code: str,
    reason: str,
    **fields: object,
) -> None:
    """Write where an export stands, why as a code and in words, and tell the change feed.

    `fields` are further columns of the export. In the caller's transaction.
    """
    values: dict[str, object] = {
        "status": status,
        "reason_code": code,
        "reason": reason,
        "updated_ms": now_ms(),
        **fields,
    }
    await change_row(Export, export_id, **values)
    await record_change(hub, athlete_id, "exports", export_id)
