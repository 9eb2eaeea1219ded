"""Brings one provider's copy of one workout to the wanted state: newest revision present, or absent.

Where a phone fetches its workouts, that is `offer_pickup`; everywhere else the provider is called here.
It looks at what is wanted *now*, whatever the job was made for, so an older job can't overwrite a newer
edit. Everything it learns is written in one transaction with the end of the job (`settle_export`).
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.errors import LeaseLostError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import NotFound, OutcomeUnknown, Unsupported
from hub_core.sdk.exports import CompiledWorkout, Receipt
from hub_core.sdk.hub_side import no_fault_of_plugins, on_hub_side
from hub_core.sdk.manifest import Capabilities, CreateSemantics, Operation
from hub_core.services.connections.provider_context import with_connection
from hub_core.services.exports.attempts import (
    DEADLINE_MS,
    VOUCHED_S,
    begin_attempt,
    go_on,
    is_unresolved,
    last_attempt,
)
from hub_core.services.exports.export_reference import reference
from hub_core.services.exports.offer_pickup import offer_pickup
from hub_core.services.exports.on_update import held_copy, leave_copy, makes_another, older_copies
from hub_core.services.exports.preflight_workout import compile_workout
from hub_core.services.exports.prepare_export import (
    compile_wanted,
    find_connection,
    hold_until_horizon,
    load_wanted,
)
from hub_core.services.exports.schedule_exports import tell_moment
from hub_core.services.exports.settle_export import (
    Work,
    hold_export,
    settle_error,
    settle_sent,
    settle_unchanged,
    settle_unknown,
    settle_withdrawn,
)
from hub_core.services.hub import Hub
from hub_core.services.workouts.save_workout import read_document
from hub_core.storage import change_row, find_row, jobs, now_ms
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Athlete, Attempt, Export, Workout


async def export_workout(hub: Hub, lease: Lease) -> None:
    """Do the job that `lease` stands for. Raises `LeaseLostError`, and nothing else on purpose."""
    export = await find_row(Export, id=lease.subject_id)
    if export is None:
        await jobs.finish(hub.engine, lease)
        return
    work = Work(hub, lease, export)
    try:
        before = await last_attempt(export.id)
        if is_unresolved(before) and before and before.deadline_ms > now_ms():
            await hold_export(
                work, before.deadline_ms, "outcome_unknown", "An earlier try may have arrived; looking soon."
            )
            return
        if hub.registry.get(export.provider).manifest.delivery == "pickup":
            await offer_pickup(work)
        elif export.wanted == "absent":
            await _withdraw(work, before)
        else:
            await _send(work, before)
    except LeaseLostError:
        raise
    except OutcomeUnknown as error:
        await settle_unknown(work, error.message)
    except Exception as error:  # noqa: BLE001 (the table of reactions knows what to do with each)
        await settle_error(work, error)


async def _send(work: Work, before: Attempt | None) -> None:
    hub, export = work.hub, work.export
    wanted = await load_wanted(work)
    if wanted is None:
        return
    if export.sent_revision == work.revision and export.external_ids != "{}":
        await settle_unchanged(work)
        return
    if export.send_at_ms is not None and export.send_at_ms > now_ms():
        await hold_export(work, export.send_at_ms, *tell_moment(export.send_at_ms))
        return
    compiled = await compile_wanted(work, wanted)
    connection = await find_connection(export)
    if await hold_until_horizon(work, compiled):
        return
    if makes_another(work, wanted.on_update, before):
        await leave_copy(work)
    capabilities = hub.registry.get(export.provider).manifest.capabilities
    unresolved = is_unresolved(before)
    action = "find" if unresolved else ("update" if export.external_ids != "{}" else "create")
    began = time.monotonic()
    work.attempt = await begin_attempt(
        hub, work.lease, export.id, before=before, action=action, revision=work.revision
    )
    work.is_unresolved = unresolved
    progress_revision = before.revision if before else work.revision
    sender = _Sender(work, compiled, capabilities, _progress(export), progress_revision, began)
    receipt = await with_connection(
        hub,
        connection,
        sender.send,
        trace=work.trace,
        vouch=sender.vouch,
        background=not work.lease.is_live,
        **sender.fields(),
    )
    await settle_sent(work, receipt)


@dataclass
class _Sender:
    """Sends one compiled workout, in as many calls as it takes."""

    work: Work
    compiled: CompiledWorkout
    capabilities: Capabilities
    progress: dict[str, str]
    progress_revision: int
    #: When the lease and a deadline that covers the next call were last written (monotonic).
    vouched_at: float

    async def vouch(self) -> None:
        """Before each request that changes something: the job is still ours, and whoever takes it over waits
        until this request is answered or given up. A worker that was stopped meanwhile finds out here."""
        while self.work.attempt and time.monotonic() - self.vouched_at > VOUCHED_S:
            began = time.monotonic()
            await go_on(self.work.hub, self.work.lease, self.work.attempt, self.work.attempt.action)
            self.vouched_at = began
        self.work.may_have_sent = True

    def fields(self) -> dict[str, Any]:
        """The context's fields for an export."""
        return {
            "reference": reference(self.work.export),
            "progress": self.progress,
            "outcome_unknown": self.work.is_unresolved,
            "checkpoint": self._checkpoint,
        }

    async def send(self, context: ProviderContext) -> Receipt:
        """Look up what may be there, then update it or create it."""
        known = held_copy(self.work.export)
        if self.work.is_unresolved:
            known = await self._find(context) or known
            self.work.is_unresolved = False
        if known:
            updated = await self._update(context, known)
            if updated is not None:
                return updated
        await self._drop_stale_progress(context)
        await self._turn_to("create")
        return await self._call("export_workout", context, compiled=self.compiled)

    async def _drop_stale_progress(self, context: ProviderContext) -> None:
        """What an unfinished try has made of an older revision is removed, not finished."""
        if self.progress and self.progress_revision != self.work.revision:
            await self._turn_to("withdraw")
            await self._call("withdraw_workout", context, receipt=Receipt(dict(self.progress)))
            self.progress.clear()

    async def _find(self, context: ProviderContext) -> dict[str, str]:
        """The ids of a copy that an earlier try has made after all. Raises `OutcomeUnknown`."""
        if Operation.FIND not in self.capabilities.operations:
            if self.capabilities.create is CreateSemantics.BLIND:
                raise OutcomeUnknown(f"{self.work.export.provider} offers no means to look.")
            return {}
        found = await self._call("find_workout", context, compiled=self.compiled)
        return found.external_ids if found else {}

    async def _update(self, context: ProviderContext, ids: dict[str, str]) -> Receipt | None:
        """Replace a copy; None when it is gone, or was removed because it can't be updated."""
        receipt = Receipt(ids)
        if Operation.UPDATE in self.capabilities.operations:
            await self._turn_to("update")
            try:
                return await self._call("update_workout", context, compiled=self.compiled, receipt=receipt)
            except NotFound:
                return None
        await self._turn_to("withdraw")
        await self._call("withdraw_workout", context, receipt=receipt)
        return None

    async def _turn_to(self, action: str) -> None:
        if self.work.attempt and self.work.attempt.action != action:
            began = time.monotonic()
            await go_on(self.work.hub, self.work.lease, self.work.attempt, action)
            self.vouched_at = began

    async def _call(self, hook: str, context: ProviderContext, **arguments: object) -> Receipt:
        provider = self.work.export.provider
        receipt: Receipt = await self.work.hub.dispatcher.call(provider, hook, context=context, **arguments)
        return receipt

    async def _checkpoint(self, ids: Mapping[str, str]) -> None:
        await on_hub_side(functools.partial(self._keep, ids))

    async def _keep(self, ids: Mapping[str, str]) -> None:
        """Keep what was created so far; refused when the lease is lost, so that a stale worker stops."""
        work, began = self.work, time.monotonic()
        self.progress.clear()
        self.progress.update(ids)
        with no_fault_of_plugins():
            await self._write_progress()
        work.may_have_sent = False
        self.vouched_at = began

    async def _write_progress(self) -> None:
        work = self.work
        async with work.hub.engine.transaction():
            await change_row(Export, work.export.id, progress=msgspec.json.encode(self.progress).decode())
            await jobs.extend(work.hub.engine, work.lease)
            if work.attempt:
                work.attempt.deadline_ms = now_ms() + DEADLINE_MS
                await change_row(Attempt, work.attempt.id, deadline_ms=work.attempt.deadline_ms)


async def _withdraw(work: Work, before: Attempt | None) -> None:
    export = work.export
    ids = {**_progress(export), **held_copy(export)}
    unresolved, older = is_unresolved(before), older_copies(export)
    if not ids and not unresolved and not older:
        await settle_withdrawn(work, "It was never sent.")
        return
    connection = await find_connection(export)
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
        progress=_progress(export),
        outcome_unknown=unresolved,
    )
    await settle_withdrawn(work, _tell_removal(export, is_told=is_told))


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


def _progress(export: Export) -> dict[str, str]:
    return msgspec.json.decode(export.progress, type=dict[str, str])
