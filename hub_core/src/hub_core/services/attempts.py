"""Attempts of an export. The intent is committed before the provider is called (decision 13).

An attempt that still says `running` when another worker looks at it belongs to one that died: like
`unknown`, its create may have had an effect. A later attempt must then wait for the deadline and look.
"""

from __future__ import annotations

from hub_core.sdk.http import CALL_TIMEOUT_S
from hub_core.services.hub import Hub
from hub_core.storage import new_id, now_ms
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Attempt

#: One call ends before this, on our side or by its own time limit.
DEADLINE_MS = int(CALL_TIMEOUT_S * 1000) + 1_000
#: Actions after which a copy may exist that nobody has heard of.
_IN_DOUBT = ("create", "find")


async def last_attempt(export_id: str) -> Attempt | None:
    """The newest attempt of an export."""
    return (
        await Attempt.objects()
        .where(Attempt.export_id == export_id)
        .order_by(Attempt.number, ascending=False)
        .first()
    )


def is_unresolved(attempt: Attempt | None) -> bool:
    """Whether nobody knows if this attempt created something."""
    return attempt is not None and attempt.outcome in {"running", "unknown"} and attempt.action in _IN_DOUBT


async def begin_attempt(
    hub: Hub, lease: Lease, export_id: str, *, before: Attempt | None, action: str, revision: int
) -> Attempt:
    """Write down what is about to be done, and by when it is over. Committed on return."""
    now = now_ms()
    async with hub.engine.transaction():
        if before is not None and before.outcome == "running":
            await Attempt.update({Attempt.outcome: "unknown", Attempt.finished_ms: now}).where(
                Attempt.id == before.id
            )
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
        await attempt.save()
    return attempt


async def turn_to(attempt: Attempt, action: str) -> None:
    """The attempt goes on with another action, within a new deadline. Committed on return."""
    attempt.action = action
    attempt.deadline_ms = now_ms() + DEADLINE_MS
    await Attempt.update({Attempt.action: action, Attempt.deadline_ms: attempt.deadline_ms}).where(
        Attempt.id == attempt.id
    )


async def end_attempt(attempt: Attempt, outcome: str, *, code: str = "", message: str = "") -> None:
    """Write down how it ended, in the caller's transaction."""
    await Attempt.update(
        {
            Attempt.outcome: outcome,
            Attempt.code: code,
            Attempt.message: message,
            Attempt.finished_ms: now_ms(),
        }
    ).where(Attempt.id == attempt.id)
