"""The examples are valid, and the description beside them names every field."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from hub_core.domain.describe import describe_step
from hub_core.domain.outline import PlacedStep, place_steps, repeat_depth, walk
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    Intensity,
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    ZoneTarget,
    total_distance_m,
)
from hub_core.formats import read_workout_file, read_workout_json, write_workout_json

EXAMPLES = Path(__file__).parents[3] / "examples"
FILES = sorted(EXAMPLES.glob("*.json"))


def lines(name: str) -> list[str]:
    workout = read_workout_file(EXAMPLES / name)
    placed = walk(place_steps(workout.steps))
    return [describe_step(node.step, workout.sport) for node in placed if isinstance(node, PlacedStep)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_examples_are_valid_and_have_no_date(path: Path) -> None:
    workout = read_workout_file(path)
    assert workout.date is None
    assert read_workout_json(write_workout_json(workout)) == workout


def test_the_four_are_there() -> None:
    assert [path.stem for path in FILES] == ["kitchen-sink-ride", "pool-swim", "threshold-run", "vo2max-ride"]


def test_what_they_say() -> None:
    assert "6 min at 97–101 % threshold pace" in lines("threshold-run.json")
    assert "3 min at 112–118 % FTP, 95–105 rpm" in lines("vo2max-ride.json")
    assert "until lap at RPE 8" in lines("kitchen-sink-ride.json")
    swim = read_workout_file(EXAMPLES / "pool-swim.json")
    assert total_distance_m(swim.steps) == 400 + 8 * 50 + 4 * 100 + 200
    assert "1,400 m" in swim.description
    assert repeat_depth(place_steps(read_workout_file(EXAMPLES / "kitchen-sink-ride.json").steps)) == 2


def test_the_description_names_every_field_and_value() -> None:
    named = set(re.findall(r"`(\w+)`", (EXAMPLES / "README.md").read_text()))
    for kind in (PlannedWorkout, Step, Repeat, RangeTarget, PercentTarget, ZoneTarget):
        assert {field.encode_name for field in msgspec.structs.fields(kind)} <= named
    for values in (Sport, Metric, Reference, Intensity):
        assert {value.value for value in values} <= named
    for path in FILES:
        assert path.name in (EXAMPLES / "README.md").read_text()
