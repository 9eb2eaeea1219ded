"""What a phone says about something that was laid out for it."""

from __future__ import annotations

import msgspec

from hub_core.domain.validate import MAX_NAME, check_text
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.sdk.pickups import PickupOutcome, pickup_uuid
from hub_core.services.exports.attempts import end_attempt, last_attempt
from hub_core.services.exports.export_reference import reference
from hub_core.services.exports.laid_out import OPEN, WAITS, read_laid_out
from hub_core.services.exports.list_pickups import check_fetches
from hub_core.services.exports.retry_export import ExportView, read_export
from hub_core.services.exports.schedule_exports import JOB_KIND
from hub_core.services.exports.statuses import ExportStatus, set_export_status
from hub_core.services.hub import Hub
from hub_core.storage import find_row, jobs, new_id, now_ms, save_row
from hub_core.storage.tables import Athlete, Attempt, Export

MAX_REASON = 500
#: The phone's word: how the attempt ends.
_ENDS = {"scheduled": "sent", "removed": "withdrawn", "failed": "failed"}


async def confirm_pickup(
    hub: Hub, athlete: Athlete, provider: str, export_id: str, outcome: PickupOutcome
) -> ExportView:
    """Write the phone's word down, and let the export's status follow if it is about the newest state.

    The same word twice changes nothing. Raises `NotFoundError` for an export that isn't this athlete's at
    this provider, and `InvalidInputError` for a revision that the phone was never given.
    """
    check_fetches(hub, provider)
    check_text(outcome.external_id, MAX_NAME, "external_id")
    check_text(outcome.reason, MAX_REASON, "reason")
    async with hub.engine.transaction():
        # Locked, so that a job and a phone don't cross.
        export = await find_row(Export, id=export_id, athlete_id=athlete.id, provider=provider, lock=True)
        if export is None:
            raise NotFoundError("there is no such export")
        if await _write_down(export, outcome):
            await _follow(hub, export, outcome)
    return await read_export(athlete.id, export_id)


async def _write_down(export: Export, outcome: PickupOutcome) -> bool:
    """End the open attempt, or add one; False when this was said before."""
    known = 0 < outcome.revision <= export.wanted_revision + 1  # beyond any column's range is unknown too
    attempts = known and await Attempt.objects().where(
        (Attempt.export_id == export.id) & (Attempt.revision == outcome.revision)
    ).order_by(Attempt.number, ascending=False)
    if not attempts:
        raise InvalidInputError(f"revision {outcome.revision} was never laid out", path="revision")
    newest = attempts[0]
    if outcome.outcome == "scheduled" and newest.action == "remove":
        raise InvalidInputError(f"revision {outcome.revision} is to be removed", path="outcome")
    ends = _ENDS[outcome.outcome]
    if newest.outcome == OPEN:
        await end_attempt(newest, ends, code=_code(outcome), message=outcome.reason)
        return True
    if (newest.outcome, newest.message) == (ends, outcome.reason) and _same_id(export, outcome):
        return False
    await _add_attempt(export, outcome, newest.action)
    return True


async def _add_attempt(export: Export, outcome: PickupOutcome, action: str) -> None:
    """A word that nobody waited for: a second thought, or one about an older revision."""
    before, now = await last_attempt(export.id), now_ms()
    await save_row(
        Attempt(
            id=new_id("att"),
            export_id=export.id,
            number=before.number + 1 if before else 1,
            action="remove" if outcome.outcome == "removed" else action,
            revision=outcome.revision,
            fence=0,
            started_ms=now,
            deadline_ms=now,
            finished_ms=now,
            outcome=_ENDS[outcome.outcome],
            code=_code(outcome),
            message=outcome.reason,
        )
    )


async def _follow(hub: Hub, export: Export, outcome: PickupOutcome) -> None:
    """Bring the export in line. What is about an older revision changes ids, and never the status."""
    # A removal's revision is the one after the newest.
    is_newest = outcome.revision == export.wanted_revision + (export.wanted == "absent")
    # What is about to be laid out anew is the same revision with other numbers: the phone meant the old ones.
    is_newest &= export.status != ExportStatus.PENDING or export.reason_code == WAITS
    title = hub.registry.get(export.provider).manifest.title
    standing = fields = None
    match outcome.outcome:
        case "scheduled":
            standing = (ExportStatus.SENT, "sent", " ".join([f"Sent to {title}.", outcome.reason]).strip())
            fields = _held(export, outcome, is_newest=is_newest)
        case "removed":
            standing = _after_removal(export, title)
            fields = _held_no_more(export)
        case "failed":
            standing = (ExportStatus.FAILED, _code(outcome), outcome.reason or "The phone gave no reason.")
            fields = {}
    if standing is None or not is_newest:
        standing = (ExportStatus(export.status), export.reason_code, export.reason)
    status, code, reason = standing
    if code == "withdrawn":
        await jobs.cancel(hub.engine, JOB_KIND, [export.id])
    await set_export_status(hub, export.id, export.athlete_id, status, code=code, reason=reason, **fields)


def _held(export: Export, outcome: PickupOutcome, *, is_newest: bool) -> dict[str, object]:
    """The columns of what the phone holds now."""
    if outcome.revision < (export.sent_revision or 0):
        return {}
    held = {"id": outcome.external_id or pickup_uuid(reference(export))}
    ids: dict[str, object] = {
        "external_ids": msgspec.json.encode(held).decode(),
        "sent_revision": outcome.revision,
    }
    return ids | {"sent_ms": now_ms(), "next_try_ms": None} if is_newest else ids


def _held_no_more(export: Export) -> dict[str, object]:
    """The columns of a phone that holds nothing; a removal that was asked for is done."""
    ids: dict[str, object] = {"external_ids": "{}", "sent_revision": None}
    return ids | {"progress": "{}"} if _is_removal_asked(export) else ids


def _after_removal(export: Export, title: str) -> tuple[ExportStatus, str, str] | None:
    """Withdrawn as wanted, taken off by the athlete, or None: removed because it was moved elsewhere."""
    if export.wanted == "absent":
        return ExportStatus.SENT, "withdrawn", f"Removed from {title}."
    if _is_removal_asked(export):
        return None
    return ExportStatus.FAILED, "removed_on_phone", "It was removed on the phone."


def _is_removal_asked(export: Export) -> bool:
    laid = read_laid_out(export)
    return laid is not None and laid.action == "remove"


def _code(outcome: PickupOutcome) -> str:
    return "rejected" if outcome.outcome == "failed" else ""


def _same_id(export: Export, outcome: PickupOutcome) -> bool:
    if outcome.outcome != "scheduled" or not outcome.external_id:
        return True
    known = msgspec.json.decode(export.external_ids, type=dict[str, str])
    return known.get("id", outcome.external_id) == outcome.external_id
