"""Exports that wait: cancel one, send it next, or at another time (row A12)."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.errors import ConflictError, InvalidInputError
from hub_core.services.exports.attempts import is_unresolved, last_attempt
from hub_core.services.exports.retry_export import ExportView, load_export, read_export
from hub_core.services.exports.schedule_exports import ask_to_export, tell_moment
from hub_core.services.exports.statuses import ExportStatus, set_export_status
from hub_core.services.hub import Hub
from hub_core.storage import now_ms
from hub_core.storage.jobs import FIRST_PRIORITY, LIVE_PRIORITY, is_in_hand
from hub_core.storage.jobs import cancel as cancel_jobs
from hub_core.storage.tables import Athlete, Export


async def cancel_export(hub: Hub, athlete: Athlete, export_id: str) -> ExportView:
    """Don't send what waits. What the provider holds already stays there.

    Raises `ConflictError` when nothing waits, when it is being sent this moment, or may be there already.
    """
    async with hub.engine.transaction():
        row = await _load_waiting(hub, athlete, export_id)
        if row.wanted == "absent":
            raise ConflictError("this export waits to remove a deleted workout; that can't be called off")
        if is_unresolved(await last_attempt(row.id)):
            raise ConflictError("an earlier try may have arrived, and is looked up first: ask again then")
        await cancel_jobs(hub.engine, "export_workout", [row.id])
        holds = row.external_ids != "{}"
        await set_export_status(
            hub,
            row.id,
            row.athlete_id,
            ExportStatus.SENT if holds else ExportStatus.FAILED,
            code="cancelled",
            reason="Cancelled; an earlier version is still there."
            if holds
            else "Cancelled before it was sent.",
            next_try_ms=None,
            send_at_ms=None,
        )
    return await read_export(athlete.id, export_id)


async def prioritise_export(hub: Hub, athlete: Athlete, export_id: str) -> ExportView:
    """Send it before everything else that waits, as soon as its provider takes calls."""
    async with hub.engine.transaction():
        row = await _load_waiting(hub, athlete, export_id)
        await _queue(hub, row, None, FIRST_PRIORITY)
    return await read_export(athlete.id, export_id)


async def send_export_at(hub: Hub, athlete: Athlete, export_id: str, send_at: str | None) -> ExportView:
    """Hold it until a moment, or None to let it go now. See `read_send_at` for how to write one."""
    moment = read_send_at(send_at, athlete) if send_at is not None else None
    async with hub.engine.transaction():
        row = await _load_waiting(hub, athlete, export_id)
        await _queue(hub, row, moment, LIVE_PRIORITY)
    return await read_export(athlete.id, export_id)


def read_send_at(text: str, athlete: Athlete) -> int:
    """A moment in epoch milliseconds: `2026-12-01` is when that day begins for the athlete, and a time
    without an offset is by their clock. Raises `InvalidInputError` for what is no moment, or over."""
    zone = zoneinfo.ZoneInfo(msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone)
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        moment_ms = int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise InvalidInputError(
            "write it as 2026-12-01, 2026-12-01T06:00 or 2026-12-01T06:00+01:00", path="send_at"
        ) from None
    if moment_ms <= now_ms():
        raise InvalidInputError("this moment is over", path="send_at")
    return moment_ms


async def _queue(hub: Hub, row: Export, moment_ms: int | None, priority: int) -> None:
    code, reason = ("queued", "Waiting to be sent.") if moment_ms is None else tell_moment(moment_ms)
    await set_export_status(
        hub,
        row.id,
        row.athlete_id,
        ExportStatus.PENDING,
        code=code,
        reason=reason,
        next_try_ms=moment_ms,
        send_at_ms=moment_ms,
    )
    await ask_to_export(hub, row.id, row.athlete_id, row.provider, run_at_ms=moment_ms, priority=priority)


async def _load_waiting(hub: Hub, athlete: Athlete, export_id: str) -> Export:
    """The export, if it waits in the queue and isn't being sent. Its row is locked."""
    row = await load_export(athlete.id, export_id, lock=True)
    if row.status != ExportStatus.PENDING or row.reason_code == "outcome_unknown":
        raise ConflictError(f"this export is {row.status}: it doesn't wait")
    if hub.registry.get(row.provider).manifest.delivery == "pickup":
        raise ConflictError("a phone fetches this one: change or delete the workout instead")
    if await is_in_hand(hub.engine, "export_workout", row.id):
        raise ConflictError("this export is being sent this moment")
    return row
