"""The calendar backward from a race: weeks that end on the race's weekday, each with its phase."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import NamedTuple

#: As Friel: build begins at most eight weeks before the taper or peak; base gives way first, build never
#: below 4.
LONGEST_BUILD, SHORTEST_BUILD = 8, 4
WEEK = dt.timedelta(days=7)
DAY = dt.timedelta(days=1)


class Phase(StrEnum):
    """What a week is for."""

    BASE = "base"
    BUILD = "build"
    PEAK = "peak"
    TAPER = "taper"
    RACE = "race"


class Frame(NamedTuple):
    """A week without its sessions: first and last day, and whether it is for recovery."""

    start: dt.date
    end: dt.date
    phase: Phase
    is_recovery: bool


def weeks_between(start: dt.date, race: dt.date) -> int:
    """How many whole weeks there are from a first day to the race, both included."""
    return ((race - start).days + 1) // 7


def fewest_weeks() -> int:
    """The race's week, the one before it, and the shortest build."""
    return 2 + SHORTEST_BUILD


def lay_out_weeks(race: dt.date, weeks: int, taper_days: int, loading_weeks: int) -> tuple[Frame, ...]:
    """The weeks up to a race, in their order.

    A taper of 11 to 14 days takes the last two weeks. A shorter one begins inside of the week before the
    race, which then is the peak. After `loading_weeks` weeks comes one for recovery, counted back from the
    taper, so that the taper always follows weeks of load.
    """
    has_peak = taper_days < 11
    last = Phase.PEAK if has_peak else Phase.TAPER
    loading = weeks - (1 if has_peak else 2)  # those before the taper, the peak included
    build = min(LONGEST_BUILD, weeks - 2)
    frames = []
    for back in range(weeks - 1, -1, -1):  # weeks until the race's own
        end = race - back * WEEK
        phase = Phase.BASE if back - 2 >= build else Phase.BUILD
        if back < 2:
            phase = last if back else Phase.RACE
        count = back - (weeks - loading)  # 0 for the last one before the taper
        is_recovery = count >= 0 and count % (loading_weeks + 1) == loading_weeks
        frames.append(Frame(end - WEEK + DAY, end, phase, is_recovery))
    return tuple(frames)
