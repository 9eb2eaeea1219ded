"""Exports that would go out otherwise now: the athlete's thresholds have changed since they were sent.

Only what is still ahead counts, from today on in the athlete's zone. What waits to be sent is compiled when
it goes out, and so is never stale; what lies ready for a phone is compiled, and can be.
"""

from __future__ import annotations

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.compare import tell_changes
from hub_core.domain.local_day import today_in
from hub_core.domain.policy import FidelityPolicy
from hub_core.errors import HubError, InvalidInputError
from hub_core.sdk.exports import CompiledWorkout
from hub_core.services.exports.fidelity_policy import explain_stop, policy_of
from hub_core.services.exports.laid_out import WAITS, read_laid_out
from hub_core.services.exports.preflight_workout import compile_workout
from hub_core.services.exports.retry_export import ExportView, read_export
from hub_core.services.exports.schedule_exports import ask_to_export
from hub_core.services.exports.settle_export import digest_of
from hub_core.services.exports.statuses import ExportStatus, set_export_status
from hub_core.services.exports.verify_export import CannotCompareError, compile_sent
from hub_core.services.hub import Hub
from hub_core.services.workouts.save_workout import read_document
from hub_core.storage import find_row
from hub_core.storage.tables import Athlete, Export, Workout


class StaleChange(msgspec.Struct, frozen=True):
    """One thing that is otherwise now, at the path of its step, in words."""

    path: str
    feature: str
    sent: str
    now: str


class StaleExport(msgspec.Struct, frozen=True):
    """An export that would go out otherwise now.

    `changes` is empty when it can't be told in words, as for what a provider is told besides the steps.
    `stopped` says why it would not go out at all any more; empty when it would.
    """

    id: str
    workout_id: str
    provider: str
    name: str
    date: str
    changes: tuple[StaleChange, ...]
    stopped: str = ""


async def list_stale(hub: Hub, athlete: Athlete) -> list[StaleExport]:
    """All of them, by date."""
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    today = today_in(thresholds.time_zone).isoformat()
    sent = await Export.objects().where(
        (Export.athlete_id == athlete.id)
        & (Export.status.is_in([ExportStatus.SENT, ExportStatus.PENDING]))
        & (Export.wanted == "present")
        & (Export.sent_thresholds != "")
        & (Export.sent_thresholds != athlete.thresholds)
    )
    workouts = await _ahead(athlete.id, today) if sent else {}
    policy = await policy_of(athlete)
    found = []
    for export in sorted(sent, key=lambda row: row.id):
        workout = workouts.get(export.workout_id)
        if workout is not None and workout.revision == _revision_out(export):
            found.append(await _compare(hub, export, workout, thresholds, policy))
    return sorted((one for one in found if one), key=lambda one: (one.date, one.id))


async def resend_stale(hub: Hub, athlete: Athlete, ids: tuple[str, ...] | None = None) -> list[ExportView]:
    """Send them again, all or some, each in the place of its copy.

    Raises `InvalidInputError` for an id that isn't stale.
    """
    stale = [one.id for one in await list_stale(hub, athlete)]
    for index, export_id in enumerate(ids or ()):
        if export_id not in stale:
            raise InvalidInputError("this export is not stale", path=f"ids[{index}]")
    chosen = stale if ids is None else list(dict.fromkeys(ids))
    for export_id in chosen:
        await _queue(hub, export_id)
    return [await read_export(athlete.id, export_id) for export_id in chosen]


def _revision_out(export: Export) -> int | None:
    """The revision that the provider holds, or that lies ready for a phone; None when nothing is out."""
    if export.status == ExportStatus.SENT:
        return export.sent_revision
    laid = read_laid_out(export) if export.reason_code == WAITS else None
    return laid.revision if laid else None


async def _ahead(athlete_id: str, today: str) -> dict[str, Workout]:
    rows = await Workout.objects().where(
        (Workout.athlete_id == athlete_id) & (Workout.date >= today) & (Workout.deleted == False)  # noqa: E712
    )
    return {row.id: row for row in rows}


async def _compare(
    hub: Hub, export: Export, workout: Workout, thresholds: Thresholds, policy: FidelityPolicy
) -> StaleExport | None:
    """What is otherwise now; None when nothing is."""
    plan = read_document(workout)
    try:
        now = await compile_workout(hub.dispatcher, export.provider, plan, thresholds)
    except HubError:
        return None  # a plugin that is gone or at fault says nothing about thresholds
    if digest_of(msgspec.json.encode(now.payload)) == export.sent_digest:
        return None
    return StaleExport(
        export.id,
        export.workout_id,
        export.provider,
        workout.name,
        workout.date,
        await _tell(hub, export, now),
        explain_stop(now.fidelity, policy),
    )


async def _tell(hub: Hub, export: Export, now: CompiledWorkout) -> tuple[StaleChange, ...]:
    try:
        plan, sent = await compile_sent(hub, export, _revision_out(export))
    except CannotCompareError:
        return ()
    if sent.meant is None or now.meant is None:
        return ()
    changes = tell_changes(sent.meant, now.meant, plan.sport)
    return tuple(StaleChange(one.path, one.feature, one.meant, one.held) for one in changes)


async def _queue(hub: Hub, export_id: str) -> None:
    """Send one again, unless something else has become of it meanwhile. Its copy isn't as it should be."""
    async with hub.engine.transaction():
        row = await find_row(Export, id=export_id, lock=True)
        if row is None or _revision_out(row) is None or row.wanted != "present":
            return
        await set_export_status(
            hub,
            row.id,
            row.athlete_id,
            ExportStatus.PENDING,
            code="queued",
            reason="Waiting to be sent again, with the thresholds of now.",
            sent_revision=None,
            next_try_ms=None,
        )
        await ask_to_export(hub, row.id, row.athlete_id, row.provider)
