"""Attempts of an export. The intent is committed before the provider is called (decision 13).

An attempt that still says `running` when another worker looks at it belongs to one that died: like
`unknown`, its create may have had an effect. A later attempt must then wait for the deadline and look.
"""

from __future__ import annotations

from hub_core.sdk.client_pool import CALL_TIMEOUT_S
from hub_core.services.connections.trace import Trace
from hub_core.services.hub import Hub
from hub_core.storage import change_row, find_row, jobs, new_id, now_ms, save_row
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Attempt

#: For so long after a deadline was written, a request may still be sent that is over by then.
VOUCHED_S = 1.0
#: One call ends before this, on our side or by its own time limit.
DEADLINE_MS = int((CALL_TIMEOUT_S + VOUCHED_S) * 1000)
#: Actions after which a copy may exist that nobody has heard of.
_IN_DOUBT = ("create", "find")


async def last_attempt(export_id: str) -> Attempt | None:
    """The newest attempt of an export."""
    return await find_row(Attempt, export_id=export_id, last_by="number")


def is_unresolved(attempt: Attempt | None) -> bool:
    """Whether nobody knows if this attempt created something."""
    return attempt is not None and attempt.outcome in {"running", "unknown"} and attempt.action in _IN_DOUBT


async def begin_attempt(
    hub: Hub, lease: Lease, export_id: str, *, before: Attempt | None, action: str, revision: int
) -> Attempt:
    """Write down what is about to be done, and by when it is over. Committed on return.

    Raises `LeaseLostError`: a worker that lost its job begins nothing.
    """
    now = now_ms()
    async with hub.engine.transaction():
        if before is not None and before.outcome == "running":
            await change_row(Attempt, before.id, outcome="unknown", finished_ms=now)
        elif before is not None and before.outcome in {"retry", "held"} and before.revision != revision:
            await change_row(Attempt, before.id, outcome="superseded")
        attempt = Attempt(
            id=new_id("att"),
            export_id=export_id,
            number=before.number + 1 if before else 1,
            action=action,
            revision=revision,
            fence=lease.fence,
            started_ms=now,
            deadline_ms=now + DEADLINE_MS,
        )
        await save_row(attempt)
        await jobs.extend(hub.engine, lease)
    return attempt


async def go_on(hub: Hub, lease: Lease, attempt: Attempt, action: str) -> None:
    """The attempt goes on, with this action and a new deadline. Committed on return.

    Raises `LeaseLostError`: whoever took the job over waits for the deadline that is written here.
    """
    attempt.action, attempt.deadline_ms = action, now_ms() + DEADLINE_MS
    async with hub.engine.transaction():
        await change_row(Attempt, attempt.id, action=action, deadline_ms=attempt.deadline_ms)
        await jobs.extend(hub.engine, lease)


async def end_attempt(
    attempt: Attempt, outcome: str, *, code: str = "", message: str = "", trace: Trace | None = None
) -> None:
    """Write down how it ended, until when another has to wait, and what was asked, in the caller's
    transaction."""
    trace = trace or Trace()
    await change_row(
        Attempt,
        attempt.id,
        outcome=outcome,
        code=code,
        message=message,
        finished_ms=now_ms(),
        token=trace.token or "",
        calls=trace.encoded(),
        deadline_ms=attempt.deadline_ms,
    )
