"""Brings one provider's copy of one workout to the wanted state: newest revision present, or absent.

Where a phone fetches its workouts, that is `offer_pickup`; everywhere else the provider is called here.
It looks at what is wanted *now*, whatever the job was made for, so an older job can't overwrite a newer
edit. Everything it learns is written in one transaction with the end of the job (`settle_export`).
"""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from hub_core.errors import LeaseLostError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import NotFound, OutcomeUnknown
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
from hub_core.services.exports.on_update import held_copy, held_progress, leave_copy, makes_another
from hub_core.services.exports.prepare_export import (
    compile_wanted,
    find_connection,
    hold_until_horizon,
    load_wanted,
    opens_ms,
)
from hub_core.services.exports.schedule_exports import tell_moment
from hub_core.services.exports.settle_export import (
    Work,
    hold_export,
    settle_error,
    settle_sent,
    settle_unchanged,
    settle_unknown,
)
from hub_core.services.exports.withdraw_export import take_back, withdraw_export
from hub_core.services.hub import Hub
from hub_core.storage import change_row, find_row, jobs, now_ms
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Attempt, Export


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
            await withdraw_export(work, before)
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
    another = makes_another(work, wanted.on_update, before)
    if opens_ms(work, compiled) > now_ms() and not another:
        await take_back(work, connection, before)
    if await hold_until_horizon(work, compiled):
        return
    if another:
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
    sender = _Sender(work, compiled, capabilities, held_progress(export), progress_revision, began)
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
