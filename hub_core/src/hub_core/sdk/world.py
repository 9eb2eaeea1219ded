"""Races and weather: the questions that several providers may answer."""

from __future__ import annotations

import datetime as dt

import msgspec


class Place(msgspec.Struct, frozen=True):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


class RaceQuery(msgspec.Struct, frozen=True):
    """What is looked for. `radius_km` counts from `near`."""

    text: str = ""
    near: Place | None = None
    radius_km: float = 100
    start: dt.date | None = None
    end: dt.date | None = None


class Race(msgspec.Struct, frozen=True):
    """One distance of one edition of a race, on its local date."""

    external_id: str
    name: str
    date: dt.date
    distance_m: float | None = None
    place: Place | None = None
    url: str = ""


class HourlyConditions(msgspec.Struct, frozen=True):
    """One hour of weather: degrees Celsius, percent, m/s."""

    time: dt.datetime
    temperature_c: float
    humidity_pct: float | None = None
    wind_mps: float | None = None
