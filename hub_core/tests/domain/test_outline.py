"""Paths, counting, and flattening that keeps what is played."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.domain.outline import (
    Placed,
    PlacedRepeat,
    PlacedStep,
    count_nodes,
    expand_repeats,
    place_steps,
    repeat_depth,
    walk,
)
from hub_core.domain.workout import (
    DistanceDuration,
    Node,
    OpenDuration,
    PlannedWorkout,
    Repeat,
    Step,
    TimeDuration,
    total_distance_m,
    total_duration_s,
)
from hub_core.testing.strategies import planned_workouts

ON, OFF, REST = Step(TimeDuration(40)), Step(TimeDuration(20)), Step(TimeDuration(240))
NESTED = (Repeat(2, (Repeat(3, (ON, OFF), "40/20"), REST), "sets"), Step(DistanceDuration(400)))


def played(nodes: tuple[Placed, ...]) -> list[tuple[str, Step]]:
    """Every step with its path, in the order in which it is done."""
    done: list[tuple[str, Step]] = []
    for node in nodes:
        done += (
            [(node.path, node.step)] if isinstance(node, PlacedStep) else played(node.children) * node.times
        )
    return done


def tree(nodes: tuple[Placed, ...]) -> tuple[Node, ...]:
    """Back to the nodes that were placed."""
    return tuple(
        node.step if isinstance(node, PlacedStep) else Repeat(node.times, tree(node.children), node.name)
        for node in nodes
    )


def test_paths_are_those_of_the_json() -> None:
    assert [node.path for node in walk(place_steps(NESTED))] == [
        "steps[0]",
        "steps[0].repeat[0]",
        "steps[0].repeat[0].repeat[0]",
        "steps[0].repeat[0].repeat[1]",
        "steps[0].repeat[1]",
        "steps[1]",
    ]


def test_counting() -> None:
    placed = place_steps(NESTED)
    assert (count_nodes(placed), repeat_depth(placed)) == (6, 2)
    assert repeat_depth(place_steps((ON,))) == 0
    assert (count_nodes(()), repeat_depth(())) == (0, 0)
    assert (total_duration_s(NESTED), total_distance_m(NESTED)) == (2 * (3 * 60 + 240), 400)
    assert total_duration_s((Step(OpenDuration()),)) == 0


def test_the_smaller_of_two_ways_is_taken() -> None:
    # Unrolling the outer two keeps both inner repeats (2 x 4 nodes); unrolling the inner one needs 1 + 7.
    flat = expand_repeats(place_steps(NESTED), 1)
    assert repeat_depth(flat) == 1
    assert count_nodes(flat) == 9
    long = (Repeat(10, (Repeat(2, (ON,)), REST)),)
    (kept,) = expand_repeats(place_steps(long), 1)
    assert isinstance(kept, PlacedRepeat)
    assert (kept.times, count_nodes((kept,))) == (10, 4)
    short = (Repeat(2, (Repeat(30, (ON, OFF)), REST)),)
    assert [type(node) for node in expand_repeats(place_steps(short), 1)] == [PlacedRepeat, PlacedStep] * 2


def test_a_repeat_of_one_costs_no_depth() -> None:
    once = (Repeat(1, (Repeat(3, (ON, OFF)),)),)
    (inner,) = expand_repeats(place_steps(once), 1)
    assert (inner.path, repeat_depth((inner,))) == ("steps[0].repeat[0]", 1)


@settings(max_examples=40)
@given(planned_workouts(), st.integers(0, 3))
def test_expansion_plays_the_same(workout: PlannedWorkout, max_depth: int) -> None:
    placed = place_steps(workout.steps)
    flat = expand_repeats(placed, max_depth)

    assert played(flat) == played(placed)
    assert repeat_depth(flat) <= max_depth
    assert total_duration_s(tree(flat)) == pytest.approx(total_duration_s(workout.steps))
    assert total_distance_m(tree(flat)) == pytest.approx(total_distance_m(workout.steps))


@settings(max_examples=30)
@given(planned_workouts(depth=2))
def test_what_fits_already_stays(workout: PlannedWorkout) -> None:
    placed = place_steps(workout.steps)
    assert tree(placed) == workout.steps
    times_one = any(isinstance(node, PlacedRepeat) and node.times == 1 for node in walk(placed))
    if not times_one:
        assert expand_repeats(placed, 2) == placed
