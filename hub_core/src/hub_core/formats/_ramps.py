"""Ramps as steps, for formats whose targets can't move."""

from __future__ import annotations

import itertools

import msgspec

from hub_core.domain.workout import (
    DistanceDuration,
    Duration,
    Metric,
    OpenDuration,
    PercentTarget,
    RangeTarget,
    TimeDuration,
)

#: A ramp becomes at most so many steps, none shorter than these.
_PARTS = 4
_SHORTEST_S, _SHORTEST_M = 10, 50
_SPEEDS = {Metric.PACE, Metric.SPEED}

Bounds = RangeTarget | PercentTarget


def split_ramp(duration: Duration, target: Bounds) -> list[tuple[Duration, Bounds]]:
    """A ramp as steps in its order: they last as long as it does, and cover its range without a gap.

    One step, the whole range, for a ramp that is too short to divide or ends with the lap button.
    """
    if isinstance(duration, OpenDuration) or target.low == target.high:
        return [(duration, msgspec.structs.replace(target, ramp=None))]
    is_time = isinstance(duration, TimeDuration)
    length = duration.duration_s if isinstance(duration, TimeDuration) else duration.distance_m
    count = max(1, min(_PARTS, int(length // (_SHORTEST_S if is_time else _SHORTEST_M))))
    edges = [*(float(int(length * index / count)) for index in range(count)), length]
    # Rounded against the noise of subtracting floats.
    lengths = [round(end - start, 6) for start, end in itertools.pairwise(edges)] if count > 1 else [length]
    kind = TimeDuration if is_time else DistanceDuration
    durations: list[Duration] = [kind(part) for part in lengths]
    return list(zip(durations, _split_bounds(target, count), strict=True))


def _split_bounds(target: Bounds, count: int) -> list[Bounds]:
    digits = 3 if isinstance(target, RangeTarget) and target.metric in _SPEEDS else 0
    width = (target.high - target.low) / count
    # Rounding must not carry an edge past the end of a ramp that is narrower than one unit.
    inner = [
        max(target.low, min(round(target.low + width * index, digits), target.high))
        for index in range(1, count)
    ]
    edges = [target.low, *inner, target.high]
    parts: list[Bounds] = [
        msgspec.structs.replace(target, low=low, high=high, ramp=None)
        for low, high in itertools.pairwise(edges)
    ]
    return parts if target.ramp == "up" else parts[::-1]
