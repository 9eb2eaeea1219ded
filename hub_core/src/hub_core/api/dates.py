"""Ranges of local dates in queries: `?from=2026-11-01&to=2026-11-30`, both included."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.local_day import today_in
from hub_core.domain.validate import MAX_DATE, MIN_DATE
from hub_core.errors import InvalidInputError
from hub_core.storage.tables import Athlete

LONGEST_SPAN_DAYS = 370
#: What a list of what was done goes back by default.
DAYS_BACK = 28

From = Annotated[dt.date | None, QueryParameter(name="from")]
To = Annotated[dt.date | None, QueryParameter(name="to")]


def today(athlete: Athlete) -> dt.date:
    """The date where the athlete is."""
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    return today_in(thresholds.time_zone)


def read_span(first: dt.date, last: dt.date | None, days: int) -> tuple[str, str]:
    """Both ends as text; by default the last one is so many days later.

    Raises `InvalidInputError` for a span that is turned round, too long, or beyond the calendar.
    """
    if not MIN_DATE <= first <= MAX_DATE:
        raise InvalidInputError(f"must be between {MIN_DATE} and {MAX_DATE}", path="from")
    last = last or first + dt.timedelta(days=days)
    if not 0 <= (last - first).days <= LONGEST_SPAN_DAYS:
        raise InvalidInputError(f"must be from {first} and at most {LONGEST_SPAN_DAYS} days later", path="to")
    return first.isoformat(), last.isoformat()


def read_past(athlete: Athlete, start: dt.date | None, end: dt.date | None) -> tuple[str, str]:
    """The span of a list of what was done: by default the last four weeks."""
    if start is not None:
        return read_span(start, end, DAYS_BACK)
    # In the farthest east tomorrow has begun.
    last = end or today(athlete) + dt.timedelta(days=1)
    if not MIN_DATE + dt.timedelta(days=DAYS_BACK) <= last <= MAX_DATE:
        raise InvalidInputError(f"must be between {MIN_DATE} and {MAX_DATE}", path="to")
    return read_span(last - dt.timedelta(days=DAYS_BACK), last, DAYS_BACK)
