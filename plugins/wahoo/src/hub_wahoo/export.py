"""How our workout becomes a Wahoo plan and the workout that puts it into the calendar. Pure.

The payload: `{"plan": <plan.json>, "workout": {"name", "workout_type_id", "minutes"}}`.
"""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo
from collections.abc import Mapping
from typing import Any, NamedTuple

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    DistanceDuration,
    Fidelity,
    FidelityReport,
    Loss,
    Placed,
    PlacedRepeat,
    PlacedStep,
    PlannedWorkout,
    RangeTarget,
    Sport,
    SportFamily,
    StepFidelity,
    TimeDuration,
    describe_node,
    describe_pace,
    expand_repeats,
    place_steps,
    repeat_depth,
    walk,
    worst,
)
from hub_wahoo.export_steps import TARGET_TYPES, SentStep, to_intervals

PROVIDER = "wahoo"
DESCRIPTION_LENGTH = 5000  # [Wahoo docs, plan format 1.0, header]
#: Local noon: midnight UTC would fall on the wrong day in half of the world. [quantified-self]
DEFAULT_TIME = dt.time(12)


class WorkoutType(NamedTuple):
    """Wahoo's `workout_type_id`, plan family (0 biking, 1 running) and location (0 indoor, 1 outdoor)."""

    id: int
    family: int
    location: int


#: Plans exist for biking and running only. [Wahoo docs, workout types; plan format 1.0, header]
WORKOUT_TYPES = {
    Sport.RIDE: WorkoutType(0, 0, 1),
    Sport.GRAVEL_RIDE: WorkoutType(0, 0, 1),  # BIKING: there is no gravel, and cyclo-cross is a race
    Sport.MOUNTAIN_BIKE_RIDE: WorkoutType(13, 0, 1),
    Sport.INDOOR_RIDE: WorkoutType(12, 0, 0),
    Sport.RUN: WorkoutType(1, 1, 1),
    Sport.TRACK_RUN: WorkoutType(3, 1, 1),
    Sport.TRAIL_RUN: WorkoutType(4, 1, 1),
    Sport.TREADMILL_RUN: WorkoutType(5, 1, 0),
}
#: Speeds to guess a step's time by when it has a distance and no pace: 25 km/h, and 6:00 /km.
GUESSED_SPEEDS_MPS = {SportFamily.CYCLING: 25 / 3.6, SportFamily.RUNNING: 1000 / 360}
#: Below this nobody moves, and no time can be told by it.
_SLOWEST_MPS = 0.01


def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """The plan and workout to send, and what survives. Raises `ValueError` for a workout without a date."""
    if workout.date is None:
        raise ValueError("a workout needs its date before it is compiled")
    placed = place_steps(workout.steps)
    sent = {
        node.path: to_intervals(node.step, workout.sport, athlete)
        for node in walk(placed)
        if isinstance(node, PlacedStep)
    }
    expanded = tuple(flat for node in placed for flat in _flatten(node))
    steps = _report_steps(placed, expanded, sent, workout.sport)
    payload, losses = _to_payload(workout, athlete, placed, expanded, sent)
    level = worst([*(step.level for step in steps), *(loss.level for loss in losses)])
    report = FidelityReport(PROVIDER, level, steps, tuple(losses))
    meant = _to_meant(placed, sent)
    return CompiledWorkout(payload, report, workout.date, workout.time, athlete.time_zone, meant)


def _flatten(node: Placed) -> tuple[Placed, ...]:
    """Repeats of one level. A single pass is none, except that only a repeat has a place for its name."""
    is_named_pass = isinstance(node, PlacedRepeat) and node.times == 1 and node.name
    return (node,) if is_named_pass and repeat_depth((node,)) == 1 else expand_repeats((node,), 1)


def _to_meant(nodes: tuple[Placed, ...], sent: Mapping[str, SentStep]) -> tuple[Placed, ...]:
    """The plan's own tree with the steps as they go out."""
    meant: list[Placed] = []
    for node in nodes:
        if isinstance(node, PlacedStep):
            meant += [PlacedStep(node.path, step) for step in sent[node.path].meant]
        else:
            meant.append(PlacedRepeat(node.path, node.times, _to_meant(node.children, sent), node.name))
    return tuple(meant)


def to_starts(compiled: CompiledWorkout) -> dt.datetime:
    """The athlete's wall clock time, or their noon, as an instant in UTC."""
    zone = zoneinfo.ZoneInfo(compiled.time_zone)
    local = dt.datetime.combine(compiled.date, compiled.time or DEFAULT_TIME, zone)
    return local.astimezone(dt.UTC)


def to_iso(moment: dt.datetime) -> str:
    """`2026-03-01T07:00:00.000Z`, Wahoo's way to write an instant."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _to_payload(
    workout: PlannedWorkout,
    athlete: Athlete,
    placed: tuple[Placed, ...],
    expanded: tuple[Placed, ...],
    sent: Mapping[str, SentStep],
) -> tuple[dict[str, Any], list[Loss]]:
    kind = WORKOUT_TYPES.get(workout.sport)
    losses = _sport_losses(workout.sport)
    if kind is None:
        return {}, losses
    description, description_losses = _to_description(workout, placed)
    seconds, duration_losses = _estimate_s(expanded, sent, workout.sport, athlete)
    header: dict[str, Any] = {
        "name": workout.name,
        "version": "1.0.0",
        # Optional on paper; production wants it. [quantified-self, serializer]
        "description": description,
        "workout_type_family": kind.family,
        "workout_type_location": kind.location,
    }
    if athlete.ftp_w is not None and any(_uses_ftp(step) for step in sent.values()):
        header["ftp"] = round(athlete.ftp_w)  # whole watts [Wahoo docs, plan format 1.0, header]
    if all(isinstance(step.duration, TimeDuration) for step in sent.values()):
        header["duration_s"] = round(seconds)
    intervals = [part for node in expanded for part in _to_nodes(node, sent)]
    entry = {"name": workout.name, "workout_type_id": kind.id, "minutes": _minutes(seconds)}
    payload = {"plan": {"header": header, "intervals": intervals}, "workout": entry}
    return payload, [*losses, *_time_losses(workout), *duration_losses, *description_losses]


def _to_nodes(node: Placed, sent: Mapping[str, SentStep]) -> list[dict[str, Any]]:
    if isinstance(node, PlacedStep):
        return [dict(interval) for interval in sent[node.path].intervals]
    repeat: dict[str, Any] = {"name": node.name} if node.name else {}
    # The value is the number of passes after the first, 0 for one. [Wahoo docs, plan format 1.0, intervals]
    repeat |= {"exit_trigger_type": "repeat", "exit_trigger_value": node.times - 1}
    repeat["intervals"] = [part for child in node.children for part in _to_nodes(child, sent)]
    return [repeat]


def _uses_ftp(step: SentStep) -> bool:
    return any(target["type"] == "ftp" for part in step.intervals for target in part["targets"])


def _to_description(workout: PlannedWorkout, placed: tuple[Placed, ...]) -> tuple[str, list[Loss]]:
    """The workout's own description and the notes of its steps, which have no place of their own."""
    steps = [node.step for node in walk(placed) if isinstance(node, PlacedStep)]
    notes = [
        f"Step {index}{f' ({step.name})' if step.name else ''}: {step.notes}"
        for index, step in enumerate(steps, 1)
        if step.notes
    ]
    text = "\n\n".join(part for part in (workout.description.strip(), "\n".join(notes)) if part)
    if len(text) <= DESCRIPTION_LENGTH:
        return text or workout.name, []
    loss = Loss(
        "description",
        Fidelity.DEGRADED,
        f"a plan's description, which also takes the notes, holds {DESCRIPTION_LENGTH} characters",
        f"the first {DESCRIPTION_LENGTH - 1} of {len(text)} characters",
        "shorten the description or the notes",
    )
    return text[: DESCRIPTION_LENGTH - 1] + "…", [loss]


def _estimate_s(
    expanded: tuple[Placed, ...], sent: Mapping[str, SentStep], sport: Sport, athlete: Athlete
) -> tuple[float, list[Loss]]:
    """How long it takes, in seconds: Wahoo wants minutes even where the plan is in metres.

    A distance counts at the middle of its pace or speed; without one at 80 % of the athlete's threshold
    speed if they run and it is known, else at `GUESSED_SPEEDS_MPS`.
    """
    guess_mps = GUESSED_SPEEDS_MPS[sport.family]
    if sport.family is SportFamily.RUNNING and athlete.threshold_speed_mps:
        guess_mps = 0.8 * athlete.threshold_speed_mps
    seconds, guessed = 0.0, False
    for node in expand_repeats(expanded, 0):
        step = sent[node.path]
        if isinstance(step.duration, DistanceDuration):
            speed_mps = _planned_speed_mps(step)
            guessed |= speed_mps is None
            seconds += step.duration.distance_m / (speed_mps or guess_mps)
        else:
            seconds += step.duration.duration_s
    if not guessed:
        return seconds, []
    speed = (
        f"{describe_pace(guess_mps)} /km"
        if sport.family is SportFamily.RUNNING
        else f"{guess_mps * 3.6:g} km/h"
    )
    loss = Loss(
        "duration",
        Fidelity.DEGRADED,
        "Wahoo asks for the minutes of a workout, and some distances have no pace",
        f"{_minutes(seconds)} min, with those distances at {speed}; the steps keep their distance",
        "give steps by distance a pace or a speed",
    )
    return seconds, [loss]


def _minutes(seconds: float) -> int:
    """Whole minutes, rounded up and never 0: Wahoo's own samples have integers. [Wahoo docs, workouts]"""
    return max(1, math.ceil(round(seconds / 60, 6)))


def _planned_speed_mps(step: SentStep) -> float | None:
    bounds = step.bounds
    if not isinstance(bounds, RangeTarget) or TARGET_TYPES[bounds.metric] != "speed":
        return None
    speed_mps = (bounds.low + bounds.high) / 2
    return speed_mps if speed_mps >= _SLOWEST_MPS else None


def _sport_losses(sport: Sport) -> list[Loss]:
    if sport not in WORKOUT_TYPES:
        reason = f"Wahoo plans are for biking and running, not for {sport.replace('_', ' ')}"
        return [
            Loss("sport", Fidelity.UNSUPPORTED, reason, suggestion="choose another provider for this sport")
        ]
    if sport is Sport.GRAVEL_RIDE:
        reason = "Wahoo has no workout type for gravel"
        return [Loss("sport", Fidelity.DEGRADED, reason, "biking, outdoor", "plan it as a ride")]
    return []


def _time_losses(workout: PlannedWorkout) -> list[Loss]:
    if workout.time is not None:
        return []
    reason = "a Wahoo workout has a time of day"
    return [Loss("time", Fidelity.EXACT, reason, "12:00 on the athlete's clock", "plan a time")]


def _report_steps(
    placed: tuple[Placed, ...], expanded: tuple[Placed, ...], sent: Mapping[str, SentStep], sport: Sport
) -> tuple[StepFidelity, ...]:
    kept = {node.path for node in walk(expanded)}
    lines = []
    for node in walk(placed):
        if isinstance(node, PlacedStep):
            losses = sent[node.path].losses
        else:
            losses = () if node.path in kept else _unrolled(node)
        level = worst([loss.level for loss in losses])
        lines.append(StepFidelity(node.path, describe_node(node, sport), level, losses))
    return tuple(lines)


def _unrolled(repeat: PlacedRepeat) -> tuple[Loss, ...]:
    losses = []
    if repeat.times > 1:
        reason = "repeats inside of repeats are not known to work on Wahoo devices"
        becomes = f"its steps, written out {repeat.times} times"
        losses.append(Loss("repeat", Fidelity.EXACT, reason, becomes, "expand the inner repeat"))
    if repeat.name:
        reason = "a repeat that is written out has no place for its name"
        losses.append(
            Loss("name", Fidelity.DEGRADED, reason, "no name", "name the steps instead of the repeat")
        )
    return tuple(losses)
