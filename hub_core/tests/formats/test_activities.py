"""Recorded activities out of FIT, TCX and GPX files, whole and broken ones."""

from __future__ import annotations

import datetime as dt
import gzip
import random
import resource
import time

import fitdecode
import msgspec
import numpy as np
import pytest

from hub_core.domain.records import Activity, Device, Lap
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.errors import InvalidInputError
from hub_core.formats import read_activity_file, write_fit_activity

CEST = dt.timezone(dt.timedelta(hours=2))
START = dt.datetime(2031, 4, 7, 6, 30, tzinfo=CEST)


def ride(seconds: int = 60) -> Activity:
    time = np.arange(seconds, dtype=float)
    series = Series.of(
        {
            "time_s": time,
            "heart_rate_bpm": 120 + time % 30,
            "power_w": 200 + time % 50,
            "distance_m": time * 8,
            "altitude_m": 400 + time,
            "latitude_deg": 47 + time / 1e5,
            "longitude_deg": 8 - time / 1e5,
        }
    )
    return Activity(
        "x",
        Sport.RIDE,
        START,
        float(seconds),
        8.0 * (seconds - 1),
        moving_s=float(seconds - 10),
        avg_heart_rate_bpm=134,
        max_heart_rate_bpm=149,
        avg_power_w=224,
        max_power_w=249,
        normalized_power_w=230,
        energy_kcal=12,
        device=Device("", "garmin", "1234567"),
        laps=(Lap(0, 30, 240), Lap(30, 30, 232, avg_heart_rate_bpm=140)),
        series=series,
    )


def test_what_is_written_is_read_again() -> None:
    (back,) = read_activity_file(write_fit_activity(ride())).activities
    meant = ride()
    assert back.start == meant.start
    assert back.start.utcoffset() == dt.timedelta(hours=2)
    for name in (
        "sport", "duration_s", "distance_m", "moving_s", "avg_heart_rate_bpm", "max_heart_rate_bpm",
        "avg_power_w", "max_power_w", "normalized_power_w", "energy_kcal",
    ):  # fmt: skip
        assert getattr(back, name) == getattr(meant, name), name
    assert [(lap.start_s, lap.duration_s, lap.distance_m) for lap in back.laps] == [
        (0, 30, 240),
        (30, 30, 232),
    ]
    assert back.series is not None
    assert meant.series is not None
    assert back.series.names() == meant.series.names()
    for column in back.series.names():
        ours, theirs = meant.series.column(column), back.series.column(column)
        assert ours is not None
        assert theirs is not None
        np.testing.assert_allclose(theirs, ours, atol=0.21, err_msg=column)
    assert back.device is not None
    assert (back.device.manufacturer, back.device.serial) == ("garmin", "1234567")


def test_the_written_file_is_whole_for_a_second_decoder() -> None:
    with fitdecode.FitReader(write_fit_activity(ride()), check_crc=fitdecode.CrcCheck.RAISE) as reader:
        names = [frame.name for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    assert (names.count("record"), names.count("lap"), names.count("session")) == (60, 2, 1)


def test_the_same_bytes_are_the_same_activity_packed_or_not() -> None:
    data = write_fit_activity(ride())
    (plain,), (packed,) = (read_activity_file(one).activities for one in (data, gzip.compress(data)))
    assert plain.external_id == packed.external_id
    assert plain.file_digest == packed.file_digest
    assert len(plain.file_digest) == 64


def test_a_file_that_is_cut_off_anywhere_is_read_as_far_as_it_goes_or_refused() -> None:
    data = write_fit_activity(ride(20))
    told = 0
    for end in range(0, len(data), 3):
        try:
            read = read_activity_file(data[:end])
        except InvalidInputError:
            continue
        told += 1
        assert "damaged" in read.remarks[0]
        assert read.activities[0].series is None or len(read.activities[0].series) <= 20
    assert told > 100


@pytest.mark.parametrize("seed", range(3))
def test_flipped_bits_never_end_in_anything_but_our_error(seed: int) -> None:
    chance = random.Random(seed)
    data = write_fit_activity(ride(10))
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        try:
            read_activity_file(bytes(broken))
        except InvalidInputError:
            continue


def test_without_a_summary_it_is_made_of_the_samples() -> None:
    data = write_fit_activity(ride())
    without_end = data[: data.rindex(b"\x40", 0, len(data) - 150)]
    (read,) = read_activity_file(without_end).activities
    assert read.series is not None
    assert read.avg_power_w == pytest.approx(224, abs=5)
    assert read.elevation_gain_m == pytest.approx(59, abs=3)


TCX = """<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
  xmlns:x="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities><Activity Sport="Running">
<Id>2031-04-07T04:30:00Z</Id>
<Lap StartTime="2031-04-07T04:30:00Z"><TotalTimeSeconds>120</TotalTimeSeconds>
<DistanceMeters>400.5</DistanceMeters><Calories>30</Calories>
<AverageHeartRateBpm><Value>140</Value></AverageHeartRateBpm>
<MaximumHeartRateBpm><Value>151</Value></MaximumHeartRateBpm>
<Track>
<Trackpoint><Time>2031-04-07T04:30:00Z</Time><Position><LatitudeDegrees>47.0</LatitudeDegrees>
<LongitudeDegrees>8.0</LongitudeDegrees></Position><AltitudeMeters>410</AltitudeMeters>
<DistanceMeters>0</DistanceMeters><HeartRateBpm><Value>120</Value></HeartRateBpm>
<Extensions><x:TPX><x:Speed>3.3</x:Speed><x:RunCadence>84</x:RunCadence><x:Watts>250</x:Watts></x:TPX></Extensions>
</Trackpoint>
<Trackpoint><Time>2031-04-07T04:32:00.000Z</Time><DistanceMeters>400.5</DistanceMeters>
<HeartRateBpm><Value>150</Value></HeartRateBpm></Trackpoint>
</Track></Lap>
<Lap StartTime="2031-04-07T04:40:00Z"><TotalTimeSeconds>60</TotalTimeSeconds>
<DistanceMeters>200</DistanceMeters><Calories>15</Calories></Lap>
<Notes>Windy</Notes><Creator><Name>Forerunner</Name><UnitId>42</UnitId></Creator>
</Activity></Activities></TrainingCenterDatabase>"""

GPX = """<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1" version="1.1">
<trk><name>Morning</name><type>running</type><trkseg>
<trkpt lat="47.0" lon="8.0"><ele>400</ele><time>2031-04-07T04:30:00Z</time><extensions>
<gpxtpx:TrackPointExtension><gpxtpx:hr>130</gpxtpx:hr><gpxtpx:cad>80</gpxtpx:cad></gpxtpx:TrackPointExtension>
</extensions></trkpt>
<trkpt lat="47.001" lon="8.0"><ele>401</ele><time>2031-04-07T04:30:30Z</time></trkpt></trkseg>
<trkseg><trkpt lat="47.002" lon="8.0"><ele>410</ele><time>2031-04-07T04:40:00Z</time></trkpt></trkseg>
</trk></gpx>"""


def test_tcx() -> None:
    (read,) = read_activity_file(TCX.encode()).activities
    assert (read.sport, read.duration_s, read.moving_s) == (Sport.RUN, 660, 180)
    assert (read.distance_m, read.energy_kcal, read.max_heart_rate_bpm) == (600.5, 45, 151)
    assert (read.notes, read.device) == ("Windy", Device("Forerunner", serial="42"))
    assert [lap.start_s for lap in read.laps] == [0, 600]
    assert read.laps[0].avg_heart_rate_bpm == 140
    assert read.series is not None
    watts, turns = read.series.column("power_w"), read.series.column("cadence_rpm")
    assert watts is not None
    assert turns is not None
    assert (watts[0], turns[0]) == (250, 84)


def test_gpx_with_a_pause_and_without_distances() -> None:
    (read,) = read_activity_file(GPX.encode()).activities
    assert (read.sport, read.name, read.duration_s) == (Sport.RUN, "Morning", 600)
    assert read.distance_m == pytest.approx(222.4, abs=0.2)
    assert read.avg_heart_rate_bpm == 130
    assert read.elevation_gain_m == 10


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04abc", "zip"),
        (b"<html></html>", "no FIT, TCX or GPX"),
        (GPX.replace("<time>", "<when>").replace("</time>", "</when>").encode(), "course"),
        (GPX[:400].encode(), "line"),
        (b'<!DOCTYPE gpx [<!ENTITY a "aaaa">]><gpx><trk>&a;</trk></gpx>', "entities"),
        (b"<gpx>" + b"<a>" * 50_000, "deeper"),
        (b"<gpx " + b" ".join(b'a%d="1"' % n for n in range(200)) + b"/>", "attributes"),
        (gzip.compress(b"\0" * 70_000_000), "60 MB"),
        (gzip.compress(b"abc" * 1000)[:30], "damaged"),
        (b"\x0e\x10" + b"\0" * 6 + b".FIT" + b"\xff" * 100, "damaged"),
    ],
    ids=["empty", "zip", "page", "course", "cut", "entities", "deep", "attributes", "bomb", "gzip", "fit"],
)
def test_what_is_no_activity_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        read_activity_file(data)


def test_a_series_keeps_gaps_and_drops_empty_columns() -> None:
    series = Series.of({"time_s": [0, 1], "power_w": [None, 3], "speed_ms": [None, None]})
    assert series.names() == ("time_s", "power_w")
    watts = series.column("power_w")
    assert watts is not None
    assert np.isnan(watts[0])
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(series), type=Series) == series
    with pytest.raises(ValueError, match="length"):
        Series.of({"time_s": [0], "power_w": [1, 2]})


@pytest.mark.chaos
def test_f34_a_hundred_thousand_mutations() -> None:
    """F34: nothing but our error, no hang, no memory that grows."""
    chance, data = random.Random(34), write_fit_activity(ride(10))
    read = refused = 0
    slowest, count = 0.0, 100_000
    for _ in range(count):
        broken = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        began = time.process_time()
        try:
            read_activity_file(
                bytes(broken[: chance.randint(1, len(broken))] if chance.random() < 0.1 else broken)
            )
            read += 1
        except InvalidInputError:
            refused += 1
        slowest = max(slowest, time.process_time() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(  # noqa: T201 (the summary of a long run)
        f"F34 seed 34: {count} mutated, {read} read, {refused} refused, slowest {slowest:.2f} s, {memory} MB"
    )
    assert read + refused == count
