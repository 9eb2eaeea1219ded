"""Course files for ergometers: ERG (minutes and watts) and MRC (minutes and percent of FTP).

There is no official description. This follows CompuTrainer's layout as TrainerRoad explains it
("Creating a Workout from an ERG or MRC File") and GoldenCheetah reads and writes it (`ErgFile.cpp`):
a header of `KEY = value` lines that ends in the names of the columns, data points, and messages as
second, text and seconds on the screen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from hub_core.domain.sport import Sport
from hub_core.domain.validate import validate
from hub_core.domain.workout import (
    CadenceRange,
    Metric,
    PercentTarget,
    PlannedWorkout,
    Ramp,
    RangeTarget,
    Reference,
    Step,
    TimeDuration,
)
from hub_core.errors import InvalidInputError
from hub_core.formats._messages import Message
from hub_core.formats._text import decode_lines, one_line

_NUMBER = r"\d{1,9}(?:[.,]\d{1,12})?"
_POINT = re.compile(rf"({_NUMBER})[,;]?\s+({_NUMBER})\s*%?(?:[,;]?\s+({_NUMBER}))?")
_PLAIN_NUMBER = re.compile(_NUMBER)
_LAP = re.compile(rf"({_NUMBER})\s+LAP\b\s*(.*)", re.IGNORECASE)
_SECTION = re.compile(r"\[(END )?COURSE (HEADER|DATA|TEXT)\]")
_UNITS = {"WATTS": "watts", "PERCENT": "percent", "%": "percent", "FTP": "percent", "%FTP": "percent"}
#: Keys that say nothing about the training.
_SILENT = {"VERSION", "UNITS"}
_MERGE_TOLERANCE = 1e-6


class _Point(msgspec.Struct, frozen=True):
    seconds: float
    power: float
    cadence: float | None
    line: int


@dataclass
class _Course:
    """What was read so far. `unit` is `watts` or `percent`."""

    unit: str
    header: dict[str, str] = field(default_factory=dict)
    points: list[_Point] = field(default_factory=list)
    laps: list[tuple[float, str]] = field(default_factory=list)
    messages: list[tuple[float, str]] = field(default_factory=list)


class _Segment(msgspec.Struct, frozen=True):
    begin: _Point
    end: _Point


def read_erg(data: bytes, name: str, remarks: list[str] | None = None) -> PlannedWorkout:
    """The workout in an ERG file, in watts, checked by `validate`; `name` is used when the file has none.

    A rise or fall between two points is a ramp, two points at one moment are a jump and begin a step.
    Messages become notes, with the moment they are shown at. What is left out is added to `remarks`. Raises
    `InvalidInputError` with the line.
    """
    return _read(data, name, "watts", [] if remarks is None else remarks)


def read_mrc(data: bytes, name: str, remarks: list[str] | None = None) -> PlannedWorkout:
    """The workout in an MRC file, in percent of FTP; else as `read_erg`."""
    return _read(data, name, "percent", [] if remarks is None else remarks)


def _read(data: bytes, name: str, unit: str, remarks: list[str]) -> PlannedWorkout:
    course = _Course(unit)
    # The programs that made these files are from before UTF-8.
    _read_sections(decode_lines(data, otherwise="cp1252"), course)
    if len(course.points) < 2:
        raise InvalidInputError("no course: there are less than two points in [COURSE DATA]")
    segments = list(_segments(course.points))
    if not segments:
        raise InvalidInputError(f"line {course.points[0].line}: the course takes no time")
    header = course.header
    title = header.pop("TITLE", "") or re.sub(r"\.(erg|mrc)$", "", header.pop("FILE NAME", ""), flags=re.I)
    if ftp := header.pop("FTP", ""):
        remarks.append(f"it was written for an FTP of {ftp} W")
    workout = PlannedWorkout(
        name=title or name,
        # The file doesn't say whether it is for the road: that is for whoever imports it.
        sport=Sport.RIDE,
        steps=tuple(_step(segment, course, is_last=segment is segments[-1]) for segment in segments),
        description=_description(header),
    )
    validate(workout)
    return workout


def _read_sections(lines: list[str], course: _Course) -> None:
    section = ""
    seen: set[str] = set()
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line.startswith((";", "#")):
            continue
        if line[0] == "[" and (mark := _SECTION.fullmatch(one_line(line).upper())):
            section = "" if mark[1] else mark[2]
            seen.add(mark[2])
        elif section == "HEADER":
            _read_header(line, number, course)
        elif section == "DATA":
            _read_point(one_line(line.partition(";")[0]), number, course)
        elif section == "TEXT":
            _read_message(line, number, course)
        else:
            raise InvalidInputError(f"line {number}: {line[:40]!r} stands outside of any section")
    if missing := {"HEADER", "DATA"} - seen:
        raise InvalidInputError(f"not a course file: there is no [COURSE {min(missing)}]")
    if section:
        raise InvalidInputError(f"line {len(lines)}: the file ends before [END COURSE {section}]")


def _read_header(line: str, number: int, course: _Course) -> None:
    key, equals, value = line.partition("=")
    if equals:
        course.header.setdefault(one_line(key).upper(), one_line(value))
        return
    columns = line.upper().split()
    unit = _UNITS.get(columns[1]) if len(columns) > 1 and columns[0] == "MINUTES" else None
    if unit is None or columns[2:] not in ([], ["CADENCE"]):
        raise InvalidInputError(
            f"line {number}: {line[:40]!r} is no workout; known are MINUTES WATTS and MINUTES PERCENT"
        )
    course.unit = unit  # the suffix is often wrong, the columns never


def _read_point(line: str, number: int, course: _Course) -> None:
    if "LAP" in line.upper() and (lap := _LAP.fullmatch(line)):
        course.laps.append((_seconds(lap[1]), one_line(lap[2])))
        return
    match = _POINT.fullmatch(line)
    if match is None:
        raise InvalidInputError(f"line {number}: {line[:40]!r} is not a moment and a power")
    cadence = float(match[3].replace(",", ".")) if match[3] else None
    power = float(match[2].replace(",", "."))
    point = _Point(_seconds(match[1]), power, cadence or None, number)
    if course.points and point.seconds < course.points[-1].seconds:
        raise InvalidInputError(f"line {number}: the course goes back in time")
    course.points.append(point)


def _read_message(line: str, number: int, course: _Course) -> None:
    """Second, text, and how long it stays, with tabs between; written by hand also with blanks."""
    words = line.split("\t") if "\t" in line else line.split()
    moment, *text = (word.strip() for word in words)
    if not _PLAIN_NUMBER.fullmatch(moment) or not text:
        raise InvalidInputError(f"line {number}: {line[:40]!r} is not a second and a text")
    if len(text) > 1 and _PLAIN_NUMBER.fullmatch(text[-1]):
        text.pop()
    if said := one_line(" ".join(text)):
        course.messages.append((float(moment.replace(",", ".")), said))


def _seconds(minutes: str) -> float:
    """Minutes as seconds. Two decimals can't say 10 s: what may be a rounded whole second is one."""
    digits = minutes.replace(",", ".")
    value = float(digits) * 60
    decimals = len(digits.partition(".")[2])
    if abs(value - round(value)) <= 30.0 / 10**decimals + 1e-9:
        return round(value) if decimals else value
    return round(value, 3)


def _segments(points: list[_Point]) -> Iterator[_Segment]:
    """The lines between points. A point on a straight line, with no jump, divides nothing."""
    open_segment: _Segment | None = None
    for begin, end in itertools.pairwise(points):
        if end.seconds == begin.seconds:
            if open_segment:
                yield open_segment
            open_segment = None
        elif open_segment and _goes_on(open_segment, end):
            open_segment = _Segment(open_segment.begin, end)
        else:
            if open_segment:
                yield open_segment
            open_segment = _Segment(begin, end)
    if open_segment:
        yield open_segment


def _goes_on(segment: _Segment, point: _Point) -> bool:
    begin, end = segment.begin, segment.end
    if (begin.cadence, end.cadence) != (end.cadence, point.cadence):
        return False
    before = (end.power - begin.power) / (end.seconds - begin.seconds)
    after = (point.power - end.power) / (point.seconds - end.seconds)
    return abs(before - after) < _MERGE_TOLERANCE


def _step(segment: _Segment, course: _Course, *, is_last: bool) -> Step:
    begin, end = segment.begin.seconds, segment.end.seconds
    notes = [
        Message(text, round(moment - begin, 3)).line()
        for moment, text in course.messages
        if begin <= moment and (moment < end or is_last)
    ]
    name = next((text for moment, text in course.laps if moment == begin), "")
    cadence = segment.begin.cadence
    return Step(
        TimeDuration(round(end - begin, 3)),
        _target(segment.begin.power, segment.end.power, course.unit),
        CadenceRange(cadence, cadence) if cadence else None,
        name=name,
        notes="\n".join(notes),
    )


def _target(start: float, end: float, unit: str) -> RangeTarget | PercentTarget:
    ramp: Ramp | None = None if start == end else "up" if start < end else "down"
    low, high = min(start, end), max(start, end)
    if unit == "watts":
        return RangeTarget(Metric.POWER, low, high, ramp)
    return PercentTarget(Metric.POWER, low, high, Reference.FTP, ramp)


def _description(header: dict[str, str]) -> str:
    """The description, then every key that the hub has no field for."""
    parts = [header.get("DESCRIPTION", "")]
    parts += [
        f"{key.capitalize()}: {value}"
        for key, value in header.items()
        if key not in _SILENT | {"DESCRIPTION"} and value
    ]
    return "\n\n".join(part for part in parts if part)
