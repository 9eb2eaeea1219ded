"""Our targets as fields of a FIT workout step."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_target
from hub_core.domain.fidelity import Loss
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError, resolve_target
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Target,
    ZoneTarget,
)
from hub_core.formats._fit_words import BEATS_OFFSET, HIGHEST_ZONES, PACED, WATTS_OFFSET
from hub_core.formats._power import missing_losses
from hub_core.formats._report import degraded, noted

Fields = dict[str, int | float | str]

_SPEEDS = {Metric.PACE, Metric.SPEED}
_TYPES = {
    Metric.POWER: "power",
    Metric.HEART_RATE: "heart_rate",
    Metric.PACE: "speed",
    Metric.SPEED: "speed",
    Metric.CADENCE: "cadence",
}
_MM = 1000
#: What devices and the hub itself take for a mistake above these; only far percentages come here.
_HIGHEST = {Metric.HEART_RATE: 250, Metric.PACE: 25, Metric.SPEED: 40, Metric.CADENCE: 250}
#: Offset: of watts and beats, which share their field with percentages.
_OFFSETS = {Metric.POWER: WATTS_OFFSET, Metric.HEART_RATE: BEATS_OFFSET}
#: A percentage with a form of its own, and the highest that fits below the offset.
_PERCENT = {Reference.FTP: WATTS_OFFSET, Reference.MAX_HR: BEATS_OFFSET}


@dataclass(frozen=True)
class FitTarget:
    """The fields of a target, what only words can say, and what is lost."""

    fields: Fields = field(default_factory=lambda: {"target_type": "open"})
    said: str = ""
    losses: tuple[Loss, ...] = ()


def to_fit_target(target: Target | None, athlete: Athlete, sport: Sport) -> FitTarget:
    """The main target. Never raises: what can't be resolved is unsupported, and stands in words."""
    if target is None:
        return FitTarget()
    words = describe_target(target, sport)
    if target.metric is Metric.RPE:
        loss = degraded(
            "target",
            "FIT has no effort target",
            f'the words "{words}" in the notes',
            "use power, heart rate or pace",
        )
        return FitTarget(said=words, losses=(loss,))
    shown, losses = _as_shown(target, sport)
    try:
        written = _write(shown, athlete, sport)
    except (MissingThresholdError, MissingZoneError) as error:
        missing = missing_losses(target, error, sport, f'the words "{words}" in the notes')
        return FitTarget(said=words, losses=tuple(missing))
    return FitTarget(written.fields, losses=(*losses, *written.losses))


def to_fit_cadence(cadence: CadenceRange) -> tuple[Fields, tuple[Loss, ...]]:
    """The secondary target. [Profile: workout_step, secondary_target_type and the fields behind it]"""
    low, high = round(cadence.low), round(cadence.high)
    fields: Fields = {
        "secondary_target_type": "cadence",
        "secondary_target_value": 0,
        "secondary_custom_target_value_low": low,
        "secondary_custom_target_value_high": high,
    }
    if (low, high) == (cadence.low, cadence.high):
        return fields, ()
    said = f"{low}–{high} rpm"
    return fields, (degraded("cadence", "cadence is in whole turns", said, f"plan {said}"),)


def _as_shown(target: Target, sport: Sport) -> tuple[Target, list[Loss]]:
    """FIT has one target for pace and speed; which of them a device shows is the sport's."""
    shown = Metric.PACE if sport in PACED else Metric.SPEED
    if target.metric not in _SPEEDS or target.metric is shown:
        return target, []
    changed = msgspec.structs.replace(target, metric=shown)
    said = describe_target(changed, sport)
    loss = degraded(
        "target",
        f"devices show {shown} in this sport, not {target.metric}",
        said,
        f"make it a {shown} target",
    )
    return changed, [loss]


def settle_target(target: Target, athlete: Athlete, sport: Sport) -> Target:
    """The target in the form in which FIT has it: itself, or else in absolute numbers.

    A zone is one of the device's own table, which needn't be cut like the athlete's here: its number is
    written only where nothing better is known. Raises `MissingThresholdError` or `MissingZoneError`.
    """
    if isinstance(target, PercentTarget) and target.high <= _PERCENT.get(target.of, -1):
        return target
    try:
        return resolve_target(target, athlete, sport)
    except MissingThresholdError:
        is_zone = isinstance(target, ZoneTarget) and target.low == target.high
        if is_zone and target.high <= HIGHEST_ZONES.get(target.metric, 0):
            return target
        raise


def _write(target: Target, athlete: Athlete, sport: Sport) -> FitTarget:
    settled = settle_target(target, athlete, sport)
    match settled:
        case ZoneTarget(low=zone):
            # 0 would mean that a range follows.
            fields: Fields = {"target_type": _TYPES[target.metric], "target_value": zone}
            reason = "the athlete's threshold is not known here"
            return FitTarget(fields, losses=(noted("target", reason, f"zone {zone} as the device has it"),))
        case PercentTarget():
            return _write_percent(settled, sport)
    written = _write_range(settled, sport)
    if settled is target:
        return written
    reason = "FIT has percent of FTP and of the maximum heart rate only, and zones of the device's own"
    note = noted("target", reason, describe_target(settled, sport))
    return FitTarget(written.fields, losses=(note, *written.losses))


def _write_percent(target: PercentTarget, sport: Sport) -> FitTarget:
    low, high = round(target.low), round(target.high)
    losses: tuple[Loss, ...] = ()
    if (low, high) != (target.low, target.high):
        said = describe_target(msgspec.structs.replace(target, low=low, high=high), sport)
        losses = (degraded("target", "FIT has whole percents", said, f"plan {said}"),)
    return FitTarget(_range_fields(target.metric, low, high), losses=losses)


def _write_range(target: RangeTarget, sport: Sport) -> FitTarget:
    """Whole watts, beats and turns, and mm/s."""
    scale = _MM if target.metric in _SPEEDS else 1
    offset = _OFFSETS.get(target.metric, 0)
    # Without an offset to stand on, 0 W would be 1000 % of FTP.
    least, most = 1 if offset else 0, _HIGHEST.get(target.metric, 3000) * scale
    low, high = (min(max(least, round(value * scale)), most) for value in (target.low, target.high))
    told = msgspec.structs.replace(target, low=low / scale, high=high / scale)
    return FitTarget(
        _range_fields(target.metric, low + offset, high + offset), losses=_rounding(target, told, sport)
    )


def _rounding(target: RangeTarget, told: RangeTarget, sport: Sport) -> tuple[Loss, ...]:
    if (told.low, told.high) == (target.low, target.high):
        return ()
    said = describe_target(told, sport)
    if target.metric in _SPEEDS and told.high >= target.high - 0.001:
        return (noted("target", "speeds are in mm/s", f"{told.low:g}–{told.high:g} m/s"),)
    if (told.low, told.high) == (max(1, target.low), max(1, target.high)):
        return (noted("target", "FIT would read 0 as a percentage", said),)
    return (degraded("target", "FIT has whole numbers", said, f"plan {said}"),)


def _range_fields(metric: Metric, low: int, high: int) -> Fields:
    """A range: zone 0, and the bounds. [Profile: workout_step, "Custom = 0"]"""
    return {
        "target_type": _TYPES[metric],
        "target_value": 0,
        "custom_target_value_low": low,
        "custom_target_value_high": high,
    }
