"""Removes what a provider holds: every copy of a deleted workout, and that of one moved out of sight."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import OutcomeUnknown, Unsupported
from hub_core.sdk.exports import CompiledWorkout, Receipt
from hub_core.sdk.manifest import Operation
from hub_core.services.connections.provider_context import with_connection
from hub_core.services.exports.attempts import begin_attempt, end_attempt, is_unresolved
from hub_core.services.exports.export_reference import reference
from hub_core.services.exports.on_update import held_copy, held_progress, older_copies
from hub_core.services.exports.preflight_workout import compile_workout
from hub_core.services.exports.prepare_export import find_connection
from hub_core.services.exports.settle_export import Work, settle_withdrawn
from hub_core.services.exports.statuses import NO_COPY
from hub_core.services.workouts.save_workout import read_document
from hub_core.storage import change_row, find_row, jobs
from hub_core.storage.tables import Athlete, Attempt, Connection, Export, Workout


async def withdraw_export(work: Work, before: Attempt | None) -> None:
    """Do the job of an export that is wanted no more. `before` is the attempt before this one."""
    export = work.export
    older = older_copies(export)
    if not older and not _may_be_there(export, before):
        await settle_withdrawn(work, "It was never sent.")
        return
    is_told = await _remove(work, await find_connection(export), before, older)
    await settle_withdrawn(work, _tell_removal(export, is_told=is_told))


async def take_back(work: Work, connection: Connection, before: Attempt | None) -> None:
    """Its day was moved beyond the provider's horizon: nothing may stay where it was until it goes out again.

    The job goes on afterwards, with an export of which nothing is there.
    """
    export = work.export
    if not _may_be_there(export, before):
        return
    await _remove(work, connection, before, [])
    async with work.hub.engine.transaction():
        await change_row(Export, export.id, **NO_COPY)
        if work.attempt:
            await end_attempt(work.attempt, "withdrawn", trace=work.trace)
        await jobs.extend(work.hub.engine, work.lease)


def _may_be_there(export: Export, before: Attempt | None) -> bool:
    return bool(held_progress(export) or held_copy(export)) or is_unresolved(before)


async def _remove(
    work: Work, connection: Connection, before: Attempt | None, older: list[dict[str, str]]
) -> bool:
    """Remove the copy, and the older ones. False: there may be one that nobody can look up."""
    export = work.export
    ids, unresolved = {**held_progress(export), **held_copy(export)}, is_unresolved(before)
    capabilities = work.hub.registry.get(export.provider).manifest.capabilities
    if Operation.WITHDRAW not in capabilities.operations:
        raise Unsupported(f"{export.provider} cannot remove workouts; the athlete has to delete it there")
    work.attempt = await begin_attempt(
        work.hub,
        work.lease,
        export.id,
        before=before,
        action="find" if unresolved else "withdraw",
        revision=export.wanted_revision,
    )
    work.is_unresolved = unresolved

    is_told = bool(ids) or not unresolved

    async def remove(context: ProviderContext) -> None:
        nonlocal is_told
        found = ids
        if unresolved and not found and Operation.FIND in capabilities.operations:
            compiled = await _compile_last(work)
            with suppress(OutcomeUnknown):
                copy = await work.hub.dispatcher.call(
                    export.provider, "find_workout", context=context, compiled=compiled
                )
                found, is_told = copy.external_ids if copy else {}, True
        for copy_ids in (*older, found):
            if copy_ids:
                await work.hub.dispatcher.call(
                    export.provider, "withdraw_workout", context=context, receipt=Receipt(copy_ids)
                )

    await with_connection(
        work.hub,
        connection,
        remove,
        trace=work.trace,
        background=not work.lease.is_live,
        reference=reference(export),
        progress=held_progress(export),
        outcome_unknown=unresolved,
    )
    return is_told


def _tell_removal(export: Export, *, is_told: bool) -> str:
    if is_told:
        return f"Removed from {export.provider}."
    return f"A try whose answer was lost may have left a copy at {export.provider}, which nobody can look up."


async def _compile_last(work: Work) -> CompiledWorkout:
    """The workout as it would be sent, deleted or not: what a look-up goes by."""
    workout = await find_row(Workout, id=work.export.workout_id)
    athlete = await find_row(Athlete, id=work.export.athlete_id)
    if workout is None or athlete is None:
        raise Unsupported("the workout is gone")
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    return await compile_workout(
        work.hub.dispatcher, work.export.provider, read_document(workout), thresholds
    )
