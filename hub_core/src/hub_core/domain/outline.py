"""Workouts with the path of each node: what reports and errors refer to.

`place_steps` writes down where each node stands; `expand_repeats` then flattens nested repeats to the
depth that a provider can carry, and each copy still knows the path of the step that it came from.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from hub_core.domain.workout import Node, Repeat, Step


class PlacedStep(msgspec.Struct, frozen=True):
    """A step and its path, such as `steps[2].repeat[1]`."""

    path: str
    step: Step


class PlacedRepeat(msgspec.Struct, frozen=True):
    """A repeat, its path, and its placed children."""

    path: str
    times: int
    children: tuple[Placed, ...]
    name: str = ""


Placed = PlacedStep | PlacedRepeat


def place_steps(nodes: tuple[Node, ...], parent: str = "steps") -> tuple[Placed, ...]:
    """The same tree, each node with its path."""
    placed: list[Placed] = []
    for index, node in enumerate(nodes):
        path = f"{parent}[{index}]"
        if isinstance(node, Repeat):
            children = place_steps(node.steps, f"{path}.repeat")
            placed.append(PlacedRepeat(path, node.times, children, node.name))
        else:
            placed.append(PlacedStep(path, node))
    return tuple(placed)


def walk(nodes: tuple[Placed, ...]) -> Iterator[Placed]:
    """Every node once, depth first, a repeat before its children."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, PlacedRepeat):
            waiting += reversed(node.children)


def count_nodes(nodes: tuple[Placed, ...]) -> int:
    """How many nodes there are, repeats and their children both counted."""
    return sum(1 for _ in walk(nodes))


def repeat_depth(nodes: tuple[Placed, ...]) -> int:
    """How deep repeats nest: 0 without repeats, 1 for plain ones."""
    depths = [1 + repeat_depth(node.children) for node in nodes if isinstance(node, PlacedRepeat)]
    return max(depths, default=0)


def expand_repeats(nodes: tuple[Placed, ...], max_depth: int) -> tuple[Placed, ...]:
    """The same sequence of steps with repeats nested no deeper than `max_depth` (0: none at all).

    Of the two ways to flatten a nested repeat (unroll it, or unroll what is inside) the one with
    fewer nodes is taken, because providers count them.
    """
    flat: list[Placed] = []
    for node in nodes:
        if isinstance(node, PlacedStep):
            flat.append(node)
        else:
            flat += _expand(node, max_depth)
    return tuple(flat)


def _expand(node: PlacedRepeat, max_depth: int) -> tuple[Placed, ...]:
    unrolled = expand_repeats(node.children, max_depth) * node.times
    if max_depth == 0 or node.times == 1:
        return unrolled
    kept = PlacedRepeat(node.path, node.times, expand_repeats(node.children, max_depth - 1), node.name)
    if repeat_depth((node,)) <= max_depth or count_nodes((kept,)) <= count_nodes(unrolled):
        return (kept,)
    return unrolled
