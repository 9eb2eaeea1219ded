"""Weeks of sessions before they become workouts: lengths that fit a limit."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

import msgspec

from hub_core.domain.periodization.goal import Capacity, RaceGoal
from hub_core.domain.periodization.phases import DAY, Frame
from hub_core.domain.periodization.sessions import Part, lay_out, load_of
from hub_core.domain.periodization.templates import Slot, longest_minutes, race_zone
from hub_core.domain.science.fitness import ctl_after


class Draft(msgspec.Struct):
    """A session before it becomes a workout."""

    date: dt.date
    slot: Slot
    minutes: int
    parts: tuple[Part, ...]

    @property
    def load(self) -> float:
        """In TSS."""
        return load_of(self.parts, self.slot.sport)


class DraftPlan(msgspec.Struct):
    """The weeks with their sessions, and the CTL at the beginning and after each week."""

    frames: tuple[Frame, ...]
    weeks: list[list[Draft]]
    ctls: list[float]
    taper_start: dt.date
    #: The last full week of load: its sessions, by which the taper is measured.
    reference: list[Draft]

    @property
    def volume_before(self) -> float:
        """Minutes a day in the last full week of load."""
        return sum(draft.minutes for draft in self.reference) / 7

    def ctl_at_taper(self) -> float:
        """The CTL of the evening before the taper."""
        for frame, drafts, ctl in zip(self.frames, self.weeks, self.ctls, strict=False):
            if frame.start <= self.taper_start <= frame.end:
                days = (self.taper_start - frame.start).days
                return ctl_after(ctl, loads_by_day(frame, drafts)[:days])
        return self.ctls[0]


class Builder:
    """Turns slots into sessions of a length."""

    def __init__(self, goal: RaceGoal, capacity: Capacity) -> None:
        self.goal = goal
        self.capacity = capacity
        self.zone = race_zone(goal)

    def draft(self, day: dt.date, slot: Slot, minutes: float) -> Draft:
        """A session of about so many minutes, as far as one makes sense."""
        whole = max(min(round(minutes), longest_minutes(slot, self.goal)), 1)
        return Draft(day, slot, whole, lay_out(slot.kind, whole, self.zone))

    def day_of(self, frame: Frame, slot: Slot) -> dt.date:
        """The slot's day in a week."""
        weekday = (self.capacity.long_weekday + slot.after_long) % 7
        return frame.start + ((weekday - frame.start.weekday()) % 7) * DAY

    def week_within(
        self, frame: Frame, slots: tuple[Slot, ...], ctl: float, ramp: float, most_minutes: float
    ) -> list[Draft]:
        """The longest week that lifts CTL by no more than `ramp` and takes no more than `most_minutes`."""
        shares = sum(slot.share for slot in slots)
        days = sorted((self.day_of(frame, slot), slot) for slot in slots)

        def of(minutes: int) -> list[Draft]:
            return [self.draft(day, slot, minutes * slot.share / shares) for day, slot in days]

        def fits(minutes: int) -> bool:
            drafts = of(minutes)
            if sum(draft.minutes for draft in drafts) > most_minutes:
                return False
            return ctl_after(ctl, loads_by_day(frame, drafts)) - ctl <= ramp

        return of(_largest(fits, len(slots), math.floor(most_minutes)))


def _largest(fits: Callable[[int], bool], low: int, high: int) -> int:
    """The largest number that fits, by halving; what fits nearly always does so up to some number.

    Interval sessions get a repeat more now and then, and their load steps: so the answer is tried, and
    lowered.
    """
    if high <= low or fits(high):
        return high
    floor, high = low, high - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    while low > floor and not fits(low):
        low -= 1
    return low


def loads_by_day(frame: Frame, drafts: list[Draft]) -> list[float]:
    """The load of each of the week's seven days, in TSS."""
    loads = [0.0] * 7
    for draft in drafts:
        loads[(draft.date - frame.start).days] += draft.load
    return loads
