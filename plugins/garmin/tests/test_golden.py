"""The golden workouts at Garmin. Payloads are written from Training API V2, without what is null."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_core.testing.golden import Golden, golden_workouts, listed_losses
from hub_garmin.export import to_garmin_workout

FOLDER = Path(__file__).parent / "golden"
#: Every field of a step but the ids that the server makes. [Training API V2, steps]
STEP_FIELDS = {
    *("type", "stepOrder", "intensity", "description"),
    *("durationType", "durationValue", "durationValueType"),
    *("targetType", "targetValue", "targetValueLow", "targetValueHigh", "targetValueType"),
    *("secondaryTargetType", "secondaryTargetValue", "secondaryTargetValueLow"),
    *("secondaryTargetValueHigh", "secondaryTargetValueType"),
    *("strokeType", "drillType", "equipmentType"),
    *("exerciseCategory", "exerciseName", "weightValue", "weightDisplayUnit"),
}


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(part) for name, part in value.items() if part is not None}
    return [without_nulls(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("golden", golden_workouts(), ids=str)
def test_golden(golden: Golden) -> None:
    expected = golden.read_expected(FOLDER)
    compiled = to_garmin_workout(golden.workout, golden.athlete)
    assert listed_losses(compiled.fidelity) == sorted(expected["losses"])
    assert compiled.fidelity.level == expected["level"]
    if "payload" in expected:
        assert without_nulls(compiled.payload) == expected["payload"]
        assert compiled.date.isoformat() == expected["when"]


def all_steps(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        if "steps" in node:
            yield from all_steps(node["steps"])
        else:
            yield node


def test_unused_fields_are_sent_as_null() -> None:
    for golden in golden_workouts():
        [segment] = to_garmin_workout(golden.workout, golden.athlete).payload["segments"]
        assert all(set(step) == STEP_FIELDS for step in all_steps(segment["steps"])), golden.name


def test_there_is_an_expectation_for_each_golden_workout_and_no_other() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == {golden.name for golden in golden_workouts()}
