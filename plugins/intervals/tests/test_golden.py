"""The golden workouts at intervals.icu. The event's description, the workout text, stands line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_core.testing.golden import Golden, golden_workouts, listed_losses
from hub_intervals.export import compile_workout, to_start_date_local

FOLDER = Path(__file__).parent / "golden"


@pytest.mark.parametrize("golden", golden_workouts(), ids=str)
def test_golden(golden: Golden) -> None:
    expected = golden.read_expected(FOLDER)
    compiled = compile_workout(golden.workout, golden.athlete)
    assert listed_losses(compiled.fidelity) == sorted(expected["losses"])
    assert compiled.fidelity.level == expected["level"]
    event = compiled.payload["event"]
    assert event["description"].split("\n") == expected["payload"]["description"]
    assert {**event, "description": event["description"].split("\n")} == expected["payload"]
    assert to_start_date_local(compiled) == expected["when"]


def test_there_is_an_expectation_for_each_golden_workout_and_no_other() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == {golden.name for golden in golden_workouts()}
