"""When and where an athlete can train on each weekday, and which workouts that doesn't fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from hub_core.domain.advice.slots import Window
from hub_core.domain.sport import Sport, SportFamily

DAY = dt.timedelta(days=1)
#: The parts of a day on the local clock: our own edges.
PARTS = {"morning": (5, 12), "afternoon": (12, 17), "evening": (17, 22)}
_NEEDS_A_GYM = {Sport.STRENGTH, Sport.TREADMILL_RUN}
#: Suggestions for a workout that doesn't fit.
_SUGGESTIONS = 5


class Weekday(StrEnum):
    """In the order of `date.weekday()`."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEKDAYS = tuple(Weekday)


class DayAvailability(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One weekday: morning 5 to 12, afternoon 12 to 17, evening 17 to 22 o'clock, and what is at hand."""

    morning: bool = True
    afternoon: bool = True
    evening: bool = True
    bike: bool = True
    gym: bool = True
    indoor_only: bool = False
    outdoor_only: bool = False
    notes: str = ""


class Availability(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By weekday. Nothing is known against a day that isn't listed."""

    days: dict[Weekday, DayAvailability] = {}

    def on(self, date: dt.date) -> DayAvailability:
        """What is said of a date's weekday."""
        return self.days.get(_WEEKDAYS[date.weekday()], DayAvailability())


class ConflictReason(StrEnum):
    """Why a workout doesn't fit a day."""

    NO_TIME = "no_time"
    TOO_LONG = "too_long"
    OTHER_TIME = "other_time"
    NO_BIKE = "no_bike"
    NO_GYM = "no_gym"
    INDOOR_ONLY = "indoor_only"
    OUTDOOR_ONLY = "outdoor_only"


class AvailabilityConflict(msgspec.Struct, frozen=True):
    """A reason in words."""

    reason: ConflictReason
    message: str


def list_windows(
    availability: Availability, sport: Sport, first: dt.date, last: dt.date, zone: ZoneInfo
) -> tuple[Window, ...]:
    """When there is time for a sport on some local dates, both included; neighbouring parts are joined."""
    return tuple(
        window
        for number in range((last - first).days + 1)
        if not _misses(availability.on(first + number * DAY), sport)
        for window in _open(availability.on(first + number * DAY), first + number * DAY, zone)
    )


def find_conflicts(
    availability: Availability,
    sport: Sport,
    date: dt.date,
    time: dt.time | None,
    duration_s: float,
    zone: ZoneInfo,
) -> tuple[AvailabilityConflict, ...]:
    """What speaks against a workout of `duration_s` seconds on a local date, and at its local time."""
    day = availability.on(date)
    name = f"{date:%A}s"
    found = [AvailabilityConflict(reason, words.format(day=name)) for reason, words in _misses(day, sport)]
    windows = _open(day, date, zone)
    length = dt.timedelta(seconds=duration_s)
    if not windows:
        found.append(AvailabilityConflict(ConflictReason.NO_TIME, f"there is no time on {name}"))
    elif all(_length(window) < length for window in windows):
        hours = max(_length(window) for window in windows).total_seconds() / 3600
        words = f"it takes longer than the {hours:g} hours that there are on {name}"
        found.append(AvailabilityConflict(ConflictReason.TOO_LONG, words))
    elif time is not None:
        start = dt.datetime.combine(date, time, zone)
        if not any(one.start <= start and start + length <= one.end for one in windows):
            words = f"{time:%H:%M} isn't within the time that there is on {name}"
            found.append(AvailabilityConflict(ConflictReason.OTHER_TIME, words))
    return tuple(found)


def suggest_slots(
    availability: Availability,
    sport: Sport,
    duration_s: float,
    first: dt.date,
    not_before: dt.datetime,
    taken: Sequence[Window],
    zone: ZoneInfo,
) -> tuple[Window, ...]:
    """Where the workout fits in the week from `first` on: up to five times, a day's parts in their order.

    Nothing before `not_before`, nothing that `taken` overlaps.
    """
    length = dt.timedelta(seconds=duration_s)
    found = []
    for window in list_windows(availability, sport, first, first + 6 * DAY, zone):
        day = window.start.date()
        for hour, _ in PARTS.values():
            start = dt.datetime.combine(day, dt.time(hour), zone)
            end = start + length
            fits = window.start <= start and end <= window.end and start >= not_before
            if fits and all(end <= other.start or other.end <= start for other in taken):
                found.append(Window(start, end))
    return tuple(found[:_SUGGESTIONS])


def _misses(day: DayAvailability, sport: Sport) -> list[tuple[ConflictReason, str]]:
    missing = []
    if sport.family is SportFamily.CYCLING and not day.bike:
        missing.append((ConflictReason.NO_BIKE, "there is no bike on {day}"))
    if sport in _NEEDS_A_GYM and not day.gym:
        missing.append((ConflictReason.NO_GYM, "there is no gym on {day}"))
    if day.indoor_only and not sport.is_indoor:
        missing.append((ConflictReason.INDOOR_ONLY, "{day} are for indoor training only"))
    if day.outdoor_only and sport.is_indoor:
        missing.append((ConflictReason.OUTDOOR_ONLY, "{day} are for outdoor training only"))
    return missing


def _open(day: DayAvailability, date: dt.date, zone: ZoneInfo) -> list[Window]:
    windows: list[Window] = []
    for part, (first, last) in PARTS.items():
        if not getattr(day, part):
            continue
        start, end = (dt.datetime.combine(date, dt.time(hour), zone) for hour in (first, last))
        if windows and windows[-1].end == start:
            windows[-1] = Window(windows[-1].start, end)
        else:
            windows.append(Window(start, end))
    return windows


def _length(window: Window) -> dt.timedelta:
    # Between instants: on the day of the change an hour of the clock is missing.
    return window.end.astimezone(dt.UTC) - window.start.astimezone(dt.UTC)
