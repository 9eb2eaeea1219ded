"""The job table: the truth about what is to be done. A broker only rings the bell.

A worker *takes* a job, which gives it a lease with a fencing number. Whatever it then writes, it
writes in the transaction in which it *finishes* or *retries* the job; if the lease was lost meanwhile,
that raises and nothing of the transaction stays.
"""

from __future__ import annotations

import msgspec

from hub_core.errors import LeaseLostError
from hub_core.storage.engine import HubEngine
from hub_core.storage.ids import new_id, now_ms

#: A worker that is alive extends its lease long before; a dead one's work is free again after this.
LEASE_MS = 10_000
#: A message that was sent for a waiting job and not heard of since counts as lost.
LOST_MESSAGE_MS = 30_000

LIVE_PRIORITY = 5


class Lease(msgspec.Struct, frozen=True):
    """One worker's right to one job, until `fence` has grown."""

    job_id: str
    kind: str
    subject_id: str
    generation: int
    fence: int
    tries: int


async def enqueue(
    engine: HubEngine,
    kind: str,
    subject_id: str,
    *,
    run_at_ms: int | None = None,
    priority: int = LIVE_PRIORITY,
) -> None:
    """Ask for work on a subject, in the caller's transaction.

    One job stands for all requests about the same subject: a running one is run again afterwards.
    """
    now = now_ms()
    await engine.execute(
        'INSERT INTO "job" (id, kind, subject_id, state, priority, generation, fence, tries, run_at_ms,'
        " error, created_ms, updated_ms) VALUES ({}, {}, {}, 'waiting', {}, 1, 0, 0, {}, '', {}, {})"
        " ON CONFLICT (kind, subject_id) DO UPDATE SET"
        ' generation = "job".generation + 1, run_at_ms = excluded.run_at_ms, priority = excluded.priority,'
        " state = CASE WHEN \"job\".state = 'leased' THEN 'leased' ELSE 'waiting' END,"
        " dispatched_ms = NULL, tries = 0, updated_ms = excluded.updated_ms",
        new_id("job"),
        kind,
        subject_id,
        priority,
        now if run_at_ms is None else run_at_ms,
        now,
        now,
    )


_DUE = (
    "((state = 'waiting' AND run_at_ms <= {}) OR (state = 'leased' AND lease_until_ms < {}))"
    " AND (dispatched_ms IS NULL OR dispatched_ms < {})"
)


async def claim_due(engine: HubEngine, *, limit: int = 200) -> list[str]:
    """The ids of due jobs for which a message must be sent now; each is given to one caller only."""
    now = now_ms()
    due = (now, now, now - LOST_MESSAGE_MS)
    if not await engine.execute(f'SELECT id FROM "job" WHERE {_DUE} LIMIT 1', *due):  # noqa: S608
        return []  # so that an idle hub takes no write lock
    rows = await engine.execute(
        'UPDATE "job" SET dispatched_ms = {} WHERE id IN ('  # noqa: S608
        f'SELECT id FROM "job" WHERE {_DUE} ORDER BY priority, run_at_ms LIMIT {{}}) AND {_DUE} RETURNING id',
        now,
        *due,
        limit,
        *due,
    )
    return [row["id"] for row in rows]


async def forget_dispatches(engine: HubEngine) -> None:
    """After a restart of a broker that lives in memory: every message it held is gone."""
    await engine.execute("UPDATE \"job\" SET dispatched_ms = NULL WHERE state = 'waiting'")


async def take(engine: HubEngine, job_id: str) -> Lease | None:
    """Lease a job, or None when it is done, not due, or in other hands."""
    now = now_ms()
    rows = await engine.execute(
        "UPDATE \"job\" SET state = 'leased', fence = fence + 1, lease_until_ms = {}, dispatched_ms = NULL,"
        " updated_ms = {} WHERE id = {} AND ((state = 'waiting' AND run_at_ms <= {})"
        " OR (state = 'leased' AND lease_until_ms < {}))"
        " RETURNING id AS job_id, kind, subject_id, generation, fence, tries",
        now + LEASE_MS,
        now,
        job_id,
        now,
        now,
    )
    return msgspec.convert(rows[0], Lease) if rows else None


async def extend(engine: HubEngine, lease: Lease) -> None:
    """Keep a job that takes longer. Raises `LeaseLostError` when it is in other hands."""
    await _write(engine, lease, "lease_until_ms = {}", now_ms() + LEASE_MS)


async def finish(engine: HubEngine, lease: Lease) -> None:
    """Done, unless it was asked for again meanwhile. Raises `LeaseLostError`."""
    await _write(
        engine,
        lease,
        "state = CASE WHEN generation = {} THEN 'done' ELSE 'waiting' END, error = '', dispatched_ms = NULL,"
        " lease_until_ms = NULL",
        lease.generation,
    )


async def retry(engine: HubEngine, lease: Lease, *, run_at_ms: int, error: str, counts: bool = True) -> None:
    """Try again at a moment, or at once if it was asked for again meanwhile. Raises `LeaseLostError`.

    `counts`: whether this was a failed try, rather than a wait that nobody is to blame for.
    """
    await _write(
        engine,
        lease,
        "state = 'waiting', run_at_ms = CASE WHEN generation = {} THEN {} ELSE run_at_ms END,"
        " tries = CASE WHEN generation = {} THEN tries + {} ELSE 0 END, error = {}, dispatched_ms = NULL,"
        " lease_until_ms = NULL",
        lease.generation,
        run_at_ms,
        lease.generation,
        int(counts),
        error,
    )


async def _write(engine: HubEngine, lease: Lease, change: str, *arguments: object) -> None:
    rows = await engine.execute(
        f'UPDATE "job" SET {change}, updated_ms = {{}}'  # noqa: S608
        " WHERE id = {} AND fence = {} AND state = 'leased' RETURNING id",
        *arguments,
        now_ms(),
        lease.job_id,
        lease.fence,
    )
    if not rows:
        raise LeaseLostError(f"job {lease.job_id} is in other hands")


async def cancel(engine: HubEngine, kind: str, subject_ids: list[str]) -> None:
    """Nothing more is wanted for these subjects; a running job ends by itself."""
    for subject_id in subject_ids:
        await engine.execute(
            "UPDATE \"job\" SET state = 'done', updated_ms = {} WHERE kind = {} AND subject_id = {}"
            " AND state = 'waiting'",
            now_ms(),
            kind,
            subject_id,
        )


class QueueState(msgspec.Struct, frozen=True):
    """How much waits, and for how long the oldest due job has been waiting, in milliseconds."""

    waiting: int
    running: int
    oldest_due_ms: int


async def queue_state(engine: HubEngine) -> QueueState:
    """The state of the queue, for health checks."""
    now = now_ms()
    rows = await engine.execute(
        "SELECT COUNT(CASE WHEN state = 'waiting' THEN 1 END) AS waiting,"
        " COUNT(CASE WHEN state = 'leased' THEN 1 END) AS running,"
        " MIN(CASE WHEN state = 'waiting' AND run_at_ms <= {} THEN run_at_ms END) AS oldest"
        " FROM \"job\" WHERE state IN ('waiting', 'leased')",
        now,
    )
    row = rows[0]
    return QueueState(row["waiting"], row["running"], now - row["oldest"] if row["oldest"] else 0)


async def unclaim(engine: HubEngine, job_ids: list[str]) -> None:
    """The message could not be sent after all: the next look finds these jobs again."""
    for job_id in job_ids:
        await engine.execute('UPDATE "job" SET dispatched_ms = NULL WHERE id = {}', job_id)
