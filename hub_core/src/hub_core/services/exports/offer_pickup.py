"""Lays out for a phone what it should hold, where there is no provider to call (docs/adr/0006).

The job then sleeps, without trying anything, until the workout's day is over, and tidies up. What the phone
says in between is `confirm_pickup`'s.
"""

from __future__ import annotations

import msgspec

from hub_core.domain.policy import OnUpdate
from hub_core.sdk.exports import CompiledWorkout
from hub_core.services.exports.laid_out import WAITS, LaidOut, close_attempts, open_attempt, read_laid_out
from hub_core.services.exports.prepare_export import (
    compile_wanted,
    find_connection,
    hold_until_horizon,
    load_wanted,
    opens_ms,
)
from hub_core.services.exports.settle_export import Work, digest_of, write_status
from hub_core.services.exports.statuses import ExportStatus
from hub_core.storage import change_row, find_row, jobs, now_ms
from hub_core.storage.tables import Export

_READY = "Waits for the phone to fetch it."
_NOT_BESIDE = f"{_READY} It takes the place of the one before: on_update create doesn't hold for phones."


async def offer_pickup(work: Work) -> None:
    """Do the job of an export that a phone fetches."""
    export, laid = work.export, read_laid_out(work.export)
    if export.status != ExportStatus.PENDING or export.reason_code == WAITS:
        await _sleep_or_close(work, laid)
    elif export.wanted == "absent":
        await _offer_removal(work, laid)
    else:
        await _offer_newest(work, laid)


async def _offer_newest(work: Work, laid: LaidOut | None) -> None:
    export, wanted = work.export, await load_wanted(work)
    if wanted is None:
        return
    compiled = await compile_wanted(work, wanted)
    await find_connection(work.export)
    new = _laid_out(work, compiled)
    if new.is_over or opens_ms(work, compiled) > now_ms():
        # It was moved out of the phone's sight: what the phone may have of it has to go.
        await _retract(work, laid)
    if new.is_over:
        await _settle_too_late(work)
    elif not await hold_until_horizon(work, compiled):
        # A phone's schedule is what it is told to hold, each workout under one name: nothing is beside it.
        is_beside = wanted.on_update is OnUpdate.CREATE and (laid or export.external_ids != "{}")
        await _lay_out(work, new, compiled, _NOT_BESIDE if is_beside else _READY)


async def _lay_out(work: Work, new: LaidOut, compiled: CompiledWorkout, reason: str) -> None:
    hub, export = work.hub, work.export
    payload = msgspec.json.encode(compiled.payload)
    async with hub.engine.transaction():
        await write_status(
            work,
            ExportStatus.PENDING,
            WAITS,
            reason,
            progress=new.text(),
            payload=hub.keys.seal(payload, f"export:{export.id}:payload"),
            sent_digest=digest_of(payload),
            sent_thresholds=work.thresholds,
            next_try_ms=None,
            **work.report(),
        )
        await open_attempt(export.id, new, work.lease.fence)
        await jobs.retry(hub.engine, work.lease, run_at_ms=new.ends_ms, error="", counts=False)


async def _offer_removal(work: Work, laid: LaidOut | None) -> None:
    """The workout was deleted: the phone takes it away, if it can have it at all."""
    hub, export = work.hub, work.export
    if laid is None or laid.is_over:
        reason = "Its day is over." if laid or export.external_ids != "{}" else "It was never sent."
        await _settle_gone(work, reason)
        return
    removal = _removal(laid, export.wanted_revision + 1)
    async with hub.engine.transaction():
        await write_status(
            work,
            ExportStatus.PENDING,
            WAITS,
            "Waits for the phone to remove it.",
            progress=removal.text(),
            next_try_ms=None,
        )
        await open_attempt(export.id, removal, work.lease.fence)
        await jobs.retry(hub.engine, work.lease, run_at_ms=removal.ends_ms, error="", counts=False)


async def _retract(work: Work, laid: LaidOut | None) -> None:
    """Ask the phone to remove what was laid out for a day that it isn't planned for any more."""
    if laid is None or laid.is_over or laid.action == "remove":
        return
    removal = _removal(laid, work.revision)
    async with work.hub.engine.transaction():
        await change_row(Export, work.export.id, progress=removal.text())
        await open_attempt(work.export.id, removal, work.lease.fence)
        await jobs.extend(work.hub.engine, work.lease)


async def _sleep_or_close(work: Work, laid: LaidOut | None) -> None:
    """Nothing new is wanted: until the day is over there is nothing to do."""
    hub, export = work.hub, work.export
    if laid is not None and not laid.is_over:
        async with hub.engine.transaction():
            await jobs.retry(hub.engine, work.lease, run_at_ms=laid.ends_ms, error="", counts=False)
    elif export.status == ExportStatus.PENDING and export.wanted == "absent":
        await _settle_gone(work, "Its day is over.")
    else:
        await _close(work)


async def _close(work: Work) -> None:
    """The day is over. What no phone has fetched was missed; all else stays as it was told."""
    hub = work.hub
    async with hub.engine.transaction():
        # A phone may have spoken since the job was taken.
        export = await find_row(Export, id=work.export.id, lock=True)
        await change_row(Export, work.export.id, progress="{}")
        if export and export.status == ExportStatus.PENDING and export.reason_code == WAITS:
            reason = "The phone did not fetch it before its day was over."
            await write_status(work, ExportStatus.FAILED, "not_picked_up", reason)
        await close_attempts(work.export.id, "failed", code="not_picked_up")
        await jobs.finish(hub.engine, work.lease)


async def _settle_too_late(work: Work) -> None:
    hub = work.hub
    async with hub.engine.transaction():
        reason = "Its day is over: a phone schedules workouts from today on."
        await write_status(work, ExportStatus.FAILED, "too_late", reason, next_try_ms=None, **work.report())
        await jobs.finish(hub.engine, work.lease)


async def _settle_gone(work: Work, reason: str) -> None:
    hub, export = work.hub, work.export
    async with hub.engine.transaction():
        await write_status(
            work,
            ExportStatus.SENT,
            "withdrawn",
            reason,
            external_ids="{}",
            progress="{}",
            sent_revision=None,
            next_try_ms=None,
        )
        await close_attempts(export.id, "withdrawn")
        await jobs.finish(hub.engine, work.lease)


def _laid_out(work: Work, compiled: CompiledWorkout) -> LaidOut:
    return LaidOut("schedule", work.revision, compiled.date, compiled.time, compiled.time_zone, now_ms())


def _removal(laid: LaidOut, revision: int) -> LaidOut:
    return msgspec.structs.replace(laid, action="remove", revision=revision, since_ms=now_ms())
