"""The taper: half of the time, less from day to day, as often and as hard as before."""

from __future__ import annotations

import datetime as dt
import math
from typing import NamedTuple

from hub_core.domain.periodization.draft import Builder, DraftPlan, loads_by_day
from hub_core.domain.periodization.sessions import Kind
from hub_core.domain.periodization.templates import Slot, fill_week
from hub_core.domain.science.fitness import ctl_after

#: How much less is trained in the taper than before: the middle of the 41 to 60 % that work best (Bosquet
#: 2007).
TAPER_CUT = 0.50
#: No session of the taper is longer than this share of what it was before.
LESS_THAN_USUAL = 0.9


def taper_decay_days(days: int) -> float:
    """The time constant, in days, with which e^(−t/τ) cuts the mean of a taper by half: 8 for two weeks."""
    low, high = 0.1, 200.0
    for _ in range(60):
        middle = (low + high) / 2
        mean = sum(math.exp(-day / middle) for day in range(days)) / days
        low, high = (middle, high) if mean < 1 - TAPER_CUT else (low, middle)
    return (low + high) / 2


def add_taper(plan: DraftPlan, build: Builder, days: int) -> None:
    """Fill the last `days` before the race with the sessions of always, shortened (Bosquet 2007)."""
    decay = taper_decay_days(days)
    goal = build.goal
    usual = {draft.slot.after_long: draft.minutes for draft in plan.reference}
    found: list[_Tapered] = []
    for index, frame in enumerate(plan.frames):
        for slot in fill_week(frame, len(plan.frames) - 1 - index, goal, len(plan.reference)):
            day = build.day_of(frame, slot)
            if plan.taper_start <= day < goal.date:
                eased = _ease(slot, (goal.date - day).days)
                weight = eased.share * math.exp(-(day - plan.taper_start).days / decay)
                found.append(_Tapered(index, day, eased, weight, LESS_THAN_USUAL * usual[slot.after_long]))
    total = plan.volume_before * days * (1 - TAPER_CUT)
    for one, minutes in zip(found, _share_out(total, found), strict=True):
        plan.weeks[one.week].append(build.draft(one.day, one.slot, minutes))
    for index in range(len(plan.frames) - 2, len(plan.frames)):
        plan.weeks[index].sort(key=lambda draft: draft.date)
        loads = loads_by_day(plan.frames[index], plan.weeks[index])
        plan.ctls[index + 1] = ctl_after(plan.ctls[index], loads)


class _Tapered(NamedTuple):
    """A session of the taper: its share of the time, and how long it may be."""

    week: int
    day: dt.date
    slot: Slot
    weight: float
    most: float


def _share_out(total: float, found: list[_Tapered]) -> list[float]:
    """Minutes by weight, none above its most as long as the others can take what is left."""
    full: set[int] = set()
    while True:
        left = total - sum(found[index].most for index in full)
        weights = sum(one.weight for index, one in enumerate(found) if index not in full)
        shared = [left * one.weight / weights if weights else one.most for one in found]
        over = {index for index, one in enumerate(found) if index not in full and shared[index] > one.most}
        if not over:
            return [one.most if index in full else shared[index] for index, one in enumerate(found)]
        full |= over


def _ease(slot: Slot, days_left: int) -> Slot:
    """What a session of the taper becomes: nothing hard or long in the last days."""
    if days_left <= 1:
        return slot._replace(kind=Kind.OPENERS, share=0.7)
    if days_left <= 3:
        return slot._replace(kind=Kind.EASY, share=0.9)
    return slot
