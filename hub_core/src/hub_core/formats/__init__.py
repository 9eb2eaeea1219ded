"""Workout files: bytes in, a checked `PlannedWorkout` out; and a workout in, bytes and a report out."""

from __future__ import annotations

from hub_core.formats.files import (
    FORMATS,
    Format,
    ReadFile,
    WrittenFile,
    find_format,
    read_workout,
    read_workout_file,
    write_workout_file,
)
from hub_core.formats.workout_json import (
    decode_json,
    invalid_input_from_msgspec,
    read_workout_json,
    write_workout_json,
)
from hub_core.formats.zwo import read_zwo

__all__ = [
    "FORMATS",
    "Format",
    "ReadFile",
    "WrittenFile",
    "decode_json",
    "find_format",
    "invalid_input_from_msgspec",
    "read_workout",
    "read_workout_file",
    "read_workout_json",
    "read_zwo",
    "write_workout_file",
    "write_workout_json",
]
