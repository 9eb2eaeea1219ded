"""Words, dates and places of calendars, as far as they can be read."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from urllib.parse import urlsplit

import tzfpy

from hub_core.sdk import Place, RaceStatus

METRES, FEET = 1.0, 0.3048
#: As Ahotu, schema.org and most others write it.
_STATUSES = {
    "ok": RaceStatus.SCHEDULED,
    "scheduled": RaceStatus.SCHEDULED,
    "eventscheduled": RaceStatus.SCHEDULED,
    "confirmed": RaceStatus.SCHEDULED,
    "canceled": RaceStatus.CANCELLED,
    "cancelled": RaceStatus.CANCELLED,
    "eventcancelled": RaceStatus.CANCELLED,
    "postponed": RaceStatus.POSTPONED,
    "eventpostponed": RaceStatus.POSTPONED,
}


def to_status(word: str | None) -> RaceStatus:
    """A new word is unknown, and not a race that surely takes place."""
    return _STATUSES.get((word or "").casefold().rpartition("/")[2], RaceStatus.UNKNOWN)


def parse_date(text: str, formats: Sequence[str] = ()) -> dt.date | None:
    """A local date by one of the formats, or as ISO with whatever behind it."""
    for one in formats:
        try:
            return dt.datetime.strptime(text, one).date()  # noqa: DTZ007 (a local date has no zone)
        except ValueError:
            continue
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def parse_time(text: str, formats: Sequence[str] = ()) -> dt.time | None:
    """A local time of the day: alone, as ISO, or in a date by one of the formats that have one."""
    for one in formats:
        if "%H" in one or "%I" in one:
            try:
                return dt.datetime.strptime(text, one).time()  # noqa: DTZ007 (local)
            except ValueError:
                continue
    try:
        return dt.time.fromisoformat(text.rpartition("T")[2]).replace(tzinfo=None) if text else None
    except ValueError:
        return None


def to_place(latitude: float | None, longitude: float | None) -> Place | None:
    """A point on the earth; None for what is none, and for 0, 0, which stands for nothing in the ocean."""
    if latitude is None or longitude is None or not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or latitude == longitude == 0:
        return None
    return Place(latitude, longitude)


def zone_at(place: Place | None) -> str:
    """The IANA zone of a place; empty where none is known."""
    return tzfpy.get_tz(place.longitude, place.latitude) if place else ""


def to_url(text: str | None) -> str:
    """A link that people may be shown; nothing else than http(s) is one."""
    try:
        parts = urlsplit(text or "")
    except ValueError:
        return ""
    return text or "" if parts.scheme in {"http", "https"} and parts.hostname else ""
