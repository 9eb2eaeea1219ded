"""How an export's job ends: every way is one transaction, with the lease checked in it.

Rows are written in the order connection, export, job, as everywhere, so that PostgreSQL never has two
transactions waiting for each other.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field

import msgspec

from hub_core.registry.dispatcher import PluginFaultError
from hub_core.sdk.errors import HeldBack, ProviderError, RetryLater
from hub_core.sdk.exports import CompiledWorkout, Receipt
from hub_core.sdk.manifest import Operation
from hub_core.services.connections.trace import Trace
from hub_core.services.exports.attempts import end_attempt, last_attempt
from hub_core.services.exports.reactions import GAVE_UP, Retry, explain, reaction_to, wait_s
from hub_core.services.exports.schedule_exports import JOB_KIND
from hub_core.services.exports.statuses import NO_COPY, ExportStatus, Verification, set_export_status
from hub_core.services.hub import Hub
from hub_core.services.operating import metrics
from hub_core.storage import find_row, jobs, now_ms
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Attempt, Export

log = logging.getLogger(__name__)

#: The job that looks at what the provider holds (`verify_export`). What has to be sent goes first.
VERIFY_KIND = "verify_export"
VERIFY_PRIORITY = jobs.LIVE_PRIORITY + 2


@dataclass
class Work:
    """One job in hand, and what has been found out so far."""

    hub: Hub
    lease: Lease
    export: Export
    revision: int = 0
    #: As the athlete's row has them, for what is compiled.
    thresholds: str = ""
    #: What the policy leaves out of it, in words.
    left_out: str = ""
    compiled: CompiledWorkout | None = None
    attempt: Attempt | None = None
    is_unresolved: bool = False
    #: Something was sent that isn't checkpointed. A plugin that then fails can't tell what came of it.
    may_have_sent: bool = False
    trace: Trace = field(default_factory=Trace)

    def report(self) -> dict[str, object]:
        """The columns that hold the fidelity report, if there is one."""
        if self.compiled is None:
            return {}
        return {"fidelity": msgspec.json.encode(self.compiled.fidelity).decode()}


async def settle_sent(work: Work, receipt: Receipt) -> None:
    """The provider holds the revision that was sent."""
    payload = msgspec.json.encode(work.compiled.payload) if work.compiled else b""
    told = (f"Sent to {_title(work)}.", work.left_out, *receipt.notes)
    reason = " ".join(part for part in told if part)
    unreadable = why_not_read_back(work.hub, work.export.provider)
    async with work.hub.engine.transaction():
        await write_status(
            work,
            ExportStatus.SENT,
            "sent",
            reason,
            external_ids=msgspec.json.encode(receipt.external_ids).decode(),
            progress="{}",
            sent_revision=work.revision,
            sent_ms=now_ms(),
            next_try_ms=None,
            payload=work.hub.keys.seal(payload, f"export:{work.export.id}:payload"),
            sent_digest=digest_of(payload),
            sent_thresholds=work.thresholds,
            verification=Verification.NOT_VERIFIED if unreadable else Verification.PENDING,
            verification_reason=unreadable,
            differences="[]",
            verified_ms=None,
            drift="",
            drift_ms=None,
            **work.report(),
        )
        if work.attempt:
            await end_attempt(work.attempt, "sent", message=" ".join(receipt.notes), trace=work.trace)
        await jobs.finish(work.hub.engine, work.lease)
        if not unreadable:
            await _ask_to_verify(work)
    metrics.EXPORT_ENDS.labels(work.export.provider, ExportStatus.SENT).inc()


async def _ask_to_verify(work: Work) -> None:
    """A job of its own: whatever becomes of the look at it, the workout was sent once."""
    export = work.export
    lane = jobs.Lane(export.provider, export.athlete_id)
    await jobs.enqueue(work.hub.engine, VERIFY_KIND, export.id, lane=lane, priority=VERIFY_PRIORITY)


def why_not_read_back(hub: Hub, provider: str) -> str:
    """Why the provider's copy isn't looked at; empty when it is."""
    one = hub.registry.get(provider)
    if Operation.READ_BACK not in one.manifest.capabilities.operations:
        return f"{one.manifest.title} doesn't tell what it holds."
    return "" if one.settings.read_back else f"HUB_{provider.upper()}_READ_BACK is off."


def digest_of(payload: bytes) -> str:
    """What a payload is told apart by."""
    return hashlib.sha256(payload).hexdigest()


async def settle_unchanged(work: Work) -> None:
    """The provider holds the newest revision already: this job is superseded."""
    async with work.hub.engine.transaction():
        await write_status(work, ExportStatus.SENT, "sent", f"Sent to {_title(work)}.", next_try_ms=None)
        await jobs.finish(work.hub.engine, work.lease)
        if work.export.verification == Verification.PENDING:
            await _ask_to_verify(work)  # the look was dropped while something else seemed wanted


async def settle_withdrawn(work: Work, reason: str) -> None:
    """The provider holds nothing of ours any more."""
    async with work.hub.engine.transaction():
        await write_status(
            work,
            ExportStatus.SENT,
            "withdrawn",
            reason,
            older_copies="[]",
            next_try_ms=None,
            **NO_COPY,
        )
        if work.attempt:
            await end_attempt(work.attempt, "withdrawn", trace=work.trace)
        await jobs.finish(work.hub.engine, work.lease)


async def hold_export(work: Work, until_ms: int, code: str, reason: str) -> None:
    """Nothing to be done before a moment, and nobody to blame for it."""
    async with work.hub.engine.transaction():
        await write_status(work, ExportStatus.PENDING, code, reason, next_try_ms=until_ms, **work.report())
        await jobs.retry(work.hub.engine, work.lease, run_at_ms=until_ms, error="", counts=False)


async def settle_unknown(work: Work, why: str) -> None:
    """The provider may hold a copy, and can't tell: people decide, by `tell_outcome` (decision 13)."""
    reason = f"{_title(work)} may or may not have taken it: {why} Look there, and say what you see."
    log.warning("export %s at %s: outcome_unknown: %s", work.export.id, work.export.provider, why)
    async with work.hub.engine.transaction():
        await write_status(work, ExportStatus.PENDING, "outcome_unknown", reason, next_try_ms=None)
        if work.attempt:
            await end_attempt(
                work.attempt, "unknown", code="outcome_unknown", message=reason, trace=work.trace
            )
        await jobs.finish(work.hub.engine, work.lease)


async def settle_error(work: Work, error: Exception) -> None:
    """React as the table says."""
    hub, lease, tries = work.hub, work.lease, work.lease.tries
    patience = patience_of(hub, work.export.provider)
    reaction = reaction_to(error, tries=tries, failing_s=lease.failing_s(), patience=patience)
    message = explain(error)
    if reaction is GAVE_UP:
        message = f"Given up after {tries + 1} tries: {message}"
    unknown = _is_unknown(work, error)
    wait = wait_s(error, tries=tries, patience=patience)
    next_try_ms = now_ms() + int(1000 * wait) if reaction.retry else None
    if next_try_ms is not None and unknown and work.attempt:
        if not work.may_have_sent or (isinstance(error, RetryLater) and error.repeatable):
            work.attempt.deadline_ms = now_ms()  # nothing of it can still arrive, or it does no harm
        next_try_ms = max(next_try_ms, work.attempt.deadline_ms)
    level = logging.WARNING if reaction.is_failure else logging.INFO
    log.log(level, "export %s at %s: %s: %s", work.export.id, work.export.provider, reaction.code, message)
    async with hub.engine.transaction():
        await write_status(
            work, reaction.status, reaction.code, message, next_try_ms=next_try_ms, **work.report()
        )
        if work.attempt:
            held = "held" if reaction.retry and not reaction.is_failure else "retry"
            outcome = "unknown" if unknown else (held if reaction.retry else "failed")
            await end_attempt(work.attempt, outcome, code=reaction.code, message=message, trace=work.trace)
        if next_try_ms is not None:
            # What is held with its provider keeps its place in the line, and goes when the hold ends.
            is_held = isinstance(error, HeldBack) and error.is_noted and not unknown
            run_at_ms = now_ms() if is_held else next_try_ms
            counts = reaction.is_failure
            await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=message, counts=counts)
        elif reaction is GAVE_UP:
            await jobs.bury(hub.engine, lease, message)
        else:
            await jobs.finish(hub.engine, lease)
    metrics.EXPORT_ENDS.labels(work.export.provider, reaction.status).inc()


def _is_unknown(work: Work, error: Exception) -> bool:
    """Whether there may be a copy that nobody has heard of."""
    if isinstance(error, ProviderError) and not isinstance(error, PluginFaultError):
        return work.is_unresolved or (isinstance(error, RetryLater) and error.outcome_unknown)
    return work.is_unresolved or work.may_have_sent


def patience_of(hub: Hub, provider: str) -> Retry:
    """How long, and how often, exports to a provider are tried again: its own settings, else the hub's."""
    general, own = hub.settings, hub.registry.get(provider).settings
    tries, for_s = own.give_up_after_tries, own.give_up_after_s
    tries = general.give_up_after_tries if tries is None else tries
    return Retry(
        tries=tries or None,
        first_s=general.retry_first_wait_s,
        longest_s=general.retry_longest_wait_s,
        for_s=general.give_up_after_s if for_s is None else for_s,
    )


async def give_up(hub: Hub, lease: Lease, reason: str) -> None:
    """A job that can't be brought to an end: bury it, and say so on its export."""
    async with hub.engine.transaction():
        export = await find_row(Export, id=lease.subject_id)
        if export is not None and lease.kind == JOB_KIND:
            attempt = await last_attempt(export.id)
            if attempt is not None and attempt.outcome == "running":
                # What was under way when it died may have arrived: a retry looks first.
                await end_attempt(attempt, "unknown", code=GAVE_UP.code, message=reason)
            await write_status(
                Work(hub, lease, export), GAVE_UP.status, GAVE_UP.code, reason, next_try_ms=None
            )
        await jobs.bury(hub.engine, lease, reason)


async def write_status(work: Work, status: ExportStatus, code: str, reason: str, **fields: object) -> None:
    """Write the status, unless something else is wanted by now: then it is PENDING again."""
    export = work.export
    now = await find_row(Export, id=export.id, lock=True)
    if now is None:
        return
    changed = now.wanted != export.wanted or (
        export.wanted == "present" and now.wanted_revision > max(work.revision, export.wanted_revision)
    )
    if changed and status is not ExportStatus.NOT_CONNECTED:
        status, code, reason = ExportStatus.PENDING, "queued", "A newer version waits to be sent."
    await set_export_status(
        work.hub, export.id, export.athlete_id, status, code=code, reason=reason, **fields
    )


def _title(work: Work) -> str:
    return work.hub.registry.get(work.export.provider).manifest.title
