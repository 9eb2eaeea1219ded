"""How one of our steps becomes intervals of a Wahoo plan, and what that costs. Pure.

Source of the format: Wahoo's plan JSON, version 1.0.0 ("plan format 1.0" below).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import msgspec

from hub_core.sdk import (
    OPEN_STEP_S,
    Athlete,
    DistanceDuration,
    Duration,
    Fidelity,
    Intensity,
    Loss,
    Metric,
    MissingThresholdError,
    MissingZoneError,
    OpenDuration,
    PercentTarget,
    RangeTarget,
    Sport,
    SportFamily,
    Step,
    Target,
    TimeDuration,
    describe_duration,
    describe_target,
    resolve_target,
)

#: A ramp becomes at most so many steps, none shorter than these.
RAMP_PARTS = 4
_SHORTEST_PART_S, _SHORTEST_PART_M = 10, 50
#: Full scale: the step has a target, as production wants it, that any effort meets.
ANY_EFFORT = {"type": "rpe", "low": 1, "high": 10}

#: Ours: theirs. [Wahoo docs, plan format 1.0, intensity_type]
INTENSITIES = {
    Intensity.ACTIVE: "active",
    Intensity.INTERVAL: "active",
    Intensity.RECOVERY: "recover",
    Intensity.REST: "rest",
    Intensity.WARMUP: "wu",
    Intensity.COOLDOWN: "cd",
}
#: Ours: theirs, all in our own units. The relative types other than `ftp` work on treadmills in the
#: Wahoo app only, not on ELEMNT or RIVAL, so absolute values go out. [Wahoo docs, plan format 1.0, note 1]
TARGET_TYPES = {
    Metric.POWER: "watts",
    Metric.HEART_RATE: "hr",
    Metric.PACE: "speed",
    Metric.SPEED: "speed",
    Metric.CADENCE: "rpm",
    Metric.RPE: "rpe",
}
#: Decimals of the edges inside a ramp, by what a device can show.
_RAMP_DECIMALS = {Metric.PACE: 3, Metric.SPEED: 3, Metric.RPE: 1}

#: What a Wahoo target can be made of.
Bounds = RangeTarget | PercentTarget


@dataclass(frozen=True)
class SentStep:
    """One step as Wahoo gets it, and the same in our terms.

    `bounds` is the target that was sent, absolute or in percent of FTP.
    """

    intervals: tuple[dict[str, Any], ...]
    meant: tuple[Step, ...]
    losses: tuple[Loss, ...]
    duration: TimeDuration | DistanceDuration
    bounds: Bounds | None


def to_intervals(step: Step, sport: Sport, athlete: Athlete) -> SentStep:
    """One interval, or several for a ramp, with everything that the step loses."""
    duration, duration_losses = _to_duration(step.duration)
    bounds, target_losses = _to_bounds(step.target, sport, athlete)
    parts, ramp_losses = _to_parts(duration, bounds, sport)
    names = [step.name] if len(parts) == 1 else _number_names(step.name, len(parts))
    intervals = tuple(
        _to_interval(step, name, length, part) for name, (length, part) in zip(names, parts, strict=True)
    )
    losses = (*duration_losses, *target_losses, *ramp_losses, *_side_losses(step))
    meant = tuple(_to_meant(step, length, part, sport, athlete) for length, part in parts)
    return SentStep(intervals, meant, losses, duration, bounds)


def _to_meant(
    step: Step,
    duration: TimeDuration | DistanceDuration,
    bounds: Bounds | None,
    sport: Sport,
    athlete: Athlete,
) -> Step:
    """What an interval says, in our terms and in absolute numbers. Wahoo's `speed` is a pace on foot."""
    if isinstance(bounds, PercentTarget):
        share_w = round(athlete.ftp_w or 0) / 100  # the header's FTP is whole
        target: RangeTarget | None = RangeTarget(bounds.metric, bounds.low * share_w, bounds.high * share_w)
    else:
        target = bounds
    if target and TARGET_TYPES[target.metric] == "speed":
        target = msgspec.structs.replace(target, metric=speed_metric(sport))
    if target and target.metric is Metric.RPE and (target.low, target.high) == (1, 10):
        target = None  # any effort
    return msgspec.structs.replace(step, duration=duration, target=target)


def speed_metric(sport: Sport) -> Metric:
    """What a speed is for people of this sport."""
    return Metric.SPEED if sport.family is SportFamily.CYCLING else Metric.PACE


def number(value: float, decimals: int = 3) -> float | int:
    """A JSON number without a needless fraction."""
    rounded = round(value, decimals)
    return int(rounded) if rounded == int(rounded) else rounded


def _exact(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _to_interval(
    step: Step, name: str, duration: TimeDuration | DistanceDuration, bounds: Bounds | None
) -> dict[str, Any]:
    # Bike computers use the first target only, so the main one leads. [Wahoo docs, plans overview]
    targets = [_to_target(bounds)] if bounds else []
    if step.cadence:
        targets.append({"type": "rpm", "low": number(step.cadence.low), "high": number(step.cadence.high)})
    by_time = isinstance(duration, TimeDuration)
    interval = {
        "name": name,
        "exit_trigger_type": "time" if by_time else "distance",
        "exit_trigger_value": _exact(_length(duration)),
        "intensity_type": INTENSITIES[step.intensity],
        # Optional on paper; production refuses intervals without any. [quantified-self, serializer]
        "targets": targets or [dict(ANY_EFFORT)],
    }
    if not name:
        del interval["name"]
    return interval


def _to_target(bounds: Bounds) -> dict[str, Any]:
    if isinstance(bounds, PercentTarget):
        # A fraction of header.ftp: 1 is 100 %. [Wahoo docs, plan format 1.0, targets]
        return {"type": "ftp", "low": number(bounds.low / 100, 4), "high": number(bounds.high / 100, 4)}
    return {"type": TARGET_TYPES[bounds.metric], "low": number(bounds.low), "high": number(bounds.high)}


def _to_duration(duration: Duration) -> tuple[TimeDuration | DistanceDuration, list[Loss]]:
    if not isinstance(duration, OpenDuration):
        return duration, []
    # Plans know no lap button. [Wahoo docs, plan format 1.0, intervals]
    sent = TimeDuration(OPEN_STEP_S)
    loss = Loss(
        "duration",
        Fidelity.DEGRADED,
        "Wahoo plans have no steps that end with the lap button",
        describe_duration(sent),
        "give the step a time or a distance",
    )
    return sent, [loss]


def _to_bounds(target: Target | None, sport: Sport, athlete: Athlete) -> tuple[Bounds | None, list[Loss]]:
    if target is None:
        return None, []
    if isinstance(target, RangeTarget):
        return _fit_rpe(target) if target.metric is Metric.RPE else (target, [])
    try:
        absolute = resolve_target(target, athlete, sport)
    except MissingThresholdError as error:
        return None, [_unresolved(str(error), f"set the athlete's {error.field}")]
    except MissingZoneError as error:
        return None, [_unresolved(str(error), "add the zone to the athlete's zones, or plan in numbers")]
    if isinstance(target, PercentTarget) and target.metric is Metric.POWER:
        return target, []
    loss = Loss(
        "target",
        Fidelity.EXACT,
        "Wahoo devices take this target in absolute numbers only",
        describe_target(msgspec.structs.replace(absolute, ramp=None), sport),
    )
    return absolute, [loss]


def _unresolved(reason: str, suggestion: str) -> Loss:
    return Loss("target", Fidelity.UNSUPPORTED, reason, suggestion=suggestion)


def _fit_rpe(target: RangeTarget) -> tuple[RangeTarget, list[Loss]]:
    """Wahoo's scale begins at 1. [Wahoo docs, plan format 1.0, targets]"""
    if target.low >= 1:
        return target, []
    fitted = msgspec.structs.replace(target, low=1, high=max(1, target.high))
    becomes = f"RPE {number(fitted.low)}–{number(fitted.high)}"
    reason = "Wahoo's effort scale runs from 1 to 10"
    return fitted, [Loss("target", Fidelity.DEGRADED, reason, becomes, "plan an RPE of 1 or more")]


def _to_parts(
    duration: TimeDuration | DistanceDuration, bounds: Bounds | None, sport: Sport
) -> tuple[list[tuple[TimeDuration | DistanceDuration, Bounds | None]], list[Loss]]:
    """The step itself, or a ramp in parts: a target's low and high are a range. [plan format 1.0, targets]"""
    if bounds is None or bounds.ramp is None:
        return [(duration, bounds)], []
    if bounds.low == bounds.high:
        return [(duration, msgspec.structs.replace(bounds, ramp=None))], []
    shortest = _SHORTEST_PART_S if isinstance(duration, TimeDuration) else _SHORTEST_PART_M
    count = max(1, min(RAMP_PARTS, int(_length(duration) // shortest)))
    parts = list(zip(_split_duration(duration, count), _split_bounds(bounds, count), strict=True))
    loss = Loss(
        "ramp",
        Fidelity.DEGRADED,
        "a Wahoo target is a range to stay in and can't move during a step",
        _describe_parts(parts, sport),
        "plan the ramp as steps",
    )
    return [*parts], [loss]


def _split_duration(
    duration: TimeDuration | DistanceDuration, count: int
) -> list[TimeDuration | DistanceDuration]:
    """Parts of whole seconds or metres that add up to the whole; the last one has the fraction, if any."""
    length = _length(duration)
    edges = [*(int(length * index / count) for index in range(count)), length]
    # Rounded only against the noise of subtracting floats.
    lengths = [round(end - start, 6) for start, end in itertools.pairwise(edges)] if count > 1 else [length]
    if isinstance(duration, TimeDuration):
        return [TimeDuration(part) for part in lengths]
    return [DistanceDuration(part) for part in lengths]


def _split_bounds(bounds: Bounds, count: int) -> list[Bounds]:
    """Slices of the range in the order of the ramp, each with the ramp's value at its middle."""
    decimals = 2 if isinstance(bounds, PercentTarget) else _RAMP_DECIMALS.get(bounds.metric, 0)
    width = (bounds.high - bounds.low) / count
    # Rounding must not carry an edge past either end of a ramp that is narrower than one unit.
    rounded = (round(bounds.low + width * index, decimals) for index in range(1, count))
    inner = [min(max(edge, bounds.low), bounds.high) for edge in rounded]
    edges = [bounds.low, *inner, bounds.high]
    slices: list[Bounds] = [
        msgspec.structs.replace(bounds, low=low, high=high, ramp=None)
        for low, high in itertools.pairwise(edges)
    ]
    return slices if bounds.ramp == "up" else slices[::-1]


def _describe_parts(parts: list[tuple[TimeDuration | DistanceDuration, Bounds]], sport: Sport) -> str:
    lengths = [describe_duration(duration) for duration, _ in parts]
    targets = [describe_target(bounds, sport) for _, bounds in parts]
    steps = f"{len(parts)} step{'s' if len(parts) > 1 else ''}"
    if len(set(lengths)) == 1:
        return f"{steps} of {lengths[0]}: {', '.join(targets)}"
    pairs = (f"{length} at {target}" for length, target in zip(lengths, targets, strict=True))
    return f"{steps}: {', '.join(pairs)}"


def _number_names(name: str, count: int) -> list[str]:
    return [f"{name or 'Ramp'} {index}/{count}" for index in range(1, count + 1)]


def _side_losses(step: Step) -> list[Loss]:
    losses = []
    if step.cadence and step.target:
        cadence = f"{number(step.cadence.low)}–{number(step.cadence.high)} rpm"
        losses.append(
            Loss(
                "cadence",
                Fidelity.DEGRADED,
                "ELEMNT bike computers show only the first target of a step",
                f"{cadence} as the second target, which other apps may show",
                "name the cadence in the step's name",
            )
        )
    if not step.cadence and not step.target:
        reason = "Wahoo asks for a target in every step"
        losses.append(Loss("target", Fidelity.EXACT, reason, "RPE 1–10, which any effort meets"))
    if step.notes:
        losses.append(
            Loss(
                "notes",
                Fidelity.DEGRADED,
                "a step of a Wahoo plan has a name and no notes",
                "a line in the plan's description, not shown during the step",
                "put what matters into the step's name",
            )
        )
    return losses


def _length(duration: TimeDuration | DistanceDuration) -> float:
    return duration.duration_s if isinstance(duration, TimeDuration) else duration.distance_m
