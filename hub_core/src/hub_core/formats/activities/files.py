"""The door to activity files: which format it is, how large it may be, and what came out."""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass
from gzip import BadGzipFile, GzipFile

import msgspec

from hub_core.domain.records import Activity
from hub_core.errors import InvalidInputError
from hub_core.formats.activities.fit import read_fit_activities
from hub_core.formats.activities.gpx import read_gpx_activities
from hub_core.formats.activities.tcx import read_tcx_activities

ACTIVITY_SUFFIXES = (".fit", ".tcx", ".gpx")
#: A day at a sample each second has some 4 MB in FIT; TCX needs ten times as much for the same.
MAX_FIT_BYTES = 10_000_000
MAX_XML_BYTES = 60_000_000
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class ActivityFile:
    """What a file holds: one activity, or several of a multisport race, and what was left out or mended."""

    activities: tuple[Activity, ...]
    remarks: tuple[str, ...]


def read_activity_file(data: bytes, file_name: str = "") -> ActivityFile:
    """The activities in a FIT, TCX or GPX file, told by its first bytes; packed with gzip or not.

    `start` is in UTC where the file doesn't tell the athlete's offset. `external_id` is made of the file's
    SHA-256, which is in `file_digest`: the same file is the same activity, wherever it came from. A damaged
    FIT file is read as far as it goes, which `remarks` say. Takes up to some seconds: call it in a thread.

    Raises `InvalidInputError` with the place for what can't be read or holds no activity.
    """
    if data.startswith(_GZIP):
        data = _unpack(data)
    remarks: list[str] = []
    if data[8:12] == b".FIT":
        _check_size(data, MAX_FIT_BYTES)
        found = read_fit_activities(data, remarks)
    else:
        _check_size(data, MAX_XML_BYTES)
        found = _read_xml(data, file_name, remarks)
    if not found:
        raise InvalidInputError("there is no activity in this file")
    digest = hashlib.sha256(data).hexdigest()
    several = len(found) > 1
    return ActivityFile(
        tuple(
            msgspec.structs.replace(
                one,
                external_id=f"{digest[:32]}-{index}" if several else digest[:32],
                file_digest=f"{digest}-{index}" if several else digest,
            )
            for index, one in enumerate(found)
        ),
        tuple(remarks),
    )


def _read_xml(data: bytes, file_name: str, remarks: list[str]) -> list[Activity]:
    beginning = data[:2000].replace(b"\0", b"")
    if b"<TrainingCenterDatabase" in beginning:
        return read_tcx_activities(data, remarks)
    if b"<gpx" in beginning:
        return read_gpx_activities(data, remarks)
    what = f"{file_name}: this" if file_name else "this"
    if not data.strip():
        raise InvalidInputError(f"{what} file is empty")
    if data.startswith(b"PK\x03\x04"):
        raise InvalidInputError(f"{what} is a zip archive; unpack it first")
    raise InvalidInputError(f"{what} is no FIT, TCX or GPX file")


def _check_size(data: bytes, most: int) -> None:
    if len(data) > most:
        raise InvalidInputError(f"larger than {most // 1_000_000} MB")


def _unpack(data: bytes) -> bytes:
    """The content, up to the limit: a packed bomb is not unpacked any further."""
    try:
        with GzipFile(fileobj=io.BytesIO(data)) as packed:
            content = packed.read(MAX_XML_BYTES + 1)
    except (BadGzipFile, EOFError, zlib.error) as error:
        raise InvalidInputError(f"the gzip around it is damaged: {error}") from error
    _check_size(content, MAX_XML_BYTES)
    return content
