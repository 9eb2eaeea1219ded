"""How one of our steps becomes WorkoutSteps, and what that costs. Pure."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from hub_core.sdk import (
    Athlete,
    DistanceDuration,
    Duration,
    Fidelity,
    Intensity,
    Loss,
    Metric,
    OpenDuration,
    RangeTarget,
    Sport,
    Step,
    TimeDuration,
    describe_duration,
    describe_target,
)
from hub_healthkit.activities import ACTIVITIES, NO_DISTANCE, Support, alert_support
from hub_healthkit.export_targets import ALERTS, Aim, fit_bounds, number, to_aim, to_alert

Slot = Literal["warmup", "block", "cooldown"]

#: Ours: `IntervalStep.Purpose`. [doc]
PURPOSES = {
    Intensity.ACTIVE: "work",
    Intensity.INTERVAL: "work",
    Intensity.RECOVERY: "recovery",
    Intensity.REST: "recovery",
    Intensity.WARMUP: "work",
    Intensity.COOLDOWN: "recovery",
}
#: What a block has no purpose for is said by the name, unless the step has one.
_NAMES = {Intensity.REST: "Rest", Intensity.WARMUP: "Warm-up", Intensity.COOLDOWN: "Cool-down"}
#: A ramp becomes at most so many steps, none shorter than these.
RAMP_PARTS = 4
_SHORTEST_PART_S, _SHORTEST_PART_M = 10, 50

_Part = tuple[Duration, RangeTarget | None]


@dataclass(frozen=True)
class SentStep:
    """One step as the watch gets it: one WorkoutStep, or several for a ramp inside of a block.

    `meant` is the same in our terms.
    """

    steps: tuple[dict[str, Any], ...]
    meant: tuple[Step, ...]
    losses: tuple[Loss, ...]


def to_steps(step: Step, slot: Slot, sport: Sport, athlete: Athlete) -> SentStep:
    """The WorkoutSteps of a step that stands in a slot, with everything that it loses."""
    aim = to_aim(step.target, sport, athlete)
    duration, duration_words, losses = _to_goal_duration(step.duration, sport)
    losses += aim.losses
    aim, cadence_words, cadence_losses = _add_cadence(step, aim, sport)
    parts, ramp_losses = _to_parts(duration, aim.bounds, slot, sport)
    words = [word for word in (duration_words, aim.words, cadence_words) if word]
    name, intensity_losses = _to_name(step, slot)
    names = _number_names(name, len(parts)) if len(parts) > 1 else [name]
    sent = tuple(
        _to_step(step, " · ".join([part_name, *words] if part_name else words), part, aim.support, slot)
        for part_name, part in zip(names, parts, strict=True)
    )
    losses += [*cadence_losses, *ramp_losses, *intensity_losses, *_notes_losses(step)]
    meant = tuple(
        msgspec.structs.replace(step, duration=length, target=bounds, cadence=None)
        for length, bounds in parts
    )
    return SentStep(sent, meant, tuple(losses))


def _to_step(step: Step, name: str, part: _Part, support: Support, slot: Slot) -> dict[str, Any]:
    duration, bounds = part
    sent: dict[str, Any] = {"purpose": PURPOSES[step.intensity]} if slot == "block" else {}
    sent["goal"] = _to_goal(duration)
    if bounds:
        sent["alert"] = to_alert(bounds, support)
    if name:
        sent["displayName"] = name
    if step.notes:
        sent["notes"] = step.notes  # not WorkoutKit's: for the phone's app to show
    return sent


def _to_goal(duration: Duration) -> dict[str, Any]:
    match duration:
        case TimeDuration(duration_s=seconds):
            return {"kind": "time", "value": _exact(seconds), "unit": "s"}
        case DistanceDuration(distance_m=metres):
            return {"kind": "distance", "value": _exact(metres), "unit": "m"}
    return {"kind": "open"}


def _exact(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _to_goal_duration(duration: Duration, sport: Sport) -> tuple[Duration, str, list[Loss]]:
    activity = ACTIVITIES[sport].name
    if not isinstance(duration, DistanceDuration) or activity not in NO_DISTANCE:
        return duration, "", []
    words = describe_duration(duration)
    loss = Loss(
        "duration",
        Fidelity.DEGRADED,
        f"the watch measures no distance in {activity}",
        f"an open step, and {words} in its name",
        "give the step a time",
    )
    return OpenDuration(), words, [loss]


def _add_cadence(step: Step, aim: Aim, sport: Sport) -> tuple[Aim, str, list[Loss]]:
    """A cadence takes the alert that the main target leaves free; else it goes into the name."""
    if step.cadence is None:
        return aim, "", []
    cadence = RangeTarget(Metric.CADENCE, step.cadence.low, step.cadence.high)
    if aim.bounds is None and alert_support(Metric.CADENCE, ACTIVITIES[sport]) is Support.YES:
        bounds, losses = fit_bounds(cadence, sport)
        return Aim(bounds, Support.YES, aim.words), "", losses
    words = describe_target(cadence, sport)
    loss = Loss(
        "cadence",
        Fidelity.DEGRADED,
        "a step has one alert",
        f"words in the step's name: {words}",
        "plan the cadence as the step's only target",
    )
    return aim, words, [loss]


def _to_parts(
    duration: Duration, bounds: RangeTarget | None, slot: Slot, sport: Sport
) -> tuple[list[_Part], list[Loss]]:
    """The step itself, or a ramp in parts; where there is room for one step only, in its whole range."""
    if bounds is None or bounds.ramp is None:
        return [(duration, bounds)], []
    count = 1 if slot != "block" else _count_parts(duration, bounds)
    lengths, slices = _split_duration(duration, count), _split_bounds(bounds, count)
    parts: list[_Part] = list(zip(lengths, slices, strict=True))
    loss = Loss(
        "ramp",
        Fidelity.DEGRADED,
        "an alert has a range to stay in, which can't move during a step",
        _describe_parts(lengths, slices, sport),
        "plan the ramp as steps",
    )
    return parts, [loss]


def _count_parts(duration: Duration, bounds: RangeTarget) -> int:
    """How many parts a ramp is worth: no tiny steps, no ranges that nobody can keep to."""
    match duration:
        case TimeDuration(duration_s=seconds):
            by_length = int(seconds // _SHORTEST_PART_S)
        case DistanceDuration(distance_m=metres):
            by_length = int(metres // _SHORTEST_PART_M)
        case _:
            return 1
    by_width = int((bounds.high - bounds.low) // (2 * ALERTS[bounds.metric].least))
    return max(1, min(RAMP_PARTS, by_length, by_width))


def _split_duration(duration: Duration, count: int) -> list[Duration]:
    """Parts of whole seconds or metres that add up to the whole; the last one has the fraction, if any."""
    if count == 1 or isinstance(duration, OpenDuration):
        return [duration] * count
    length = duration.duration_s if isinstance(duration, TimeDuration) else duration.distance_m
    edges = [*(int(length * index / count) for index in range(count)), length]
    # Rounded only against the noise of subtracting floats.
    lengths = [round(end - start, 6) for start, end in itertools.pairwise(edges)]
    kind = TimeDuration if isinstance(duration, TimeDuration) else DistanceDuration
    return [kind(part) for part in lengths]


def _split_bounds(bounds: RangeTarget, count: int) -> list[RangeTarget]:
    """Slices of the range in the order of the ramp."""
    width = (bounds.high - bounds.low) / count
    inner = [round(bounds.low + width * index, 3) for index in range(1, count)]
    edges = [bounds.low, *inner, bounds.high]
    slices = [
        msgspec.structs.replace(bounds, low=low, high=high, ramp=None)
        for low, high in itertools.pairwise(edges)
    ]
    return slices if bounds.ramp == "up" else slices[::-1]


def _describe_parts(lengths: list[Duration], slices: list[RangeTarget], sport: Sport) -> str:
    if len(slices) == 1:
        return f"steady {describe_target(slices[0], sport)}"
    pairs = (
        f"{describe_duration(length)} at {describe_target(bounds, sport)}"
        for length, bounds in zip(lengths, slices, strict=True)
    )
    return f"{len(slices)} steps: {', '.join(pairs)}"


def _number_names(name: str, count: int) -> list[str]:
    return [f"{name or 'Ramp'} {index}/{count}" for index in range(1, count + 1)]


def _to_name(step: Step, slot: Slot) -> tuple[str, list[Loss]]:
    """The step's name, or what it is for where a block has no word for that."""
    if slot != "block" or step.intensity not in _NAMES:
        return step.name, []
    name = step.name or _NAMES[step.intensity]
    becomes = f"a {PURPOSES[step.intensity]} step named {name!r}"
    if step.intensity is Intensity.REST:
        return name, [Loss("intensity", Fidelity.EXACT, "steps are for work or for recovery", becomes)]
    which, end = ("warm-up", "first") if step.intensity is Intensity.WARMUP else ("cool-down", "last")
    reason = f"a plan has one {which}, and it is the {end} step"
    suggestion = f"make one {which} of it, as the {end} step"
    return name, [Loss("intensity", Fidelity.DEGRADED, reason, becomes, suggestion)]


def _notes_losses(step: Step) -> list[Loss]:
    if not step.notes:
        return []
    return [
        Loss(
            "notes",
            Fidelity.DEGRADED,
            "a step on the watch has a name and no notes",
            "notes for the phone's app, not shown during the step",
            "put what matters into the step's name",
        )
    ]


__all__ = ["PURPOSES", "SentStep", "Slot", "number", "to_steps"]
