"""Planned workouts as the API shows them: with their exports, and what was done of them."""

from __future__ import annotations

import msgspec

from hub_core.domain.advice import AvailabilityConflict
from hub_core.domain.workout import PlannedWorkout
from hub_core.services.athletes.save_availability import list_conflicts
from hub_core.services.exports.retry_export import ExportView, exports_of
from hub_core.services.merging.link_workouts import find_done
from hub_core.services.workouts.save_workout import read_document
from hub_core.storage.tables import Athlete, Workout


class WorkoutView(msgspec.Struct, frozen=True):
    """A saved workout, where it stands at each provider, and with which activity it was `done`.

    `removed_at` names the provider at which the athlete removed this revision, where that was adopted.
    `conflicts` is what speaks against it in the athlete's availability.
    """

    id: str
    external_id: str | None
    revision: int
    workout: PlannedWorkout
    exports: tuple[ExportView, ...]
    activity_id: str | None
    done: bool
    removed_at: str | None = None
    conflicts: tuple[AvailabilityConflict, ...] = ()


async def view_workouts(rows: list[Workout], athlete: Athlete) -> list[WorkoutView]:
    """The athlete's rows as views, in their order."""
    exports = await exports_of(rows)
    done = await find_done(athlete.id, [row.id for row in rows])
    return [
        WorkoutView(
            row.id,
            row.external_id,
            row.revision,
            read_document(row),
            exports[row.id],
            done.get(row.id),
            row.id in done,
            row.removed_at or None,
            list_conflicts(athlete, read_document(row)),
        )
        for row in rows
    ]
