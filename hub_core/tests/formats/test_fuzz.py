"""Broken files of every format: one clear error, in bounded time, and never anything else.

A short run over a small corpus of our own; `-m chaos` for the long one, a million inputs.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
import tracemalloc
import zlib

import pytest

from hub_core.domain.outline import count_nodes, place_steps
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Intensity,
    Metric,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
    ZoneTarget,
)
from hub_core.errors import InvalidInputError
from hub_core.formats import FORMATS, read_workout, write_workout_file
from hub_core.formats._fit_frames import crc16
from hub_core.testing.strategies import KNOWN_ATHLETE

_WORK = Step(
    TimeDuration(60),
    PercentTarget(Metric.POWER, 105, 110, Reference.FTP),
    CadenceRange(90, 95),
    Intensity.INTERVAL,
    "Hart",
    "At 30 s: Höher",
)
CORPUS = (
    PlannedWorkout(
        "Alles",
        Sport.RIDE,
        (
            Step(
                TimeDuration(600),
                PercentTarget(Metric.POWER, 40, 60, Reference.FTP, "up"),
                None,
                Intensity.WARMUP,
            ),
            Repeat(2, (Repeat(3, (_WORK, Step(TimeDuration(30.5)))), _WORK), "Satz"),
            Step(OpenDuration(), ZoneTarget(Metric.HEART_RATE, 2, 2)),
            Step(DistanceDuration(5000), RangeTarget(Metric.POWER, 200, 220)),
        ),
        description="Zwei\nZeilen",
    ),
    PlannedWorkout("x", Sport.POOL_SWIM, (Step(DistanceDuration(50)),), pool_length_m=25),
)
#: What breaks parsers: zeros, markup, signs of numbers, ends of lines, marks of encodings.
_SPICE = (
    b"\0", b"\xff", b"<", b"&", b"]]>", b"-", b"1e999", b"NaN", b"9" * 40, b"\r", b"\n\n", b"=",
    b"\xef\xbb\xbf", b"\xff\xfe", b"%", b"'", b"\xed\xa0\x80", b"<!DOCTYPE x>", b"3x\n", b"<!>", b"^",
    b"[END COURSE DATA]",
)  # fmt: skip
NAMES = tuple(FORMATS)
#: Reads the largest and prints by how many kB the process grew.
_LARGEST = r"""
import resource
from hub_core.errors import InvalidInputError
from hub_core.formats import read_workout
from hub_core.formats._fit_frames import crc16

head = bytes([14, 16, 0, 0]) + (900_006).to_bytes(4, "little") + b".FIT\0\0"
fit = head + bytes([0x40, 0, 0, 0, 0, 0]) + bytes(900_000)
attributes = b" ".join(b'a%d=""' % n for n in range(90_000))
cases = {
    "x.zwo": b"<workout_file><workout>" + b"<a/>" * 240_000 + b"</workout></workout_file>",
    "y.zwo": b"<workout_file><workout><a " + attributes + b"/></workout></workout_file>",
    "x.erg": b"[COURSE HEADER]\nMINUTES WATTS\n[END COURSE HEADER]\n[COURSE DATA]\n" + b"0 1\n" * 200_000,
    "x.txt": b"a\n" * 490_000,
    "y.txt": b"- 1m " + b"a " * 400_000,
    "x.json": b'{"name": "x", "sport": "run", "steps": [' + b"{}," * 300_000,
    "x.fit": fit + crc16(fit).to_bytes(2, "little"),
}
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name, data in cases.items():
    try:
        read_workout(data, name)
        print("read", name)
    except InvalidInputError:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def corpus(name: str) -> list[bytes]:
    return [write_workout_file(workout, KNOWN_ATHLETE, name).data for workout in CORPUS]


def sealed(data: bytes) -> bytes:
    """A FIT file with checksums that fit, so that what is broken inside is reached."""
    if len(data) < 16:
        return data
    head = bytes([14]) + data[1:4] + (len(data) - 16).to_bytes(4, "little") + b".FIT\0\0"
    body = head + data[14:-2]
    return body + crc16(body).to_bytes(2, "little")


def attempt(data: bytes, name: str) -> None:
    """Read it or refuse it, in words."""
    try:
        found = read_workout(data, f"x{FORMATS[name].suffix}", sport=Sport.RIDE)
    except InvalidInputError:
        return
    # Whatever was read can be written again.
    assert count_nodes(place_steps(found.workout.steps)) >= 1
    assert write_workout_file(found.workout, KNOWN_ATHLETE, name).data


def break_one(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data) + 1)
    match dice.randrange(6):
        case 0:
            return data[:place]
        case 1:
            return data[:place] + bytes([dice.randrange(256)]) + data[place + 1 :]
        case 2:
            return data[:place] + dice.choice(_SPICE) + data[place:]
        case 3:
            return data[:place] + data[place + dice.randrange(1, 20) :]
        case 4:
            start = dice.randrange(len(data))
            return data[:place] + data[start : start + dice.randrange(1, 60)] + data[place:]
    bit = 1 << dice.randrange(8)
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :] if place < len(data) else data


def fuzz(name: str, count: int, seed: int) -> None:
    dice = random.Random(f"{name} {seed}")
    whole = corpus(name)
    for _ in range(count):
        data = dice.choice(whole)
        for _ in range(dice.randrange(1, 4)):
            data = break_one(data, dice) or b"-"
        attempt(data, name)
        if name == "fit":
            attempt(sealed(data), name)


@pytest.mark.parametrize("name", NAMES)
def test_broken_files_are_refused_in_words(name: str) -> None:
    fuzz(name, 200, 1)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", NAMES)
def test_a_million_broken_files(name: str, seed: int) -> None:
    fuzz(name, 22_000, seed + 2)


@pytest.mark.parametrize("name", NAMES)
def test_every_truncation(name: str) -> None:
    whole = corpus(name)[0]
    for length in range(0, len(whole), max(1, len(whole) // 150)):
        attempt(whole[:length], name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("other", NAMES)
def test_wrong_suffixes(name: str, other: str) -> None:
    for data in corpus(other):
        if name == other:
            attempt(data, name)
        elif {name, other} != {"erg", "mrc"}:
            with pytest.raises(InvalidInputError):
                read_workout(data, f"x{FORMATS[name].suffix}")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100_000,
        b"\xff" * 100_000,
        bytes(range(256)) * 400,
        zlib.compress(b"\0" * 10_000_000),
        b"\x1f\x8b" + b"\0" * 100,
        b"PK\x03\x04" + b"\0" * 100,
        b"<" * 100_000,
        b"[" * 100_000,
        b"- " * 100_000,
        b"0 " * 400_000,
        b"1\n" * 400_000,
        b"- 1m\n" * 150_000,
        b"<!--" + b"-" * 100_000,
        "Ω\ud7ff".encode("utf-16") * 1000,
    ],
    ids=lambda data: repr(data[:6]),
)
def test_junk(name: str, data: bytes) -> None:
    began = time.perf_counter()
    with pytest.raises(InvalidInputError):
        read_workout(data, f"x{FORMATS[name].suffix}")
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("name", NAMES)
def test_a_hundred_megabytes_take_neither_time_nor_memory(name: str) -> None:
    data = bytes(100_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidInputError, match="larger than 1000 kB"):
            read_workout(data, f"x{FORMATS[name].suffix}")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_the_largest_files_take_bounded_time_and_memory() -> None:
    """A megabyte of the smallest things that each format can hold, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", _LARGEST], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 150_000  # kB
