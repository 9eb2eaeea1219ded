"""Our JSON: round trips, and errors that name the place."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from hub_core.domain.sport import Sport
from hub_core.domain.workout import PlannedWorkout, Step, TimeDuration
from hub_core.errors import InvalidInputError
from hub_core.formats import (
    invalid_input_from_msgspec,
    read_workout_file,
    read_workout_json,
    write_workout_json,
)
from hub_core.testing.strategies import planned_workouts

STEP: dict[str, Any] = {"type": "step", "duration": {"type": "time", "duration_s": 60}}
WORKOUT: dict[str, Any] = {"name": "Easy", "sport": "run", "steps": [STEP]}


def refusal(data: bytes) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        read_workout_json(data)
    return caught.value


def encode(**fields: Any) -> bytes:
    return json.dumps(WORKOUT | fields).encode()


@settings(max_examples=40)
@given(planned_workouts())
def test_what_is_written_is_read_back(workout: PlannedWorkout) -> None:
    assert read_workout_json(write_workout_json(workout)) == workout


def test_it_is_indented_and_leaves_out_defaults() -> None:
    workout = PlannedWorkout("Läufer", Sport.RUN, (Step(TimeDuration(60)),))
    assert write_workout_json(workout).decode().splitlines()[:4] == [
        "{",
        '  "name": "Läufer",',
        '  "sport": "run",',
        '  "steps": [',
    ]
    assert b"null" not in write_workout_json(workout)


def test_an_invalid_workout_is_not_written() -> None:
    with pytest.raises(InvalidInputError, match="not a finite number") as caught:
        write_workout_json(PlannedWorkout("x", Sport.RUN, (Step(TimeDuration(math.nan)),)))
    assert caught.value.path == "steps[0].duration.duration_s"


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"sport": "quidditch"}, "sport", "quidditch"),
        ({"nme": "x"}, "nme", "no such field"),
        ({"name": None}, "name", "got `null`"),
        ({"date": "2026-13-01"}, "date", "date"),
        ({"time": "07:00:00+02:00"}, "time", "no offset"),
        ({"steps": {}}, "steps", "array"),
        ({"steps": [STEP, 3]}, "steps[1]", "object"),
        ({"steps": [{"duration": {"type": "open"}}]}, "steps[0].type", "missing"),
        ({"steps": [STEP | {"type": "rest"}]}, "steps[0].type", "rest"),
        ({"steps": [STEP | {"cadance": {}}]}, "steps[0].cadance", "no such field"),
        ({"steps": [STEP | {"duration": {"type": "time"}}]}, "steps[0].duration.duration_s", "missing"),
        (
            {"steps": [STEP, {"type": "repeat", "times": 2, "repeat": [STEP, STEP | {"duration": 5}]}]},
            "steps[1].repeat[1].duration",
            "object",
        ),
        ({"steps": [{"type": "repeat", "times": 2.5, "repeat": [STEP]}]}, "steps[0].times", "`int`"),
        ({"steps": [{"type": "repeat", "times": 2, "steps": [STEP]}]}, "steps[0].steps", "no such field"),
        (
            {"steps": [STEP | {"duration": {"type": "time", "duration_s": "60"}}]},
            "steps[0].duration.duration_s",
            "`str`",
        ),
        (
            {"steps": [STEP | {"duration": {"type": "time", "duration_s": -5}}]},
            "steps[0].duration.duration_s",
            "above 0",
        ),
    ],
)
def test_the_place_is_named_as_it_is_written(fields: dict[str, Any], path: str, words: str) -> None:
    error = refusal(encode(**fields))
    assert error.path == path
    assert words in error.detail
    assert "$" not in str(error)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"[]", "object"),
        (b"null", "object"),
        (b'{"name": "x",}', "malformed JSON, trailing comma in object, at line 1 (byte 13)"),
        (b'{\n"name": "x"\n"sport": "run"}', "at line 3 (byte 14)"),
        (b"{'name': 'x'}", "line 1 (byte 1)"),
        (b'{"name": "x"', "ends too early, at line 1 (byte 12)"),
        (b'{"name": "\xff"}', "not UTF-8 text, at line 1 (byte 10)"),
        (json.dumps(WORKOUT).encode("utf-16"), "not UTF-8"),
        (b'{"name": "\\ud800"}', "line 1"),
        (encode() + b"x", "trailing characters"),
        (encode().replace(b"60", b"NaN"), "NaN is not a JSON number"),
        (encode().replace(b"60", b"Infinity"), "Infinity is not a JSON number"),
        (encode().replace(b"60", b"-Infinity"), "-Infinity is not a JSON number"),
        (encode().replace(b"60", b"1e999"), "out of range"),
        (encode().replace(b"60", b"9" * 400), "out of range"),
        (encode() + b" " * 1_000_000, "larger than 1000 kB"),
        (b"[" * 100_000, "object"),
    ],
)
def test_what_is_no_json_is_refused_in_words(data: bytes, words: str) -> None:
    assert words in str(refusal(data))


@pytest.mark.parametrize("depth", [50, 200, 400, 500, 1000, 3000])
def test_deep_nesting_is_refused(depth: int) -> None:
    inner = b'{"type": "repeat", "times": 1, "repeat": ['
    data = b'{"name": "x", "sport": "run", "steps": [' + inner * depth + json.dumps(STEP).encode()
    refusal(data + b"]}" * depth + b"]}")


def test_a_byte_order_mark_is_fine_and_positions_still_count_from_the_start() -> None:
    assert read_workout_json(b"\xef\xbb\xbf" + encode()).name == "Easy"
    assert "(byte 5)" in str(refusal(b"\xef\xbb\xbf{ x}"))


def test_every_truncation_is_refused() -> None:
    whole = encode(description="ü")
    for length in range(len(whole)):
        refusal(whole[:length])


def test_keys_of_mappings_have_a_place_too() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"a": {"x": 1}}, dict[str, dict[int, int]])
    error = invalid_input_from_msgspec(caught.value)
    assert (error.path, error.detail) == ("[...]", "Expected `int`, got `str`")


def test_files_are_chosen_by_suffix(tmp_path: Path) -> None:
    path = tmp_path / "easy.JSON"
    path.write_bytes(encode())
    assert read_workout_file(path).name == "Easy"
    path = tmp_path / "From a file.zwo"
    path.write_text('<workout_file><workout><FreeRide Duration="60"/></workout></workout_file>')
    assert read_workout_file(path).name == "From a file"


@pytest.mark.parametrize("name", ["ride.tcx", "ride", ".json", "ride.json.gz"])
def test_other_suffixes_are_told_what_can_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"\.json, \.fit, \.zwo, \.erg, \.mrc, \.txt"):
        read_workout_file(tmp_path / name)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "big.json").write_bytes(b" " * 1_000_001)
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "endless.json").symlink_to("/dev/zero")
    for name, words in {
        "missing.json": "no such file",
        "folder.json": "not a file",
        "big.json": "larger than",
        "loop.json": "loop|symbolic",
        "endless.json": "not a file",
        "nul\x00.json": "null byte|nul",
    }.items():
        with pytest.raises(InvalidInputError, match=words):
            read_workout_file(tmp_path / name)
