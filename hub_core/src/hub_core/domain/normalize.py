"""From what the coach wrote to absolute numbers, with the athlete's thresholds."""

from __future__ import annotations

import msgspec

from hub_core.domain.athlete import REFERENCE_FIELDS, Athlete
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    Metric,
    Node,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Repeat,
    Target,
    ZoneTarget,
)
from hub_core.errors import HubError

#: Watts, beats and turns are whole numbers on every device; speeds keep mm/s.
_WHOLE = {Metric.POWER, Metric.HEART_RATE, Metric.CADENCE}


class MissingThresholdError(HubError):
    """A relative target needs a threshold that isn't known. `field` is the one of `Athlete` to set."""

    code = "missing_threshold"

    def __init__(self, field: str) -> None:
        super().__init__(f"the athlete's {field} is not set")
        self.field = field


class MissingZoneError(HubError):
    """A zone target names a zone that the athlete's table doesn't have."""

    code = "missing_zone"


def resolve_target(target: Target, athlete: Athlete, sport: Sport) -> RangeTarget:
    """The target in absolute numbers: watts, bpm, m/s (low is slower), rpm, RPE.

    Raises `MissingThresholdError` or `MissingZoneError` when the athlete's data can't tell.
    """
    if isinstance(target, RangeTarget):
        return target
    percent = resolve_zone(target, athlete, sport) if isinstance(target, ZoneTarget) else target
    reference = athlete.reference(percent.of)
    if reference is None:
        raise MissingThresholdError(REFERENCE_FIELDS[percent.of])
    digits = 0 if percent.metric in _WHOLE else 3
    low, high = (round(reference * value / 100, digits) for value in (percent.low, percent.high))
    return RangeTarget(percent.metric, low, high, percent.ramp)


def resolve_zone(target: ZoneTarget, athlete: Athlete, sport: Sport) -> PercentTarget:
    """The zones as percent of the threshold that they are counted from. Raises `MissingZoneError`."""
    table = athlete.zone_table(target.metric, sport.family)
    if table is None:
        raise MissingZoneError(f"there are no zones for {target.metric}")
    if target.high >= len(table.edges):
        raise MissingZoneError(f"zone {target.high} is not in a table of {len(table.edges) - 1}")
    return PercentTarget(target.metric, table.edges[target.low - 1], table.edges[target.high], table.of)


def normalize(workout: PlannedWorkout, athlete: Athlete) -> PlannedWorkout:
    """The same workout with every target absolute; tree, durations and notes as they were."""
    return msgspec.structs.replace(workout, steps=_normalize(workout.steps, athlete, workout.sport))


def _normalize(nodes: tuple[Node, ...], athlete: Athlete, sport: Sport) -> tuple[Node, ...]:
    resolved: list[Node] = []
    for node in nodes:
        if isinstance(node, Repeat):
            resolved.append(msgspec.structs.replace(node, steps=_normalize(node.steps, athlete, sport)))
        elif node.target is None:
            resolved.append(node)
        else:
            target = resolve_target(node.target, athlete, sport)
            resolved.append(msgspec.structs.replace(node, target=target))
    return tuple(resolved)
