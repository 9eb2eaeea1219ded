"""A FIT header may do without a checksum. The fast decoder takes no such file, until it is filled in."""

from __future__ import annotations

import datetime as dt

import fitfast
import msgspec
import pytest

from hub_core.domain.records import Activity
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.formats import read_activity_file, write_fit_activity
from hub_core.formats._fit_frames import crc16
from hub_core.formats.activities._fit_header import with_header_checksums


def written(seconds: int) -> bytes:
    start = dt.datetime(2031, 4, 7, 6, 30, tzinfo=dt.UTC)
    series = Series.of({"time_s": list(range(seconds)), "power_w": [200.0 + at % 7 for at in range(seconds)]})
    return write_fit_activity(Activity("x", Sport.RIDE, start, float(seconds), 400.0, series=series))


def without_checksum(data: bytes) -> bytes:
    bare = data[:12] + b"\0\0" + data[14:-2]
    return bare + crc16(bare).to_bytes(2, "little")


@pytest.mark.parametrize("seconds", [1, 60, 8_000])
def test_the_checksums_are_those_that_would_have_been_written(seconds: int) -> None:
    data = written(seconds)
    bare = without_checksum(data)
    with pytest.raises(fitfast.FitDecodeError):
        fitfast.records(bare)
    assert with_header_checksums(bare) == data
    assert with_header_checksums(bare + data + bare) == data * 3


def test_both_are_the_same_activity() -> None:
    data = written(60)
    (with_, without) = (
        msgspec.structs.replace(read_activity_file(one).activities[0], external_id="", file_digest="")
        for one in (data, without_checksum(data))
    )
    assert with_ == without
    assert with_.series is not None


def test_what_is_damaged_stays_damaged() -> None:
    bare = bytearray(without_checksum(written(60)))
    bare[200] ^= 1
    with pytest.raises(fitfast.FitDecodeError):
        fitfast.records(with_header_checksums(bytes(bare)))
    assert "damaged" in read_activity_file(bytes(bare)).remarks[0]


@pytest.mark.parametrize("data", [b"", b"\x0e", b"\x0e" * 40, b"\0" * 100, written(9)[:100], written(9)[:13]])
def test_what_is_no_whole_file_is_left_as_it_is(data: bytes) -> None:
    assert with_header_checksums(data) == data
