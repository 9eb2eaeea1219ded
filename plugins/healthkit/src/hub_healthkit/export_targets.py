"""How a target becomes the one alert that a WorkoutStep can have. Pure.

Sources: Apple's WorkoutKit documentation, and what public clients met ("sheet", section 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from hub_core.sdk import (
    Athlete,
    Fidelity,
    Loss,
    Metric,
    MissingThresholdError,
    MissingZoneError,
    RangeTarget,
    Sport,
    Target,
    describe_target,
    resolve_target,
)
from hub_healthkit.activities import ACTIVITIES, Support, alert_support

#: One value would go off all the time, so it gets this much room on both sides. [sheet, 7.3: 2–3 %]
ROOM_PCT = 2.5


@dataclass(frozen=True)
class AlertKind:
    """An alert by its name at WorkoutKit, with its unit and the smallest room and value that make sense."""

    name: str
    unit: str
    least: float
    has_metric: bool = False


_SPEED = AlertKind("speedRange", "m/s", 0.05, has_metric=True)
#: Ours: theirs. There is no pace alert: pace is a speed. [doc]
ALERTS = {
    Metric.HEART_RATE: AlertKind("heartRateRange", "count/min", 1),
    Metric.POWER: AlertKind("powerRange", "W", 1, has_metric=True),
    Metric.PACE: _SPEED,
    Metric.SPEED: _SPEED,
    Metric.CADENCE: AlertKind("cadenceRange", "count/min", 1),
}


@dataclass(frozen=True)
class Aim:
    """What a step aims at: bounds for an alert, or words for its name, or both, and what that costs."""

    bounds: RangeTarget | None = None
    support: Support = Support.NO
    words: str = ""
    losses: tuple[Loss, ...] = ()


def to_aim(target: Target | None, sport: Sport, athlete: Athlete) -> Aim:
    """The absolute bounds of a target, if the watch has an alert for it; else its words."""
    if target is None:
        return Aim()
    words = describe_target(target, sport)
    support = alert_support(target.metric, ACTIVITIES[sport])
    if support is Support.NO:
        return Aim(words=words, losses=(_without_alert(target.metric, sport, words),))
    try:
        bounds = resolve_target(target, athlete, sport)
    except MissingThresholdError as error:
        return Aim(words=words, losses=(_unresolved(words, error, f"set the athlete's {error.field}"),))
    except MissingZoneError as error:
        suggestion = "add the zone to the athlete's zones, or plan in numbers"
        return Aim(words=words, losses=(_unresolved(words, error, suggestion),))
    losses = []
    if not isinstance(target, RangeTarget):
        reason = "the watch counts zones of its own and knows no percentages"
        becomes = describe_target(msgspec.structs.replace(bounds, ramp=None), sport)
        losses.append(Loss("target", Fidelity.EXACT, reason, becomes))
    bounds, fitting = fit_bounds(bounds, sport)
    losses += fitting
    if support is Support.YES:
        return Aim(bounds, support, losses=tuple(losses))
    words = describe_target(bounds, sport)
    return Aim(bounds, support, words, (*losses, _perhaps(target.metric, sport, words)))


def fit_bounds(bounds: RangeTarget, sport: Sport) -> tuple[RangeTarget, list[Loss]]:
    """Bounds that a range alert takes: above zero, the higher one above the lower one."""
    least = ALERTS[bounds.metric].least
    low, high, losses = max(bounds.low, least), bounds.high, []
    if low >= high:
        middle = max((bounds.low + bounds.high) / 2, least)
        room = max(middle * ROOM_PCT / 100, least)
        low, high = max(_rounded(middle - room), least), _rounded(middle + room)
        fitted = msgspec.structs.replace(bounds, low=low, high=high, ramp=None)
        reason = "an alert has a range, and would go off all the time at one value"
        becomes = describe_target(fitted, sport)
        return fitted, [Loss("target", Fidelity.DEGRADED, reason, becomes, "plan a range")]
    fitted = msgspec.structs.replace(bounds, low=low)
    if low != bounds.low:
        # A client crashed on a band whose floor was 0 W: the initialisers validate by trapping. [code]
        reason = "an alert's range begins above zero"
        losses.append(Loss("target", Fidelity.EXACT, reason, describe_target(fitted, sport)))
    return fitted, losses


def to_alert(bounds: RangeTarget, support: Support) -> dict[str, Any]:
    """`{"kind": "powerRange", "low": 200, "high": 220, "unit": "W", "metric": "current"}`."""
    kind = ALERTS[bounds.metric]
    alert = {"kind": kind.name, "low": number(bounds.low), "high": number(bounds.high), "unit": kind.unit}
    if kind.has_metric:
        alert["metric"] = "current"
    if support is Support.ASK:
        alert["ifSupported"] = True
    return alert


def number(value: float) -> float | int:
    """A JSON number without a needless fraction."""
    rounded = round(value, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def _rounded(value: float) -> float:
    return round(value, 1 if value >= 10 else 3)


def _without_alert(metric: Metric, sport: Sport, words: str) -> Loss:
    what = "effort" if metric is Metric.RPE else str(metric).replace("_", " ")
    where = "" if metric is Metric.RPE else f" in {ACTIVITIES[sport].name}"
    return Loss(
        "target",
        Fidelity.DEGRADED,
        f"the watch has no alert for {what}{where}",
        f"words in the step's name: {words}",
        "use a heart rate target",
    )


def _perhaps(metric: Metric, sport: Sport, words: str) -> Loss:
    what = "pace" if metric in {Metric.PACE, Metric.SPEED} else "power"
    return Loss(
        "target",
        Fidelity.DEGRADED,
        f"not every watch has {what} alerts in {ACTIVITIES[sport].name}; the phone asks its own",
        f"an alert where there is one, and words in the step's name: {words}",
        "use a heart rate target",
    )


def _unresolved(words: str, error: Exception, suggestion: str) -> Loss:
    becomes = f"no alert, and words in the step's name: {words}"
    reason = f"an alert has absolute numbers, and {error}"
    return Loss("target", Fidelity.DEGRADED, reason, becomes, suggestion)
