"""A person has looked where the hub can't: what may have arrived is there, or is sent again."""

from __future__ import annotations

from typing import Literal

from hub_core.errors import ConflictError, NotFoundError
from hub_core.services.exports.attempts import last_attempt
from hub_core.services.exports.retry_export import ExportView, read_export, retry_export
from hub_core.services.exports.statuses import ExportStatus, Verification, set_export_status
from hub_core.services.hub import Hub
from hub_core.storage import change_row, find_row, now_ms
from hub_core.storage.tables import Athlete, Attempt, Export

OutcomeSeen = Literal["it_is_there", "send_again"]


async def tell_outcome(hub: Hub, athlete: Athlete, export_id: str, seen: OutcomeSeen) -> ExportView:
    """Settle it. Raises `ConflictError` when its outcome is known, or still being looked up."""
    if await find_row(Export, id=export_id, athlete_id=athlete.id) is None:
        raise NotFoundError("there is no such export")
    if seen == "send_again":
        await _check(export_id)
        return await retry_export(hub, athlete, export_id)
    async with hub.engine.transaction():
        row = await _check(export_id, lock=True)
        await set_export_status(
            hub,
            row.id,
            athlete.id,
            ExportStatus.SENT,
            code="seen_by_person",
            reason="Somebody has looked, and it is there. Its id isn't known: the next change is sent as "
            "a new workout, and this copy has to be deleted by hand.",
            sent_revision=row.wanted_revision,
            sent_ms=now_ms(),
            verification=Verification.NOT_VERIFIED,
            verification_reason="Its id at the provider isn't known.",
            next_try_ms=None,
        )
        attempt = await last_attempt(row.id)
        if attempt:
            await change_row(Attempt, attempt.id, outcome="sent", message="A person has seen it there.")
    return await read_export(athlete.id, export_id)


async def _check(export_id: str, *, lock: bool = False) -> Export:
    row = await find_row(Export, id=export_id, lock=lock)
    if row is None or row.reason_code != "outcome_unknown" or row.next_try_ms is not None:
        raise ConflictError("its outcome is known, or the hub is still looking: there is nothing to tell")
    return row
