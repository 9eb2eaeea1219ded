"""When a day begins, somewhere."""

from __future__ import annotations

import datetime as dt
import zoneinfo


def today_in(zone: str) -> dt.date:
    """The local date of this moment."""
    return dt.datetime.now(zoneinfo.ZoneInfo(zone)).date()


def midnight_ms(day: dt.date, zone: str) -> int:
    """When a local date begins, in epoch milliseconds."""
    return int(dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(zone)).timestamp() * 1000)


def day_ends_ms(day: dt.date, zone: str) -> int:
    """When it is over. The calendar's last day ends with the calendar."""
    return midnight_ms(min(day, dt.date.max - dt.timedelta(days=2)) + dt.timedelta(days=1), zone)
