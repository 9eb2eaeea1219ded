"""Apple Health's `export.zip`: gigabytes of XML, read as a stream in bounded memory.

Records have no id, so one is made of what they say. Zip bombs are refused by their declared sizes, and by
what really comes out of them; nothing is ever written to disk.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from hub_core.domain.records import Activity, Device, Sample
from hub_core.errors import InvalidInputError
from hub_core.formats.activities._xml import to_number
from hub_core.formats.activities.files import read_activity_file
from hub_core.formats.apple._health_record import RecordReader, identity, plain, read_moment
from hub_core.formats.apple._health_stream import HealthStream
from hub_core.formats.apple._health_xml import walk_health_data
from hub_core.formats.apple.words import QUANTITY, to_apple_sport, to_quantity, to_unit

#: Ten years of a watch and a phone come to 4 GB at most.
MAX_XML_BYTES = 8_000_000_000
MAX_ROUTE_BYTES = 60_000_000
MAX_ENTRIES = 200_000
#: An entry has 46 bytes, a name and a few dates.
MAX_DIRECTORY_BYTES = 100 * MAX_ENTRIES
#: Both records, and the longest comment.
_LONGEST_END = 76 + 22 + 0xFFFF
#: XML packs to a thirtieth; a bomb to a thousandth.
MAX_RATIO = 200
_CUMULATIVE = {"DistanceWalkingRunning", "DistanceCycling", "DistanceSwimming", "DistanceRowing"}


class AppleExport:
    """An opened export. `for record in export` gives samples and activities in the order of the file.

    `remarks` says what was left out, `progress` how far it is, from 0 to 1.
    """

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._member = member
        self._folder = member.filename.rpartition("/")[0]
        self._stream: HealthStream | None = None
        self._records = RecordReader()
        self._timeless_workouts = 0

    @property
    def progress(self) -> float:
        """How much of the XML has been read, from 0 to 1."""
        done = self._stream.read_bytes if self._stream else 0
        return min(1.0, done / max(1, self._member.file_size))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is not kept, and how many of it."""
        left_out = dict(self._records.left_out)
        if self._timeless_workouts:
            left_out["workouts without times"] = self._timeless_workouts
        return tuple(f"{count} x {name} left out" for name, count in sorted(left_out.items()))

    def __iter__(self) -> Iterator[Sample | Activity]:
        try:
            with self._archive.open(self._member) as packed:
                self._stream = HealthStream(packed, MAX_XML_BYTES)
                for found in walk_health_data(self._stream, self._records):
                    if isinstance(found, Sample):
                        yield found
                    elif (activity := self._activity(found)) is not None:
                        yield activity
                    else:
                        self._timeless_workouts += 1
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
            raise InvalidInputError(f"the archive is damaged: {error}") from error

    def _activity(self, element: Element) -> Activity | None:
        began, ended = (read_moment(element.get(name, "").encode()) for name in ("startDate", "endDate"))
        if began is None or ended is None or ended[0] < began[0]:
            return None
        start, end = began[0], ended[0]
        kind, source = element.get("workoutActivityType", ""), plain(element.get("sourceName", ""))
        notes = {one.get("key", ""): one.get("value", "") for one in element.iterfind("MetadataEntry")}
        numbers: dict[str, Any] = _statistics(element)
        activity = Activity(
            external_id=identity(began, ended, f"Workout\x1f{kind}\x1f{source}".encode()),
            sport=to_apple_sport(
                kind,
                indoor=notes.get("HKIndoorWorkout") == "1",
                swim_location=notes.get("HKSwimmingLocationType", ""),
            ),
            start=start,
            duration_s=(end - start).total_seconds(),
            time_zone=notes.get("HKTimeZone", ""),
            # Apple's duration is without the pauses, and in minutes unless the unit says otherwise.
            moving_s=_duration(element),
            elevation_gain_m=to_quantity(notes.get("HKElevationAscended")),
            elevation_loss_m=to_quantity(notes.get("HKElevationDescended")),
            device=Device(source),
            is_manual=notes.get("HKWasUserEntered") == "1",
            **numbers,
        )
        return self._with_route(activity, element)

    def _with_route(self, activity: Activity, element: Element) -> Activity:
        """With the track that lies beside the XML. A track that is missing or broken takes nothing away."""
        path = next((one.get("path", "") for one in element.iter("FileReference")), "")
        if not path:
            return activity
        with suppress(KeyError, InvalidInputError, zipfile.BadZipFile, zlib.error, RuntimeError):
            member = self._archive.getinfo(f"{self._folder}/{path.lstrip('/')}".lstrip("/"))
            _check_member(member, MAX_ROUTE_BYTES)
            with self._archive.open(member) as packed:
                data = packed.read(MAX_ROUTE_BYTES + 1)
            (track,) = read_activity_file(data, path).activities
            return msgspec.structs.replace(activity, series=track.series)
        return activity


def open_apple_export(path: Path) -> AppleExport:
    """Open an export. Raises `InvalidInputError` for what is none, for bombs, and for encrypted archives."""
    try:
        if _directory_bytes(path) > MAX_DIRECTORY_BYTES:
            raise InvalidInputError(f"{path.name} holds more than {MAX_ENTRIES} files: this is no export")
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise InvalidInputError(f"{path.name} is no zip archive that can be read") from error
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise InvalidInputError(f"{path.name} holds more than {MAX_ENTRIES} files: this is no export")
    # Names of folder and file follow the phone's language; the large XML is what it is about.
    candidates = [
        one for one in entries if one.filename.lower().endswith(".xml") and "_cda" not in one.filename
    ]
    for member in sorted(candidates, key=lambda one: one.file_size, reverse=True)[:3]:
        _check_member(member, MAX_XML_BYTES)
        if _is_health_data(archive, member):
            return AppleExport(archive, member)
    raise InvalidInputError(f"{path.name} holds no Apple Health export")


def _directory_bytes(path: Path) -> int:
    """How large the list of files says it is: to open an archive is to read all of it, ten times as large in
    memory. From the record at the end of the archive (APPNOTE 4.3.16), and the 64-bit one before it."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST_END))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0:
        return 0
    size = int.from_bytes(end[at + 12 : at + 16], "little")
    if end[at - 76 : at - 72] == b"PK\x06\x06":
        size = max(size * (size != 0xFFFFFFFF), int.from_bytes(end[at - 36 : at - 28], "little"))
    return size


def _is_health_data(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(member) as packed:
            return b"<HealthData" in packed.read(200_000)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise InvalidInputError(f"the archive is damaged: {error}") from error


def _check_member(member: zipfile.ZipInfo, max_bytes: int) -> None:
    if member.flag_bits & 0x1:
        raise InvalidInputError("the archive is encrypted; export it again without a password")
    if member.file_size > max_bytes or member.file_size > MAX_RATIO * max(1000, member.compress_size):
        raise InvalidInputError(f"{member.filename} unpacks to {member.file_size} bytes: this is no export")


def _statistics(element: Element) -> dict[str, Any]:
    """The totals: from the workout's statistics (iOS 16 and later), else from those inside its parts, else
    from its attributes. Where both are there, the statistics are right."""
    rows = element.findall("WorkoutStatistics") or element.findall("WorkoutActivity/WorkoutStatistics")
    distance = _sum(rows, _CUMULATIVE)
    if distance is None:
        distance = _attribute(element, "totalDistance")
    energy = _sum(rows, {"ActiveEnergyBurned"})
    if energy is None:
        energy = _attribute(element, "totalEnergyBurned")
    heart = _row(rows, "HeartRate")
    power = _row(rows, "RunningPower") or _row(rows, "CyclingPower")
    return {
        "distance_m": distance,
        "energy_kcal": energy,
        "avg_heart_rate_bpm": _value(heart, "average"),
        "max_heart_rate_bpm": _value(heart, "maximum"),
        "avg_power_w": _value(power, "average"),
        "max_power_w": _value(power, "maximum"),
    }


def _row(rows: list[Element], name: str) -> Element | None:
    return next((one for one in rows if one.get("type", "").removeprefix(QUANTITY) == name), None)


def _value(row: Element | None, name: str) -> float | None:
    value = to_number(row.get(name)) if row is not None else None
    return None if row is None or value is None else to_unit(value, row.get("unit", ""))


def _sum(rows: list[Element], names: set[str]) -> float | None:
    values = [_value(one, "sum") for one in rows if one.get("type", "").removeprefix(QUANTITY) in names]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _attribute(element: Element, name: str) -> float | None:
    value = to_number(element.get(name))
    return None if value is None else to_unit(value, element.get(f"{name}Unit", ""))


def _duration(element: Element) -> float | None:
    value = to_number(element.get("duration"))
    return None if value is None else to_unit(value, element.get("durationUnit") or "min")
