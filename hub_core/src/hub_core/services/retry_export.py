"""Exports: list, look at one with its attempts, and send again what failed (row A10)."""

from __future__ import annotations

import msgspec

from hub_core.domain.compare import Difference
from hub_core.domain.drift import Drift
from hub_core.domain.fidelity import FidelityReport
from hub_core.errors import ConflictError, NotFoundError
from hub_core.services.attempts import last_attempt
from hub_core.services.hub import Hub
from hub_core.services.schedule_exports import JOB_KIND, NOWHERE, schedule_exports
from hub_core.services.statuses import ConnectionStatus, ExportStatus, Verification, set_export_status
from hub_core.storage import jobs
from hub_core.storage.tables import Athlete, Attempt, Connection, Export, Workout


class AttemptView(msgspec.Struct, frozen=True):
    """One try: what was done, how it ended and what was said. Instants are epoch milliseconds."""

    number: int
    action: str
    revision: int
    outcome: str
    code: str
    message: str
    started_ms: int
    finished_ms: int | None


class VerificationView(msgspec.Struct, frozen=True):
    """What a look at the provider's copy after the export has shown.

    `same`: it holds what was sent. `changed`: it holds something else, see `differences`. `not_verified`: it
    can't be told, for this reason. `pending`: not known yet; differences of a first look stand there, and
    count when a second look shows some too.
    """

    state: Verification
    reason: str
    differences: tuple[Difference, ...]
    at_ms: int | None


class DriftView(msgspec.Struct, frozen=True):
    """What the athlete has changed at the provider since: to be adopted, or restored."""

    kind: Drift
    differences: tuple[Difference, ...]
    at_ms: int | None


class ExportView(msgspec.Struct, frozen=True):
    """Where one workout stands at one provider. Instants are epoch milliseconds.

    `sent_revision` is the one that the provider holds; null when its copy is not as it should be.
    """

    id: str
    workout_id: str
    provider: str | None
    status: str
    reason_code: str
    reason: str
    external_ids: dict[str, str]
    sent_revision: int | None
    sent_ms: int | None
    next_try_ms: int | None
    fidelity: FidelityReport | None
    verification: VerificationView | None
    drift: DriftView | None = None
    attempts: tuple[AttemptView, ...] = ()


def view_export(row: Export, attempts: tuple[AttemptView, ...] = ()) -> ExportView:
    """The row as a view."""
    return ExportView(
        id=row.id,
        workout_id=row.workout_id,
        provider=row.provider or None,
        status=row.status,
        reason_code=row.reason_code,
        reason=row.reason,
        external_ids=msgspec.json.decode(row.external_ids, type=dict[str, str]),
        sent_revision=row.sent_revision,
        sent_ms=row.sent_ms,
        next_try_ms=row.next_try_ms,
        fidelity=msgspec.json.decode(row.fidelity, type=FidelityReport) if row.fidelity else None,
        verification=_view_verification(row),
        drift=_view_drift(row),
        attempts=attempts,
    )


def _view_verification(row: Export) -> VerificationView | None:
    if not row.verification:
        return None
    differences = msgspec.json.decode(row.differences, type=tuple[Difference, ...])
    state = Verification(row.verification)
    return VerificationView(state, row.verification_reason, differences, row.verified_ms)


def _view_drift(row: Export) -> DriftView | None:
    if not row.drift:
        return None
    differences = msgspec.json.decode(row.differences, type=tuple[Difference, ...])
    return DriftView(Drift(row.drift), differences, row.drift_ms)


async def list_exports(
    athlete_id: str, *, status: ExportStatus | None = None, workout_ids: list[str] | None = None
) -> list[ExportView]:
    """The exports of an athlete, newest first, without their attempts."""
    query = Export.objects().where(Export.athlete_id == athlete_id)
    if status is not None:
        query = query.where(Export.status == status)
    if workout_ids is not None:
        if not workout_ids:
            return []
        query = query.where(Export.workout_id.is_in(workout_ids))
    rows = await query.order_by(Export.id, ascending=False).limit(500)
    return [view_export(row) for row in rows]


async def read_export(athlete_id: str, export_id: str) -> ExportView:
    """One export with all its attempts, oldest first."""
    row = await _load(athlete_id, export_id)
    attempts = await Attempt.objects().where(Attempt.export_id == row.id).order_by(Attempt.number)
    return view_export(row, tuple(_view_attempt(attempt) for attempt in attempts))


async def retry_export(hub: Hub, athlete: Athlete, export_id: str) -> ExportView:
    """Send again, to the same provider as before. Raises `ConflictError` when under way or sent."""
    async with hub.engine.transaction():
        row = await _load(athlete.id, export_id)
        if row.status == ExportStatus.SENT or (
            row.status == ExportStatus.PENDING and row.reason_code != "outcome_unknown"
        ):
            raise ConflictError(f"this export is {row.status}: there is nothing to retry")
        if row.provider == NOWHERE or not await _is_connected(row):
            await _reschedule(hub, athlete, row)
        else:
            await _queue(hub, row)
    return await read_export(athlete.id, await _same(row))


async def _queue(hub: Hub, row: Export) -> None:
    if row.reason_code == "outcome_unknown":
        # A person has looked, and says that nothing arrived.
        attempt = await last_attempt(row.id)
        if attempt:
            await Attempt.update({Attempt.outcome: "failed"}).where(Attempt.id == attempt.id)
    await set_export_status(
        hub,
        row.id,
        row.athlete_id,
        ExportStatus.PENDING,
        code="queued",
        reason="Waiting to be sent again.",
        next_try_ms=None,
    )
    await jobs.enqueue(hub.engine, JOB_KIND, row.id)


async def _reschedule(hub: Hub, athlete: Athlete, row: Export) -> None:
    """Nowhere to go before: choose again, for there may be a connection by now."""
    workout = await Workout.objects().where(Workout.id == row.workout_id).first()
    if workout is None or workout.deleted:
        raise ConflictError("the workout was deleted")
    if row.provider != NOWHERE:
        raise ConflictError(
            f"{row.provider} is not connected: connect it, and this workout goes out by itself"
        )
    await schedule_exports(hub, athlete, workout)


async def _is_connected(row: Export) -> bool:
    return await Connection.exists().where(
        (Connection.athlete_id == row.athlete_id)
        & (Connection.provider == row.provider)
        & (Connection.status == ConnectionStatus.CONNECTED)
    )


async def _same(row: Export) -> str:
    """The export itself, or the one that took its place."""
    newest = (
        await Export.objects()
        .where(Export.workout_id == row.workout_id)
        .order_by(Export.updated_ms, ascending=False)
        .first()
    )
    return newest.id if newest and row.provider == NOWHERE else row.id


async def _load(athlete_id: str, export_id: str) -> Export:
    row = await Export.objects().where((Export.id == export_id) & (Export.athlete_id == athlete_id)).first()
    if row is None:
        raise NotFoundError("there is no such export")
    return row


def _view_attempt(row: Attempt) -> AttemptView:
    return AttemptView(
        row.number,
        row.action,
        row.revision,
        row.outcome,
        row.code,
        row.message,
        row.started_ms,
        row.finished_ms,
    )
