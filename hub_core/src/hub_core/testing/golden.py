"""The golden workouts: each shows one capability or one known trap, for every plugin to be held against.

@pytest.mark.parametrize("golden", golden_workouts(), ids=str)
def test_golden(golden: Golden) -> None: ...

What a provider should make of them is written by hand, from that provider's documentation, into the plugin's
own `tests/golden/<name>.json`: `{"level", "losses", "when", "payload"}`. `golden/README.md` lists them.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import FidelityReport
from hub_core.domain.validate import validate
from hub_core.domain.workout import PlannedWorkout
from hub_core.formats.workout_json import decode_json
from hub_core.testing.strategies import KNOWN_ATHLETE


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: str
    workout: PlannedWorkout
    athlete: Athlete = KNOWN_ATHLETE


class Golden(msgspec.Struct, frozen=True):
    """One workout, why it is here, and the athlete that it is compiled for."""

    name: str
    why: str
    workout: PlannedWorkout
    athlete: Athlete

    def __str__(self) -> str:
        """Its name: what pytest calls the case."""
        return self.name

    def read_expected(self, folder: Path) -> dict[str, Any]:
        """What a provider should make of it, from the folder of the plugin's tests."""
        expected: dict[str, Any] = json.loads((folder / f"{self.name}.json").read_text(encoding="utf-8"))
        return expected


@functools.cache
def golden_workouts() -> tuple[Golden, ...]:
    """All golden workouts, in the order of their numbers, checked by `validate`."""
    folder = resources.files("hub_core.testing") / "golden"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda one: one.name
    )
    return tuple(_read(file.name.removesuffix(".json"), file.read_bytes()) for file in files)


def _read(name: str, data: bytes) -> Golden:
    file = decode_json(data, _File)
    validate(file.workout)
    return Golden(name, file.why, file.workout, file.athlete)


def listed_losses(report: FidelityReport) -> list[list[str]]:
    """The losses of a report as `[path, feature, level]`, in the order of an expectation (`sorted`)."""
    return sorted([path, loss.feature, str(loss.level)] for path, loss in report.losses())
