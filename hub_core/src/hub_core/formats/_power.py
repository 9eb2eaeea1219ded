"""A step as formats for trainers know it: so many seconds, at a power in watts or in percent of FTP."""

from __future__ import annotations

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_cadence, describe_duration, describe_seconds, describe_target
from hub_core.domain.fidelity import Loss
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError, resolve_target, resolve_zone
from hub_core.domain.sport import Sport
from hub_core.domain.timing import OPEN_STEP_S, guess_speed
from hub_core.domain.workout import (
    DistanceDuration,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.formats._messages import read_messages
from hub_core.formats._report import degraded, noted, unsupported
from hub_core.formats._text import split_lines

_SPEEDS = {Metric.PACE, Metric.SPEED}


class Effort(msgspec.Struct, frozen=True):
    """From `start` to `end`: watts, or percent of FTP. Equal for a steady step."""

    start: float
    end: float


def to_seconds(step: Step, athlete: Athlete, sport: Sport) -> tuple[float, list[Loss]]:
    """How long a step lasts in a format that knows only time, and what that costs."""
    if isinstance(step.duration, TimeDuration):
        return step.duration.duration_s, []
    if not isinstance(step.duration, DistanceDuration):
        said = describe_seconds(OPEN_STEP_S)
        reason = "the format has no steps that end with the lap button"
        return OPEN_STEP_S, [degraded("duration", reason, said, "give the step a time")]
    reason = f"the format has no distances, and {describe_duration(step.duration)} have no fixed time"
    speed = _speed(step.target, athlete, sport)
    if speed:
        seconds = max(1, round(step.duration.distance_m / speed))
        said = f"{describe_seconds(seconds)}, at the step's own speed"
        return seconds, [degraded("duration", reason, said, f"plan {describe_seconds(seconds)}")]
    guess = guess_speed(sport)
    seconds = max(1, round(step.duration.distance_m / guess))
    said = f"{describe_seconds(seconds)}, guessed at {guess * 3.6:.3g} km/h"
    return seconds, [unsupported("duration", reason, said, "give the step a time")]


def _speed(target: Target | None, athlete: Athlete, sport: Sport) -> float:
    if target is None or target.metric not in _SPEEDS:
        return 0
    try:
        resolved = resolve_target(target, athlete, sport)
    except (MissingThresholdError, MissingZoneError):
        return 0
    return (resolved.low + resolved.high) / 2


def to_watts(target: Target, athlete: Athlete, sport: Sport) -> tuple[RangeTarget, list[Loss]]:
    """A power target in watts. Raises `MissingThresholdError` or `MissingZoneError`."""
    resolved = resolve_target(target, athlete, sport)
    if isinstance(target, RangeTarget):
        return resolved, []
    return resolved, [noted("target", "the format takes watts only", describe_target(resolved, sport))]


def to_percent(target: Target, athlete: Athlete, sport: Sport) -> tuple[PercentTarget, list[Loss]]:
    """A target in percent of the threshold that belongs to its metric: FTP, or threshold pace.

    Raises `MissingThresholdError` or `MissingZoneError`.
    """
    match target:
        case PercentTarget():
            return target, []
        case ZoneTarget() if target.metric is Metric.POWER:
            zone = resolve_zone(target, athlete, sport)
            low, high, ramp = zone.low, zone.high, None
        case _:
            resolved = resolve_target(target, athlete, sport)
            of = Reference.FTP if target.metric is Metric.POWER else Reference.THRESHOLD_PACE
            threshold = athlete.reference(of)
            if threshold is None:
                field = "ftp_w" if of is Reference.FTP else "threshold_speed_mps"
                raise MissingThresholdError(field)
            # Finer than a watt of any rider, and than a mm/s of any runner.
            low, high = (round(value / threshold * 100, 2) for value in (resolved.low, resolved.high))
            ramp = resolved.ramp
    of = Reference.FTP if target.metric is Metric.POWER else Reference.THRESHOLD_PACE
    percent = PercentTarget(target.metric, low, high, of, ramp)
    said = f"{describe_target(percent, sport)}, which follows the athlete's threshold"
    return percent, [noted("target", f"the format takes percent only, not {_kind(target)}", said)]


def _kind(target: Target) -> str:
    if isinstance(target, ZoneTarget):
        return "zones"
    return "watts" if target.metric is Metric.POWER else "paces"


def to_effort(target: RangeTarget | PercentTarget, sport: Sport, digits: int) -> tuple[Effort, list[Loss]]:
    """A target as what a trainer holds: one number, or a straight line between two."""
    losses: list[Loss] = []
    low, high = round(target.low, digits), round(target.high, digits)
    if (low, high) != (target.low, target.high):
        said = describe_target(msgspec.structs.replace(target, low=low, high=high), sport)
        places = f"with {digits} decimals" if digits else "in whole numbers"
        losses.append(degraded("target", f"the format has power {places}", said, f"plan {said}"))
    if target.ramp:
        return (Effort(high, low) if target.ramp == "down" else Effort(low, high)), losses
    if low == high:
        return Effort(low, low), losses
    middle = round((low + high) / 2, digits)
    unit = "W" if isinstance(target, RangeTarget) else "% FTP"
    said = f"{middle:g} {unit}, the middle of {describe_target(target, sport)}"
    return Effort(middle, middle), [
        *losses,
        degraded("target", "a trainer holds one number, not a range", said, f"plan {middle:g} {unit}"),
    ]


def missing_losses(
    target: Target, error: MissingThresholdError | MissingZoneError, sport: Sport, becomes: str
) -> list[Loss]:
    """The loss when a relative target can't be resolved."""
    fix = "use a zone of the athlete's table"
    if isinstance(error, MissingThresholdError):
        fix = f"set the athlete's {error.field}"
    reason = f"{describe_target(target, sport)} can't be turned into numbers: {error.message}"
    return [unsupported("target", reason, becomes, fix)]


def intensity_notes(step: Step, kept: str, reason: str) -> list[Loss]:
    """That the file doesn't say what a step is for, unless it is `kept`."""
    if step.intensity == kept:
        return []
    return [noted("intensity", reason, f"{kept} instead of {step.intensity}")]


def text_notes(step: Step) -> list[Loss]:
    """That a step's name is shown as a message, and that messages are lines."""
    losses: list[Loss] = []
    if not step.name and not step.notes:
        return losses
    if step.name:
        said = "a message when the step begins" if split_lines(step.name) else "left out, as it is blank"
        losses.append(noted("name", "steps have no names here", said))
    if "\n".join(message.line() for message in read_messages(step.notes)) != step.notes:
        losses.append(noted("notes", "a message is one line", "one message for each line"))
    return losses


def cadence_losses(step: Step) -> list[Loss]:
    """That the format has no cadence."""
    if step.cadence is None:
        return []
    said = describe_cadence(step.cadence)
    reason = "the format has no cadence"
    return [degraded("cadence", reason, f'the message "{said}"', "leave the cadence out")]
