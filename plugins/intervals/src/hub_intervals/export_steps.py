"""One step as one line of native workout text: `- Hill 1m15s 92-97% LTHR`."""

from __future__ import annotations

from dataclasses import dataclass

from hub_core.formats.intervals_extent import write_extent
from hub_core.formats.intervals_targets import TextTarget, write_cadence, write_target
from hub_core.sdk import (
    Athlete,
    CadenceRange,
    Duration,
    Intensity,
    Loss,
    Metric,
    OpenDuration,
    Sport,
    SportFamily,
    Step,
    TimeDuration,
)
from hub_intervals.export_cues import write_cue


@dataclass(frozen=True)
class Line:
    """A step's line, what it says in our terms, its target, and what is lost of it."""

    text: str
    meant: Step
    target: TextTarget
    losses: tuple[Loss, ...]


def write_line(step: Step, athlete: Athlete, sport: Sport) -> Line:
    """The line, with what is lost."""
    target = write_target(step.target, athlete, sport)
    cadence, cadence_losses = write_cadence(step.cadence) if step.cadence else ("", ())
    extent, extent_losses = write_extent(step.duration)
    mark = _mark(step, sport) if not target.kind else ""
    cue, cue_losses = write_cue(step, target.said, has_target=bool(target.kind), is_quiet=mark == "0")
    lap = "press lap" if isinstance(step.duration, OpenDuration) else ""
    parts = ("-", cue, extent, target.items, cadence, mark, lap)
    losses = (*extent_losses, *target.losses, *cadence_losses, *cue_losses)
    return Line(" ".join(part for part in parts if part), _to_meant(step, target, cadence), target, losses)


def _to_meant(step: Step, target: TextTarget, cadence: str) -> Step:
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
