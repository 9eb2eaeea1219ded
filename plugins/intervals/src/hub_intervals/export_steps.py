"""One step as one line of native workout text: `- Hill 1m15s 92-97% LTHR`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hub_core.sdk import (
    Athlete,
    CadenceRange,
    DistanceDuration,
    Duration,
    Fidelity,
    Intensity,
    Loss,
    Metric,
    OpenDuration,
    Sport,
    SportFamily,
    Step,
    TimeDuration,
    describe_seconds,
)
from hub_intervals.export_cues import write_cue
from hub_intervals.export_targets import Written, write_cadence, write_target

#: A step that ends with the lap button still needs a length.
_PLACEHOLDER_S = 300


@dataclass(frozen=True)
class Line:
    """A step's line, what it says in our terms, its target, and what is lost of it."""

    text: str
    meant: Step
    target: Written
    losses: tuple[Loss, ...]


def write_line(step: Step, athlete: Athlete, sport: Sport) -> Line:
    """The line, with what is lost."""
    target = write_target(step.target, athlete, sport) if step.target else Written()
    cadence, cadence_losses = write_cadence(step.cadence) if step.cadence else ("", ())
    extent, extent_losses = _write_extent(step.duration)
    mark = _mark(step, sport) if not target.kind else ""
    cue, cue_losses = write_cue(step, target.said, has_target=bool(target.kind), is_quiet=mark == "0")
    lap = "press lap" if isinstance(step.duration, OpenDuration) else ""
    parts = ("-", cue, extent, target.items, cadence, mark, lap)
    losses = (*extent_losses, *target.losses, *cadence_losses, *cue_losses)
    return Line(" ".join(part for part in parts if part), _to_meant(step, target, cadence), target, losses)


def _to_meant(step: Step, target: Written, cadence: str) -> Step:
    """The step without its intensity: how the server marks that depends on words in the step's text."""
    turns = (cadence or target.items).removesuffix("rpm") if cadence or _is_cadence(step) else ""
    low, _, high = turns.partition("-")
    return Step(
        _whole_seconds(step.duration),
        target.meant,
        CadenceRange(int(low), int(high or low)) if low else None,
        name=step.name,
        notes=step.notes,
    )


def _is_cadence(step: Step) -> bool:
    return step.target is not None and step.target.metric is Metric.CADENCE


def _whole_seconds(duration: Duration) -> Duration:
    if isinstance(duration, TimeDuration):
        return TimeDuration(max(1, round(duration.duration_s)))
    return duration


def _mark(step: Step, sport: Sport) -> str:
    """What a step without a target needs to be taken for what it is.

    A bare `0` is the swimmer's rest. The word Recovery would stop the clock of a jog without a target.
    """
    if step.intensity is Intensity.REST and sport.family is SportFamily.SWIMMING:
        return "0"
    return "intensity=recovery" if step.intensity is Intensity.RECOVERY else ""


def _write_extent(duration: Duration) -> tuple[str, tuple[Loss, ...]]:
    match duration:
        case TimeDuration(duration_s=seconds):
            return _write_time(seconds)
        case DistanceDuration(distance_m=metres):
            return _write_distance(metres), ()
    placeholder, _ = _write_time(_PLACEHOLDER_S)
    said = f"until lap, counted as {describe_seconds(_PLACEHOLDER_S)} in the planned total"
    return placeholder, (Loss("duration", Fidelity.EXACT, "a lap step needs a placeholder length", said),)


def _write_time(seconds: float) -> tuple[str, tuple[Loss, ...]]:
    """`1h2m30s`: hours, minutes and seconds, and no others. `sec`, `min` and the like void the workout."""
    whole = max(1, round(seconds))
    losses: tuple[Loss, ...] = ()
    if whole != seconds:
        said = describe_seconds(whole)
        losses = (Loss("duration", Fidelity.DEGRADED, "times are in whole seconds", said, f"use {said}"),)
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "m"), (whole % 60, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count), losses


def _write_distance(metres: float) -> str:
    """`400mtr`, `1.5km`. Never `400m`, which is 400 minutes, and the server doesn't warn."""
    exact = Decimal(repr(metres))
    if metres >= 1000 and exact == exact.to_integral_value():
        return f"{_plain(exact / 1000)}km"
    return f"{_plain(exact)}mtr"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
