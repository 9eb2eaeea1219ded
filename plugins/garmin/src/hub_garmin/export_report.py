"""The fidelity report: one line for each step and repeat, in the order of the plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from hub_core.sdk import (
    Fidelity,
    FidelityReport,
    Loss,
    Placed,
    PlacedRepeat,
    PlacedStep,
    Sport,
    StepFidelity,
    describe_node,
    walk,
    worst,
)
from hub_garmin.export_step import StepExport
from hub_garmin.export_tree import loses_last_rest
from hub_garmin.manifest import NAME


def to_report(
    sport: Sport,
    placed: tuple[Placed, ...],
    flat: tuple[Placed, ...],
    parts: Mapping[str, StepExport],
    losses: tuple[Loss, ...],
) -> FidelityReport:
    """What survives of `placed`, which goes out as `flat`; `losses` are those of the whole."""
    lines = []
    for node in walk(placed):
        lost = parts[node.path].losses if isinstance(node, PlacedStep) else _repeat_losses(node, flat, sport)
        level = worst([loss.level for loss in lost])
        lines.append(StepFidelity(node.path, describe_node(node, sport), level, tuple(lost)))
    level = worst([line.level for line in lines] + [loss.level for loss in losses])
    return FidelityReport(NAME, level, tuple(lines), losses)


def _repeat_losses(repeat: PlacedRepeat, flat: tuple[Placed, ...], sport: Sport) -> tuple[Loss, ...]:
    """What happens to a repeat: it is played as written in every case, so the level stays exact."""
    losses = []
    kept = [node for node in walk(flat) if isinstance(node, PlacedRepeat) and node.path == repeat.path]
    if not kept:
        count = sum(
            1
            for node in walk(flat)
            if isinstance(node, PlacedStep) and node.path.startswith(f"{repeat.path}.")
        )
        reason, fix = (
            ("a single pass needs no repeat", "take the repeat away")
            if repeat.times == 1
            else ("Garmin has no repeats inside repeats", "expand the inner repeat")
        )
        losses.append(Loss("repeat", Fidelity.EXACT, reason, f"unrolled into {count} steps", fix))
    elif sport is Sport.POOL_SWIM and loses_last_rest(kept[0]):
        reason = "in pool swims Garmin leaves out the rest of the last pass"
        losses.append(Loss("repeat", Fidelity.EXACT, reason, "that rest follows as a step of its own"))
    if repeat.name:
        reason = "Garmin's repeats have no text"
        losses.append(Loss("name", Fidelity.EXACT, reason, f"“{repeat.name}” in the text of the first step"))
    return tuple(losses)
