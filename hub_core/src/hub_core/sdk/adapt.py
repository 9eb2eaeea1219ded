"""Fits a workout to a manifest's capabilities, and reports what that costs.

A provider whose format is no stranger than its capabilities says compiles in a few lines: `adapt_workout`
leaves only what it declares, and the plugin writes that down. Stranger formats (Garmin, Wahoo) do it all
by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_duration, describe_node, describe_target
from hub_core.domain.fidelity import Fidelity, FidelityReport, Loss, StepFidelity, worst
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError, resolve_target
from hub_core.domain.outline import (
    Placed,
    PlacedRepeat,
    PlacedStep,
    count_nodes,
    expand_repeats,
    place_steps,
    walk,
)
from hub_core.domain.sport import Sport
from hub_core.domain.timing import OPEN_STEP_S
from hub_core.domain.workout import (
    DistanceDuration,
    Duration,
    OpenDuration,
    PlannedWorkout,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.sdk.manifest import Capabilities, Manifest


@dataclass(frozen=True)
class Adapted:
    """The workout as the provider can carry it. Repeats nest no deeper than declared."""

    name: str
    steps: tuple[Placed, ...]
    report: FidelityReport


def adapt_workout(workout: PlannedWorkout, athlete: Athlete, manifest: Manifest) -> Adapted:
    """Leave what the manifest declares; name all that is changed or lost, and the smallest rewrite."""
    able = manifest.capabilities
    placed = place_steps(workout.steps)
    fitted: dict[str, tuple[Step, list[Loss]]] = {
        node.path: _fit_step(node.step, workout.sport, athlete, able)
        for node in walk(placed)
        if isinstance(node, PlacedStep)
    }
    expanded = expand_repeats(placed, able.max_repeat_depth)
    kept = {node.path for node in walk(expanded)}
    lines = []
    for node in walk(placed):
        losses = fitted[node.path][1] if isinstance(node, PlacedStep) else _repeat_losses(node, kept)
        level = worst([loss.level for loss in losses])
        lines.append(StepFidelity(node.path, describe_node(node, workout.sport), level, tuple(losses)))
    name, whole = _fit_workout(workout, expanded, able)
    level = worst([*(line.level for line in lines), *(loss.level for loss in whole)])
    report = FidelityReport(manifest.name, level, tuple(lines), tuple(whole))
    return Adapted(name, tuple(_replace(node, fitted) for node in expanded), report)


def _fit_workout(
    workout: PlannedWorkout, expanded: tuple[Placed, ...], able: Capabilities
) -> tuple[str, list[Loss]]:
    losses = []
    if workout.sport not in able.sports:
        reason = f"there are no workouts for {workout.sport.replace('_', ' ')}"
        losses.append(_stop("sport", reason, "choose another provider for this sport"))
    if able.max_steps is not None and (count := count_nodes(expanded)) > able.max_steps:
        reason = f"{count} steps and repeats, and at most {able.max_steps} are taken"
        losses.append(_stop("steps", reason, "split the workout, or use repeats"))
    name, limit = workout.name, able.name_length
    if limit is not None and len(name) > limit:
        name = name[: limit - 1] + "…"
        losses.append(_lose("name", f"a name has at most {limit} characters", name, "shorten the name"))
    return name, losses


def _fit_step(step: Step, sport: Sport, athlete: Athlete, able: Capabilities) -> tuple[Step, list[Loss]]:
    duration, losses = _fit_duration(step, able)
    target, target_losses = _fit_target(step.target, sport, athlete, able)
    losses += target_losses
    cadence, notes, limit = step.cadence, step.notes, able.notes_length
    if cadence and not able.secondary_cadence:
        cadence = None
        losses.append(_lose("cadence", "a step has one target", "no cadence", "say the cadence in the notes"))
    if limit is not None and len(notes) > limit:
        notes = notes[: limit - 1] + "…" if limit else ""
        reason = f"notes have at most {limit} characters" if limit else "steps have no notes"
        losses.append(_lose("notes", reason, notes or "no notes", "shorten the notes"))
    fitted = msgspec.structs.replace(step, duration=duration, target=target, cadence=cadence, notes=notes)
    return fitted, losses


def _fit_duration(step: Step, able: Capabilities) -> tuple[Duration, list[Loss]]:
    match step.duration:
        case OpenDuration() if "open" not in able.durations:
            timed = TimeDuration(OPEN_STEP_S)
            text = describe_duration(timed)
            loss = _lose("duration", "steps don't wait for the lap button", text, "give the step a time")
            return timed, [loss]
        case DistanceDuration() if "distance" not in able.durations:
            return step.duration, [_stop("duration", "steps have no distance", "give the step a time")]
        case TimeDuration() if "time" not in able.durations:
            return step.duration, [_stop("duration", "steps have no time", "give the step a distance")]
    return step.duration, []


def _fit_target(
    target: Target | None, sport: Sport, athlete: Athlete, able: Capabilities
) -> tuple[Target | None, list[Loss]]:
    if target is None:
        return None, []
    words = describe_target(target, sport)
    forms = able.targets.get(target.metric, frozenset())
    if not forms:
        metrics = ", ".join(sorted(able.targets)) or "no metric"
        suggestion = f"use a target in {metrics}" if able.targets else "put it into the notes"
        return None, [_lose("target", f"{words}: only {metrics} can be targets", "no target", suggestion)]
    losses = []
    if target.__struct_config__.tag not in forms:
        try:
            resolved = resolve_target(target, athlete, sport)
        except (MissingThresholdError, MissingZoneError) as error:
            return None, [_lose("target", f"{words}: {error}", "no target", "complete the athlete's profile")]
        if "range" not in forms:
            return None, [_lose("target", f"{words} is not among the forms it takes", "no target", "")]
        becomes = describe_target(resolved, sport)
        losses.append(Loss("target", Fidelity.EXACT, f"{words} travels in absolute numbers", becomes))
        target = resolved
    if not able.ramps and not isinstance(target, ZoneTarget) and target.ramp:
        target = msgspec.structs.replace(target, ramp=None)
        steady = f"steady {describe_target(target, sport)}"
        losses.append(_lose("ramp", "a step has one steady target", steady, "split the ramp into steps"))
    return target, losses


def _repeat_losses(repeat: PlacedRepeat, kept: set[str]) -> list[Loss]:
    if repeat.path in kept or repeat.times == 1:
        return []
    becomes = f"its steps, written out {repeat.times} times"
    return [Loss("repeat", Fidelity.EXACT, "repeats don't nest so deeply", becomes)]


def _replace(node: Placed, fitted: dict[str, tuple[Step, list[Loss]]]) -> Placed:
    if isinstance(node, PlacedStep):
        return PlacedStep(node.path, fitted[node.path][0])
    return PlacedRepeat(
        node.path, node.times, tuple(_replace(child, fitted) for child in node.children), node.name
    )


def _lose(feature: str, reason: str, becomes: str, suggestion: str) -> Loss:
    return Loss(feature, Fidelity.DEGRADED, reason, becomes, suggestion)


def _stop(feature: str, reason: str, suggestion: str) -> Loss:
    return Loss(feature, Fidelity.UNSUPPORTED, reason, suggestion=suggestion)
