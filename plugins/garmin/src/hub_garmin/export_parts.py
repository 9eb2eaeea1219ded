"""How a step's stretch is cut: whole seconds, and ramps in parts, since Garmin has no ramps. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import msgspec

from hub_core.sdk import (
    DistanceDuration,
    Duration,
    Fidelity,
    Loss,
    OpenDuration,
    RangeTarget,
    Sport,
    TimeDuration,
    describe_duration,
    describe_target,
)
from hub_garmin.export_target import rounded

#: Into how many steps a ramp is cut.
RAMP_PARTS: Final = 4


@dataclass(frozen=True)
class Part:
    """A stretch of a step: all of it, or one part of a ramp."""

    duration: Duration
    target: RangeTarget | None


def to_whole_seconds(duration: Duration) -> tuple[Duration, tuple[Loss, ...]]:
    """Times are whole seconds at Garmin."""
    if not isinstance(duration, TimeDuration) or float(duration.duration_s).is_integer():
        return duration, ()
    whole = max(1, round(duration.duration_s))
    loss = Loss(
        "duration",
        Fidelity.DEGRADED,
        reason=f"Garmin counts whole seconds, and this is {duration.duration_s:g} s",
        becomes=f"{whole} s",
        suggestion=f"use {whole} s",
    )
    return TimeDuration(whole), (loss,)


def to_parts(
    duration: Duration, target: RangeTarget | None, sport: Sport
) -> tuple[list[Part], tuple[Loss, ...]]:
    """The step in one part, or a ramp cut into some."""
    if target is None or target.ramp is None or target.low == target.high:
        return [Part(duration, target)], ()
    flat = msgspec.structs.replace(target, ramp=None)
    reason = "Garmin has no target that moves"
    if isinstance(duration, OpenDuration):
        becomes = f"one range, {describe_target(flat, sport)}"
        reason += ", and a step that ends on the lap button can't be cut up"
        parts = [Part(duration, flat)]
    else:
        durations = _cut_duration(duration)
        targets = _cut_range(flat, len(durations))
        if target.ramp == "down":
            targets.reverse()
        parts = [Part(*pair) for pair in zip(durations, targets, strict=True)]
        words = (
            f"{describe_duration(p.duration)} at {describe_target(p.target, sport)}"
            for p in parts
            if p.target
        )
        becomes = f"{len(parts)} steps: {', '.join(words)}"
    loss = Loss("ramp", Fidelity.DEGRADED, reason, becomes, "write the ramp as steps with a range each")
    return parts, (loss,)


def _cut_duration(duration: TimeDuration | DistanceDuration) -> list[Duration]:
    """Parts of about the same length that add up to exactly the whole."""
    total = duration.duration_s if isinstance(duration, TimeDuration) else duration.distance_m
    kind = type(duration)
    if not float(total).is_integer():  # only metres; a quarter of a float is exact
        return [kind(total / RAMP_PARTS)] * RAMP_PARTS
    whole = int(total)
    count = min(RAMP_PARTS, whole)
    edges = [whole * index // count for index in range(count + 1)]
    return [kind(end - start) for start, end in itertools.pairwise(edges)]


def _cut_range(target: RangeTarget, count: int) -> list[RangeTarget]:
    """Slices of a range, from low to high."""
    width = (target.high - target.low) / count
    edges = [rounded(target.low + width * index, target.metric) for index in range(count + 1)]
    return [RangeTarget(target.metric, low, high) for low, high in itertools.pairwise(edges)]
