"""Garmin's seconds as moments and days, and its numbers as measurements."""

from __future__ import annotations

import datetime as dt
import math

from hub_core.sdk import Rejected
from hub_garmin.schemas_summaries import OfDay

#: The year 2242; what is beyond is no time of a workout.
LATEST_S = 2**33
#: No length, count or level of a person is larger.
_LARGEST = 1e9


def to_moment(seconds: float, offset_s: float | None) -> dt.datetime:
    """A moment with the offset that the device's clock had. Raises `Rejected` for what is none.

    Offsets come with odd seconds where a watch was set by hand: they are rounded to whole minutes.
    """
    if not 0 <= seconds < LATEST_S:
        raise Rejected(f"garmin: {seconds:g} is no time")
    minutes = round((offset_s or 0) / 60) if abs(offset_s or 0) < _LARGEST else 0
    if abs(minutes) >= 24 * 60:
        raise Rejected(f"garmin: {offset_s:g} s is no offset from UTC")
    return dt.datetime.fromtimestamp(seconds, dt.timezone(dt.timedelta(minutes=minutes)))


def to_day(theirs: OfDay) -> dt.date:
    """The athlete's own date. Raises `Rejected` when nothing tells it."""
    if theirs.calendar_date:
        return theirs.calendar_date
    if theirs.start_time_in_seconds is None:
        raise Rejected("garmin: neither calendarDate nor startTimeInSeconds is told")
    return to_moment(theirs.start_time_in_seconds, theirs.start_time_offset_in_seconds).date()


def to_length(seconds: float) -> float:
    """A length of time. Raises `Rejected` for what is none."""
    if not 0 <= seconds < _LARGEST:
        raise Rejected(f"garmin: {seconds:g} s is no length of time")
    return seconds


def measured(*values: float | None) -> float | None:
    """The first value that was measured. -1 is one of Garmin's words for none, as in stress levels."""
    return next((value for value in values if value is not None and 0 <= value < _LARGEST), None)


def positive(*values: float | None) -> float | None:
    """As `measured`, for what no living person has 0 of: heart rate, weight, breaths."""
    return next((value for value in values if value is not None and 0 < value < _LARGEST), None)


def signed(value: float | None) -> float | None:
    """As `measured`, for what may be negative: degrees, height."""
    return value if value is not None and math.isfinite(value) and abs(value) < _LARGEST else None


def whole(value: float | None) -> int | None:
    """A count."""
    return None if value is None else round(value)


def half(value: float | None) -> float | None:
    """Steps of both feet as steps of one."""
    return None if value is None else value / 2
