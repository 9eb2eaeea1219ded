"""Which target a step of ours has at Garmin: absolute numbers, or words in the step's text. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from hub_core.sdk import (
    Athlete,
    Fidelity,
    Loss,
    Metric,
    MissingThresholdError,
    MissingZoneError,
    PercentTarget,
    RangeTarget,
    Sport,
    Step,
    ZoneTarget,
    describe_target,
    resolve_target,
)

#: Metrics that Garmin has a target for, ours on the left. Pace and speed are both in m/s, bpm and watts
#: go as they are: the offsets of FIT files (bpm + 100, W + 1000) are not used here [Training API V2].
TARGETS: Final = {
    Metric.POWER: "POWER",
    Metric.HEART_RATE: "HEART_RATE",
    Metric.PACE: "PACE",
    Metric.SPEED: "SPEED",
    Metric.CADENCE: "CADENCE",
}
#: mm/s is what a device can tell apart; watts, beats and turns are whole.
_SPEED_DIGITS: Final = 3
_SPEEDS: Final = frozenset({Metric.PACE, Metric.SPEED})


def to_aim(step: Step, sport: Sport, athlete: Athlete) -> tuple[RangeTarget | None, str, tuple[Loss, ...]]:
    """The target in absolute numbers, or else its words for the step's text."""
    target = step.target
    if target is None:
        return None, "", ()
    # Percent and zones would be of the thresholds in Garmin Connect, and which threshold a percentage
    # refers to there is not documented: only absolute ranges mean the same on both sides.
    try:
        resolved = resolve_target(target, athlete, sport)
    except (MissingThresholdError, MissingZoneError) as error:
        if sport is Sport.POOL_SWIM:
            return None, *_in_words(describe_target(target, sport), sport)
        return None, "", (_unresolved(error, describe_target(target, sport)),)
    if sport is Sport.POOL_SWIM or resolved.metric not in TARGETS:
        return None, *_in_words(describe_target(resolved, sport), sport)
    whole, losses = _whole_bounds(resolved, "target")
    if not isinstance(target, RangeTarget):
        losses = (_resolved(target, whole, sport), *losses)
    return whole, "", losses


def _in_words(words: str, sport: Sport) -> tuple[str, tuple[Loss, ...]]:
    # Pool swims: `targetType` is null for every step. A pace as *secondary* target is in the list of
    # values, but is only described for cycling: text is what every watch shows.
    reason = (
        "Garmin's pool swim steps have no main target"
        if sport is Sport.POOL_SWIM
        else "Garmin has no target for perceived effort"
    )
    loss = Loss(
        "target",
        Fidelity.DEGRADED,
        reason,
        becomes=f"no target, and “{words}” in the step's text",
        suggestion=f"leave the target out and write “{words}” in the notes",
    )
    return words, (loss,)


def _resolved(target: PercentTarget | ZoneTarget, whole: RangeTarget, sport: Sport) -> Loss:
    return Loss(
        "target",
        Fidelity.EXACT,
        reason=f"{describe_target(target, sport)} would count from the thresholds in Garmin Connect there",
        becomes=describe_target(msgspec.structs.replace(whole, ramp=None), sport),
    )


def _unresolved(error: MissingThresholdError | MissingZoneError, words: str) -> Loss:
    fix = (
        f"set the athlete's {error.field}"
        if isinstance(error, MissingThresholdError)
        else "use a zone that the athlete has, or a range"
    )
    return Loss(
        "target",
        Fidelity.UNSUPPORTED,
        reason=f"{words} can't be turned into the absolute numbers that Garmin needs: {error.message}",
        suggestion=fix,
    )


def to_cadence(step: Step) -> tuple[RangeTarget | None, tuple[Loss, ...]]:
    """The cadence beside the main target, in whole turns per minute."""
    if step.cadence is None:
        return None, ()
    return _whole_bounds(RangeTarget(Metric.CADENCE, step.cadence.low, step.cadence.high), "cadence")


def _whole_bounds(target: RangeTarget, feature: str) -> tuple[RangeTarget, tuple[Loss, ...]]:
    """Watts, beats and turns as whole numbers."""
    low, high = rounded(target.low, target.metric), rounded(target.high, target.metric)
    whole = msgspec.structs.replace(target, low=low, high=high)
    if target.metric in _SPEEDS or (low, high) == (target.low, target.high):
        return whole, ()
    loss = Loss(
        feature,
        Fidelity.DEGRADED,
        reason=f"Garmin's devices show whole numbers for {target.metric.replace('_', ' ')}",
        becomes=f"{low:g}–{high:g}",
        suggestion=f"use {low:g}–{high:g}",
    )
    return whole, (loss,)


def rounded(value: float, metric: Metric) -> float:
    """A bound as fine as a device shows it: mm/s, or whole watts, beats and turns."""
    return round(value, _SPEED_DIGITS) if metric in _SPEEDS else round(value)
