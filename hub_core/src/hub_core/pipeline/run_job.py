"""Runs one job under its lease."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from hub_core.errors import LeaseLostError
from hub_core.services.connections.keep_connection import keep_connection
from hub_core.services.connections.schedule_care import KEEP_KIND, WATCH_KIND
from hub_core.services.connections.tell_leaving import LEAVE_KIND, tell_leaving
from hub_core.services.exports.export_workout import export_workout
from hub_core.services.exports.reactions import GAVE_UP, explain, reaction_to, wait_s
from hub_core.services.exports.schedule_exports import JOB_KIND
from hub_core.services.exports.settle_export import VERIFY_KIND, give_up
from hub_core.services.exports.verify_export import verify_export
from hub_core.services.exports.watch_drift import watch_drift
from hub_core.services.hub import Hub
from hub_core.services.inbound.backfill_history import BACKFILL_KIND, backfill_history
from hub_core.services.inbound.ingest_delivery import ingest_delivery
from hub_core.services.inbound.poll_provider import POLL_KIND, poll_provider
from hub_core.services.inbound.store_deliveries import INGEST_KIND
from hub_core.services.operating.log_ids import LOG_IDS
from hub_core.services.operating.metrics import JOBS
from hub_core.storage import jobs, now_ms
from hub_core.storage.jobs import LEASE_MS, Lease

log = logging.getLogger(__name__)

#: What is done for each kind of job.
HANDLERS: dict[str, Callable[[Hub, Lease], Awaitable[None]]] = {
    JOB_KIND: export_workout,
    VERIFY_KIND: verify_export,
    INGEST_KIND: ingest_delivery,
    POLL_KIND: poll_provider,
    BACKFILL_KIND: backfill_history,
    KEEP_KIND: keep_connection,
    WATCH_KIND: watch_drift,
    LEAVE_KIND: tell_leaving,
}
#: These come round for ever: whatever keeps one from being done today, it is tried again.
ENDLESS = frozenset({POLL_KIND, KEEP_KIND, WATCH_KIND})


async def run_job(hub: Hub, job_id: str) -> None:
    """Take the job, if it is still to be done, and see it to its end. Never raises for what jobs do.

    May be called twice for the same job: the second call finds it taken or done.
    """
    lease = await jobs.take(hub.engine, job_id)
    if lease is not None:
        await run_leased(hub, lease)


async def run_leased(hub: Hub, lease: Lease) -> None:
    """See a job that was taken to its end."""
    job_id = lease.job_id
    token = LOG_IDS.set({"job": job_id, "kind": lease.kind, "subject": lease.subject_id})
    outcome = "ended"
    try:
        if lease.losses >= jobs.MAX_LOSSES:
            await give_up(hub, lease, f"Given up: its worker died {lease.losses} times over it.")
            outcome = "dead"
            return
        async with _kept(hub, lease):
            await HANDLERS[lease.kind](hub, lease)
    except LeaseLostError:
        log.warning("job %s: the lease was lost, another worker has it", job_id)
        outcome = "lost"
    except Exception as error:
        # Not the provider's doing, which the services react to: a database that is away, or our own bug.
        log.exception("job %s (%s) failed", job_id, lease.kind)
        outcome = "failed"
        await _put_back(hub, lease, error)
    finally:
        JOBS.labels(lease.kind, outcome).inc()
        LOG_IDS.reset(token)


@asynccontextmanager
async def _kept(hub: Hub, lease: Lease) -> AsyncIterator[None]:
    """Extend the lease for as long as the body runs."""

    async def extend() -> None:
        while True:
            await asyncio.sleep(LEASE_MS / 3000)
            await jobs.extend(hub.engine, lease)

    keeper = asyncio.create_task(extend())
    try:
        yield
    finally:
        keeper.cancel()
        # A lease that was lost is noticed where it matters: in the transaction that would write.
        with suppress(asyncio.CancelledError, Exception):
            await keeper


async def _put_back(hub: Hub, lease: Lease, error: Exception) -> None:
    try:
        if lease.kind not in ENDLESS and reaction_to(error, tries=lease.tries) is GAVE_UP:
            await give_up(hub, lease, f"Given up: {explain(error)}.")
            return
        run_at_ms = now_ms() + int(1000 * (1 + wait_s(error, tries=lease.tries)))
        await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=type(error).__name__)
    except Exception:  # noqa: BLE001 (the lease is the second net)
        log.warning("job %s: could not be put back, its lease will run out", lease.job_id)
