"""What a file adds to what a provider told."""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec
import pytest

from hub_core.sandbox import RecordedActivity, write_activity_file
from hub_core.sdk import Activity, Rejected, Sport, read_file, with_content

START = dt.datetime(2026, 11, 3, 6, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
DONE = RecordedActivity("Morning run", Sport.RUN, START, 1800.0, 5000.0, heart_rate_bpm=141.0)
FILE = write_activity_file(DONE)
TOLD = Activity("77", Sport.TRAIL_RUN, START, 1805.0, name="Woods", version=3, origin="acme")


def test_the_same_activity_gives_the_same_file() -> None:
    assert write_activity_file(DONE) == FILE


def test_a_device_file_holds_what_was_done() -> None:
    read = read_file(FILE, "x.fit")
    assert (read.start, read.sport, read.duration_s, read.distance_m) == (START, Sport.RUN, 1800.0, 5000.0)
    assert read.file_digest == hashlib.sha256(FILE).hexdigest()


def test_the_providers_words_stand_and_the_file_adds_what_is_missing() -> None:
    both = with_content(TOLD, FILE, "x.fit")
    told = ("external_id", "sport", "duration_s", "name", "version", "origin")
    assert [getattr(both, name) for name in told] == [getattr(TOLD, name) for name in told]
    assert (both.distance_m, both.avg_heart_rate_bpm) == (5000.0, 141.0)
    assert both.series is not None
    assert len(both.series) == 181
    corrected = msgspec.structs.replace(TOLD, distance_m=4900.0)
    assert with_content(corrected, FILE).distance_m == 4900.0


@pytest.mark.parametrize("file", [None, b"", b"no file of a device", FILE[:20]])
def test_without_a_file_that_can_be_read_what_was_told_is_all(file: bytes | None) -> None:
    assert with_content(TOLD, file) == TOLD


def test_a_file_that_cant_be_read_is_refused() -> None:
    with pytest.raises(Rejected, match="can't be read"):
        read_file(b"no file of a device")
