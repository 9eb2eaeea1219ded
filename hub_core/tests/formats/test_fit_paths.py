"""A FIT file says the same by whichever library it is read: whole, without the header's checksum, cut off."""

from __future__ import annotations

import datetime as dt
import struct

import msgspec
import numpy as np
import pytest

from hub_core.domain.records import Activity, Lap
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.formats import read_activity_file, write_fit_activity
from hub_core.formats.activities._fit_cut import cut_fit_to_summary

START = dt.datetime(2031, 4, 7, 6, 30, tzinfo=dt.UTC)
#: Seconds of FIT's epoch.
AT = int((START - dt.datetime(1989, 12, 31, tzinfo=dt.UTC)).total_seconds())
U8, U16, U32, TEXT = (2, "B"), (0x84, "H"), (0x86, "I"), (7, "12s")


def checksum(data: bytes) -> int:
    """Bit by bit, as the FIT protocol has it."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def fit_file(*messages: bytes, header_has_checksum: bool = True) -> bytes:
    body = b"".join(messages)
    head = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    whole = head + (checksum(head) if header_has_checksum else 0).to_bytes(2, "little") + body
    return whole + checksum(whole).to_bytes(2, "little")


def definition(number: int, *fields: tuple[int, tuple[int, str]], developer: bytes = b"") -> bytes:
    known = b"".join(bytes((which, struct.calcsize(form), base)) for which, (base, form) in fields)
    more = bytes((len(developer) // 3,)) + developer if developer else b""
    head = 0x60 if developer else 0x40
    return struct.pack("<BBBHB", head, 0, 0, number, len(fields)) + known + more


def message(form: str, *values: int | bytes) -> bytes:
    return struct.pack("<B" + form, 0, *values)


def foot_pod(*, header_has_checksum: bool = True, name: bytes = b"Power") -> bytes:
    """Watts of another maker's pod; the watch writes some of a second apart, with one time."""
    return fit_file(
        definition(0, (0, U8), (1, U16)) + message("BH", 4, 1),
        definition(207, (3, U8)) + message("B", 0),
        definition(206, (0, U8), (1, U8), (2, U8), (3, TEXT)) + message("BBB12s", 0, 7, 0x84, name),
        definition(20, (253, U32), (3, U8), developer=bytes((7, 2, 0))),
        message("IBH", AT, 120, 201),
        message("IBH", AT + 2, 124, 205),
        message("IBH", AT + 1, 122, 0xFFFF),
        message("IBH", AT + 1, 0xFF, 203),
        definition(18, (253, U32), (2, U32), (7, U32), (5, U8), (6, U8)),
        message("IIIBB", AT + 3, AT, 3000, 1, 0),
        header_has_checksum=header_has_checksum,
    )


def said(data: bytes) -> list[Activity]:
    return [
        msgspec.structs.replace(one, external_id="", file_digest="")
        for one in read_activity_file(data).activities
    ]


@pytest.mark.parametrize("name", [b"Power", b"power"])
def test_a_foot_pods_watts_and_samples_of_one_time(name: bytes) -> None:
    (read,) = said(foot_pod(name=name))
    assert (read.sport, read.start, read.duration_s) == (Sport.RUN, START, 3)
    assert read.series is not None
    columns = {
        name: values.tolist()
        for name in read.series.names()
        if (values := read.series.column(name)) is not None
    }
    assert columns == {"time_s": [0, 1, 2], "heart_rate_bpm": [120, 122, 124], "power_w": [201, 203, 205]}
    assert said(foot_pod(name=name, header_has_checksum=False)) == [read]
    assert said(foot_pod(name=name)[:-2]) == [read]


def race() -> bytes:
    """Two sports in one chain of files, with places and laps."""
    time = np.arange(40.0)
    series = Series.of(
        {
            "time_s": time,
            "latitude_deg": 47 + time / 1e5,
            "longitude_deg": 8 - time / 1e5,
            "speed_ms": 3 + time / 100,
            "altitude_m": 400 + time,
            "power_w": np.where(time < 20, np.nan, 200 + time),
        }
    )
    parts = [
        Activity(
            "x", sport, START + dt.timedelta(hours=hours), 40.0, laps=(Lap(0, 20), Lap(20, 20)), series=series
        )
        for hours, sport in enumerate((Sport.RIDE, Sport.RUN))
    ]
    return b"".join(write_fit_activity(one) for one in parts)


def test_a_chain_of_two_sports() -> None:
    ride, run = said(race())
    assert (ride.sport, run.sport) == (Sport.RIDE, Sport.RUN)
    for one in (ride, run):
        assert [lap.start_s for lap in one.laps] == [0, 20]
        assert one.series is not None
        assert len(one.series) == 40
    assert ride.series == run.series
    cut = cut_fit_to_summary(race())
    assert len(cut) < len(race()) / 3
    assert [one.laps for one in said(cut)] == [ride.laps, run.laps]


def test_a_summary_with_a_relative_time_is_not_cut_out() -> None:
    data = fit_file(
        definition(0, (0, U8)) + message("B", 4),
        definition(20, (253, U32), (3, U8)) + message("IB", AT, 120),
        definition(18, (2, U32), (7, U32), (5, U8)),
        struct.pack("<BIIB", 0x80 | (AT + 5) & 0x1F, AT, 5000, 2),
    )
    with pytest.raises(ValueError, match="relative"):
        cut_fit_to_summary(data)
    (read,) = said(data)
    assert (read.sport, read.start, read.duration_s, read.avg_heart_rate_bpm) == (Sport.RIDE, START, 5, 120)
