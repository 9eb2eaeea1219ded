"""A decoded message of a FIT file, and how its fields are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

Message = Mapping[str, Any]

#: Semicircles to degrees. [FIT profile]
DEGREES = 180 / 2**31


def instant(value: object) -> dt.datetime | None:
    """A FIT time as an instant in UTC; None for one of the years before devices know the time."""
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, dt.datetime):
        return None
    moment = value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    return moment if moment.year >= 1990 else None


def number(message: Message, *names: str) -> float | None:
    """The first of some fields that holds a finite number."""
    for name in names:
        value = message.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12:
            return float(value)
    return None


def word(message: Message, name: str) -> str:
    """A field as text: an enum's name, a string, or the number of what the decoder doesn't know."""
    value = message.get(name)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return "" if value is None else str(value).strip("\0 ")
