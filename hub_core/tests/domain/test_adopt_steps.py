"""An edit of a copy goes into the plan, and nothing else of the plan changes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from hub_core.domain.adopt_steps import CannotAdoptError, adopt_steps
from hub_core.domain.compare import compare_steps, play
from hub_core.domain.normalize import normalize
from hub_core.domain.outline import expand_repeats, place_steps
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
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts

EASY = Step(TimeDuration(600), PercentTarget(Metric.POWER, 50, 60, Reference.FTP), name="Easy", notes="Talk")
HARD = Step(
    TimeDuration(180),
    PercentTarget(Metric.POWER, 110, 120, Reference.FTP),
    CadenceRange(90, 95),
    Intensity.INTERVAL,
    notes="Stay seated",
)
ZONE = Step(TimeDuration(300), ZoneTarget(Metric.POWER, 2, 3), name="Float")
WATTS = Step(DistanceDuration(1000), RangeTarget(Metric.POWER, 150, 160))
PLAN = PlannedWorkout("Plan", Sport.RIDE, (EASY, Repeat(5, (HARD, ZONE), "Main"), WATTS))
FTP = KNOWN_ATHLETE.ftp_w or 0


def hold(plan: PlannedWorkout) -> tuple[Node, ...]:
    """As a provider has it that knows absolute numbers, and neither names nor notes."""

    def bare(node: Node) -> Node:
        if isinstance(node, Repeat):
            return Repeat(node.times, tuple(map(bare, node.steps)))
        return msgspec.structs.replace(node, name="", notes="")

    return tuple(map(bare, normalize(plan, KNOWN_ATHLETE).steps))


def written_out(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(one.step for one in play(place_steps(nodes)))


def adopt(plan: PlannedWorkout, held: tuple[Node, ...]) -> PlannedWorkout:
    meant = place_steps(normalize(plan, KNOWN_ATHLETE).steps)
    return adopt_steps(plan, meant, held, KNOWN_ATHLETE)


def with_step(nodes: tuple[Node, ...], place: tuple[int, ...], **changes: Any) -> tuple[Node, ...]:
    """The same with one step changed, by its indices."""
    index, *rest = place
    node = nodes[index]
    if isinstance(node, Repeat):
        new: Node = msgspec.structs.replace(node, steps=with_step(node.steps, tuple(rest), **changes))
    else:
        new = msgspec.structs.replace(node, **changes)
    return (*nodes[:index], new, *nodes[index + 1 :])


@settings(max_examples=25)
@given(some.data(), planned_workouts((Sport.RIDE,), depth=2))
def test_what_is_adopted_is_what_is_there_and_the_rest_of_the_plan_stays(data: Any, plan: Any) -> None:
    held = list(written_out(hold(plan)))
    paths = [one.path for one in play(place_steps(plan.steps))]
    path = data.draw(some.sampled_from(paths))
    seconds = data.draw(some.integers(30, 7200))
    for index, one in enumerate(paths):
        if one == path:
            held[index] = msgspec.structs.replace(held[index], duration=TimeDuration(seconds))
    now = adopt(plan, tuple(held))
    meant = place_steps(normalize(now, KNOWN_ATHLETE).steps)
    assert compare_steps(meant, tuple(held), plan.sport) == ()
    for before, after in zip(play(place_steps(plan.steps)), play(place_steps(now.steps)), strict=True):
        kept = msgspec.structs.replace(after.step, duration=before.step.duration)
        assert kept == before.step
        assert (before.path == after.path == path) or after.step == before.step
    assert msgspec.structs.replace(now, steps=plan.steps) == plan


def test_nothing_changed_is_the_plan_itself() -> None:
    assert adopt(PLAN, hold(PLAN)) == PLAN
    assert adopt(PLAN, written_out(hold(PLAN))) == PLAN


def test_watts_become_the_share_of_the_threshold_that_the_plan_is_written_in() -> None:
    held = with_step(hold(PLAN), (1, 0), target=RangeTarget(Metric.POWER, 1.2 * FTP, 1.3 * FTP))
    wanted = PercentTarget(Metric.POWER, 120, 130, Reference.FTP)
    assert adopt(PLAN, held).steps == with_step(PLAN.steps, (1, 0), target=wanted)
    ramp = with_step(hold(PLAN), (0,), target=RangeTarget(Metric.POWER, 0.5 * FTP, 0.75 * FTP, "up"))
    wanted = PercentTarget(Metric.POWER, 50, 75, Reference.FTP, "up")
    assert adopt(PLAN, ramp).steps == with_step(PLAN.steps, (0,), target=wanted)


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ((0,), {"duration": OpenDuration()}),
        ((0,), {"target": None}),
        ((1, 0), {"cadence": CadenceRange(70, 80)}),
        ((1, 0), {"intensity": Intensity.REST}),
        ((1, 1), {"duration": TimeDuration(240)}),
        ((2,), {"target": RangeTarget(Metric.HEART_RATE, 120, 130)}),
        ((2,), {"duration": DistanceDuration(2000)}),
    ],
)
def test_each_thing_that_can_be_edited(place: tuple[int, ...], changes: dict[str, Any]) -> None:
    assert adopt(PLAN, with_step(hold(PLAN), place, **changes)).steps == with_step(
        PLAN.steps, place, **changes
    )


def test_another_number_of_passes() -> None:
    held = hold(PLAN)
    fewer = (held[0], msgspec.structs.replace(held[1], times=4), held[2])
    repeat = msgspec.structs.replace(PLAN.steps[1], times=4)
    assert adopt(PLAN, fewer).steps == (EASY, repeat, WATTS)


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ((), "nothing that could be played"),
        ((Repeat(10**9, hold(PLAN)),), "nothing that could be played"),
        (hold(PLAN)[1:], "added or removed"),
        (written_out(hold(PLAN))[:-1], "added or removed"),
        (with_step(hold(PLAN), (1, 1), target=RangeTarget(Metric.POWER, 10, 20)), "is no zone"),
        (
            with_step(written_out(hold(PLAN)), (3,), duration=TimeDuration(60)),
            r"steps\[1\]\.repeat\[0\] is another one from pass to pass",
        ),
    ],
)
def test_what_is_not_certain_is_not_adopted(held: tuple[Node, ...], told: str) -> None:
    with pytest.raises(CannotAdoptError, match=told):
        adopt(PLAN, held)


def test_a_step_that_went_to_the_end_moves_no_notes_to_another() -> None:
    flat = tuple(
        msgspec.structs.replace(EASY, duration=TimeDuration(60 * n), notes=f"{n}") for n in range(1, 6)
    )
    plan = PlannedWorkout("Flat", Sport.RIDE, flat)
    held = hold(plan)
    with pytest.raises(CannotAdoptError, match="which is which"):
        adopt(plan, (*held[1:], held[0]))


def test_what_was_never_carried_cannot_be_adopted() -> None:
    """What the provider never had, or had otherwise, says nothing of the plan when it is edited."""
    poor = with_step(hold(PLAN), (1, 1), target=None)
    edited = with_step(poor, (1, 1), target=RangeTarget(Metric.POWER, 100, 120))
    with pytest.raises(CannotAdoptError, match=r"the plan says .* isn't carried there as it is"):
        adopt_steps(PLAN, place_steps(poor), edited, KNOWN_ATHLETE)
    with pytest.raises(CannotAdoptError, match=r"steps\[2\] isn't carried there"):
        adopt_steps(PLAN, place_steps(hold(PLAN))[:2], hold(PLAN), KNOWN_ATHLETE)
    apart = expand_repeats(place_steps(hold(PLAN)), 0)
    last = msgspec.structs.replace(apart[-2], step=msgspec.structs.replace(apart[-2].step, target=None))  # type: ignore[union-attr]
    with pytest.raises(CannotAdoptError, match="isn't carried there as one step"):
        adopt_steps(PLAN, (*apart[:-2], last, apart[-1]), hold(PLAN), KNOWN_ATHLETE)


def test_a_cadence_beside_no_target_stays_a_cadence() -> None:
    plan = PlannedWorkout("Spin", Sport.RIDE, (Step(TimeDuration(60), cadence=CadenceRange(90, 100)),))
    meant = place_steps((Step(TimeDuration(60), RangeTarget(Metric.CADENCE, 90, 100)),))
    held = (Step(TimeDuration(60), RangeTarget(Metric.CADENCE, 80, 85)),)
    now = adopt_steps(plan, meant, held, KNOWN_ATHLETE)
    assert now.steps == (Step(TimeDuration(60), cadence=CadenceRange(80, 85)),)
    power = (Step(TimeDuration(60), RangeTarget(Metric.POWER, 180, 185)),)
    assert adopt_steps(plan, meant, power, KNOWN_ATHLETE).steps == power
