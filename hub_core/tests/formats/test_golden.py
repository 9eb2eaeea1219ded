"""Golden workouts as files. What each format should hold is reasoned from its description, never recorded.

`golden/<name>.json` has a part for each format: the `level`, and all `losses` that aren't exact as `[path,
feature, level]`; and the file's `lines`, or for FIT its `workout` and `steps` as an independent library
decodes them. A file that is unsupported may not go out, and its contents are left open.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import canonicalize

import fitdecode
import pytest

from hub_core.domain.fidelity import Fidelity
from hub_core.domain.outline import PlacedStep, place_steps, repeat_depth, walk
from hub_core.domain.workout import Intensity, Metric
from hub_core.formats import FORMATS, WrittenFile, write_workout_file
from hub_core.testing.golden import Golden, golden_workouts, listed_losses

FOLDER = Path(__file__).parent / "golden"
GOLDEN = [golden for golden in golden_workouts() if (FOLDER / f"{golden.name}.json").exists()]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "json"])
@pytest.mark.parametrize("golden", GOLDEN, ids=str)
def test_golden(golden: Golden, name: str) -> None:
    expected = golden.read_expected(FOLDER)[name]
    written = write_workout_file(golden.workout, golden.athlete, name)
    losses = [loss for loss in listed_losses(written.fidelity) if loss[2] != Fidelity.EXACT]
    assert (losses, written.fidelity.level) == (sorted(expected["losses"]), expected["level"])
    if name == "fit":
        assert decode(written) == (expected["workout"], expected["steps"])
    elif "lines" in expected:
        ends = "\r\n" if name in {"erg", "mrc"} else "\n"
        text, meant = written.data.decode(), "".join(f"{line}{ends}" for line in expected["lines"])
        if name == "zwo":  # the order of attributes says nothing
            text, meant = canonicalize(text), canonicalize(meant)
        assert text.split("\n") == meant.split("\n")


def decode(written: WrittenFile) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The workout and its steps, field by field, without what every file of ours has."""
    workout, steps = {}, []
    with fitdecode.FitReader(written.data, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name in {"workout", "workout_step"}:
                fields = {field.name: field.value for field in frame.fields if field.value is not None}
                if frame.name == "workout":
                    workout = fields
                else:
                    steps.append(fields)
    workout.pop("capabilities", None)
    return workout, steps


def test_they_cover_what_a_workout_can_say() -> None:
    nodes = [node for golden in GOLDEN for node in walk(place_steps(golden.workout.steps))]
    steps = [node.step for node in nodes if isinstance(node, PlacedStep)]
    targets = [step.target for step in steps if step.target]
    assert {type(step.duration).__name__ for step in steps} == {
        "TimeDuration",
        "DistanceDuration",
        "OpenDuration",
    }
    assert {type(target).__name__ for target in targets} == {"RangeTarget", "PercentTarget", "ZoneTarget"}
    assert {target.metric for target in targets} == set(Metric)
    assert {getattr(target, "of", None) for target in targets} >= {"ftp", "max_hr", "threshold_pace", "css"}
    assert {getattr(target, "ramp", None) for target in targets} == {None, "up", "down"}
    assert {step.intensity for step in steps} == set(Intensity)
    assert {repeat_depth(place_steps(golden.workout.steps)) for golden in GOLDEN} == {0, 1, 2}
    assert any(step.cadence for step in steps)
    assert any(step.notes for step in steps)
    assert any(golden.workout.pool_length_m for golden in GOLDEN)


def test_there_is_no_expectation_without_a_workout() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == {golden.name for golden in GOLDEN}
    for file in FOLDER.glob("*.json"):
        assert set(json.loads(file.read_text(encoding="utf-8"))) == set(FORMATS) - {"json"}
