"""Workout files: bytes in, a checked `PlannedWorkout` out; and a workout in, bytes and a report out.

And its picture, which is a file too. `activities` has the files of what was done.
"""

from __future__ import annotations

from hub_core.formats.activities import (
    ACTIVITY_SUFFIXES,
    ActivityFile,
    read_activity_file,
    write_fit_activity,
)
from hub_core.formats.files import (
    FORMATS,
    Format,
    ReadFile,
    WrittenFile,
    find_format,
    format_of,
    open_workout,
    read_workout,
    read_workout_file,
    write_workout_file,
)
from hub_core.formats.svg import draw_svg
from hub_core.formats.workout_json import (
    decode_json,
    invalid_input_from_msgspec,
    read_workout_json,
    write_workout_json,
)
from hub_core.formats.zwo import read_zwo

__all__ = [
    "ACTIVITY_SUFFIXES",
    "FORMATS",
    "ActivityFile",
    "Format",
    "ReadFile",
    "WrittenFile",
    "decode_json",
    "draw_svg",
    "find_format",
    "format_of",
    "invalid_input_from_msgspec",
    "open_workout",
    "read_activity_file",
    "read_workout",
    "read_workout_file",
    "read_workout_json",
    "read_zwo",
    "write_fit_activity",
    "write_workout_file",
    "write_workout_json",
]
