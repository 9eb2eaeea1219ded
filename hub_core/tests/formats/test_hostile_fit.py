"""FIT files that are made to do harm (F34): refused in words, or read as far as they tell something."""

from __future__ import annotations

import datetime as dt
import resource
import struct
from collections.abc import Callable
from contextlib import suppress

import pytest

from hub_core.domain.records import Activity
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.errors import InvalidInputError
from hub_core.formats import read_activity_file, write_fit_activity
from hub_core.formats._fit_frames import crc16

TEN_MB = 10_000_000
MOST_MB = 200
#: A definition with 255 fields of 255 bytes, and one of the smallest kind.
WIDE = b"\x40\x00\x00\x14\x00\xff" + bytes([253, 255, 7]) * 255
ONE_FIELD = b"\x40\x00\x00\x14\x00\x01\x03\x01\x02"
LENGTHLESS = b"\x40\x00\x00\x14\x00\xff" + b"".join(bytes([number, 0, 2]) for number in range(255))
SMALL = b"\x40\x00\x00\x14\x00\x01\xfd\x04\x86"


def good() -> bytes:
    start = dt.datetime(2031, 4, 7, 6, 30, tzinfo=dt.UTC)
    series = Series.of({"time_s": list(range(60)), "power_w": [200.0] * 60})
    return write_fit_activity(Activity("x", Sport.RIDE, start, 60.0, 400.0, series=series))


def fit(messages: bytes, *, size: int | None = None) -> bytes:
    """A file of these messages, which claims to have `size` bytes of them, with a wrong checksum."""
    claimed = min(len(messages) if size is None else size, 0xFFFFFFFF)
    return struct.pack("<BBHI4sH", 14, 0x20, 2132, claimed, b".FIT", 0) + messages + b"\0\0"


def whole(messages: bytes) -> bytes:
    """The same with the right one: no decoder refuses it."""
    data = fit(messages)[:-2]
    return data + crc16(data).to_bytes(2, "little")


def with_size(data: bytes, size: int) -> bytes:
    return data[:4] + struct.pack("<I", size) + data[8:]


HOSTILE: dict[str, Callable[[], bytes]] = {
    "says 4 GB and holds nothing": lambda: fit(b"", size=0xFFFFFFFF),
    "says 4 GB around a good one": lambda: with_size(good(), 0xFFFFFFFF),
    "says nothing around a good one": lambda: with_size(good(), 0),
    "definitions without end": lambda: fit(SMALL * (TEN_MB // len(SMALL) - 10)),
    "wide definitions without end": lambda: fit(WIDE * (TEN_MB // len(WIDE) - 10)),
    "wide messages": lambda: fit(WIDE + (b"\x00" + b"\xff" * 255 * 255) * 150),
    "empty messages without end": lambda: fit(b"\x40\x00\x00\x14\x00\x00" + b"\x00" * (TEN_MB - 100)),
    "messages of a field without end": lambda: fit(ONE_FIELD + b"\x00\x50" * (TEN_MB // 2 - 100)),
    "as many values as are read": lambda: whole(ONE_FIELD + b"\x00\x50" * 1_400_000),
    "as many laps": lambda: whole(ONE_FIELD.replace(b"\x14", b"\x13") + b"\x00\x50" * 1_400_000),
    "fields of no length without end": lambda: whole(LENGTHLESS + b"\x00" * 100_000),
    "fields of no length": lambda: fit(b"\x40\x00\x00\x14\x00\x01\xfd\x00\x86" + b"\x00" * 100_000),
    "data without a definition": lambda: fit(b"\x05" * 100_000),
    "compressed times without end": lambda: fit(SMALL + b"\x80" * (TEN_MB - 100)),
    "developer fields": lambda: fit(b"\x60\x00\x00\x14\x00\x00\xff" + b"\x00\xff\x07" * 255 + b"\0"),
    "a thousand in a chain": lambda: good() * 1000,
    "headers in a chain": lambda: fit(b"") * 100_000,
    "a good one and 4 GB in a chain": lambda: good() + fit(b"", size=0xFFFFFFFF),
    "a header of 255 bytes": lambda: b"\xff" + good()[1:],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_f34_refused_in_words_or_read_within_bounds(name: str) -> None:
    data = HOSTILE[name]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = 0
    with suppress(InvalidInputError):
        found = len(read_activity_file(data).activities)
    assert found == 0 or ("good" in name and found <= 2)
    # An idle process has 100 MB.
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown_mb < MOST_MB


@pytest.mark.parametrize(
    "data",
    [
        lambda: fit(b"\x40\x00\x00\x14\x00\x00" + b"\x00" * (TEN_MB - 100)),
        lambda: fit(ONE_FIELD + b"\x00\x50" * 2_000_000),
        lambda: whole(LENGTHLESS + b"\x00" * 15_000),
        lambda: good() + whole(LENGTHLESS + b"\x00" * 6_000) * 2,
        lambda: fit(SMALL * (TEN_MB // len(SMALL) - 10)),
    ],
)
def test_more_values_than_an_activity_has(data: Callable[[], bytes]) -> None:
    """They are counted before any is decoded, for they take fifty times as much memory as in the file."""
    with pytest.raises(InvalidInputError, match="more than 3 million values"):
        read_activity_file(data())
