"""What athletes change of a workout after it was sent, and what then becomes of it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from hub_core.domain.compare import NOTHING, Difference

GONE = Difference("workout", "workout", "there", NOTHING)


class Drift(StrEnum):
    """What happened to the provider's copy. A copy that was moved and edited counts as edited."""

    DELETED = "deleted"
    MOVED = "moved"
    EDITED = "edited"


class OnDrift(StrEnum):
    """Who has the last word.

    `ADOPT`: the athlete; the hub's workout follows. `RESTORE`: the plan; it is sent again. `ASK`: whoever is
    asked, each time.
    """

    ADOPT = "adopt"
    RESTORE = "restore"
    ASK = "ask"


def find_drift(differences: tuple[Difference, ...]) -> Drift | None:
    """What these differences come to; None for none."""
    if not differences:
        return None
    if GONE in differences:
        return Drift.DELETED
    return Drift.MOVED if all(one.feature == "date" for one in differences) else Drift.EDITED


def find_new_date(differences: tuple[Difference, ...]) -> dt.date | None:
    """The day that it was moved to; None when it wasn't."""
    return next((dt.date.fromisoformat(one.held) for one in differences if one.feature == "date"), None)


def is_too_much(gone: int, looked_at: int) -> bool:
    """Whether so many have vanished at once that it looks like the provider's doing, and not a person's."""
    return gone >= 3 and 2 * gone > looked_at
