"""Answers "why is it not on my watch?": gathers what is stored of a workout, and has it told."""

from __future__ import annotations

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.local_day import today_in
from hub_core.errors import NotFoundError
from hub_core.services.exports.retry_export import find_holds, view_export
from hub_core.services.exports.schedule_exports import JOB_KIND
from hub_core.services.exports.tell_why import Known, Why, tell_why
from hub_core.services.hub import Hub
from hub_core.storage import find_row, find_rows
from hub_core.storage.tables import Athlete, Attempt, Connection, Export, Job, Workout, WorkoutRevision


async def explain_workout(hub: Hub, athlete: Athlete, workout_id: str) -> list[Why]:
    """The story at each provider that it goes to; one that says why not, if it goes nowhere."""
    workout = await _load(athlete, workout_id)
    exports = await Export.objects().where(Export.workout_id == workout.id).order_by(Export.provider)
    stories = [await _tell(hub, athlete, workout, export) for export in exports]
    return stories or [await _tell(hub, athlete, workout, None)]


async def explain_export(hub: Hub, athlete: Athlete, export_id: str) -> Why:
    """The story of one export."""
    export = await find_row(Export, id=export_id, athlete_id=athlete.id)
    if export is None:
        raise NotFoundError("there is no such export")
    return await _tell(hub, athlete, await _load(athlete, export.workout_id), export)


async def _load(athlete: Athlete, workout_id: str) -> Workout:
    """The workout, deleted or not: that is part of the story."""
    row = await find_row(Workout, id=workout_id, athlete_id=athlete.id)
    if row is None:
        raise NotFoundError("there is no such workout")
    return row


async def _tell(hub: Hub, athlete: Athlete, workout: Workout, export: Export | None) -> Why:
    zone = msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone
    today = today_in(zone)
    saved = await find_rows(WorkoutRevision, workout_id=workout.id)
    revisions = {one.revision: one.created_ms for one in saved}
    if export is None:
        return tell_why(Known(workout, revisions, today))
    # As the API shows it: what is held with its provider goes when that hold ends.
    shown = view_export(export, hold=(await find_holds([export])).get(export.id))
    export.reason_code, export.reason, export.next_try_ms = shown.reason_code, shown.reason, shown.next_try_ms
    provider = hub.registry.providers.get(export.provider)
    return tell_why(
        Known(
            workout,
            revisions,
            today,
            export,
            provider.manifest.title if provider else export.provider,
            tuple(await Attempt.objects().where(Attempt.export_id == export.id).order_by(Attempt.number)),
            await find_row(Connection, athlete_id=athlete.id, provider=export.provider),
            await find_row(Job, kind=JOB_KIND, subject_id=export.id),
        )
    )
