"""The job table: the truth about what is to be done. A broker only rings the bell.

A worker *takes* a job, which gives it a lease with a fencing number. Whatever it then writes, it
writes in the transaction in which it *finishes* or *retries* the job; if the lease was lost meanwhile,
that raises and nothing of the transaction stays.
"""

from __future__ import annotations

import random

import msgspec

from hub_core.errors import LeaseLostError
from hub_core.storage.engine import HubEngine
from hub_core.storage.ids import new_id, now_ms
from hub_core.storage.lease_watch import LeasedJob, LeaseWatch

#: A worker that is alive extends its lease long before; a dead one's work is free again after this, and is
#: found by a relay a second later. Together with the start of a new worker that stays below ten seconds.
LEASE_MS = 8_000
#: A message that was sent for a waiting job and not heard of since counts as lost.
LOST_MESSAGE_MS = 15_000
#: So many messages are under way at a time. What has been handed to a broker keeps its order there, so that
#: nothing could overtake it: all else waits here, where it is sorted.
MOST_AHEAD = 100
#: Of what is not live so many, so that what is live doesn't wait long behind them.
MOST_BEHIND = 20

FIRST_PRIORITY = 0
LIVE_PRIORITY = 5
#: Of one athlete's jobs each stands this far behind the one before, so that whoever asks for a thousand at
#: once doesn't keep others waiting who ask for one.
SPACING_MS = 1_000
#: A job that was in hand so often when its worker died is what kills them.
MAX_LOSSES = 5


class Lane(msgspec.Struct, frozen=True):
    """Whose work a job is, and which provider it goes to: what holds and fairness go by."""

    provider: str = ""
    athlete_id: str = ""


NO_LANE = Lane()


class Lease(msgspec.Struct, frozen=True):
    """One worker's right to one job, until `fence` has grown."""

    job_id: str
    kind: str
    subject_id: str
    generation: int
    fence: int
    tries: int
    provider: str = ""
    athlete_id: str = ""
    losses: int = 0
    failing_since_ms: int | None = None
    turn_ms: int = 0

    @property
    def is_live(self) -> bool:
        """Whether it was asked for just now, rather than being in the backlog."""
        return self.turn_ms == 0

    def failing_s(self) -> float:
        """For how long the tries have been failing, in seconds; 0 before the first."""
        return (now_ms() - self.failing_since_ms) / 1000 if self.failing_since_ms else 0.0


async def enqueue(
    engine: HubEngine,
    kind: str,
    subject_id: str,
    *,
    lane: Lane = NO_LANE,
    run_at_ms: int | None = None,
    priority: int = LIVE_PRIORITY,
    day_ends_ms: int = 0,
) -> None:
    """Ask for work on a subject, in the caller's transaction.

    One job stands for all requests about the same subject: a running one is run again afterwards, and a
    waiting one keeps its place in the line; in the backlog it becomes live again. `day_ends_ms`: when the
    day is over that it is for; 0 if that is known, or it is for none.
    """
    now = now_ms()
    await engine.execute(
        'INSERT INTO "job" (id, kind, subject_id, state, priority, generation, fence, tries, run_at_ms,'
        " error, created_ms, updated_ms, provider, athlete_id, line_ms, day_ends_ms)"
        " VALUES ({}, {}, {}, 'waiting', {}, 1, 0, 0, {}, '', {}, {}, {}, {}, {}, {})"
        " ON CONFLICT (kind, subject_id) DO UPDATE SET"
        ' generation = "job".generation + 1, run_at_ms = excluded.run_at_ms, priority = excluded.priority,'
        ' line_ms = CASE WHEN "job".state = \'waiting\' AND "job".turn_ms = 0'
        ' THEN "job".line_ms ELSE excluded.line_ms END, turn_ms = 0,'
        " day_ends_ms = CASE WHEN excluded.day_ends_ms > 0"
        ' THEN excluded.day_ends_ms ELSE "job".day_ends_ms END,'
        " state = CASE WHEN \"job\".state = 'leased' THEN 'leased' ELSE 'waiting' END,"
        " dispatched_ms = NULL, tries = 0, losses = 0, failing_since_ms = NULL, error = '',"
        " updated_ms = excluded.updated_ms",
        new_id("job"),
        kind,
        subject_id,
        priority,
        now if run_at_ms is None else run_at_ms,
        now,
        now,
        lane.provider,
        lane.athlete_id,
        await _end_of_line(engine, lane, priority, now),
        day_ends_ms,
    )


async def _end_of_line(engine: HubEngine, lane: Lane, priority: int, now: int) -> int:
    if not lane.athlete_id:
        return now
    rows = await engine.execute(
        "SELECT MAX(line_ms) AS last FROM \"job\" WHERE athlete_id = {} AND state = 'waiting'"
        " AND priority = {} AND turn_ms = 0",
        lane.athlete_id,
        priority,
    )
    return max(now, (rows[0]["last"] or 0) + SPACING_MS)


#: With a place for the present instant.
_NOT_HELD = (
    'NOT EXISTS (SELECT 1 FROM "provider_hold" h WHERE h.provider = "job".provider'  # noqa: S608
    " AND h.athlete_id IN ('', \"job\".athlete_id) AND h.until_ms > {}"
    f' AND (h.spares_live = 0 OR "job".turn_ms > 0 OR "job".priority > {LIVE_PRIORITY}))'
)
#: An expression, so that no index on the state is taken where another one finds far fewer: SQLite, which has
#: no statistics, would read all that wait.
_WAITS = "state || '' = 'waiting'"
_NOT_SENT = "(dispatched_ms IS NULL OR dispatched_ms < {})"
_DUE = f"state = 'waiting' AND run_at_ms <= {{}} AND {_NOT_SENT} AND {_NOT_HELD}"
#: The same, found by walking along the line instead of sorting all that is due.
_DUE_IN_LINE = _DUE.replace("run_at_ms <=", "run_at_ms + 0 <=")
#: Up to so many due jobs are sorted each time. Above, the line is walked, whose first ones are mostly due.
_MOST_SORTED = 2_000


async def claim_due(engine: HubEngine, *, limit: int = MOST_AHEAD) -> list[str]:
    """The ids of due jobs for which a message must be sent now, in order; each is given to one caller only.

    What is due goes by priority, what is live before the backlog, and then by its place in the line.
    """
    now = now_ms()
    many = await engine.look_up(
        "SELECT 1 AS one FROM \"job\" WHERE state = 'waiting' AND run_at_ms <= {} LIMIT 1 OFFSET {}",
        now,
        _MOST_SORTED,
    )
    first = await (engine.execute if many else engine.look_up)(
        f'SELECT id, turn_ms, priority FROM "job" WHERE {_DUE_IN_LINE if many else _DUE}'  # noqa: S608
        " ORDER BY priority, turn_ms, line_ms LIMIT {}",
        now,
        now - LOST_MESSAGE_MS,
        now,
        min(limit, MOST_AHEAD),
    )
    if not first:
        return []  # so that an idle hub takes no write lock
    ahead = await engine.look_up(
        'SELECT COUNT(*) AS n FROM "job" WHERE dispatched_ms >= {} AND dispatched_ms IS NOT NULL'  # noqa: S608
        f" AND {_WAITS}",
        now - LOST_MESSAGE_MS,
    )
    first = first[: max(0, MOST_AHEAD - ahead[0]["n"])]
    is_live = {row["id"]: not row["turn_ms"] and row["priority"] <= LIVE_PRIORITY for row in first}
    live = [job_id for job_id, goes_first in is_live.items() if goes_first]
    behind = [job_id for job_id, goes_first in is_live.items() if not goes_first]
    wanted = live + behind[: max(0, MOST_BEHIND - ahead[0]["n"] - len(live))]
    if not wanted:
        return []
    # Somebody else may have claimed it meanwhile, or be about to: nobody waits for the other here.
    lock = " FOR UPDATE SKIP LOCKED" if engine.kind == "postgres" else ""
    free = (
        f'SELECT id FROM "job" WHERE id IN ({", ".join(["{}"] * len(wanted))}) AND {_WAITS} AND {_NOT_SENT}'  # noqa: S608
    )
    rows = await engine.execute(
        f'UPDATE "job" SET dispatched_ms = {{}} WHERE id IN ({free}{lock}) RETURNING id',  # noqa: S608
        now,
        *wanted,
        now - LOST_MESSAGE_MS,
    )
    claimed = {row["id"] for row in rows}
    return [job_id for job_id in wanted if job_id in claimed]


async def forget_dispatches(engine: HubEngine) -> None:
    """After a restart of a broker that lives in memory: every message it held is gone."""
    await engine.execute("UPDATE \"job\" SET dispatched_ms = NULL WHERE state = 'waiting'")


async def recover_lost(engine: HubEngine, watch: LeaseWatch | None = None) -> int:
    """Free the jobs whose workers let their leases run out; returns how many.

    The first time at once. From then on a job comes back later and later, at a moment of chance: if it is one
    that kills its worker, it takes fewer and fewer innocent ones with it, which end in between. `watch` is
    what the caller has seen of the leases; without it the clock alone tells.
    """
    rows = await engine.execute(
        "SELECT id, fence, losses, lease_until_ms FROM \"job\" WHERE state = 'leased'"
        " AND lease_until_ms IS NOT NULL"
    )
    leased, now = msgspec.convert(rows, list[LeasedJob]), now_ms()
    lost = watch.lost(leased, now) if watch else [job for job in leased if job.lease_until_ms < now]
    for job in lost:
        wait_s = random.uniform(0, 2**job.losses) if job.losses else 0  # noqa: S311
        await engine.execute(
            "UPDATE \"job\" SET state = 'waiting', losses = losses + 1, run_at_ms = {}, dispatched_ms = NULL,"
            " lease_until_ms = NULL, updated_ms = {} WHERE id = {} AND fence = {} AND state = 'leased'"
            " AND lease_until_ms = {}",
            now_ms() + int(1000 * wait_s),
            now_ms(),
            job.id,
            job.fence,
            job.lease_until_ms,
        )
    return len(lost)


async def take(engine: HubEngine, job_id: str) -> Lease | None:
    """Lease a job, or None when it is done, not due, held with its provider by now, or in other hands."""
    now = now_ms()
    rows = await engine.execute(
        "UPDATE \"job\" SET state = 'leased', fence = fence + 1, lease_until_ms = {}, dispatched_ms = NULL,"  # noqa: S608
        f" updated_ms = {{}} WHERE id = {{}} AND state = 'waiting' AND run_at_ms <= {{}} AND {_NOT_HELD}"
        " RETURNING id AS job_id, kind, subject_id, generation, fence, tries, provider, athlete_id, losses,"
        " failing_since_ms, turn_ms",
        now + LEASE_MS,
        now,
        job_id,
        now,
        now,
    )
    if not rows:
        await unclaim(engine, [job_id])
        return None
    return msgspec.convert(rows[0], Lease)


async def extend(engine: HubEngine, lease: Lease) -> None:
    """Keep a job that takes longer. Raises `LeaseLostError` when it is in other hands."""
    await _write(engine, lease, "lease_until_ms = {}", now_ms() + LEASE_MS)


async def finish(engine: HubEngine, lease: Lease) -> None:
    """Done, unless it was asked for again meanwhile. Raises `LeaseLostError`."""
    await _write(
        engine,
        lease,
        "state = CASE WHEN generation = {} THEN 'done' ELSE 'waiting' END, error = '', dispatched_ms = NULL,"
        " lease_until_ms = NULL, losses = 0, failing_since_ms = NULL",
        lease.generation,
    )


async def bury(engine: HubEngine, lease: Lease, error: str) -> None:
    """Given up, and kept to be looked at and replayed, unless it was asked for again meanwhile.

    Raises `LeaseLostError`.
    """
    await _write(
        engine,
        lease,
        "state = CASE WHEN generation = {} THEN 'dead' ELSE 'waiting' END, tries = tries + 1, error = {},"
        " dispatched_ms = NULL, lease_until_ms = NULL",
        lease.generation,
        error,
    )


async def retry(engine: HubEngine, lease: Lease, *, run_at_ms: int, error: str, counts: bool = True) -> None:
    """Try again at a moment, or at once if it was asked for again meanwhile. Raises `LeaseLostError`.

    `counts`: whether this was a failed try, rather than a wait that nobody is to blame for. After such a
    wait, what it did to its workers before is not forgotten: it may not even have begun.
    """
    now = now_ms()
    await _write(
        engine,
        lease,
        "state = 'waiting', run_at_ms = CASE WHEN generation = {} THEN {} ELSE run_at_ms END,"
        " tries = CASE WHEN generation = {} THEN tries + {} ELSE 0 END, error = {}, dispatched_ms = NULL,"
        " lease_until_ms = NULL, losses = CASE WHEN {} = 1 THEN 0 ELSE losses END,"
        " failing_since_ms = CASE WHEN {} = 1 THEN COALESCE(failing_since_ms, {}) ELSE failing_since_ms END",
        lease.generation,
        run_at_ms,
        lease.generation,
        int(counts),
        error,
        int(counts),
        int(counts),
        now,
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


async def is_in_hand(engine: HubEngine, kind: str, subject_id: str) -> bool:
    """Whether a worker is at it."""
    rows = await engine.execute(
        "SELECT id FROM \"job\" WHERE kind = {} AND subject_id = {} AND state = 'leased'", kind, subject_id
    )
    return bool(rows)


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
    """How much could be done and waits, is held until later, is being done, and was given up, and for how
    long the oldest that could be done has been waiting, in milliseconds."""

    waiting: int
    held: int
    running: int
    dead: int
    oldest_due_ms: int


async def queue_state(engine: HubEngine) -> QueueState:
    """The state of the queue, for health checks."""
    now, could = now_ms(), f"run_at_ms <= {{}} AND {_NOT_HELD}"
    rows = await engine.execute(
        f"SELECT COUNT(CASE WHEN state = 'waiting' AND {could} THEN 1 END) AS waiting,"  # noqa: S608
        " COUNT(CASE WHEN state = 'waiting' THEN 1 END) AS all_waiting,"
        " COUNT(CASE WHEN state = 'leased' THEN 1 END) AS running,"
        " COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead,"
        f" MIN(CASE WHEN state = 'waiting' AND {could} THEN run_at_ms END)"
        " AS oldest"
        " FROM \"job\" WHERE state IN ('waiting', 'leased', 'dead')",
        *[now] * 4,
    )
    row = rows[0]
    oldest_ms = now - row["oldest"] if row["oldest"] else 0
    held = row["all_waiting"] - row["waiting"]
    return QueueState(row["waiting"], held, row["running"], row["dead"], oldest_ms)


async def unclaim(engine: HubEngine, job_ids: list[str]) -> None:
    """No message is under way for these jobs any more: the next look finds those that are due again."""
    for job_id in job_ids:
        await engine.execute(
            'UPDATE "job" SET dispatched_ms = NULL WHERE id = {} AND dispatched_ms IS NOT NULL', job_id
        )
