"""The golden workouts leave no part of the model out, and their list tells what they are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from importlib import resources

from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss, StepFidelity
from hub_core.domain.outline import PlacedStep, place_steps, repeat_depth, walk
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    METRIC_REFERENCES,
    Intensity,
    Metric,
    PercentTarget,
    RangeTarget,
    Step,
    ZoneTarget,
)
from hub_core.testing.golden import golden_workouts, listed_losses
from hub_core.testing.strategies import KNOWN_ATHLETE


def all_steps() -> Iterator[Step]:
    for golden in golden_workouts():
        nodes = walk(place_steps(golden.workout.steps))
        yield from (node.step for node in nodes if isinstance(node, PlacedStep))


def test_each_has_its_number_and_there_are_enough() -> None:
    numbers = [int(golden.name[:2]) for golden in golden_workouts()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 40


def test_the_list_in_the_readme_is_true() -> None:
    readme = (resources.files("hub_core.testing") / "golden" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\d\d-[\w-]+)` \| (\w+) \| (.+) \|$", readme, re.MULTILINE)
    assert rows == [(golden.name, golden.workout.sport, golden.why) for golden in golden_workouts()]


def test_every_sport_and_intensity_and_kind_of_length_is_there() -> None:
    assert {golden.workout.sport for golden in golden_workouts()} == set(Sport)
    assert {step.intensity for step in all_steps()} == set(Intensity)
    assert {type(step.duration).__name__ for step in all_steps()} == {
        "TimeDuration",
        "DistanceDuration",
        "OpenDuration",
    }


def test_every_metric_is_there_in_every_form_that_it_has() -> None:
    targets = [step.target for step in all_steps() if step.target]
    assert {target.metric for target in targets if isinstance(target, RangeTarget)} == set(Metric)
    assert {target.metric for target in targets if isinstance(target, ZoneTarget)} == set(METRIC_REFERENCES)
    percent = [target for target in targets if isinstance(target, PercentTarget)]
    assert {target.metric for target in percent} == set(METRIC_REFERENCES)
    assert {target.of for target in percent} == set().union(*METRIC_REFERENCES.values())
    ramps = {target.ramp for target in targets if not isinstance(target, ZoneTarget)}
    assert ramps == {None, "up", "down"}


def test_repeats_and_clocks_and_pools_and_texts_are_there() -> None:
    workouts = [golden.workout for golden in golden_workouts()]
    assert {repeat_depth(place_steps(workout.steps)) for workout in workouts} == {0, 1, 2}
    assert {workout.pool_length_m for workout in workouts} >= {None, 25, 50, 22.86, 33.33}
    assert {workout.time for workout in workouts} >= {None, dt.time(2, 30)}
    assert any(step.cadence and step.target for step in all_steps())
    assert any(step.notes for step in all_steps())
    assert any(not workout.name.isascii() for workout in workouts)


def test_the_athlete_is_the_known_one_unless_the_file_names_another() -> None:
    named = {golden.name for golden in golden_workouts() if golden.athlete != KNOWN_ATHLETE}
    assert "01-run-by-time" not in named
    assert {name[3:] for name in named} >= {"own-zones", "missing-threshold"}


def test_losses_are_listed_in_one_order() -> None:
    late, early = (Loss(name, Fidelity.DEGRADED, "reason") for name in ("target", "cadence"))
    line = StepFidelity("steps[0]", "8 min", Fidelity.DEGRADED, (late, early))
    report = FidelityReport("any", Fidelity.DEGRADED, (line,), (late,))
    assert listed_losses(report) == [
        ["steps[0]", "cadence", "degraded"],
        ["steps[0]", "target", "degraded"],
        ["workout", "target", "degraded"],
    ]
