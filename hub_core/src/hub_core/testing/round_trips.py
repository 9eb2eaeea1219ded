"""For a plugin's own tests: what its report calls exact must come back as the coach wrote it.

`CompiledWorkout.meant` is the plugin's own word. This holds it, and what was read back, against the plan.
"""

from __future__ import annotations

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.compare import compare_steps
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.normalize import resolve_target
from hub_core.domain.outline import PlacedStep, expand_repeats, place_steps
from hub_core.domain.workout import Intensity, PercentTarget, PlannedWorkout, Step, ZoneTarget
from hub_core.sdk.exports import CompiledWorkout


def expect_exact_steps_kept(
    workout: PlannedWorkout,
    athlete: Athlete,
    compiled: CompiledWorkout,
    held: PlannedWorkout,
    *,
    tells_intensity: bool = True,
) -> None:
    """Raise `AssertionError` at the first exact step that is not held as the coach wrote it.

    Targets are compared in absolute numbers. `tells_intensity`: whether what is read back says what a step
    is for.
    """
    exact = {line.path for line in compiled.fidelity.steps if line.level is Fidelity.EXACT}
    wanted = [node for node in expand_repeats(place_steps(workout.steps), 0) if isinstance(node, PlacedStep)]
    sent = [node for node in expand_repeats(compiled.meant or (), 0) if isinstance(node, PlacedStep)]
    found = [node for node in expand_repeats(place_steps(held.steps), 0) if isinstance(node, PlacedStep)]
    assert len(sent) == len(found), f"{len(sent)} steps are meant, and {len(found)} are held"  # noqa: S101
    assert [node.path for node in wanted if node.path in exact] == [  # noqa: S101
        node.path for node in sent if node.path in exact
    ], "the exact steps are not those of the plan, in its order"
    theirs = [back.step for back, node in zip(found, sent, strict=True) if node.path in exact]
    ours = [node for node in wanted if node.path in exact]
    for node, back in zip(ours, theirs, strict=True):
        plan, there = (_plain(step, athlete, workout, tells_intensity) for step in (node.step, back))
        differences = compare_steps((PlacedStep(node.path, plan),), (there,), workout.sport)
        assert differences == (), f"reported as exact: {differences[0].words()}"  # noqa: S101


def _plain(step: Step, athlete: Athlete, workout: PlannedWorkout, tells_intensity: bool) -> Step:
    target = step.target
    if isinstance(target, PercentTarget | ZoneTarget):
        target = resolve_target(target, athlete, workout.sport)
    intensity = step.intensity if tells_intensity else Intensity.ACTIVE
    return msgspec.structs.replace(step, target=target, intensity=intensity)
