"""What every provider would refuse or misread is refused here first, by the path of the step (row A6)."""

from __future__ import annotations

import datetime as dt
import math

from hub_core.domain.outline import Placed, PlacedStep, place_steps
from hub_core.domain.sport import SportFamily
from hub_core.domain.workout import (
    METRIC_REFERENCES,
    CadenceRange,
    DistanceDuration,
    Metric,
    Node,
    PercentTarget,
    PlannedWorkout,
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.errors import InvalidInputError

MAX_NODES = 500
MAX_DEPTH = 8
MAX_TIMES = 500
#: Played out, repeats counted: nobody trains more steps, and a compiler has to hold them.
MAX_PLAYED_STEPS = 5_000
MAX_DURATION_S = 48 * 3600
MAX_DISTANCE_M = 1_000_000
MAX_NAME = 200
MAX_TEXT = 5_000
#: Dates are counted with, in days and time zones, and calendars end at 1 and 9999.
MIN_DATE, MAX_DATE = dt.date(1970, 1, 1), dt.date(2199, 12, 31)

#: Above these a unit was mistaken: the field's classic is 186,327 W.
_HIGHEST = {
    Metric.POWER: 3_000,
    Metric.HEART_RATE: 250,
    Metric.PACE: 25,
    Metric.SPEED: 40,
    Metric.CADENCE: 250,
    Metric.RPE: 10,
}
_HIGHEST_PERCENT = 400


def validate(workout: PlannedWorkout) -> None:
    """Raise `InvalidInputError`, whose `path` names the place, at the first thing that is wrong."""
    if not workout.name.strip():
        raise InvalidInputError("a name is needed", path="name")
    check_text(workout.name, MAX_NAME, "name")
    check_text(workout.description, MAX_TEXT, "description")
    if workout.pool_length_m is not None and not 5 <= workout.pool_length_m <= 200:
        raise InvalidInputError("a pool is 5 to 200 m long", path="pool_length_m")
    if workout.date is not None and not MIN_DATE <= workout.date <= MAX_DATE:
        raise InvalidInputError(f"must be between {MIN_DATE} and {MAX_DATE}", path="date")
    if workout.time is not None and workout.time.tzinfo is not None:
        raise InvalidInputError("a wall clock has no offset; the athlete's time zone is used", path="time")
    if not workout.steps:
        raise InvalidInputError("at least one step is needed", path="steps")
    _check_size(workout.steps)
    for node in place_steps(workout.steps):
        _check_node(node, workout)


def _check_size(nodes: tuple[Node, ...]) -> None:
    """Raise when the tree, or the sequence that it plays out to, is too large.

    Not recursive, for it is this check that keeps everything after it from recursing too deeply.
    """
    counted = played = 0
    stack = [(node, f"steps[{index}]", 1, 1) for index, node in enumerate(nodes)]
    while stack:
        node, path, level, factor = stack.pop()
        counted += 1
        if counted > MAX_NODES:
            raise InvalidInputError(f"more than {MAX_NODES} steps and repeats", path="steps")
        if isinstance(node, Repeat):
            if level > MAX_DEPTH:
                raise InvalidInputError(f"repeats nest deeper than {MAX_DEPTH}", path=path)
            if not 1 <= node.times <= MAX_TIMES:
                raise InvalidInputError(f"{node.times} is outside 1 to {MAX_TIMES}", path=f"{path}.times")
            inner = factor * node.times
            stack += [(one, f"{path}.repeat[{i}]", level + 1, inner) for i, one in enumerate(node.steps)]
        else:
            played += factor
    if played > MAX_PLAYED_STEPS:
        raise InvalidInputError(f"more than {MAX_PLAYED_STEPS} steps when played out", path="steps")


def _check_node(node: Placed, workout: PlannedWorkout) -> None:
    if isinstance(node, PlacedStep):
        _check_step(node.step, node.path, workout.sport.family)
        return
    if not node.children:
        raise InvalidInputError("a repeat needs at least one step", path=f"{node.path}.repeat")
    check_text(node.name, MAX_NAME, f"{node.path}.name")
    for child in node.children:
        _check_node(child, workout)


def _check_step(step: Step, path: str, family: SportFamily) -> None:
    match step.duration:
        case TimeDuration(duration_s=value):
            _check_number(value, MAX_DURATION_S, f"{path}.duration.duration_s", above_zero=True)
        case DistanceDuration(distance_m=value):
            _check_number(value, MAX_DISTANCE_M, f"{path}.duration.distance_m", above_zero=True)
    if step.target:
        _check_target(step.target, f"{path}.target", family)
    if step.cadence:
        _check_cadence(step, step.cadence, f"{path}.cadence", family)
    check_text(step.name, MAX_NAME, f"{path}.name")
    check_text(step.notes, MAX_TEXT, f"{path}.notes")


def _check_target(target: Target, path: str, family: SportFamily) -> None:
    if target.metric is Metric.CADENCE and family is not SportFamily.CYCLING:
        raise InvalidInputError("cadence targets are for cycling only", path=path)
    match target:
        case ZoneTarget():
            if target.metric not in METRIC_REFERENCES:
                raise InvalidInputError(f"there are no zones for {target.metric}", path=f"{path}.metric")
            if target.low < 1:
                raise InvalidInputError("zones count from 1", path=f"{path}.low")
            highest: float = 20
        case PercentTarget():
            if target.of not in METRIC_REFERENCES.get(target.metric, frozenset()):
                raise InvalidInputError(
                    f"{target.metric} is not in percent of {target.of}", path=f"{path}.of"
                )
            highest = _HIGHEST_PERCENT
        case _:
            highest = _HIGHEST[target.metric]
    _check_number(target.low, highest, f"{path}.low")
    _check_number(target.high, highest, f"{path}.high")
    if target.low > target.high:
        raise InvalidInputError(f"low {target.low:g} is above high {target.high:g}", path=path)


def _check_cadence(step: Step, cadence: CadenceRange, path: str, family: SportFamily) -> None:
    if family is not SportFamily.CYCLING:
        raise InvalidInputError("cadence targets are for cycling only", path=path)
    if step.target and step.target.metric is Metric.CADENCE:
        raise InvalidInputError("the main target is cadence already", path=path)
    _check_number(cadence.low, _HIGHEST[Metric.CADENCE], f"{path}.low")
    _check_number(cadence.high, _HIGHEST[Metric.CADENCE], f"{path}.high")
    if cadence.low > cadence.high:
        raise InvalidInputError(f"low {cadence.low:g} is above high {cadence.high:g}", path=path)


def _check_number(value: float, highest: float, path: str, *, above_zero: bool = False) -> None:
    if isinstance(value, int) and value > highest:
        raise InvalidInputError(f"above {highest:g}; check the unit", path=path)  # may be beyond any float
    if not math.isfinite(value):
        raise InvalidInputError("not a finite number", path=path)
    if value < 0 or (above_zero and value == 0):
        raise InvalidInputError(
            f"{value:g} must be above 0" if above_zero else "must not be negative", path=path
        )
    if value > highest:
        raise InvalidInputError(f"{value:g} is above {highest:g}; check the unit", path=path)


def check_text(text: str, longest: int, path: str) -> None:
    """Raise for a text that is too long, or holds what can be neither shown nor stored."""
    if len(text) > longest:
        raise InvalidInputError(f"longer than {longest} characters", path=path)
    if any(ord(character) < 32 and character not in "\n\r\t" for character in text):
        raise InvalidInputError("control characters are not allowed", path=path)
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise InvalidInputError("half of a surrogate pair is no character", path=path)
