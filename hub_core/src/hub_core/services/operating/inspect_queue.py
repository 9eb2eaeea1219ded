"""The queue as people see it: what waits, runs, is held or dead, and why; dead jobs are replayed."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from hub_core.errors import ConflictError, NotFoundError
from hub_core.sdk.redaction import redact
from hub_core.services.exports.retry_export import requeue_export
from hub_core.services.exports.schedule_exports import JOB_KIND
from hub_core.services.hub import Hub
from hub_core.storage import find_row, jobs, now_ms
from hub_core.storage.holds import list_holds
from hub_core.storage.tables import Export

QueueWord = Literal["waiting", "running", "held", "dead"]
#: More than people read; `queue_state` counts all.
MOST_SHOWN = 500
_STATES = {"waiting": "waiting", "running": "leased", "held": "waiting", "dead": "dead"}

_SELECT = (
    'SELECT j.*, e.reason_code, e.reason, w.name AS workout FROM "job" j'
    ' LEFT JOIN "export" e ON e.id = j.subject_id LEFT JOIN "workout" w ON w.id = e.workout_id'
)


class JobView(msgspec.Struct, frozen=True):
    """One job. `held`: nothing will be done before `next_try_ms`, for this `reason`. `dead`: given up, see
    `reason`; it can be replayed. `lost` is how many workers died over it. Instants are epoch milliseconds."""

    id: str
    kind: str
    state: QueueWord
    subject_id: str
    athlete_id: str
    provider: str | None
    workout: str
    reason_code: str
    reason: str
    next_try_ms: int | None
    priority: int
    tries: int
    lost: int
    queued_ms: int


async def list_jobs(hub: Hub, platform_id: str | None, state: QueueWord | None = None) -> list[JobView]:
    """Jobs that aren't done, in the order in which they go; of one platform, or None for all."""
    states = [_STATES[state]] if state else ["waiting", "leased", "dead"]
    rows = await _rows(hub, platform_id, states=states)
    views = await _views(hub, rows)
    return [view for view in views if state in {None, view.state}]


async def read_job(hub: Hub, platform_id: str | None, job_id: str) -> JobView:
    """One job that isn't done. Raises `NotFoundError`."""
    rows = await _rows(hub, platform_id, states=["waiting", "leased", "dead"], job_id=job_id)
    if not rows:
        raise NotFoundError("there is no such job in the queue")
    return (await _views(hub, rows))[0]


async def replay_job(hub: Hub, platform_id: str | None, job_id: str) -> JobView:
    """Do a dead job again, with all its tries. Raises `ConflictError` when it isn't dead."""
    job = await read_job(hub, platform_id, job_id)
    if job.state != "dead":
        raise ConflictError(f"this job is {job.state}: only dead ones are replayed")
    async with hub.engine.transaction():
        export = await find_row(Export, id=job.subject_id)
        if export is not None and job.kind == JOB_KIND:
            await requeue_export(hub, export)
        else:
            lane = jobs.Lane(job.provider or "", job.athlete_id)
            await jobs.enqueue(hub.engine, job.kind, job.subject_id, lane=lane, priority=job.priority)
    return await read_job(hub, platform_id, job_id)


async def replay_dead(hub: Hub, platform_id: str | None, provider: str | None = None) -> list[JobView]:
    """All dead jobs, or those of one provider."""
    dead = await list_jobs(hub, platform_id, "dead")
    return [await replay_job(hub, platform_id, job.id) for job in dead if provider in {None, job.provider}]


async def _rows(
    hub: Hub, platform_id: str | None, *, states: list[str], job_id: str | None = None
) -> list[dict[str, Any]]:
    places = ", ".join(["{}"] * len(states))
    sql = f"{_SELECT} WHERE j.state IN ({places})"
    arguments: list[object] = [*states]
    if platform_id is not None:
        sql += ' AND j.athlete_id IN (SELECT id FROM "athlete" WHERE platform_id = {})'
        arguments.append(platform_id)
    if job_id is not None:
        sql += " AND j.id = {}"
        arguments.append(job_id)
    return await hub.engine.execute(
        f"{sql} ORDER BY j.priority, j.turn_ms, j.line_ms LIMIT {MOST_SHOWN}", *arguments
    )


async def _views(hub: Hub, rows: list[dict[str, Any]]) -> list[JobView]:
    holds = await list_holds(hub.engine)
    views = []
    for row in rows:
        is_live = not row["turn_ms"] and row["priority"] <= jobs.LIVE_PRIORITY
        lane = jobs.Lane(row["provider"], row["athlete_id"])
        hold = next((one for one in holds if one.is_about(lane, is_live=is_live)), None)
        is_later = row["run_at_ms"] > now_ms()
        word: QueueWord = "waiting"
        if row["state"] == "leased":
            word, hold = "running", None
        elif row["state"] == "dead":
            word, hold = "dead", None
        elif hold or is_later:
            word = "held"
        next_ms = max(row["run_at_ms"], hold.until_ms if hold else 0) if word == "held" else None
        is_export = row["kind"] == JOB_KIND
        own = row["error"] or ((row["reason"] or "") if is_export else "")
        views.append(
            JobView(
                id=row["id"],
                kind=row["kind"],
                state=word,
                subject_id=row["subject_id"],
                athlete_id=row["athlete_id"],
                provider=row["provider"] or None,
                workout=row["workout"] or "",
                reason_code=hold.code if hold else ((row["reason_code"] or "") if is_export else ""),
                reason=redact(hold.reason if hold else own),
                next_try_ms=next_ms,
                priority=row["priority"],
                tries=row["tries"],
                lost=row["losses"],
                queued_ms=row["created_ms"],
            )
        )
    return views
