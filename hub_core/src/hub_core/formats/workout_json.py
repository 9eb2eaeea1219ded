"""Our own JSON: the planned workout as `domain/workout.py` has it, field by field (`examples/README.md`)."""

from __future__ import annotations

import re

import msgspec

from hub_core.domain.validate import validate
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import InvalidInputError
from hub_core.formats._limits import check_size

_BOM = b"\xef\xbb\xbf"
#: msgspec ends its messages with the place: "Expected `int`, got `str` - at `$.steps[0].times`".
_PLACE = re.compile(r"^(.*) - at (?:`key` in )?`\$\.?(.*)`$", re.DOTALL)
_BYTE = re.compile(r"^JSON is malformed: (.*) \(byte (\d+)\)$")
_FIELD = {
    re.compile(r"^Object contains unknown field `(.*)`$"): "there is no such field",
    re.compile(r"^Object missing required field `(.*)`$"): "is missing",
}
#: What other languages write for numbers that JSON doesn't have.
_NOT_JSON = re.compile(rb"[-+]?(?:NaN|Infinity|Inf)\b", re.IGNORECASE)


def read_workout_json(data: bytes) -> PlannedWorkout:
    """The workout in a JSON file (UTF-8, with or without a byte order mark), checked by `validate`.

    Raises `InvalidInputError`, whose `path` names the place (`steps[2].repeat[1].duration`); for text
    that is no JSON the message names line and byte instead.
    """
    check_size(data)
    workout = decode_json(data, PlannedWorkout)
    validate(workout)
    return workout


def decode_json[T](data: bytes, kind: type[T]) -> T:
    """JSON text as `kind`, nothing converted: a number in quotes is no number.

    Raises `InvalidInputError` as `read_workout_json` does.
    """
    if data.startswith(_BOM):
        data = data.replace(_BOM, b"   ", 1)  # blanks, so that positions still count from the file's start
    try:
        data.decode()
        return msgspec.json.decode(data, type=kind)
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"not UTF-8 text, at {_position(data, error.start)}") from error
    except msgspec.ValidationError as error:
        raise invalid_input_from_msgspec(error) from error
    except msgspec.MsgspecError as error:
        raise InvalidInputError(_malformed(str(error), data)) from error
    except RecursionError as error:
        raise InvalidInputError("nested too deeply") from error


def write_workout_json(workout: PlannedWorkout) -> bytes:
    """The workout as indented JSON, which `read_workout_json` reads back to an equal one.

    Raises `InvalidInputError` for an invalid workout: JSON has no NaN, and would turn it into null.
    """
    validate(workout)
    return encode_workout_json(workout)


def encode_workout_json(workout: PlannedWorkout) -> bytes:
    """The JSON of a workout that was checked before."""
    return msgspec.json.format(msgspec.json.encode(workout), indent=2) + b"\n"


def invalid_input_from_msgspec(error: msgspec.MsgspecError) -> InvalidInputError:
    """Our error for msgspec's: the place as `path`, in our notation, and the message without it."""
    message, path = str(error), ""
    if place := _PLACE.match(message):
        message, path = place[1], place[2]
    for pattern, ours in _FIELD.items():
        if field := pattern.match(message):
            message, path = ours, f"{path}.{field[1]}" if path else field[1]
    return InvalidInputError(message, path=path)


def _malformed(message: str, data: bytes) -> str:
    found = _BYTE.match(message)
    if not found:
        return f"the JSON ends too early, at {_position(data, len(data))}"
    start = int(found[2])
    # msgspec points behind the sign of -Infinity.
    word = _NOT_JSON.match(data, max(0, start - 1)) or _NOT_JSON.match(data, start)
    why = f"{word[0].decode()} is not a JSON number" if word else f"malformed JSON, {found[1]}"
    return f"{why}, at {_position(data, start)}"


def _position(data: bytes, byte: int) -> str:
    line = data.count(b"\n", 0, byte) + 1
    return f"line {line} (byte {byte})"
