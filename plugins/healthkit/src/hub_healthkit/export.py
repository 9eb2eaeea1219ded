"""How our workout becomes a plan that a phone hands to WorkoutKit's scheduler. Pure.

Apple defines no JSON. Ours has the names of WorkoutKit's initialisers, so that a client only has to walk it:
`{"format", "minimumOS", "scheduledAt", "timeZone", "workout": {"kind": "custom", "activity", ...}}`.
The README of this plugin is its contract.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Fidelity,
    FidelityReport,
    Intensity,
    Loss,
    Placed,
    PlacedRepeat,
    PlacedStep,
    PlannedWorkout,
    Sport,
    StepFidelity,
    describe_node,
    expand_repeats,
    place_steps,
    walk,
    worst,
)
from hub_healthkit.activities import ACTIVITIES, LESS_PRECISE
from hub_healthkit.export_steps import SentStep, Slot, number, to_steps

PROVIDER = "healthkit"
FORMAT = "workoutkit-plan/1"
#: A plan is scheduled for a minute of a day; noon is far from midnight wherever the phone is.
DEFAULT_TIME = dt.time(12)
#: WorkoutKit came with iOS 17, its plans for pools and names of steps with iOS 18. [doc; watchOS 11]
MINIMUM_OS, MINIMUM_OS_POOL = "17.0", "18.0"


def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """The plan, and what survives. Raises `ValueError` for a workout without a date."""
    if workout.date is None:
        raise ValueError("a workout needs its date before it is compiled")
    placed = place_steps(workout.steps)
    expanded = expand_repeats(placed, 1)
    slots = _find_slots(expanded)
    sent = {
        node.path: to_steps(node.step, slots.get(node.path, "block"), workout.sport, athlete)
        for node in walk(placed)
        if isinstance(node, PlacedStep)
    }
    losses = _workout_losses(workout, sent)
    steps = _report_steps(placed, expanded, sent, workout.sport)
    level = worst([*(step.level for step in steps), *(loss.level for loss in losses)])
    report = FidelityReport(PROVIDER, level, steps, tuple(losses))
    payload = _to_payload(workout, athlete, expanded, slots, sent)
    meant = _to_meant(placed, sent)
    return CompiledWorkout(payload, report, workout.date, workout.time, athlete.time_zone, meant)


def _to_meant(nodes: tuple[Placed, ...], sent: Mapping[str, SentStep]) -> tuple[Placed, ...]:
    """The plan's own tree with the steps as the watch gets them."""
    meant: list[Placed] = []
    for node in nodes:
        if isinstance(node, PlacedStep):
            meant += [PlacedStep(node.path, step) for step in sent[node.path].meant]
        else:
            meant.append(PlacedRepeat(node.path, node.times, _to_meant(node.children, sent), node.name))
    return tuple(meant)


def _find_slots(expanded: tuple[Placed, ...]) -> dict[str, Slot]:
    """Which steps are the plan's warm-up and cool-down: the first and the last one, if they are such.

    Something has to be left for the blocks, and a step that is played several times is no warm-up.
    """
    times = Counter(node.path for node in walk(expanded))
    slots: dict[str, Slot] = {}
    ends: tuple[tuple[int, Intensity, Slot], ...] = (
        (0, Intensity.WARMUP, "warmup"),
        (-1, Intensity.COOLDOWN, "cooldown"),
    )
    for index, intensity, slot in ends:
        node = expanded[index]
        fits = isinstance(node, PlacedStep) and node.step.intensity is intensity and times[node.path] == 1
        if fits and len(expanded) - len(slots) > 1:
            slots[node.path] = slot
    return slots


def _to_payload(
    workout: PlannedWorkout,
    athlete: Athlete,
    expanded: tuple[Placed, ...],
    slots: Mapping[str, Slot],
    sent: Mapping[str, SentStep],
) -> dict[str, Any]:
    assert workout.date  # noqa: S101 (checked by the caller)
    activity = ACTIVITIES[workout.sport]
    time = workout.time or DEFAULT_TIME
    plan: dict[str, Any] = {
        "kind": "custom",
        "activity": activity.name,
        "activityRaw": activity.raw,
        "location": activity.location,
        "displayName": workout.name,
        "blocks": _to_blocks([node for node in expanded if node.path not in slots], sent),
    }
    for path, slot in slots.items():
        plan[slot] = dict(sent[path].steps[0])
    payload: dict[str, Any] = {
        "format": FORMAT,
        "minimumOS": MINIMUM_OS_POOL if workout.sport is Sport.POOL_SWIM else MINIMUM_OS,
        "scheduledAt": {
            "year": workout.date.year,
            "month": workout.date.month,
            "day": workout.date.day,
            "hour": time.hour,
            "minute": time.minute,
        },
        "timeZone": athlete.time_zone,
        "workout": plan,
    }
    if workout.description:
        payload["description"] = workout.description  # not WorkoutKit's: for the phone's app to show
    return payload


def _to_blocks(nodes: list[Placed], sent: Mapping[str, SentStep]) -> list[dict[str, Any]]:
    """A repeat is a block of its own; plain steps in a row share one that is done once."""
    blocks: list[dict[str, Any]] = []
    row: list[dict[str, Any]] = []
    for node in nodes:
        if isinstance(node, PlacedStep):
            if not row:
                blocks.append({"iterations": 1, "steps": row})
            row += _copies(node, sent)
        else:
            row = []
            children = [child for child in node.children if isinstance(child, PlacedStep)]
            steps = [step for child in children for step in _copies(child, sent)]
            blocks.append({"iterations": node.times, "steps": steps})
    return blocks


def _copies(node: PlacedStep, sent: Mapping[str, SentStep]) -> list[dict[str, Any]]:
    return [dict(step) for step in sent[node.path].steps]


def _workout_losses(workout: PlannedWorkout, sent: Mapping[str, SentStep]) -> list[Loss]:
    return [
        *_sport_losses(workout.sport),
        *_time_losses(workout),
        *_pool_losses(workout),
        *_description_losses(workout),
        *_name_losses(sent),
    ]


def _sport_losses(sport: Sport) -> list[Loss]:
    if sport is Sport.OPEN_WATER_SWIM:
        return [
            Loss(
                "sport",
                Fidelity.DEGRADED,
                "Apple names planned swims for pools only",
                "an outdoor swim where the watch takes one; else the phone says that it doesn't",
                "plan it as a pool swim",
            )
        ]
    if sport in LESS_PRECISE:
        becomes, suggestion = LESS_PRECISE[sport]
        reason = f"the watch has no {sport.replace('_', ' ')}"
        return [Loss("sport", Fidelity.DEGRADED, reason, becomes, suggestion)]
    return []


def _time_losses(workout: PlannedWorkout) -> list[Loss]:
    if workout.time is not None:
        return []
    reason = "a plan is scheduled for a time of day"
    return [Loss("time", Fidelity.EXACT, reason, "12:00 on the athlete's clock", "plan a time")]


def _pool_losses(workout: PlannedWorkout) -> list[Loss]:
    if workout.pool_length_m is None:
        return []
    length = f"{number(workout.pool_length_m)} m"
    reason = "a plan doesn't hold the length of the pool"
    suggestion = f"set {length} on the watch at the start"
    return [Loss("pool_length", Fidelity.DEGRADED, reason, "the length that the watch is set to", suggestion)]


def _description_losses(workout: PlannedWorkout) -> list[Loss]:
    if not workout.description:
        return []
    return [
        Loss(
            "description",
            Fidelity.DEGRADED,
            "a plan on the watch has a name and no description",
            "a description for the phone's app",
            "put what matters into the names",
        )
    ]


def _name_losses(sent: Mapping[str, SentStep]) -> list[Loss]:
    if not any("displayName" in step for one in sent.values() for step in one.steps):
        return []
    reason = "steps have names from iOS 18 and watchOS 11 on"
    return [Loss("name", Fidelity.EXACT, reason, "no names of steps on older systems")]


def _report_steps(
    placed: tuple[Placed, ...], expanded: tuple[Placed, ...], sent: Mapping[str, SentStep], sport: Sport
) -> tuple[StepFidelity, ...]:
    kept = {node.path for node in walk(expanded)}
    lines = []
    for node in walk(placed):
        if isinstance(node, PlacedStep):
            losses = sent[node.path].losses
        else:
            losses = _repeat_losses(node, is_kept=node.path in kept)
        level = worst([loss.level for loss in losses])
        lines.append(StepFidelity(node.path, describe_node(node, sport), level, losses))
    return tuple(lines)


def _repeat_losses(repeat: PlacedRepeat, *, is_kept: bool) -> tuple[Loss, ...]:
    losses = []
    if not is_kept and repeat.times > 1:
        becomes = f"its steps, written out {repeat.times} times"
        losses.append(Loss("repeat", Fidelity.EXACT, "blocks don't nest", becomes, "expand the inner repeat"))
    if repeat.name:
        reason, suggestion = "a block has no name", "name the steps instead of the repeat"
        losses.append(Loss("name", Fidelity.DEGRADED, reason, "no name", suggestion))
    return tuple(losses)
