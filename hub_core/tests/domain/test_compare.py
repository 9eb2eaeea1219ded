"""Two workouts step by step: the same however it is written, and every difference told at its step."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from hub_core.domain.compare import (
    MOST_DIFFERENCES,
    TOLERANCES,
    compare_steps,
    is_same_duration,
    is_same_target,
)
from hub_core.domain.outline import Placed, PlacedRepeat, PlacedStep, expand_repeats, place_steps
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Intensity,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    TimeDuration,
    ZoneTarget,
)
from hub_core.testing.strategies import planned_workouts, targets


def nodes(placed: tuple[Placed, ...]) -> tuple[Node, ...]:
    """Without the paths."""
    return tuple(
        Repeat(one.times, nodes(one.children), one.name) if isinstance(one, PlacedRepeat) else one.step
        for one in placed
    )


def played(workout: PlannedWorkout) -> list[PlacedStep]:
    flat = expand_repeats(place_steps(workout.steps), 0)
    return [one for one in flat if isinstance(one, PlacedStep)]


def told(meant: tuple[Node, ...], held: tuple[Node, ...], sport: Sport = Sport.RIDE) -> list[str]:
    return [one.words() for one in compare_steps(place_steps(meant), held, sport)]


@given(planned_workouts(), some.integers(0, 3))
def test_a_workout_is_the_same_however_its_repeats_are_written(workout: PlannedWorkout, depth: int) -> None:
    placed = place_steps(workout.steps)
    assert compare_steps(placed, nodes(expand_repeats(placed, depth)), workout.sport) == ()
    assert compare_steps(expand_repeats(placed, depth), workout.steps, workout.sport) == ()


@given(planned_workouts(), some.data())
def test_one_step_that_lasts_longer_is_one_difference_at_its_path(
    workout: PlannedWorkout, data: some.DataObject
) -> None:
    flat = played(workout)
    index = data.draw(some.integers(0, len(flat) - 1))
    chosen = flat[index]
    longer = TimeDuration(90_000) if not isinstance(chosen.step.duration, TimeDuration) else OpenDuration()
    held = [one.step for one in flat]
    held[index] = msgspec.structs.replace(chosen.step, duration=longer)
    (difference,) = compare_steps(place_steps(workout.steps), tuple(held), workout.sport)
    assert (difference.path, difference.feature) == (chosen.path, "duration")


@given(planned_workouts(), some.data())
def test_a_step_that_is_missing_is_told_and_those_after_it_are_not(
    workout: PlannedWorkout, data: some.DataObject
) -> None:
    flat = played(workout)
    index = data.draw(some.integers(0, len(flat) - 1))
    held = [one.step for one in flat]
    del held[index]
    whole, *steps = compare_steps(place_steps(workout.steps), tuple(held), workout.sport)
    assert (whole.path, whole.feature) == ("workout", "workout")
    if held:
        (step,) = steps
        # Of equal neighbours any may be taken for the missing one.
        assert flat[index].step.duration == next(one for one in flat if one.path == step.path).step.duration
        assert step.held == "nothing"
    # And the other way round: a step too much.
    extra = compare_steps(place_steps(tuple(held)), tuple(one.step for one in flat), workout.sport)
    assert len(extra) == 2


@given(some.sampled_from(Sport).flatmap(targets), some.sampled_from(Sport).flatmap(targets))
def test_being_the_same_goes_both_ways(one: Any, other: Any) -> None:
    assert is_same_target(one, one)
    assert not is_same_target(one, None)
    if TOLERANCES[one.metric] >= 1 or one.metric is not other.metric:  # speeds allow a share of the first
        assert is_same_target(one, other) == is_same_target(other, one)


POWER = RangeTarget(Metric.POWER, 200, 220)


@pytest.mark.parametrize(
    ("held", "same"),
    [
        (RangeTarget(Metric.POWER, 201, 219), True),
        (RangeTarget(Metric.POWER, 201.5, 220), False),
        (RangeTarget(Metric.POWER, 200, 230), False),
        (RangeTarget(Metric.POWER, 200, 220, "up"), False),
        (RangeTarget(Metric.HEART_RATE, 200, 220), False),
        (PercentTarget(Metric.POWER, 200, 220, Reference.FTP), False),
        (ZoneTarget(Metric.POWER, 2, 2), False),
        (None, False),
    ],
)
def test_a_target_is_the_same_as_far_as_anybody_can_feel(held: Any, same: bool) -> None:
    assert is_same_target(POWER, held) is same


def test_paces_are_the_same_within_what_rounding_to_seconds_changes() -> None:
    pace = RangeTarget(Metric.PACE, 4.0, 4.2)  # 4:10 and 3:58 /km
    assert is_same_target(pace, RangeTarget(Metric.PACE, 1000 / 250.5, 1000 / 238.5))
    assert not is_same_target(pace, RangeTarget(Metric.PACE, 1000 / 255, 4.2))


def test_a_ramp_between_two_equal_ends_is_none() -> None:
    assert is_same_target(RangeTarget(Metric.POWER, 200, 200, "up"), RangeTarget(Metric.POWER, 200, 200))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (TimeDuration(600), TimeDuration(601), True),
        (TimeDuration(600), TimeDuration(602), False),
        (DistanceDuration(400), DistanceDuration(401), True),
        (DistanceDuration(400), DistanceDuration(440), False),
        (DistanceDuration(40_000), DistanceDuration(40_030), True),
        (DistanceDuration(400), TimeDuration(400), False),
        (OpenDuration(), OpenDuration(), True),
        (OpenDuration(), TimeDuration(300), False),
    ],
)
def test_a_duration_is_the_same_as_near_as_devices_count(one: Any, other: Any, same: bool) -> None:
    assert is_same_duration(one, other) is same


def test_the_words() -> None:
    meant = (Step(TimeDuration(60), POWER, CadenceRange(80, 90), Intensity.WARMUP),)
    held = (Step(DistanceDuration(400), None, None, Intensity.REST),)
    assert told(meant, held) == [
        "steps[0]: the duration was to be 1 min and is 400 m",
        "steps[0]: the target was to be 200–220 W and is nothing",
        "steps[0]: the cadence was to be 80–90 rpm and is nothing",
        "steps[0]: the intensity was to be warmup and is rest",
    ]


def test_a_repeated_step_is_told_once() -> None:
    meant = (Repeat(40, (Step(TimeDuration(60)), Step(TimeDuration(30)))),)
    held = (Repeat(40, (Step(TimeDuration(60)), Step(TimeDuration(45)))),)
    assert told(meant, held) == ["steps[0].repeat[1]: the duration was to be 30 s and is 45 s"]


def test_work_has_many_names() -> None:
    assert told((Step(TimeDuration(1), intensity=Intensity.INTERVAL),), (Step(TimeDuration(1)),)) == []


def test_a_cadence_alone_is_a_target_of_it() -> None:
    beside = (Step(TimeDuration(60), None, CadenceRange(80, 90)),)
    main = (Step(TimeDuration(60), RangeTarget(Metric.CADENCE, 80, 90)),)
    assert told(beside, main) == told(main, beside) == []


def test_an_empty_workout_is_told_in_one_line() -> None:
    assert told((Repeat(5, (Step(TimeDuration(60)),)),), ()) == [
        "workout: the workout was to be of 5 steps and is without any steps"
    ]
    assert told((), ()) == []


def test_what_comes_from_outside_is_not_played_out_for_ever() -> None:
    bomb: Node = Step(TimeDuration(1))
    for _ in range(6):
        bomb = Repeat(1_000_000, (bomb,))
    (whole,) = compare_steps(place_steps((Step(TimeDuration(1)),)), (bomb,), Sport.RUN)
    assert whole.held == f"of {10**36} steps"
    assert told((Step(TimeDuration(1)),), (Repeat(-3, (Step(TimeDuration(1)),)),)) != []


def test_there_is_an_end_to_what_is_told() -> None:
    meant = tuple(Step(TimeDuration(60)) for _ in range(MOST_DIFFERENCES * 2))
    held = tuple(Step(TimeDuration(90)) for _ in meant)
    assert len(told(meant, held)) == MOST_DIFFERENCES


@settings(max_examples=20)
@given(some.lists(some.sampled_from([30, 60, 90]), min_size=1, max_size=40))
def test_nothing_that_is_told_is_the_same(lengths: list[int]) -> None:
    meant = tuple(Step(TimeDuration(length)) for length in lengths)
    held = tuple(reversed(meant))
    for one in compare_steps(place_steps(meant), held, Sport.RUN):
        assert one.meant != one.held
