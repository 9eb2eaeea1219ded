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


class FedWorkout(msgspec.Struct, frozen=True, kw_only=True):
    """A saved workout as the change feed tells it, and with which activity it was `done`.

    `removed_at` names the provider at which the athlete removed this revision, where that was adopted.
    """

    id: str
    external_id: str | None
    revision: int
    workout: PlannedWorkout
    activity_id: str | None
    done: bool
    removed_at: str | None = None


class WorkoutView(FedWorkout, frozen=True, kw_only=True):
    """The same with where it stands at each provider, and with what speaks against it in the athlete's
    availability: both change without the workout, and have collections of their own in the feed."""

    exports: tuple[ExportView, ...]
    conflicts: tuple[AvailabilityConflict, ...] = ()


async def view_workouts(rows: list[Workout], athlete: Athlete) -> list[WorkoutView]:
    """The athlete's rows as views, in their order."""
    exports = await exports_of(rows)
    return [
        WorkoutView(
            **msgspec.structs.asdict(one),
            exports=exports[one.id],
            conflicts=list_conflicts(athlete, one.workout),
        )
        for one in await feed_workouts(rows, athlete.id)
    ]


async def feed_workouts(rows: list[Workout], athlete_id: str) -> list[FedWorkout]:
    """What the feed tells of an athlete's rows, in their order."""
    done = await find_done(athlete_id, [row.id for row in rows])
    return [
        FedWorkout(
            id=row.id,
            external_id=row.external_id,
            revision=row.revision,
            workout=read_document(row),
            activity_id=done.get(row.id),
            done=row.id in done,
            removed_at=row.removed_at or None,
        )
        for row in rows
    ]
