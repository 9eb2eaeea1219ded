"""What lies ready for a phone: kept in the export's `progress`, with an attempt that the phone's word ends.

It stays until the workout's day is over, so that a phone can always ask for all that it should hold.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from hub_core.domain.local_day import day_ends_ms
from hub_core.services.exports.attempts import last_attempt
from hub_core.storage import new_id, now_ms, save_row
from hub_core.storage.tables import Attempt, Export

#: The reason code of an export that a phone has not fetched yet.
WAITS = "waits_for_phone"
#: How an attempt ends that nobody has answered yet.
OPEN = "waiting"

Action = Literal["schedule", "remove"]


class LaidOut(msgspec.Struct, frozen=True):
    """What the phone should do, for which revision, and the wall clock that it is for.

    The revision of a removal is one that was never scheduled, so that no answer can be taken for another.
    """

    action: Action
    revision: int
    date: dt.date
    time: dt.time | None
    time_zone: str
    since_ms: int

    @property
    def ends_ms(self) -> int:
        """When its day is over, in epoch milliseconds."""
        return day_ends_ms(self.date, self.time_zone)

    @property
    def is_over(self) -> bool:
        """Whether no phone needs to know of it any more."""
        return self.ends_ms <= now_ms()

    def text(self) -> str:
        """For the column."""
        return msgspec.json.encode(self).decode()


def read_laid_out(export: Export) -> LaidOut | None:
    """What lies ready for the phone, if anything does."""
    return msgspec.json.decode(export.progress, type=LaidOut) if export.progress != "{}" else None


async def open_attempt(export_id: str, laid: LaidOut, fence: int) -> None:
    """A new attempt that waits for the phone; one that was still open is superseded. In a transaction."""
    await close_attempts(export_id, "superseded")
    before = await last_attempt(export_id)
    await save_row(
        Attempt(
            id=new_id("att"),
            export_id=export_id,
            number=before.number + 1 if before else 1,
            action=laid.action,
            revision=laid.revision,
            fence=fence,
            started_ms=laid.since_ms,
            deadline_ms=laid.ends_ms,
            outcome=OPEN,
        )
    )


async def close_attempts(export_id: str, outcome: str, *, code: str = "") -> None:
    """End what is open, in the caller's transaction."""
    await Attempt.update({Attempt.outcome: outcome, Attempt.code: code, Attempt.finished_ms: now_ms()}).where(
        (Attempt.export_id == export_id) & (Attempt.outcome == OPEN)
    )
