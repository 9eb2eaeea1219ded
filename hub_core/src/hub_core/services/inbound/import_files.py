"""Takes files that people have: activities of devices, Apple Health's export, Health Auto Export's JSON.

What they say is kept like anything else that comes in, with the source `file`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import zoneinfo
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.records import Activity, Records, Sample
from hub_core.errors import InvalidInputError
from hub_core.formats import read_activity_file
from hub_core.formats.apple import open_apple_export, read_auto_export
from hub_core.services.hub import Hub
from hub_core.services.inbound.observe import Observed, observe
from hub_core.storage.tables import Athlete

SOURCE = "file"
#: Kept in one transaction: small enough for others to come in between.
BATCH = 1_000
#: Health Auto Export of some years. Activities of devices are far smaller, and have limits of their own.
MAX_BYTES = 100_000_000

Progress = Callable[[float], None]


class Imported(msgspec.Struct, frozen=True):
    """What one file brought: statements that are new, and such as were there already.

    `activities` are the ids of the visible activities that it is part of. `remarks`: what was mended or left
    out, in words.
    """

    file_name: str
    new: int
    known: int
    activities: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


async def import_files(hub: Hub, athlete: Athlete, files: Sequence[tuple[str, bytes]]) -> list[Imported]:
    """Keep activities out of FIT, TCX and GPX files, and Health Auto Export's JSON; by name and content.

    All are read before the first is kept: all or nothing. The same file again changes nothing. Where a file
    doesn't tell the athlete's offset from UTC, their own time zone is taken. Raises `InvalidInputError` with
    the file's name and the place in it.
    """
    zone = zoneinfo.ZoneInfo(msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone)
    read = [await asyncio.to_thread(_read, name, data, zone) for name, data in files]
    async with hub.engine.transaction():
        return [
            _imported(name, [await observe(hub, athlete.id, SOURCE, records)], remarks)
            for name, records, remarks in read
        ]


def _read(name: str, data: bytes, zone: dt.tzinfo) -> tuple[str, Records, tuple[str, ...]]:
    try:
        if data.lstrip()[:1] == b"{":
            remarks: list[str] = []
            return name, read_auto_export(data, remarks), tuple(remarks)
        read = read_activity_file(data)
    except InvalidInputError as error:
        place = f"{name}: {error.path}" if name and error.path else name or error.path
        raise InvalidInputError(error.detail, path=place) from error
    activities = tuple(_at_home(one, zone) for one in read.activities)
    return name, Records(activities=activities), read.remarks


async def import_apple_export(
    hub: Hub, athlete: Athlete, path: Path, progress: Progress = lambda _: None
) -> Imported:
    """Keep what is in Apple Health's `export.zip`, batch by batch, and tell how far it is (0 to 1).

    It can be broken off and begun again: what was kept is known the second time. Raises `InvalidInputError`.
    """
    export = await asyncio.to_thread(open_apple_export, path)
    records = iter(export)
    seen = []
    while batch := await asyncio.to_thread(_next_batch, records):
        samples = tuple(one for one in batch if isinstance(one, Sample))
        activities = tuple(one for one in batch if isinstance(one, Activity))
        seen.append(await observe(hub, athlete.id, SOURCE, Records(activities, samples=samples)))
        progress(export.progress)
    return _imported(path.name, seen, export.remarks)


async def import_path(
    hub: Hub, athlete: Athlete, path: Path, progress: Progress = lambda _: None
) -> Imported:
    """Keep one file of any kind that the hub reads, told by its suffix. Raises `InvalidInputError`."""
    if path.suffix.lower() == ".zip":
        return await import_apple_export(hub, athlete, path, progress)
    try:
        data = await asyncio.to_thread(_load, path)
    except OSError as error:
        raise InvalidInputError(f"{path.name} can't be read: {error.strerror}") from error
    (imported,) = await import_files(hub, athlete, [(path.name, data)])
    return imported


def _load(path: Path) -> bytes:
    if path.stat().st_size > MAX_BYTES:
        raise InvalidInputError(f"larger than {MAX_BYTES // 1_000_000} MB")
    return path.read_bytes()


def _next_batch(records: Iterator[Sample | Activity]) -> list[Sample | Activity]:
    return list(itertools.islice(records, BATCH))


def _at_home(activity: Activity, zone: dt.tzinfo) -> Activity:
    """On the athlete's own clock, unless the file says on which one it was."""
    if activity.start.utcoffset():
        return activity
    local = activity.start.astimezone(zone)
    # Of that day: a zone with its clock changes would move the end of a night's ride.
    fixed = local.replace(tzinfo=dt.timezone(local.utcoffset() or dt.timedelta()))
    return msgspec.structs.replace(activity, start=fixed)


def _imported(file_name: str, seen: list[Observed], remarks: tuple[str, ...]) -> Imported:
    refused = [f"{one.path}: {one.detail}" for observed in seen for one in observed.refused]
    shown = {name for observed in seen for name in observed.shown.activities}
    return Imported(
        file_name,
        sum(one.new for one in seen),
        sum(one.known for one in seen),
        tuple(sorted(shown)),
        (*remarks, *refused[:20]),
    )
