"""Places and dates as people type them."""

from __future__ import annotations

import datetime as dt

from hub_core.domain.weather import Place
from hub_core.errors import InvalidInputError


def read_place(text: str, path: str) -> Place:
    """`52.5,13.4`: latitude, then longitude. Raises `InvalidInputError`."""
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInputError("write a place as latitude,longitude: 52.5,13.4", path=path) from error
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidInputError("latitudes end at 90, longitudes at 180", path=path)
    return Place(latitude, longitude)


def read_date(text: str, path: str) -> dt.date | None:
    """`2027-04-01`; None for nothing. Raises `InvalidInputError`."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInputError("write a date as 2027-04-01", path=path) from error
