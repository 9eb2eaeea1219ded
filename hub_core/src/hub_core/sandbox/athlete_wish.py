"""What athletes do to planned workouts themselves, on the device or in the provider's app."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

#: An athlete who edits gives the first step this length.
EDITED_STEP_S = 1800


class AthleteWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The athlete finds the workout by its title. `date` is where it is moved to; an edit gives the
    first step half an hour."""

    act: Literal["delete", "move", "edit"]
    title: str
    user: str = "athlete-1"
    date: dt.date | None = None

    def day(self) -> dt.date:
        """The day that it is moved to."""
        if self.date is None:
            raise LookupError("to move it, say the date")
        return self.date
