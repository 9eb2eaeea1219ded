"""Steps and targets in words: `8 min at 250–270 W, 85–95 rpm`."""

from __future__ import annotations

from hub_core.domain.outline import Placed, PlacedRepeat
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)

_UNITS = {Metric.POWER: " W", Metric.HEART_RATE: " bpm", Metric.CADENCE: " rpm", Metric.SPEED: " m/s"}
#: Thresholds as people call them.
REFERENCE_NAMES = {
    Reference.FTP: "FTP",
    Reference.LTHR: "LTHR",
    Reference.MAX_HR: "max HR",
    Reference.THRESHOLD_PACE: "threshold pace",
    Reference.CSS: "CSS",
}
_METRICS = {
    Metric.POWER: "power",
    Metric.HEART_RATE: "heart rate",
    Metric.PACE: "pace",
    Metric.SPEED: "speed",
    Metric.CADENCE: "cadence",
    Metric.RPE: "RPE",
}


def describe_duration(duration: Duration) -> str:
    """`8 min`, `1:30 min`, `400 m`, `until lap`."""
    match duration:
        case TimeDuration():
            return describe_seconds(duration.duration_s)
        case DistanceDuration(distance_m=metres):
            return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    return "until lap"


def describe_seconds(seconds: float) -> str:
    """`45 s`, `8 min`, `1:30 min`, `1:05 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:g} s"
    if whole < 3600:
        return f"{whole // 60} min" if whole % 60 == 0 else f"{whole // 60}:{whole % 60:02d} min"
    hours, rest = divmod(whole, 3600)
    if rest % 60:
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d} h"
    return f"{hours}:{rest // 60:02d} h" if rest else f"{hours} h"


def describe_pace(speed_mps: float, *, per_m: int = 1000) -> str:
    """`4:15`: the time for `per_m` metres at a speed in m/s."""
    if speed_mps < 0.01:  # 100 s for a metre: nobody moves
        return "standing"
    whole = round(per_m / speed_mps)
    return f"{whole // 60}:{whole % 60:02d}"


def pace_unit(sport: Sport) -> str:
    """What a pace is for in this sport: `/km`, `/500 m`, `/100 m`."""
    return "/km" if sport.pace_m == 1000 else f"/{sport.pace_m} m"


def describe_target(target: Target, sport: Sport) -> str:
    """`250–270 W`, `4:15–4:05 /km`, `2:05 /500 m`, `88–93 % FTP`, `zone 2 heart rate`."""
    match target:
        case ZoneTarget(low=low, high=high):
            zones = f"zone {low}" if low == high else f"zones {low}–{high}"
            return f"{zones} {_METRICS[target.metric]}"
        case PercentTarget():
            text = f"{_span(target.low, target.high)} % {REFERENCE_NAMES[target.of]}"
        case RangeTarget():
            text = _describe_range(target, sport)
    return f"ramp {text}{' (down)' if target.ramp == 'down' else ''}" if target.ramp else text


def _describe_range(target: RangeTarget, sport: Sport) -> str:
    if target.metric is Metric.PACE:
        slow, fast = (describe_pace(speed, per_m=sport.pace_m) for speed in (target.low, target.high))
        return f"{slow if slow == fast else f'{slow}–{fast}'} {pace_unit(sport)}"
    if target.metric is Metric.RPE:
        return f"RPE {_span(target.low, target.high)}"
    return f"{_span(target.low, target.high)}{_UNITS[target.metric]}"


def _span(low: float, high: float) -> str:
    return _number(low) if low == high else f"{_number(low)}–{_number(high)}"


def _number(value: float) -> str:
    return f"{round(value, 2):g}" if abs(value) < 1000 else f"{value:.0f}"


def describe_cadence(cadence: CadenceRange | RangeTarget) -> str:
    """`85–95 rpm`, `90 rpm`."""
    return f"{_span(cadence.low, cadence.high)} rpm"


def describe_step(step: Step, sport: Sport) -> str:
    """One step in words, without its name."""
    parts = [describe_duration(step.duration)]
    if step.target:
        parts.append(f"at {describe_target(step.target, sport)}")
    text = " ".join(parts)
    if step.cadence:
        text += f", {describe_cadence(step.cadence)}"
    return f"{text} ({step.intensity})" if step.intensity not in {"active", "interval"} else text


def describe_node(node: Placed, sport: Sport) -> str:
    """A step in words, or `4 times` for a repeat."""
    return f"{node.times} times" if isinstance(node, PlacedRepeat) else describe_step(node.step, sport)
