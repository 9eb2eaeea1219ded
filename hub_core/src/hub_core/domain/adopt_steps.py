"""A plan with what an athlete has changed of a provider's copy, and with all that the copy can't hold.

A copy is poorer than the plan: percentages became watts, names and notes are gone, repeats are written out.
So the copy doesn't replace the plan. Each step of it is laid beside what it was meant to be, and only what
differs between those two goes into the plan's own step, in the plan's own terms. Where that isn't certain,
nothing is adopted, and the reason is told. `docs/adr/0021-an-edit-is-adopted-whole-or-not-at-all.md`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.compare import (
    MOST_PLAYED,
    count_played,
    is_same_cadence,
    is_same_duration,
    is_same_purpose,
    is_same_target,
    play,
)
from hub_core.domain.describe import describe_duration, describe_target
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError, resolve_target
from hub_core.domain.outline import Placed, place_steps
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    Metric,
    Node,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Repeat,
    Step,
    Target,
    ZoneTarget,
)

#: Of so few steps each may have another length.
_FEW = 3


class CannotAdoptError(Exception):
    """The edit can't be told in the plan's terms; the text says where and why."""


def adopt_steps(
    plan: PlannedWorkout, meant: tuple[Placed, ...], held: tuple[Node, ...], athlete: Athlete
) -> PlannedWorkout:
    """The plan as the athlete has it now. `meant` is what the copy was to hold, `held` what it holds.

    Raises `CannotAdoptError`.
    """
    if not held or count_played(held) > MOST_PLAYED:
        raise CannotAdoptError("there is nothing that could be played")
    carried = _by_path(meant)
    nodes = plan.steps
    theirs = [one.step for one in play(place_steps(held))]
    if len(play(place_steps(nodes))) != len(theirs):
        nodes = _with_times(nodes, held)
    edited: dict[str, Step] = {}
    longer: set[str] = set()
    for node, step in zip(play(place_steps(nodes)), theirs, strict=True):
        if node.path not in carried:
            raise CannotAdoptError(f"{node.path} isn't carried there")
        now = _Edit(node.path, node.step, carried[node.path], step, plan.sport, athlete).apply()
        if edited.setdefault(node.path, now) != now:
            raise CannotAdoptError(f"{node.path} is another one from pass to pass")
        if now.duration != node.step.duration:
            longer.add(node.path)
    if len(edited) > _FEW and 2 * len(longer) > len(edited):
        # As after a step was taken out in front and another one added at the end.
        raise CannotAdoptError("most steps are others now, and which is which can't be told for certain")
    return msgspec.structs.replace(plan, steps=_rebuild(nodes, "steps", edited))


def _by_path(meant: tuple[Placed, ...]) -> dict[str, Step]:
    carried: dict[str, Step] = {}
    for node in play(meant):
        if carried.setdefault(node.path, node.step) != node.step:
            raise CannotAdoptError(f"{node.path} isn't carried there as one step")
    return carried


def _with_times(ours: tuple[Node, ...], theirs: tuple[Node, ...]) -> tuple[Node, ...]:
    """The plan with the number of passes of a copy that has the same form, repeat by repeat."""
    different = CannotAdoptError("steps were added or removed, and which ones can't be told for certain")
    if len(ours) != len(theirs):
        raise different
    nodes: list[Node] = []
    for one, other in zip(ours, theirs, strict=True):
        match one, other:
            case Repeat(), Repeat():
                steps = _with_times(one.steps, other.steps)
                nodes.append(msgspec.structs.replace(one, times=other.times, steps=steps))
            case Step(), Step():
                nodes.append(one)
            case _:
                raise different
    return tuple(nodes)


def _rebuild(nodes: tuple[Node, ...], parent: str, edited: dict[str, Step]) -> tuple[Node, ...]:
    built: list[Node] = []
    for index, node in enumerate(nodes):
        path = f"{parent}[{index}]"
        if isinstance(node, Repeat):
            steps = _rebuild(node.steps, f"{path}.repeat", edited)
            built.append(msgspec.structs.replace(node, steps=steps))
        else:
            built.append(edited[path])
    return tuple(built)


class _Edit(msgspec.Struct, frozen=True):
    """One step three times: as planned, as the copy was to hold it, and as it holds it."""

    path: str
    ours: Step
    meant: Step
    held: Step
    sport: Sport
    athlete: Athlete

    def apply(self) -> Step:
        """The planned step with what differs between the other two. Raises `CannotAdoptError`."""
        ours, meant, held = self.ours, self.meant, self.held
        changes: dict[str, Any] = {}
        if not is_same_duration(meant.duration, held.duration):
            if not is_same_duration(ours.duration, meant.duration):
                raise self._cannot(describe_duration(ours.duration))
            changes["duration"] = held.duration
        before, now = _aims(meant), _aims(held)
        if not is_same_target(before[0], now[0]):
            changes |= self._aim(before[0], now[0])
        if not is_same_cadence(before[1], now[1]):
            if not is_same_cadence(_aims(ours)[1], before[1]):
                raise self._cannot("the cadence")
            changes["cadence"] = now[1]
        if not is_same_purpose(meant.intensity, held.intensity):
            if not is_same_purpose(ours.intensity, meant.intensity):
                raise self._cannot(f"the intensity {ours.intensity}")
            changes["intensity"] = held.intensity
        return msgspec.structs.replace(ours, **changes)

    def _aim(self, meant: Target | None, held: Target | None) -> dict[str, Any]:
        """The target, or the cadence where that is all that is aimed at."""
        target = self._target(_aims(self.ours)[0], meant, held)
        is_cadence = isinstance(target, RangeTarget) and target.metric is Metric.CADENCE
        if is_cadence and self.ours.target is None and isinstance(target, RangeTarget):
            return {"cadence": CadenceRange(target.low, target.high)}
        if self.ours.target is None and self.ours.cadence is not None:
            return {"target": target, "cadence": None}
        return {"target": target}

    def _target(self, ours: Target | None, meant: Target | None, held: Target | None) -> Target | None:
        if is_same_target(ours, meant):
            return held
        if ours is None or not is_same_target(self._resolve(ours), meant):
            raise self._cannot("no target" if ours is None else describe_target(ours, self.sport))
        if held is None:
            return None
        if isinstance(ours, PercentTarget) and isinstance(held, RangeTarget) and ours.metric is held.metric:
            threshold = self.athlete.reference(ours.of)
            if threshold:
                low, high = (round(100 * value / threshold, 1) for value in (held.low, held.high))
                return PercentTarget(ours.metric, low, high, ours.of, held.ramp)
        if isinstance(ours, ZoneTarget):
            told = describe_target(held, self.sport)
            raise CannotAdoptError(
                f"{self.path}: {told} is no zone, and the plan says {describe_target(ours, self.sport)}"
            )
        return held

    def _resolve(self, ours: Target) -> Target | None:
        """In absolute numbers, as most providers hold it; None when the thresholds don't tell."""
        try:
            return resolve_target(ours, self.athlete, self.sport)
        except (MissingThresholdError, MissingZoneError):
            return None

    def _cannot(self, planned: str) -> CannotAdoptError:
        return CannotAdoptError(f"{self.path}: the plan says {planned}, which isn't carried there as it is")


def _aims(step: Step) -> tuple[Target | None, CadenceRange | None]:
    """Target and cadence; a cadence beside no target is the target, as providers have it."""
    if step.target is None and step.cadence is not None:
        return RangeTarget(Metric.CADENCE, step.cadence.low, step.cadence.high), None
    return step.target, step.cadence
