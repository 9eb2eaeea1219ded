"""Our targets in the words of the native workout text. [Workout Builder Syntax Quick Guide]"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from hub_core.sdk import (
    Athlete,
    CadenceRange,
    Fidelity,
    Loss,
    Metric,
    MissingThresholdError,
    MissingZoneError,
    PercentTarget,
    RangeTarget,
    Reference,
    Sport,
    SportFamily,
    Target,
    ZoneTarget,
    describe_target,
    resolve_target,
)
from hub_intervals.export_words import spell_number

#: Above this share of the speed, rounding a pace to whole seconds is worth telling.
_PACE_TOLERANCE = 0.005
#: Nearer than this to a whole beat, every way of rounding agrees.
_SAFE_BEATS = 0.4
#: The slowest pace that is written: nobody stands still in zone 1.
_SLOWEST_S = 3599

#: What a percentage of each threshold is called. A bare `%` is percent of FTP.
_PERCENT = {
    Reference.FTP: "%",
    Reference.LTHR: "% LTHR",
    Reference.MAX_HR: "% HR",
    Reference.THRESHOLD_PACE: "% Pace",
    Reference.CSS: "% Pace",
}
_ZONE = {Metric.POWER: "", Metric.HEART_RATE: " HR", Metric.PACE: " Pace"}
#: Which of the event's `target` values sends this metric to devices.
_KIND = {Metric.POWER: "POWER", Metric.HEART_RATE: "HR", Metric.PACE: "PACE"}
#: The name that the parsed workout has for the threshold behind each kind.
_THRESHOLD = {Metric.POWER: "ftp", Metric.HEART_RATE: "lthr", Metric.PACE: "threshold_pace"}
#: Metres and their unit. Rowers count by 500.
_PER = {Sport.ROW: (500, "/500m"), Sport.POOL_SWIM: (100, "/100m"), Sport.OPEN_WATER_SWIM: (100, "/100m")}


@dataclass(frozen=True)
class Written:
    """A target as text. `items` stand behind the step's length, `said` can only go into its cue.

    `meant` is what the items say. `kind` is the event's `target` for it. `threshold` is the one that the
    server resolves it with, and `lthr_bpm` ours, where beats were turned into a percentage.
    """

    items: str = ""
    said: str = ""
    meant: Target | None = None
    kind: str = ""
    threshold: str = ""
    lthr_bpm: float | None = None
    losses: tuple[Loss, ...] = ()


def write_target(target: Target, athlete: Athlete, sport: Sport) -> Written:
    """The target as text, with what is lost. Never raises: what can't be resolved is unsupported."""
    try:
        return _write(target, athlete, sport)
    except MissingThresholdError as error:
        return Written(losses=(_unsupported(str(error), f"set the athlete's {error.field}"),))
    except MissingZoneError as error:
        return Written(losses=(_unsupported(str(error), "use a zone of the athlete's table"),))


def write_cadence(cadence: CadenceRange | RangeTarget) -> tuple[str, tuple[Loss, ...]]:
    """`85-95rpm`, in whole turns."""
    low, high = round(cadence.low), round(cadence.high)
    losses: tuple[Loss, ...] = ()
    if (low, high) != (cadence.low, cadence.high):
        losses = (_degraded("cadence", "cadence is in whole turns", f"{_span(low, high)} rpm", "round it"),)
    return f"{_span(low, high)}rpm", losses


def _write(target: Target, athlete: Athlete, sport: Sport) -> Written:
    if target.metric is Metric.RPE:
        return _write_rpe(resolve_target(target, athlete, sport))
    if target.metric is Metric.CADENCE:
        return _write_main_cadence(resolve_target(target, athlete, sport))
    if target.metric is Metric.SPEED:
        return _write_speed(target, athlete, sport)
    match target:
        case RangeTarget():
            return _write_range(target, athlete, sport)
        case PercentTarget(metric=metric, of=of) if _is_meant(metric, of, sport):
            low, high = _number(target.low), _number(target.high)
            return Written(
                f"{_ordered(low, high, target)}{_PERCENT[of]}",
                meant=target,
                kind=_KIND[metric],
                threshold=_threshold(of),
            )
        case ZoneTarget(metric=metric) if _is_meant(metric, None, sport):
            if metric in athlete.zones:
                return _write_own_zone(target, athlete, sport)
            zones = _span(f"Z{target.low}", f"Z{target.high}")
            threshold = _THRESHOLD[metric]
            return Written(zones + _ZONE[metric], meant=target, kind=_KIND[metric], threshold=threshold)
    return _write_resolved(target, athlete, sport)


def _write_own_zone(target: ZoneTarget, athlete: Athlete, sport: Sport) -> Written:
    """A zone of the athlete's own table, as the percentages that it stands for.

    The server resolves `Z2` with the zones in its own settings, which needn't be cut like these.
    """
    resolve_target(target, athlete, sport)  # raises for a zone that the table doesn't have
    table = athlete.zone_table(target.metric, sport.family) or athlete.zones[target.metric]
    low, high = table.edges[target.low - 1], table.edges[target.high]
    percent = PercentTarget(target.metric, low, high, table.of)
    reason = "intervals.icu has zones of its own, which may be cut otherwise"
    loss = Loss("target", Fidelity.EXACT, reason, describe_target(percent, sport))
    written = _write(percent, athlete, sport)
    return replace(written, losses=(loss, *written.losses))


def _is_meant(metric: Metric, of: Reference | None, sport: Sport) -> bool:
    """Whether a percentage or zone says there what it says here.

    The server keeps thresholds by sport. Bare `%` and bare `Zn` mean power in every sport, and come out
    as 0 W on a run or a swim; `% Pace` is of the sport's own threshold, which is CSS on a swim.
    """
    if metric is Metric.HEART_RATE:
        return True
    if metric is Metric.POWER:
        return sport.family is SportFamily.CYCLING
    if sport.family is SportFamily.RUNNING:
        return of is not Reference.CSS
    return sport.family is SportFamily.SWIMMING and of is not Reference.THRESHOLD_PACE


def _threshold(of: Reference) -> str:
    """The server's name for a reference. Max HR is not in what it answers."""
    return {Reference.FTP: "ftp", Reference.LTHR: "lthr", Reference.MAX_HR: ""}.get(of, "threshold_pace")


def _write_resolved(target: Target, athlete: Athlete, sport: Sport) -> Written:
    resolved = resolve_target(target, athlete, sport)
    written = _write_range(resolved, athlete, sport)
    said = describe_target(resolved, sport)
    loss = _degraded(
        "target",
        f"intervals.icu would count {describe_target(target, sport)} from another threshold on this sport",
        f"{said}, which no longer follows the athlete's threshold",
        f"plan it as {said}",
    )
    return replace(written, losses=(loss, *written.losses))


def _write_range(target: RangeTarget, athlete: Athlete, sport: Sport) -> Written:
    if target.metric is Metric.POWER:
        return _write_watts(target)
    if target.metric is Metric.HEART_RATE:
        return _write_beats(target, athlete)
    return _write_pace(target, sport)


def _write_watts(target: RangeTarget) -> Written:
    low, high = round(target.low), round(target.high)
    losses: tuple[Loss, ...] = ()
    if (low, high) != (target.low, target.high):
        losses = (_degraded("target", "power is in whole watts", f"{_span(low, high)} W", "round it"),)
    meant = RangeTarget(Metric.POWER, low, high, target.ramp)
    return Written(f"{_ordered(str(low), str(high), target)}w", meant=meant, kind="POWER", losses=losses)


def _write_beats(target: RangeTarget, athlete: Athlete) -> Written:
    """Beats have no syntax, and `145 bpm` is even added to the step's length: percent says the same."""
    of = Reference.LTHR if athlete.lthr_bpm else Reference.MAX_HR
    threshold = athlete.reference(of)
    if threshold is None:
        reason = "intervals.icu takes heart rates in percent only, and the athlete's threshold is not set"
        return Written(losses=(_unsupported(reason, "set the athlete's lthr_bpm"),))
    beats = (round(target.low), round(target.high))
    low, high = (_percent(beat, threshold) for beat in beats)
    losses: tuple[Loss, ...] = (_followed(f"{_span(low, high)}{_PERCENT[of]}"),)
    if beats != (target.low, target.high):
        rounded = _degraded("target", "heart rate is in whole beats", f"{_span(*beats)} bpm", "round it")
        losses = (*losses, rounded)
    return Written(
        f"{_ordered(low, high, target)}{_PERCENT[of]}",
        meant=PercentTarget(Metric.HEART_RATE, float(low), float(high), of, target.ramp),
        kind="HR",
        threshold=_threshold(of),
        lthr_bpm=threshold if of is Reference.LTHR else None,
        losses=losses,
    )


def _followed(percent: str) -> Loss:
    reason = "intervals.icu takes heart rates in percent only, which follow the threshold that it has"
    return Loss("target", Fidelity.EXACT, reason, percent, "plan the heart rate in percent")


def _percent(beat: int, threshold: float) -> str:
    """The shortest percentage that rounds back to these beats, and isn't so close to a half that it
    depends on who rounds. One decimal always does: it is a tenth of a beat."""
    whole = round(beat / threshold * 100)
    is_exact = abs(threshold * whole / 100 - beat) < _SAFE_BEATS
    return str(whole) if is_exact else _number(round(beat / threshold * 100, 1))


def _write_pace(target: RangeTarget, sport: Sport) -> Written:
    per_m, unit = _PER.get(sport, (1000, "/km"))
    slow, fast = (_seconds(speed, per_m) for speed in (target.low, target.high))
    text = f"{_ordered(_clock(slow), _clock(fast), target)}{unit} Pace"
    losses: tuple[Loss, ...] = ()
    shifts = [
        abs(per_m / seconds - speed) / max(speed, 0.01)
        for seconds, speed in ((slow, target.low), (fast, target.high))
    ]
    if max(shifts) > _PACE_TOLERANCE:
        losses = (
            _degraded(
                "target",
                f"pace is in whole seconds per {unit[1:]}, and goes no slower than {_clock(_SLOWEST_S)}",
                f"{_span(_clock(slow), _clock(fast))} {unit}",
                "use a pace in whole seconds",
            ),
        )
    meant = RangeTarget(Metric.PACE, per_m / slow, per_m / fast, target.ramp)
    return Written(text, meant=meant, kind="PACE", losses=losses)


def _seconds(speed_mps: float, per_m: int) -> int:
    return min(_SLOWEST_S, max(1, round(per_m / speed_mps))) if speed_mps > 0 else _SLOWEST_S


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def _write_speed(target: Target, athlete: Athlete, sport: Sport) -> Written:
    """Speed has no syntax: on foot and in water pace says it, on a bike only words can."""
    if sport.family is not SportFamily.CYCLING:
        paced = msgspec.structs.replace(target, metric=Metric.PACE)
        written = _write(paced, athlete, sport)
        loss = _degraded(
            "target",
            "intervals.icu has no speed target",
            describe_target(paced, sport),
            "make it a pace target",
        )
        return replace(written, losses=(loss, *written.losses))
    resolved = resolve_target(target, athlete, sport)
    low, high = (spell_number(speed * 3.6) for speed in (resolved.low, resolved.high))
    said = f"speed {_span(low, high, ' to ')} km per hour"
    return _only_said(said, "intervals.icu has no speed target", "use a power or heart rate target")


def _write_rpe(target: RangeTarget) -> Written:
    said = f"RPE {_span(spell_number(target.low), spell_number(target.high), ' to ')}"
    return _only_said(said, "intervals.icu has no RPE target", "use a power, heart rate or pace target")


def _only_said(said: str, reason: str, suggestion: str) -> Written:
    loss = _degraded("target", reason, f'the words "{said}" in the step\'s text', suggestion)
    return Written(said=said, losses=(loss,))


def _write_main_cadence(target: RangeTarget) -> Written:
    items, losses = write_cadence(target)
    loss = _degraded(
        "target",
        "for intervals.icu cadence is no target by itself",
        f"{items.removesuffix('rpm')} rpm beside an open target"
        + (", without the ramp" if target.ramp else ""),
        "add a power target and make the cadence secondary",
    )
    return Written(items, losses=(loss, *losses))


def _ordered(low: str, high: str, target: RangeTarget | PercentTarget) -> str:
    """`70-78`; `ramp 48-72`, and for a ramp down `ramp 72-48`. Equal ends are no ramp."""
    if target.ramp is None or low == high:
        return _span(low, high)
    return f"ramp {high}-{low}" if target.ramp == "down" else f"ramp {low}-{high}"


def _span(low: object, high: object, joiner: str = "-") -> str:
    return f"{low}" if low == high else f"{low}{joiner}{high}"


def _number(value: float) -> str:
    """To three decimals, and never as `1e+02`."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _degraded(feature: str, reason: str, becomes: str, suggestion: str) -> Loss:
    return Loss(feature, Fidelity.DEGRADED, reason, becomes, suggestion)


def _unsupported(reason: str, suggestion: str) -> Loss:
    return Loss("target", Fidelity.UNSUPPORTED, reason, suggestion=suggestion)
