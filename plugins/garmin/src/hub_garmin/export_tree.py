"""The tree of steps as Garmin has it: one level of repeats, numbered depth first. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from hub_core.sdk import Intensity, Placed, PlacedRepeat, PlacedStep, Sport, expand_repeats
from hub_garmin.export_step import StepExport
from hub_garmin.export_text import join_texts


def hand_down_names(nodes: tuple[Placed, ...], name: str = "") -> tuple[Placed, ...]:
    """Garmin's repeats have no text: the name of one stands before that of its first step."""
    renamed: list[Placed] = []
    for node in nodes:
        if isinstance(node, PlacedRepeat):
            children = hand_down_names(node.children, join_texts(name, node.name))
            renamed.append(PlacedRepeat(node.path, node.times, children, node.name))
        else:
            step = msgspec.structs.replace(node.step, name=join_texts(name, node.step.name))
            renamed.append(PlacedStep(node.path, step))
        name = ""
    return tuple(renamed)


def flatten(nodes: tuple[Placed, ...], sport: Sport) -> tuple[Placed, ...]:
    """The same workout without repeats inside repeats, and with the rests that Garmin would leave out."""
    flat = expand_repeats(nodes, 1)
    if sport is not Sport.POOL_SWIM:
        return flat
    return tuple(itertools.chain.from_iterable(_with_last_rest(node) for node in flat))


def _with_last_rest(node: Placed) -> tuple[Placed, ...]:
    """In pool swims Garmin's server sets `skipLastRestStep` on every repeat: the last pass loses its rest.

    The same rest after the repeat gives it back.
    """
    if loses_last_rest(node) and isinstance(node, PlacedRepeat):
        return node, node.children[-1]
    return (node,)


def to_meant(nodes: tuple[Placed, ...], parts: Mapping[str, StepExport]) -> tuple[Placed, ...]:
    """The plan's own tree with the steps as they go out. Rests stay where they are played."""
    meant: list[Placed] = []
    for node in nodes:
        if isinstance(node, PlacedStep):
            meant += [PlacedStep(node.path, step) for step in parts[node.path].meant]
        else:
            meant.append(PlacedRepeat(node.path, node.times, to_meant(node.children, parts), node.name))
    return tuple(meant)


def loses_last_rest(node: Placed) -> bool:
    """Whether a node is a repeat that ends with a rest."""
    last = node.children[-1] if isinstance(node, PlacedRepeat) else None
    return isinstance(last, PlacedStep) and last.step.intensity is Intensity.REST


def number_steps(
    nodes: tuple[Placed, ...], parts: Mapping[str, StepExport], orders: Iterator[int]
) -> list[dict[str, Any]]:
    """Garmin's steps. `stepOrder` counts depth first: a repeat is n, its first step n + 1."""
    steps: list[dict[str, Any]] = []
    for node in nodes:
        if isinstance(node, PlacedStep):
            exported = parts[node.path].steps
            steps += [{"type": "WorkoutStep", "stepOrder": next(orders), **fields} for fields in exported]
            continue
        steps.append(
            {
                "type": "WorkoutRepeatStep",
                "stepOrder": next(orders),
                "repeatType": "REPEAT_UNTIL_STEPS_CMPLT",
                "repeatValue": node.times,  # all passes, the first one counted
                "skipLastRestStep": False,
                "steps": number_steps(node.children, parts, orders),
            }
        )
    return steps
