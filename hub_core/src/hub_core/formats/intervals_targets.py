"""Our targets in the words of intervals.icu's workout text. [Workout Builder Syntax Quick Guide]"""

from __future__ import annotations

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_target
from hub_core.domain.fidelity import Fidelity, Loss
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError, resolve_target, resolve_zone
from hub_core.domain.sport import Sport, SportFamily
from hub_core.domain.workout import (
    CadenceRange,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Target,
    ZoneTarget,
)
from hub_core.formats._power import missing_losses
from hub_core.formats._report import degraded, noted, unsupported
from hub_core.formats.intervals_words import spell_number

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
#: Zones that a server's athlete has unless they changed them: cut as ours, where the athlete has none of
#: their own. Heart rate is not among them: we have five zones, and they have seven.
_SAME_ZONES = {Metric.POWER: "", Metric.PACE: " Pace"}
#: Which of a calendar event's `target` values sends this metric to devices.
_KIND = {Metric.POWER: "POWER", Metric.HEART_RATE: "HR", Metric.PACE: "PACE"}
#: The name that the parsed workout has for a threshold. Max HR is not in what the server answers.
_THRESHOLD = {
    Reference.FTP: "ftp",
    Reference.LTHR: "lthr",
    Reference.MAX_HR: "",
    Reference.THRESHOLD_PACE: "threshold_pace",
    Reference.CSS: "threshold_pace",
}


class TextTarget(msgspec.Struct, frozen=True):
    """A target as text: `items` stand behind the step's length, `said` can only go into its cue.

    `meant` is what the items say. `kind` is the calendar event's `target` for it. `threshold` is the one that
    the server resolves it with, and `lthr_bpm` ours, where beats were turned into a percentage.
    """

    items: str = ""
    said: str = ""
    meant: Target | None = None
    kind: str = ""
    threshold: str = ""
    lthr_bpm: float | None = None
    losses: tuple[Loss, ...] = ()


def write_target(target: Target | None, athlete: Athlete, sport: Sport) -> TextTarget:
    """The target as text, with what is lost. Never raises: what can't be resolved is unsupported."""
    if target is None:
        return TextTarget()
    try:
        return _write(target, athlete, sport)
    except (MissingThresholdError, MissingZoneError) as error:
        return TextTarget(losses=tuple(missing_losses(target, error, sport, "no target")))


def write_cadence(cadence: CadenceRange | RangeTarget) -> tuple[str, tuple[Loss, ...]]:
    """`85-95rpm`, in whole turns."""
    low, high = round(cadence.low), round(cadence.high)
    losses: tuple[Loss, ...] = ()
    if (low, high) != (cadence.low, cadence.high):
        losses = (degraded("cadence", "cadence is in whole turns", f"{_span(low, high)} rpm", "round it"),)
    return f"{_span(low, high)}rpm", losses


def _write(target: Target, athlete: Athlete, sport: Sport) -> TextTarget:
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
            return _write_percent(target)
        case ZoneTarget(metric=metric) if _is_meant(metric, None, sport):
            return _write_zone(target, athlete, sport)
    return _write_resolved(target, athlete, sport)


def _write_percent(target: PercentTarget) -> TextTarget:
    items = f"{_ordered(_number(target.low), _number(target.high), target)}{_PERCENT[target.of]}"
    return TextTarget(items, meant=target, kind=_KIND[target.metric], threshold=_THRESHOLD[target.of])


def _write_zone(target: ZoneTarget, athlete: Athlete, sport: Sport) -> TextTarget:
    """`Z3-Z4`, or the percentages that the zones stand for here.

    The server resolves `Z2` with the zones in its own settings, which needn't be cut like the athlete's
    here: then the same name would be other beats or watts. And a power zone begins there 1 % of FTP above
    the end of the one below it (`Z2` of 55 and 75 % at 240 W is 134 to 180 W), where ours begins at it.
    """
    percent = resolve_zone(target, athlete, sport)
    written = _write_percent(percent)
    is_cut_alike = target.metric in _SAME_ZONES and target.metric not in athlete.zones
    if is_cut_alike and (target.metric is Metric.PACE or target.low == 1):
        items = _span(f"Z{target.low}", f"Z{target.high}") + _SAME_ZONES[target.metric]
        return msgspec.structs.replace(written, items=items, meant=target)
    reason = "intervals.icu has zones of its own, which may be cut otherwise"
    if is_cut_alike:
        reason = "intervals.icu begins a power zone 1 % of FTP above the one below it"
    loss = noted("target", reason, describe_target(percent, sport))
    return msgspec.structs.replace(written, losses=(loss,))


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


def _write_resolved(target: Target, athlete: Athlete, sport: Sport) -> TextTarget:
    resolved = resolve_target(target, athlete, sport)
    written = _write_range(resolved, athlete, sport)
    said = describe_target(resolved, sport)
    loss = degraded(
        "target",
        f"intervals.icu would count {describe_target(target, sport)} from another threshold on this sport",
        f"{said}, which no longer follows the athlete's threshold",
        f"plan it as {said}",
    )
    return msgspec.structs.replace(written, losses=(loss, *written.losses))


def _write_range(target: RangeTarget, athlete: Athlete, sport: Sport) -> TextTarget:
    if target.metric is Metric.POWER:
        return _write_watts(target)
    if target.metric is Metric.HEART_RATE:
        return _write_beats(target, athlete)
    return _write_pace(target, sport)


def _write_watts(target: RangeTarget) -> TextTarget:
    low, high = round(target.low), round(target.high)
    losses: tuple[Loss, ...] = ()
    if (low, high) != (target.low, target.high):
        losses = (degraded("target", "power is in whole watts", f"{_span(low, high)} W", "round it"),)
    meant = RangeTarget(Metric.POWER, low, high, target.ramp)
    return TextTarget(f"{_ordered(str(low), str(high), target)}w", meant=meant, kind="POWER", losses=losses)


def _write_beats(target: RangeTarget, athlete: Athlete) -> TextTarget:
    """Beats have no syntax, and `145 bpm` is even added to the step's length: percent says the same."""
    of = Reference.LTHR if athlete.lthr_bpm else Reference.MAX_HR
    threshold = athlete.reference(of)
    if threshold is None:
        reason = "intervals.icu takes heart rates in percent only, and the athlete's threshold is not set"
        loss = unsupported("target", reason, "no target", "set the athlete's lthr_bpm")
        return TextTarget(losses=(loss,))
    beats = (round(target.low), round(target.high))
    low, high = (_percent(beat, threshold) for beat in beats)
    reason = "intervals.icu takes heart rates in percent only, which follow the threshold that it has"
    said = f"{_span(low, high)}{_PERCENT[of]}"
    losses = [Loss("target", Fidelity.EXACT, reason, said, "plan the heart rate in percent")]
    if beats != (target.low, target.high):
        losses.append(degraded("target", "heart rate is in whole beats", f"{_span(*beats)} bpm", "round it"))
    written = _write_percent(PercentTarget(Metric.HEART_RATE, float(low), float(high), of, target.ramp))
    lthr = threshold if of is Reference.LTHR else None
    return msgspec.structs.replace(written, lthr_bpm=lthr, losses=tuple(losses))


def _percent(beat: int, threshold: float) -> str:
    """The shortest percentage that rounds back to these beats, and isn't so close to a half that it
    depends on who rounds. One decimal always does: it is a tenth of a beat."""
    whole = round(beat / threshold * 100)
    is_exact = abs(threshold * whole / 100 - beat) < _SAFE_BEATS
    return str(whole) if is_exact else _number(round(beat / threshold * 100, 1))


def _write_pace(target: RangeTarget, sport: Sport) -> TextTarget:
    per_m = sport.pace_m
    unit = "/km" if per_m == 1000 else f"/{per_m}m"
    slow, fast = (_seconds(speed, per_m) for speed in (target.low, target.high))
    text = f"{_ordered(_clock(slow), _clock(fast), target)}{unit} Pace"
    told = (per_m / slow, per_m / fast)
    shifts = [
        abs(ours - told) / max(ours, 0.01) for ours, told in zip((target.low, target.high), told, strict=True)
    ]
    said = f"{_span(_clock(slow), _clock(fast))} {unit}"
    losses: tuple[Loss, ...] = ()
    if max(shifts) > _PACE_TOLERANCE:
        reason = f"pace is in whole seconds per {unit[1:]}, and goes no slower than {_clock(_SLOWEST_S)}"
        losses = (degraded("target", reason, said, "use a pace in whole seconds"),)
    elif tuple(round(speed, 3) for speed in told) != (target.low, target.high):
        losses = (noted("target", f"pace is in whole seconds per {unit[1:]}", said),)
    meant = RangeTarget(Metric.PACE, *told, target.ramp)
    return TextTarget(text, meant=meant, kind="PACE", losses=losses)


def _seconds(speed_mps: float, per_m: int) -> int:
    return min(_SLOWEST_S, max(1, round(per_m / speed_mps))) if speed_mps > 0 else _SLOWEST_S


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"


def _write_speed(target: Target, athlete: Athlete, sport: Sport) -> TextTarget:
    """Speed has no syntax: on foot and in water pace says it, on a bike only words can."""
    if sport.family is not SportFamily.CYCLING:
        paced = msgspec.structs.replace(target, metric=Metric.PACE)
        written = _write(paced, athlete, sport)
        loss = degraded(
            "target",
            "intervals.icu has no speed target",
            describe_target(paced, sport),
            "make it a pace target",
        )
        return msgspec.structs.replace(written, losses=(loss, *written.losses))
    resolved = resolve_target(target, athlete, sport)
    low, high = (spell_number(speed * 3.6) for speed in (resolved.low, resolved.high))
    said = f"speed {_span(low, high, ' to ')} km per hour"
    return _only_said(said, "intervals.icu has no speed target", "use a power or heart rate target")


def _write_rpe(target: RangeTarget) -> TextTarget:
    said = f"RPE {_span(spell_number(target.low), spell_number(target.high), ' to ')}"
    return _only_said(said, "intervals.icu has no RPE target", "use a power, heart rate or pace target")


def _only_said(said: str, reason: str, suggestion: str) -> TextTarget:
    loss = degraded("target", reason, f'the words "{said}" in the step\'s text', suggestion)
    return TextTarget(said=said, losses=(loss,))


def _write_main_cadence(target: RangeTarget) -> TextTarget:
    items, losses = write_cadence(target)
    loss = degraded(
        "target",
        "for intervals.icu cadence is no target by itself",
        f"{items.removesuffix('rpm')} rpm beside an open target"
        + (", without the ramp" if target.ramp else ""),
        "add a power target and make the cadence secondary",
    )
    return TextTarget(items, losses=(loss, *losses))


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
