"""What every provider would refuse or misread is refused here first, by the path of the step (row A6)."""

from __future__ import annotations

import datetime as dt
import math
import re

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
#: C0 without tab and line ends, DEL, and C1: no screen shows them, and terminals obey some.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HALF_PAIR = re.compile("[\ud800-\udfff]")


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
    _check_nodes(workout.steps, "steps", workout.sport.family)


def _check_size(nodes: tuple[Node, ...]) -> None:
    """Raise when the tree, or the sequence that it plays out to, is too large.

    Not recursive, for it is this check that keeps everything after it from recursing too deeply.
    """
    counted = played = 0
    stack = [(nodes, "steps", 1, 1)]
    while stack:
        siblings, parent, level, factor = stack.pop()
        counted += len(siblings)
        if counted > MAX_NODES:
            raise InvalidInputError(f"more than {MAX_NODES} steps and repeats", path="steps")
        for index, node in enumerate(siblings):
            if isinstance(node, Step):
                played += factor
                continue
            path = f"{parent}[{index}]"
            if level > MAX_DEPTH:
                raise InvalidInputError(f"repeats nest deeper than {MAX_DEPTH}", path=path)
            if not 1 <= node.times <= MAX_TIMES:
                raise InvalidInputError(f"{node.times} is outside 1 to {MAX_TIMES}", path=f"{path}.times")
            stack.append((node.steps, f"{path}.repeat", level + 1, factor * node.times))
    if played > MAX_PLAYED_STEPS:
        raise InvalidInputError(f"more than {MAX_PLAYED_STEPS} steps when played out", path="steps")


def _check_nodes(nodes: tuple[Node, ...], parent: str, family: SportFamily) -> None:
    """Check what stands at `parent`. Paths are put together only for what is wrong: nearly nothing is."""
    for index, node in enumerate(nodes):
        try:
            if isinstance(node, Repeat):
                _check_repeat(node, family)
            else:
                _check_step(node, family)
        except InvalidInputError as error:
            raise InvalidInputError(error.detail, path=f"{parent}[{index}].{error.path}") from error


def _check_repeat(node: Repeat, family: SportFamily) -> None:
    if not node.steps:
        raise InvalidInputError("a repeat needs at least one step", path="repeat")
    check_text(node.name, MAX_NAME, "name")
    _check_nodes(node.steps, "repeat", family)


def _check_step(step: Step, family: SportFamily) -> None:
    match step.duration:
        case TimeDuration(duration_s=value):
            _check_number(value, MAX_DURATION_S, "duration.duration_s", above_zero=True)
        case DistanceDuration(distance_m=value):
            _check_number(value, MAX_DISTANCE_M, "duration.distance_m", above_zero=True)
    if step.target:
        _check_target(step.target, family)
    if step.cadence:
        _check_cadence(step, step.cadence, family)
    check_text(step.name, MAX_NAME, "name")
    check_text(step.notes, MAX_TEXT, "notes")


def _check_target(target: Target, family: SportFamily) -> None:
    if target.metric is Metric.CADENCE and family is not SportFamily.CYCLING:
        raise InvalidInputError("cadence targets are for cycling only", path="target")
    match target:
        case ZoneTarget():
            if target.metric not in METRIC_REFERENCES:
                raise InvalidInputError(f"there are no zones for {target.metric}", path="target.metric")
            if target.low < 1:
                raise InvalidInputError("zones count from 1", path="target.low")
            highest: float = 20
        case PercentTarget():
            if target.of not in METRIC_REFERENCES.get(target.metric, frozenset()):
                raise InvalidInputError(f"{target.metric} is not in percent of {target.of}", path="target.of")
            highest = _HIGHEST_PERCENT
        case _:
            highest = _HIGHEST[target.metric]
    _check_range(target.low, target.high, highest, "target")


def _check_cadence(step: Step, cadence: CadenceRange, family: SportFamily) -> None:
    if family is not SportFamily.CYCLING:
        raise InvalidInputError("cadence targets are for cycling only", path="cadence")
    if step.target and step.target.metric is Metric.CADENCE:
        raise InvalidInputError("the main target is cadence already", path="cadence")
    _check_range(cadence.low, cadence.high, _HIGHEST[Metric.CADENCE], "cadence")


def _check_range(low: float, high: float, highest: float, path: str) -> None:
    if 0 <= low <= high <= highest:
        return
    _check_number(low, highest, f"{path}.low")
    _check_number(high, highest, f"{path}.high")
    raise InvalidInputError(f"low {low:g} is above high {high:g}", path=path)


def _check_number(value: float, highest: float, path: str, *, above_zero: bool = False) -> None:
    if 0 < value <= highest or (value == 0 and not above_zero):
        return
    if isinstance(value, int) and value > highest:
        raise InvalidInputError(f"above {highest:g}; check the unit", path=path)  # may be beyond any float
    if not math.isfinite(value):
        raise InvalidInputError("not a finite number", path=path)
    if value > highest:
        raise InvalidInputError(f"{value:g} is above {highest:g}; check the unit", path=path)
    raise InvalidInputError(f"{value:g} must be above 0" if above_zero else "must not be negative", path=path)


def check_text(text: str, longest: int, path: str) -> None:
    """Raise for a text that is too long, or holds what can be neither shown nor stored."""
    if not text:
        return
    if len(text) > longest:
        raise InvalidInputError(f"longer than {longest} characters", path=path)
    if _CONTROL.search(text):
        raise InvalidInputError("control characters are not allowed", path=path)
    if _HALF_PAIR.search(text):
        raise InvalidInputError("half of a surrogate pair is no character", path=path)
