"""What becomes of a workout that the athlete has changed where it was sent: adopted, or sent again."""

from __future__ import annotations

from typing import Literal

from hub_core.domain.drift import Drift
from hub_core.errors import ConflictError, NotFoundError
from hub_core.services.exports.adopt_drift import adopt_drift
from hub_core.services.exports.retry_export import ExportView, read_export
from hub_core.services.exports.schedule_exports import JOB_KIND
from hub_core.services.exports.statuses import ExportStatus, set_export_status
from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.storage import change_row, find_row, jobs, now_ms
from hub_core.storage.tables import Athlete, Export, Workout

DriftAction = Literal["adopt", "restore"]


async def settle_drift(hub: Hub, athlete: Athlete, export_id: str, action: DriftAction) -> ExportView:
    """Do what a person has decided. Raises `ConflictError` when nothing has drifted (any more)."""
    row = await find_row(Export, id=export_id, athlete_id=athlete.id)
    if row is None:
        raise NotFoundError("there is no such export")
    if row.reason_code != "drifted":
        raise ConflictError("the athlete hasn't changed this one: there is nothing to decide")
    await follow_drift(hub, athlete, row, Drift(row.drift), action)
    return await read_export(athlete.id, export_id)


async def follow_drift(hub: Hub, athlete: Athlete, export: Export, drift: Drift, action: DriftAction) -> None:
    """Let the athlete have it so (`adopt`), or send the plan again (`restore`)."""
    if action == "restore":
        await _restore(hub, export)
    elif drift is Drift.DELETED:
        await _adopt_removal(hub, export)
    else:
        await adopt_drift(hub, athlete, export.id)


async def _restore(hub: Hub, export: Export) -> None:
    async with hub.engine.transaction():
        await set_export_status(
            hub,
            export.id,
            export.athlete_id,
            ExportStatus.PENDING,
            code="queued",
            reason="Waiting to be sent again, in place of what the athlete has made of it.",
            sent_revision=None,
            drift="",
            drift_ms=None,
            next_try_ms=None,
        )
        await jobs.enqueue(hub.engine, JOB_KIND, export.id)


async def _adopt_removal(hub: Hub, export: Export) -> None:
    title = hub.registry.get(export.provider).manifest.title
    async with hub.engine.transaction():
        await set_export_status(
            hub,
            export.id,
            export.athlete_id,
            ExportStatus.SENT,
            code="removed_by_athlete",
            reason=f"The athlete removed it from {title}. The next revision is sent again.",
            wanted="absent",
            external_ids="{}",
            sent_revision=None,
            verification="",
            drift="",
            drift_ms=None,
            next_try_ms=None,
        )
        await change_row(Workout, export.workout_id, removed_at=export.provider, removed_ms=now_ms())
        await record_change(hub, export.athlete_id, "workouts", export.workout_id)
