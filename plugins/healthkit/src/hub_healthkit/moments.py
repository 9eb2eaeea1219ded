"""Where the athlete's clock stood: HealthKit keeps instants only. [sheet, 5.3]"""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from hub_core.errors import InvalidInputError
from hub_healthkit.schemas import Item

_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)")


def to_local(item: Item, home: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """Start and end, each with the offset of its moment: a night may have two.

    `HKTimeZone` is believed first, for it is where it was recorded, then `zoneOffset`, then an offset in the
    date itself; last the athlete's own zone. Raises `InvalidInputError`.
    """
    for at, path in ((item.start_date, "startDate"), (item.end_date, "endDate")):
        if at.tzinfo is None:
            raise InvalidInputError("needs an offset from UTC", path=path)
    if item.end_date < item.start_date:
        raise InvalidInputError("is before startDate", path="endDate")
    zone = _zone(item, home)
    return fix(item.start_date, zone), fix(item.end_date, zone)


def fix(at: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The same instant with the plain offset that the zone has then. Sums within a zone that changes its
    clocks would be sums of clock faces."""
    try:
        local = at.astimezone(zone)
    except OverflowError as error:
        raise InvalidInputError("is beyond the calendar", path="startDate") from error
    return local.replace(tzinfo=dt.timezone(local.utcoffset() or dt.timedelta()))


def zone_name(item: Item) -> str:
    """The IANA zone where it was recorded, if that is told."""
    told = item.metadata.get("HKTimeZone")
    return told if isinstance(told, str) and _named_zone(told) else ""


def _zone(item: Item, home: dt.tzinfo) -> dt.tzinfo:
    named = _named_zone(zone_name(item))
    if named is not None:
        return named
    if item.zone_offset is not None:
        return _offset(item.zone_offset)
    if item.start_date.utcoffset():
        return item.start_date.tzinfo or home
    return home


def _named_zone(name: str) -> dt.tzinfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def _offset(text: str) -> dt.tzinfo:
    if text == "Z":
        return dt.UTC
    match = _OFFSET.fullmatch(text)
    if match is None or int(match[2]) > 14:
        raise InvalidInputError("is no offset such as +02:00", path="zoneOffset")
    minutes = int(match[2]) * 60 + int(match[3])
    return dt.timezone(dt.timedelta(minutes=-minutes if match[1] == "-" else minutes))
