"""Workout files: bytes in, a checked `PlannedWorkout` out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import InvalidInputError
from hub_core.formats._limits import MAX_FILE_BYTES
from hub_core.formats.workout_json import (
    decode_json,
    invalid_input_from_msgspec,
    read_workout_json,
    write_workout_json,
)
from hub_core.formats.zwo import read_zwo

__all__ = [
    "decode_json",
    "invalid_input_from_msgspec",
    "read_workout_file",
    "read_workout_json",
    "read_zwo",
    "write_workout_json",
]

_READERS: dict[str, Callable[[bytes, Path], PlannedWorkout]] = {
    ".json": lambda data, _: read_workout_json(data),
    ".zwo": lambda data, path: read_zwo(data, path.stem),
}


def read_workout_file(path: Path) -> PlannedWorkout:
    """The workout in a file, whose suffix says what it is: `.json` (ours) or `.zwo` (Zwift).

    Raises `InvalidInputError` for a file that can't be read, and for one that holds no valid workout.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(_READERS)
        raise InvalidInputError(f"{path.name}: cannot tell the format; what can be read is {known}")
    return reader(_read(path), path)


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
