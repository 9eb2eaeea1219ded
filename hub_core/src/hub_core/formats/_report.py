"""How the writers of all formats report what is lost: the same report as a provider's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub_core.domain.describe import describe_node
from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss, StepFidelity, worst
from hub_core.domain.outline import Placed, PlacedRepeat, expand_repeats, place_steps, walk
from hub_core.domain.workout import PlannedWorkout


@dataclass(frozen=True)
class Written:
    """A file's bytes, the losses of each step or repeat by its path, and those of the workout as a whole."""

    data: bytes
    steps: Mapping[str, tuple[Loss, ...]] = field(default_factory=dict)
    workout: tuple[Loss, ...] = ()


class LossBook:
    """Collects losses by path. A step that is written several times reports each loss once."""

    def __init__(self) -> None:
        self._losses: dict[str, dict[Loss, None]] = {}

    def add(self, path: str, losses: Iterable[Loss]) -> None:
        """Note losses of one step or repeat."""
        for loss in losses:
            self._losses.setdefault(path, {})[loss] = None

    def by_path(self) -> dict[str, tuple[Loss, ...]]:
        """All losses, each path's in the order in which they were noted."""
        return {path: tuple(losses) for path, losses in self._losses.items()}


def noted(feature: str, reason: str, becomes: str = "") -> Loss:
    """Something that is said differently in the file and means the same."""
    return Loss(feature, Fidelity.EXACT, reason, becomes)


def degraded(feature: str, reason: str, becomes: str, suggestion: str) -> Loss:
    """Something that survives in part."""
    return Loss(feature, Fidelity.DEGRADED, reason, becomes, suggestion)


def unsupported(feature: str, reason: str, becomes: str, suggestion: str) -> Loss:
    """Something that the file can't hold; `becomes` is what stands there so that the file is whole."""
    return Loss(feature, Fidelity.UNSUPPORTED, reason, becomes, suggestion)


def make_report(name: str, workout: PlannedWorkout, written: Written) -> FidelityReport:
    """One line for each step and repeat of the workout, with its losses."""
    steps = []
    for node in walk(place_steps(workout.steps)):
        losses = written.steps.get(node.path, ())
        level = worst([loss.level for loss in losses]) if losses else Fidelity.EXACT
        steps.append(StepFidelity(node.path, describe_node(node, workout.sport), level, losses))
    level = worst([step.level for step in steps] + [loss.level for loss in written.workout])
    return FidelityReport(name, level, tuple(steps), written.workout)


def calendar_notes(workout: PlannedWorkout) -> tuple[Loss, ...]:
    """A workout file has no day of its own: whoever imports it plans it."""
    if workout.date is None and workout.time is None:
        return ()
    return (noted("date", "a workout file has no date", "the day is chosen where the file is imported"),)


def unrolled_notes(
    nodes: tuple[Placed, ...], kept: Iterable[Placed], reason: str
) -> dict[str, tuple[Loss, ...]]:
    """For each repeat that is not in `kept`: that its steps are written out one after the other."""
    standing = {node.path for node in kept if isinstance(node, PlacedRepeat)}
    notes: dict[str, tuple[Loss, ...]] = {}
    for node in walk(nodes):
        if not isinstance(node, PlacedRepeat) or node.path in standing:
            continue
        count = len(expand_repeats((node,), 0))
        losses = [noted("repeat", "once is no repeat" if node.times == 1 else reason, f"{count} steps")]
        if node.name:
            said = "an unrolled repeat has no place for its name"
            losses.append(degraded("name", said, "left out", "name its steps instead"))
        notes[node.path] = tuple(losses)
    return notes
