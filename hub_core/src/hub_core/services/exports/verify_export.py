"""Looks at what the provider holds after an export, and compares it step by step with what was meant.

A job of its own after the export's (docs/adr/0007): the workout is sent by then, and nothing here sends it
again. A copy that differs is looked at a second time, for a provider may need a moment until all of it shows
what was written. If it still differs the export is FAILED, `changed_by_provider`, with the differences in
words. A look that can't be had leaves it SENT, not verified, and says why.
"""

from __future__ import annotations

import zoneinfo

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.compare import Difference, compare_steps
from hub_core.domain.drift import GONE
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import LeaseLostError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import HeldBack, RetryLater
from hub_core.sdk.exports import CompiledWorkout, ProviderCopy, Receipt
from hub_core.services.connections.provider_context import with_connection
from hub_core.services.exports.attempts import last_attempt
from hub_core.services.exports.export_reference import reference
from hub_core.services.exports.preflight_workout import compile_workout
from hub_core.services.exports.prepare_export import find_connection
from hub_core.services.exports.reactions import explain, wait_s
from hub_core.services.exports.settle_export import digest_of, why_not_read_back
from hub_core.services.exports.statuses import ExportStatus, Verification, set_export_status
from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.storage import change_row, find_row, jobs, now_ms
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Attempt, Export, WorkoutRevision

#: A provider that can't be asked is asked so often, with the waits of exports in between.
MAX_LOOKS = 3
#: The column of an export whose copy has shown none yet.
NO_DIFFERENCES = "[]"
#: Of the differences, so many stand in the reason; all are in the export.
_TOLD = 3


class Look(msgspec.Struct, frozen=True):
    """What a look has shown."""

    verification: Verification
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


class CannotCompareError(Exception):
    """There is nothing to hold the copy against; the text says why."""


async def verify_export(hub: Hub, lease: Lease) -> None:
    """Do the job that `lease` stands for. Raises `LeaseLostError`, and nothing else on purpose."""
    export = await find_row(Export, id=lease.subject_id)
    if export is None or export.verification != Verification.PENDING or not stands(export):
        await jobs.finish(hub.engine, lease)
        return
    before = await _attempts(export)
    try:
        look = await _look(hub, export)
    except LeaseLostError:
        raise
    except CannotCompareError as error:
        look = Look(Verification.NOT_VERIFIED, str(error))
    except HeldBack as error:
        run_at_ms = now_ms() + int(1000 * wait_s(error, tries=lease.tries))
        await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=error.message, counts=False)
        return
    except RetryLater as error:
        if lease.tries + 1 < MAX_LOOKS:
            run_at_ms = now_ms() + int(1000 * wait_s(error, tries=lease.tries))
            await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=error.message)
            return
        look = Look(Verification.NOT_VERIFIED, error.message)
    except Exception as error:  # noqa: BLE001 (whatever it is, the workout was sent)
        look = Look(Verification.NOT_VERIFIED, explain(error))
    await _settle(hub, lease, export, before, look)


def stands(export: Export) -> bool:
    """Whether the provider is meant to hold what was sent last."""
    is_newest = export.wanted == "present" and export.sent_revision == export.wanted_revision
    return export.status == ExportStatus.SENT and is_newest and export.external_ids != "{}"


async def _attempts(export: Export) -> int:
    """How many attempts there are. One more means that the copy was touched while it was looked at."""
    last = await last_attempt(export.id)
    return last.number if last else 0


async def _look(hub: Hub, export: Export) -> Look:
    if reason := why_not_read_back(hub, export.provider):
        raise CannotCompareError(reason)
    plan, compiled = await compile_sent(hub, export)
    copy = await read_copy(hub, export)
    differences = find_differences(plan, compiled, copy)
    verification = Verification.CHANGED if differences else Verification.SAME
    return Look(verification, "", differences, copy.notes)


async def read_copy(hub: Hub, export: Export) -> ProviderCopy:
    """What the provider holds now. Raises any `ProviderError`."""
    receipt = Receipt(msgspec.json.decode(export.external_ids, type=dict[str, str]))

    async def read_back(context: ProviderContext) -> ProviderCopy:
        copy: ProviderCopy = await hub.dispatcher.call(
            export.provider, "read_back_workout", context=context, receipt=receipt
        )
        return copy

    connection = await find_connection(export)
    return await with_connection(hub, connection, read_back, background=True, reference=reference(export))


async def compile_sent(
    hub: Hub, export: Export, revision: int | None = None
) -> tuple[PlannedWorkout, CompiledWorkout]:
    """What was sent, compiled again from the revision and the thresholds of then.

    `revision` is for what lies ready for a phone and isn't sent yet. Raises `CannotCompareError` when that
    doesn't give the same any more.
    """
    wanted = revision or export.sent_revision
    row = await find_row(WorkoutRevision, workout_id=export.workout_id, revision=wanted)
    if row is None or not export.sent_thresholds:
        raise CannotCompareError("What was sent is not known any more.")
    plan = msgspec.json.decode(row.document, type=PlannedWorkout)
    thresholds = msgspec.json.decode(export.sent_thresholds, type=Thresholds)
    compiled = await compile_workout(hub.dispatcher, export.provider, plan, thresholds)
    if digest_of(msgspec.json.encode(compiled.payload)) != export.sent_digest:
        raise CannotCompareError("The plugin was changed since this was sent.")
    return plan, compiled


def find_differences(
    plan: PlannedWorkout, compiled: CompiledWorkout, copy: ProviderCopy
) -> tuple[Difference, ...]:
    """What the provider holds and wasn't meant; what was reported as degraded beforehand is meant."""
    if not copy.exists:
        return (GONE,)
    if compiled.meant is None or copy.workout is None:
        raise CannotCompareError("It is there; what it says can't be compared.")
    day = copy.workout.date
    if day is None and copy.starts is not None:
        day = copy.starts.astimezone(zoneinfo.ZoneInfo(compiled.time_zone)).date()
    moved = day is not None and day != compiled.date
    dates = (Difference("workout", "date", f"{compiled.date}", f"{day}"),) if moved else ()
    return (*dates, *compare_steps(compiled.meant, copy.workout.steps, plan.sport))


async def _settle(hub: Hub, lease: Lease, export: Export, before: int, look: Look) -> None:
    """Write what was seen, unless something else is under way by now: then that is looked at later.

    A difference is believed when it was seen twice; after the first time the job waits for the second look.
    """
    is_first = look.verification is Verification.CHANGED and export.differences == NO_DIFFERENCES
    async with hub.engine.transaction():
        now = await find_row(Export, id=export.id, lock=True)
        is_same_copy = now is not None and stands(now) and now.sent_ms == export.sent_ms
        if now is not None and is_same_copy and await _attempts(export) == before:
            if is_first:
                await _look_again(hub, lease, now, look)
                return
            await _write(hub, now, look)
        await jobs.finish(hub.engine, lease)


async def _look_again(hub: Hub, lease: Lease, export: Export, look: Look) -> None:
    """Note the difference, and come back. The wait is no failed try."""
    seen: dict[str, object] = {
        "verification_reason": "It looked different at first; it is looked at again.",
        "differences": msgspec.json.encode(look.differences).decode(),
    }
    await change_row(Export, export.id, **seen)
    await record_change(hub, export.athlete_id, "exports", export.id)
    run_at_ms = now_ms() + int(1000 * hub.settings.second_look_s)
    await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error="", counts=False)


async def _write(hub: Hub, export: Export, look: Look) -> None:
    seen: dict[str, object] = {
        "verification": look.verification,
        "verification_reason": look.reason,
        "differences": msgspec.json.encode(look.differences).decode(),
        "verified_ms": now_ms(),
    }
    if look.verification is Verification.CHANGED:
        reason = tell_change(hub.registry.get(export.provider).manifest.title, look.differences)
        # What is there is not the revision that was sent: a retry, or the next edit, replaces it.
        seen["sent_revision"] = None
        await set_export_status(
            hub,
            export.id,
            export.athlete_id,
            ExportStatus.FAILED,
            code="changed_by_provider",
            reason=reason,
            **seen,
        )
        last = await last_attempt(export.id)
        if last:
            await change_row(Attempt, last.id, code="changed_by_provider", message=reason)
        return
    seen["reason"] = " ".join([export.reason, *(note for note in look.notes if note not in export.reason)])
    await change_row(Export, export.id, **seen)
    await record_change(hub, export.athlete_id, "exports", export.id)


def tell_change(title: str, differences: tuple[Difference, ...]) -> str:
    """`Garmin Connect changed it. steps[0]: the target was to be ...; and 2 more.`"""
    told = "; ".join(one.words() for one in differences[:_TOLD])
    more = f"; and {len(differences) - _TOLD} more" if len(differences) > _TOLD else ""
    return f"{title} changed it. {told}{more}. It is still there: retry to send it again, or delete it."
