"""Workout files of every format: which there are, and the two doors to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import FidelityReport
from hub_core.domain.sport import Sport
from hub_core.domain.validate import validate
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import InvalidInputError
from hub_core.formats._limits import MAX_FILE_BYTES
from hub_core.formats._report import Written, calendar_notes, make_report
from hub_core.formats.course import read_erg, read_mrc
from hub_core.formats.course_write import write_erg, write_mrc
from hub_core.formats.fit import read_fit
from hub_core.formats.fit_write import write_fit
from hub_core.formats.intervals_text import read_intervals_text
from hub_core.formats.intervals_text_write import write_intervals_text
from hub_core.formats.workout_json import encode_workout_json, read_workout_json
from hub_core.formats.zwo import read_zwo
from hub_core.formats.zwo_write import write_zwo


@dataclass(frozen=True)
class Source:
    """What a reader may need beside the bytes. It adds what it leaves out to `remarks`.

    `name` is for formats that have none, `sport` for those that don't say it.
    """

    name: str
    sport: Sport | None
    remarks: list[str]


@dataclass(frozen=True)
class Format:
    """One format: `name` and `suffix` choose it, `title` is for people.

    A file of some formats says nothing of the sport (`tells_sport`): then it is guessed or asked for.
    """

    name: str
    suffix: str
    title: str
    read: Callable[[bytes, Source], PlannedWorkout]
    write: Callable[[PlannedWorkout, Athlete], Written]
    tells_sport: bool = True


@dataclass(frozen=True)
class ReadFile:
    """A workout from a file, and what of the file was left out, in words."""

    workout: PlannedWorkout
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class WrittenFile:
    """A file's bytes, and what survives in them: the same report as a provider's.

    The bytes are a whole file even if something is unsupported; whether it may go out is for the caller.
    """

    data: bytes
    fidelity: FidelityReport


def _write_json(workout: PlannedWorkout, _: Athlete) -> Written:
    return Written(encode_workout_json(workout))


#: By name, in the order in which people are told of them.
FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("json", ".json", "the hub's JSON", lambda data, _: read_workout_json(data), _write_json),
        Format(
            "fit",
            ".fit",
            "FIT workout (Garmin, Wahoo, COROS, Suunto)",
            lambda data, source: read_fit(data, source.name, source.remarks),
            write_fit,
        ),
        Format("zwo", ".zwo", "Zwift", lambda data, source: read_zwo(data, source.name), write_zwo),
        Format(
            "erg",
            ".erg",
            "ERG, in watts",
            lambda data, source: read_erg(data, source.name, source.remarks),
            write_erg,
        ),
        Format(
            "mrc",
            ".mrc",
            "MRC, in percent of FTP",
            lambda data, source: read_mrc(data, source.name, source.remarks),
            write_mrc,
        ),
        Format(
            "intervals",
            ".txt",
            "intervals.icu workout text",
            lambda data, source: read_intervals_text(data, source.name, source.sport, source.remarks),
            write_intervals_text,
            tells_sport=False,
        ),
    )
}


def find_format(name: str) -> Format:
    """The format with a name (`fit`) or a suffix (`.fit`). Raises `InvalidInputError` for others."""
    wanted = name.lower()
    for one in FORMATS.values():
        if wanted in {one.name, one.suffix}:
            return one
    raise InvalidInputError(f"{name!r} is no format; there are {', '.join(FORMATS)}")


def read_workout(data: bytes, file_name: str, *, sport: Sport | None = None) -> ReadFile:
    """The workout in the bytes of a file, whose suffix says what it is, checked by `validate`.

    `sport` is used by the one format that doesn't say it (`.txt`). Raises `InvalidInputError` for what can't
    be read, with the place: byte, line, or path of the step.
    """
    path = Path(file_name)
    chosen = format_of(path)
    source = Source(path.stem, sport, [])
    workout = chosen.read(data, source)
    return ReadFile(workout, tuple(source.remarks))


def read_workout_file(path: Path, *, sport: Sport | None = None) -> PlannedWorkout:
    """The workout in a file on disk, as `read_workout` reads it. A file is never read beyond the limit."""
    return open_workout(path, sport=sport).workout


def open_workout(path: Path, *, sport: Sport | None = None) -> ReadFile:
    """The workout in a file on disk, with what of the file was left out."""
    format_of(path)
    return read_workout(_read(path), path.name, sport=sport)


def format_of(path: Path, verb: str = "read") -> Format:
    """The format that a file's suffix names. Raises `InvalidInputError` for others, in words with `verb`."""
    for one in FORMATS.values():
        if one.suffix == path.suffix.lower():
            return one
    known = ", ".join(one.suffix for one in FORMATS.values())
    raise InvalidInputError(f"{path.name or path}: cannot tell the format; what can be {verb} is {known}")


def write_workout_file(workout: PlannedWorkout, athlete: Athlete, format_: str) -> WrittenFile:
    """The workout as a file of a format (a name of `FORMATS`, or a suffix), with its report.

    Relative targets are resolved with the athlete's thresholds where the format has no relative form.
    Nothing is dropped in silence: each step is exact, degraded (with what it becomes) or unsupported. Raises
    `InvalidInputError` for an invalid workout and an unknown format.
    """
    chosen = find_format(format_)
    validate(workout)
    written = chosen.write(workout, athlete)
    if chosen.name != "json":
        losses = (*calendar_notes(workout), *written.workout)
        written = Written(written.data, written.steps, losses)
    return WrittenFile(written.data, make_report(chosen.name, workout, written))


def _read(path: Path) -> bytes:
    try:
        # A device or a pipe has no end, and may never begin.
        if path.exists() and not path.is_file():
            raise InvalidInputError(f"{path} is not a file")
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InvalidInputError(f"{path} cannot be read: {(why or str(error)).lower()}") from error
