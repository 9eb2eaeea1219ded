"""Races on an athlete's calendar: put there, read, taken off, and their courses."""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import zoneinfo
from urllib.parse import urlsplit

import msgspec

from hub_core.domain.course_profile import CourseProfile
from hub_core.domain.race import Race, same_distance
from hub_core.domain.validate import MAX_DATE, MAX_NAME, MIN_DATE, check_text
from hub_core.errors import InvalidInputError, NotFoundError
from hub_core.formats.gpx_course import read_gpx_course
from hub_core.services.hub import Hub
from hub_core.services.planning.search_races import RaceSource
from hub_core.services.sync.changes import record_change
from hub_core.storage import digest, find_row, new_id, now_ms, save_row
from hub_core.storage.tables import Athlete, SavedRace

COLLECTION = "races"
MAX_SOURCES = 20
_TEXTS = ("external_id", "event", "name", "city", "country", "course", "terrain", "time_zone")
_MAX_URL = 2_000
#: Field: from, to.
_NUMBERS = {
    "distance_m": (100.0, 1_000_000.0),
    "elevation_gain_m": (0.0, 50_000.0),
    "elevation_loss_m": (0.0, 50_000.0),
}


class RaceView(msgspec.Struct, frozen=True):
    """A race on an athlete's calendar, who knows it, and its course if a file was uploaded. `remarks` say
    where the two don't fit together."""

    id: str
    race: Race
    sources: tuple[RaceSource, ...]
    course: CourseProfile | None
    remarks: tuple[str, ...]


async def save_race(hub: Hub, athlete: Athlete, race: Race, sources: tuple[RaceSource, ...] = ()) -> RaceView:
    """Put a race on the calendar; one that is there already is brought up to date, and keeps its course.

    It is the same by its first source, or by an `external_id` of the platform's own.
    """
    check_race(race, sources)
    named = sources[0] if sources else None
    key = (
        f"{named.provider}:{named.external_id}"
        if named
        else f":{race.external_id}"
        if race.external_id
        else ""
    )
    async with hub.engine.transaction():
        now = now_ms()
        # Ids of calendars have any length; without one each is a race of its own.
        source_key = digest(key) if key else None
        row = await find_row(SavedRace, athlete_id=athlete.id, source_key=source_key) if source_key else None
        if row is None:
            row = SavedRace(id=new_id("race"), athlete_id=athlete.id, source_key=source_key, created_ms=now)
        row.date = race.date.isoformat()
        row.document = msgspec.json.encode(race).decode()
        row.sources = msgspec.json.encode(sources).decode()
        row.updated_ms = now
        await save_row(row)
        await record_change(hub, athlete.id, COLLECTION, row.id)
    return view_race(row)


async def list_races(
    athlete_id: str, first: dt.date | None = None, last: dt.date | None = None
) -> list[RaceView]:
    """The athlete's races of some local dates, both included, by date."""
    rows = (
        await SavedRace.objects()
        .where(
            (SavedRace.athlete_id == athlete_id)
            & (SavedRace.date >= (first or MIN_DATE).isoformat())
            & (SavedRace.date <= (last or MAX_DATE).isoformat())
        )
        .order_by(SavedRace.date)
        .order_by(SavedRace.id)
    )
    return [view_race(row) for row in rows]


async def load_race(athlete_id: str, race_id: str) -> SavedRace:
    """The row, if it is this athlete's."""
    row = await find_row(SavedRace, id=race_id, athlete_id=athlete_id)
    if row is None:
        raise NotFoundError("no such race")
    return row


async def delete_race(hub: Hub, athlete: Athlete, race_id: str) -> None:
    """Take a race off the calendar, with its course."""
    async with hub.engine.transaction():
        row = await load_race(athlete.id, race_id)
        await row.remove()
        await record_change(hub, athlete.id, COLLECTION, race_id, "delete")


async def save_course(hub: Hub, athlete: Athlete, race_id: str, gpx: bytes) -> RaceView:
    """Read a race's course from a GPX file; it takes the place of one that is there. The file isn't kept."""
    # A large file takes seconds to read, in which others want answers.
    profile = await asyncio.to_thread(read_gpx_course, gpx)
    async with hub.engine.transaction():
        row = await load_race(athlete.id, race_id)
        row.course = msgspec.json.encode(profile).decode()
        row.updated_ms = now_ms()
        await save_row(row)
        await record_change(hub, athlete.id, COLLECTION, race_id)
    return view_race(row)


def view_race(row: SavedRace) -> RaceView:
    """A row as it is shown."""
    race = msgspec.json.decode(row.document, type=Race)
    course = msgspec.json.decode(row.course, type=CourseProfile) if row.course else None
    remarks = []
    if course and race.distance_m and not same_distance(course.distance_m, race.distance_m):
        told = f"{course.distance_m / 1000:.1f} km long, and the race {race.distance_m / 1000:.1f} km"
        remarks.append(f"The course in the file is {told}.")
    sources = msgspec.json.decode(row.sources, type=tuple[RaceSource, ...])
    return RaceView(row.id, race, sources, course, tuple(remarks))


def check_race(race: Race, sources: tuple[RaceSource, ...]) -> None:
    """Raise `InvalidInputError` at the first thing that is wrong; paths are those of the request."""
    if not race.event.strip():
        raise InvalidInputError("a name is needed", path="race.event")
    for name in _TEXTS:
        check_text(getattr(race, name), MAX_NAME, f"race.{name}")
    if not MIN_DATE <= race.date <= MAX_DATE:
        raise InvalidInputError(f"must be between {MIN_DATE} and {MAX_DATE}", path="race.date")
    if race.start_time is not None and race.start_time.tzinfo is not None:
        raise InvalidInputError(
            "is local, and has no offset; the zone is in time_zone", path="race.start_time"
        )
    for name, (least, most) in _NUMBERS.items():
        value = getattr(race, name)
        if value is not None and not least <= value <= most:
            raise InvalidInputError(f"must be between {least:g} and {most:g}", path=f"race.{name}")
    if race.place is not None:
        for name, value, most in (
            ("latitude", race.place.latitude, 90),
            ("longitude", race.place.longitude, 180),
        ):
            if not math.isfinite(value) or abs(value) > most:
                raise InvalidInputError(f"must be between -{most} and {most}", path=f"race.place.{name}")
        check_text(race.place.name, MAX_NAME, "race.place.name")
    _check_zone(race.time_zone)
    _check_url(race.url, "race.url")
    if len(sources) > MAX_SOURCES:
        raise InvalidInputError(f"more than {MAX_SOURCES}", path="sources")
    for index, source in enumerate(sources):
        for name in ("provider", "external_id", "attribution"):
            check_text(getattr(source, name), MAX_NAME, f"sources[{index}].{name}")
        _check_url(source.url, f"sources[{index}].url")


def _check_zone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name or "UTC")
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise InvalidInputError(
            "is no time zone; they are written like Europe/Berlin", path="race.time_zone"
        ) from error


def _check_url(url: str, path: str) -> None:
    check_text(url, _MAX_URL, path)
    if url and not url.isprintable():
        raise InvalidInputError("must be an http(s) URL", path=path)
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("none:")
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise InvalidInputError("must be an http(s) URL", path=path)
