"""Exports: list, look at one with its attempts, and send again what failed, one or many (row A10)."""

from __future__ import annotations

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.compare import Difference
from hub_core.domain.drift import Drift
from hub_core.domain.fidelity import FidelityReport
from hub_core.domain.local_day import today_in
from hub_core.errors import ConflictError, InvalidInputError, NotFoundError
from hub_core.services.exports.attempts import last_attempt
from hub_core.services.exports.schedule_exports import (
    JOB_KIND,
    NOWHERE,
    ask_to_export,
    ask_to_withdraw,
    schedule_exports,
)
from hub_core.services.exports.statuses import ConnectionStatus, ExportStatus, Verification, set_export_status
from hub_core.services.hub import Hub
from hub_core.storage import change_row, find_row, find_rows, now_ms
from hub_core.storage.tables import Athlete, Attempt, Connection, Export, Job, ProviderHold, Workout

#: PENDING with one of these, it goes when the hold on its provider ends.
_HELD_WITH_PROVIDER = {"queued", "withdrawing", "retrying", "over_budget", "rate_limited", "provider_down"}
#: FAILED with one of these, another policy may let it out.
_STOPPED = {"stopped_by_policy", "unsupported"}


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

    `older_copies` are those that were left to stand, where an update makes another workout. `sent_revision`
    is the one that the provider holds; null when its copy is not as it should be. Nothing is
    sent before `send_at_ms`, and nothing will be before `next_try_ms`, for the reason given.
    """

    id: str
    workout_id: str
    provider: str | None
    status: str
    reason_code: str
    reason: str
    external_ids: dict[str, str]
    older_copies: tuple[dict[str, str], ...]
    sent_revision: int | None
    sent_ms: int | None
    next_try_ms: int | None
    send_at_ms: int | None
    fidelity: FidelityReport | None
    verification: VerificationView | None
    drift: DriftView | None = None
    attempts: tuple[AttemptView, ...] = ()


def view_export(
    row: Export, attempts: tuple[AttemptView, ...] = (), hold: ProviderHold | None = None
) -> ExportView:
    """The row as a view. What has not been tried yet and is held with its provider says so."""
    code, reason, next_try_ms = row.reason_code, row.reason, row.next_try_ms
    if hold and row.status == ExportStatus.PENDING and code in _HELD_WITH_PROVIDER:
        code, reason, next_try_ms = hold.code, hold.reason, max(hold.until_ms, next_try_ms or 0)
    return ExportView(
        id=row.id,
        workout_id=row.workout_id,
        provider=row.provider or None,
        status=row.status,
        reason_code=code,
        reason=reason,
        external_ids=msgspec.json.decode(row.external_ids, type=dict[str, str]),
        older_copies=msgspec.json.decode(row.older_copies, type=tuple[dict[str, str], ...]),
        sent_revision=row.sent_revision,
        sent_ms=row.sent_ms,
        next_try_ms=next_try_ms,
        send_at_ms=row.send_at_ms,
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


async def list_exports(athlete_id: str, *, status: ExportStatus | None = None) -> list[ExportView]:
    """The exports of an athlete, newest first, without their attempts."""
    query = Export.objects().where(Export.athlete_id == athlete_id)
    if status is not None:
        query = query.where(Export.status == status)
    rows = await query.order_by(Export.id, ascending=False).limit(500)
    return await _view(rows)


async def exports_of(workouts: list[Workout]) -> dict[str, tuple[ExportView, ...]]:
    """The exports of workouts by the workout's id, newest first, without their attempts."""
    rows = await find_rows(Export, workout_id=[workout.id for workout in workouts])
    views = await _view(sorted(rows, key=lambda row: row.id, reverse=True))
    return {one.id: tuple(view for view in views if view.workout_id == one.id) for one in workouts}


async def _view(rows: list[Export]) -> list[ExportView]:
    holds = await find_holds(rows)
    return [view_export(row, hold=holds.get(row.id)) for row in rows]


async def read_export(athlete_id: str, export_id: str) -> ExportView:
    """One export with all its attempts, oldest first."""
    row = await load_export(athlete_id, export_id)
    attempts = await Attempt.objects().where(Attempt.export_id == row.id).order_by(Attempt.number)
    holds = await find_holds([row])
    return view_export(row, tuple(_view_attempt(one) for one in attempts), holds.get(row.id))


async def find_holds(rows: list[Export]) -> dict[str, ProviderHold]:
    """What holds those of these exports that wait, by their ids."""
    waiting = [row for row in rows if row.status == ExportStatus.PENDING]
    now = now_ms()
    providers = sorted({row.provider for row in waiting})
    found = [one for one in await find_rows(ProviderHold, provider=providers) if one.until_ms > now]
    backlog = await _in_backlog(waiting) if any(one.spares_live for one in found) else set()
    return {
        row.id: hold
        for row in waiting
        for hold in sorted(found, key=lambda one: (one.athlete_id, one.spares_live), reverse=True)
        if hold.provider == row.provider and hold.athlete_id in {"", row.athlete_id}
        if row.id in backlog or not hold.spares_live
    }


async def _in_backlog(rows: list[Export]) -> set[str]:
    found = await find_rows(Job, kind=JOB_KIND, subject_id=[row.id for row in rows])
    return {row.subject_id for row in found if row.turn_ms > 0}


async def retry_export(hub: Hub, athlete: Athlete, export_id: str) -> ExportView:
    """Send again, to the same provider as before. Raises `ConflictError` when under way or sent."""
    async with hub.engine.transaction():
        row = await load_export(athlete.id, export_id)
        if row.status == ExportStatus.SENT or (
            row.status == ExportStatus.PENDING and row.reason_code != "outcome_unknown"
        ):
            raise ConflictError(f"this export is {row.status}: there is nothing to retry")
        if row.provider == NOWHERE or not await _is_connected(row):
            await _reschedule(hub, athlete, row)
        else:
            await requeue_export(hub, row)
    return await read_export(athlete.id, await _same(row))


async def retry_exports(
    hub: Hub, athlete: Athlete, ids: tuple[str, ...] | None = None, provider: str | None = None
) -> list[ExportView]:
    """Send again: those of `ids`, or all that are FAILED and not cancelled, of one provider if named.

    Each of `ids` must be one that can be retried, or nothing is: raises `InvalidInputError` naming it.
    """
    if provider is not None and provider not in hub.registry.providers:
        raise InvalidInputError(f"there is no provider {provider!r}", path="provider")
    if ids is None:
        failed = await list_exports(athlete.id, status=ExportStatus.FAILED)
        chosen = [one for one in failed if provider in {None, one.provider}]
        return [await retry_export(hub, athlete, one.id) for one in chosen if one.reason_code != "cancelled"]
    async with hub.engine.transaction():
        views = []
        for index, export_id in enumerate(dict.fromkeys(ids)):
            try:
                views.append(await retry_export(hub, athlete, export_id))
            except (ConflictError, NotFoundError) as error:
                raise InvalidInputError(error.message, path=f"ids[{index}]") from error
        return views


async def send_stopped(hub: Hub, athlete: Athlete) -> None:
    """After a change of the policy: try again what it has stopped, from today on, in the caller's
    transaction. What the new one stops too never leaves the hub."""
    today = today_in(msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone).isoformat()
    failed = await find_rows(Export, athlete_id=athlete.id, status=ExportStatus.FAILED)
    stopped = [row for row in failed if row.reason_code in _STOPPED and row.wanted == "present"]
    workouts = await find_rows(Workout, id=[row.workout_id for row in stopped])
    ahead = {one.id for one in workouts if one.date >= today and not one.deleted}
    for row in stopped:
        if row.workout_id in ahead:
            await requeue_export(hub, row)


async def requeue_export(hub: Hub, row: Export) -> None:
    """Ask for it again with all its tries, in the caller's transaction."""
    if row.reason_code == "outcome_unknown":
        # A person has looked, and says that nothing arrived.
        attempt = await last_attempt(row.id)
        if attempt:
            await change_row(Attempt, attempt.id, outcome="failed")
    if row.wanted == "absent":
        await ask_to_withdraw(hub, row)
        return
    await set_export_status(
        hub,
        row.id,
        row.athlete_id,
        ExportStatus.PENDING,
        code="queued",
        reason="Waiting to be sent again.",
        next_try_ms=None,
    )
    await ask_to_export(hub, row.id, row.athlete_id, row.provider)


async def _reschedule(hub: Hub, athlete: Athlete, row: Export) -> None:
    """Nowhere to go before: choose again, for there may be a connection by now."""
    workout = await find_row(Workout, id=row.workout_id)
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
    newest = await find_row(Export, workout_id=row.workout_id, last_by="updated_ms")
    return newest.id if newest and row.provider == NOWHERE else row.id


async def load_export(athlete_id: str, export_id: str, *, lock: bool = False) -> Export:
    """One export of an athlete, or `NotFoundError`."""
    row = await find_row(Export, id=export_id, athlete_id=athlete_id, lock=lock)
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
