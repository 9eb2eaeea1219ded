"""How fast files of people are read: Apple Health's export, and FIT activities, beside what they stand on.

uv run python benchmarks/files.py [--megabytes 50 | --gigabyte] [FOLDER OF FIT FILES]

Megabytes of the file by second of processor time, so that a busy machine doesn't count. An export of heart
rates, energy, steps and workouts, as watches write them, is read from the zip; "expat" takes the same XML
without handlers, and with two that do nothing, which is the most that Python can reach with a call for each
element. Memory is what the process has taken at most. FIT files are of our own writer, a ride of five hours
and a run of one, unless a folder is given; those that nothing can be read from are left out. The libraries
decode and make nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

import fitdecode
import fitfast
import numpy as np
import pyfitparsernative

from hub_core.domain.records import Activity, Lap
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.errors import InvalidInputError
from hub_core.formats import read_activity_file, write_fit_activity
from hub_core.formats.apple import open_apple_export

#: Types with their unit and how many of a hundred records are of each.
KINDS = (
    ("HeartRate", "count/min", 40),
    ("ActiveEnergyBurned", "kcal", 25),
    ("BasalEnergyBurned", "kcal", 15),
    ("StepCount", "count", 10),
    ("DistanceWalkingRunning", "km", 10),
    ("HeartRateVariabilitySDNN", "ms", 0.5),
)
BEATS = "".join(
    f'   <InstantaneousBeatsPerMinute bpm="{60 + beat % 9}" time="7:03:{beat:02}.41 AM"/>\n'
    for beat in range(60)
)
LIST = "HeartRateVariabilityMetadataList"
#: What is within records of a type.
INSIDE = {
    "HeartRate": '>\n  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="1"/>\n </Record>\n',
    "HeartRateVariabilitySDNN": f">\n  <{LIST}>\n{BEATS}  </{LIST}>\n </Record>\n",
}
#: One for 2,000 records.
WORKOUT = """ <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="48.2" durationUnit="min"\
 sourceName="Watch" startDate="{0} +0200" endDate="{0} +0200">
  <MetadataEntry key="HKTimeZone" value="Europe/Zurich"/>
  <WorkoutEvent type="HKWorkoutEventTypePause" date="{0} +0200"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" startDate="{0} +0200" endDate="{0} +0200"\
 average="149.2" minimum="98" maximum="171" unit="count/min"/>
 </Workout>
"""
CHUNK = 1 << 16


def records(megabytes: int) -> Iterator[bytes]:
    """The XML in pieces of some thousand records."""
    chance = random.Random(1)
    moment, size = dt.datetime.fromisoformat("2027-01-01"), 0
    weights = [share for _, _, share in KINDS]
    yield b'<HealthData locale="en_CH">\n'
    while size < megabytes * 1_000_000:
        lines = []
        for kind, unit, _ in chance.choices(KINDS, weights, k=2000):
            moment += dt.timedelta(seconds=chance.randrange(1, 20))
            end = moment + dt.timedelta(seconds=chance.randrange(60))
            device = (
                f"&lt;&lt;HKDevice: 0x{chance.randrange(1 << 36):x}&gt;, name:Apple Watch, manufacturer:Apple"
            )
            lines.append(
                f' <Record type="HKQuantityTypeIdentifier{kind}" sourceName="X\u2019s Apple\u00a0Watch"'
                f' sourceVersion="10.1" device="{device}, model:Watch, hardware:Watch6,2, software:10.1&gt;"'
                f' unit="{unit}" creationDate="{end} +0200" startDate="{moment} +0200" endDate="{end} +0200"'
                f' value="{chance.randrange(30_000) / 100}"{INSIDE.get(kind, "/>\n")}'
            )
        lines.append(WORKOUT.format(moment))
        piece = "".join(lines).encode()
        size += len(piece)
        yield piece
    yield b"</HealthData>\n"


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def report(name: str, size: int, took: float, more: str = "") -> None:
    print(f"  {name:<46} {size / took / 1e6:8.1f} MB/s  {more}")


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def expat_over(path: Path, *, handlers: bool) -> None:
    parser = expat.ParserCreate()
    if handlers:
        parser.StartElementHandler = lambda _name, _attributes: None
        parser.EndElementHandler = lambda _name: None
    with zipfile.ZipFile(path) as archive, archive.open("export.xml") as stream:
        while data := stream.read(CHUNK):
            parser.Parse(data)
    parser.Parse(b"", True)


def apple(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, size = Path(folder, "export.zip"), 0
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("export.xml", "w", force_zip64=True) as member,
        ):
            for piece in records(megabytes):
                size += member.write(piece)
        print(f"Apple Health, {size / 1e6:.0f} MB of XML in a zip of {path.stat().st_size / 1e6:.0f} MB")
        before, count = memory_mb(), 0

        def ours() -> None:
            nonlocal count
            count = sum(1 for _ in open_apple_export(path))

        took = seconds(ours)
        more = f"{count} records, {memory_mb():.0f} MB of memory ({before:.0f} MB before)"
        report("hub, XML to records", size, took, more)
        report("expat", size, seconds(lambda: expat_over(path, handlers=False)))
        report("expat, two empty handlers", size, seconds(lambda: expat_over(path, handlers=True)))


def written_files() -> list[bytes]:
    files = []
    for sport, length in ((Sport.RIDE, 18_000), (Sport.RUN, 3_600)):
        at = np.arange(float(length))
        series = Series.of(
            {
                "time_s": at,
                "heart_rate_bpm": 120 + at % 30,
                "power_w": 200 + at % 50,
                "cadence_rpm": 80 + at % 9,
                "speed_ms": 7 + at % 3,
                "distance_m": at * 8,
                "altitude_m": 400 + at % 100,
                "latitude_deg": 47 + at / 1e5,
                "longitude_deg": 8 - at / 1e5,
            }
        )
        start = dt.datetime(2031, 4, 7, 6, 30, tzinfo=dt.UTC)
        laps = tuple(Lap(second, 600.0) for second in range(0, length, 600))
        files.append(write_fit_activity(Activity("x", sport, start, float(length), laps=laps, series=series)))
    return files


def patiently(data: bytes) -> None:
    with fitdecode.FitReader(data, check_crc=fitdecode.CrcCheck.DISABLED) as reader:
        for _ in reader:
            pass


def fit(folder: Path | None) -> None:
    found = (
        [one.read_bytes() for one in sorted(folder.iterdir()) if one.suffix.lower() == ".fit"]
        if folder
        else []
    )
    readable = []
    for data in found or written_files():
        try:
            read_activity_file(data)  # and loads what is loaded late
        except InvalidInputError:
            continue
        readable.append(data)
    print(f"FIT, {len(readable)} activities of {sum(map(len, readable)) / 1e6:.1f} MB")
    works: dict[str, Callable[[bytes], object]] = {
        "hub, FIT to activity": read_activity_file,
        "fitfast, columns of the samples": fitfast.records,
        "fitfast, messages": fitfast.parse,
        "pyfitparsernative, messages": pyfitparsernative.parse_fit_bytes,
        "fitdecode, messages": patiently,
    }
    for name, work in works.items():
        size, took, refused = 0, 0.0, 0
        for data in readable:
            try:
                took += seconds(lambda data=data, work=work: work(data))  # type: ignore[misc]
            except Exception:  # noqa: BLE001 (each library has errors of its own)
                refused += 1
                continue
            size += len(data)
        report(name, size, took, f"{refused} refused" if refused else "")
    whole = [one for one in readable if not read_activity_file(one).remarks]
    if len(whole) < len(readable):
        took = sum(seconds(lambda data=data: read_activity_file(data)) for data in whole)  # type: ignore[misc]
        report(f"hub, the {len(whole)} that are not damaged", sum(map(len, whole)), took)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--gigabyte", action="store_true")
    parser.add_argument("folder", type=Path, nargs="?")
    given = parser.parse_args()
    apple(1000 if given.gigabyte else given.megabytes)
    fit(given.folder)


if __name__ == "__main__":
    main()
