"""How our workout becomes Garmin's: sport, tree of steps, texts, and the report of what is lost. Pure."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Any, Final

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Fidelity,
    Loss,
    PlacedStep,
    PlannedWorkout,
    Sport,
    place_steps,
    walk,
)
from hub_garmin.export_report import to_report
from hub_garmin.export_step import StepExport, to_garmin_steps
from hub_garmin.export_text import cut_text
from hub_garmin.export_tree import flatten, hand_down_names, number_steps, to_meant
from hub_garmin.manifest import DESCRIPTION_LENGTH, MAX_STEPS, NAME_LENGTH

WORKOUT_PROVIDER: Final = "TrainHub"  # shown to the athlete; at most 20 characters
SOURCE_ID_LENGTH: Final = 20
#: Above this old devices are said to refuse a workout; V2 itself takes MAX_STEPS.
OLD_DEVICE_STEPS: Final = 50
_YARD_M: Final = 0.9144

#: Ours on the left. There is nothing for trails, treadmills, indoor rides, walking, rowing, open water.
SPORTS: Final = {
    Sport.RUN: "RUNNING",
    Sport.TRAIL_RUN: "RUNNING",
    Sport.TRACK_RUN: "RUNNING",
    Sport.TREADMILL_RUN: "RUNNING",
    Sport.RIDE: "CYCLING",
    Sport.INDOOR_RIDE: "CYCLING",
    Sport.GRAVEL_RIDE: "CYCLING",
    Sport.MOUNTAIN_BIKE_RIDE: "CYCLING",
    Sport.POOL_SWIM: "LAP_SWIMMING",
    Sport.OPEN_WATER_SWIM: "GENERIC",
    Sport.WALK: "GENERIC",
    Sport.HIKE: "GENERIC",
    Sport.ROW: "GENERIC",
    Sport.STRENGTH: "STRENGTH_TRAINING",
    Sport.YOGA: "YOGA",
    Sport.OTHER: "GENERIC",
}
#: The sports that Garmin means by these words too.
_SAME: Final = frozenset({Sport.RUN, Sport.RIDE, Sport.POOL_SWIM, Sport.STRENGTH, Sport.YOGA})


def to_garmin_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """The workout as Training API V2 takes it, and what survives of each step."""
    if workout.date is None:
        raise ValueError("a workout needs a date before it is compiled")
    placed = hand_down_names(place_steps(workout.steps))
    parts = {
        node.path: to_garmin_steps(node.step, workout.sport, athlete)
        for node in walk(placed)
        if isinstance(node, PlacedStep)
    }
    flat = flatten(placed, workout.sport)
    orders = itertools.count(1)
    steps = number_steps(flat, parts, orders)
    payload, losses = _workout_fields(workout, steps)
    losses += _size_losses(next(orders) - 1) + _second_target_losses(parts)
    report = to_report(workout.sport, placed, flat, parts, losses)
    meant = to_meant(placed, parts)
    return CompiledWorkout(payload, report, workout.date, workout.time, athlete.time_zone, meant)


def to_source_id(reference: str) -> str:
    """The end of our reference, in the 20 characters that Garmin keeps."""
    return reference[-SOURCE_ID_LENGTH:]


def _workout_fields(
    workout: PlannedWorkout, steps: list[dict[str, Any]]
) -> tuple[dict[str, Any], tuple[Loss, ...]]:
    sport = SPORTS[workout.sport]
    name, name_losses = cut_text(workout.name, NAME_LENGTH, "name")
    hour, hour_losses = _hour(workout.time)
    text, text_losses = cut_text(
        "\n".join(filter(None, (hour, workout.description))), DESCRIPTION_LENGTH, "description"
    )
    pool, pool_losses = _pool(workout)
    segment = {"segmentOrder": 1, "sport": sport, **pool, "steps": steps}
    payload = {
        "workoutName": name,
        "description": text or None,
        "sport": sport,
        **pool,
        "workoutProvider": WORKOUT_PROVIDER,
        "isSessionTransitionEnabled": False,  # only multisport has transitions
        "segments": [segment],
    }
    losses = (*_sport_losses(workout.sport), *name_losses, *hour_losses, *text_losses, *pool_losses)
    return payload, losses


def _hour(time: dt.time | None) -> tuple[str, tuple[Loss, ...]]:
    if time is None:
        return "", ()
    text = f"Planned for {time:%H:%M}."
    loss = Loss(
        "time",
        Fidelity.DEGRADED,
        reason="Garmin's calendar knows days, not hours",
        becomes=f"“{text}” at the start of the description",
        suggestion="leave the time out",
    )
    return text, (loss,)


def _pool(workout: PlannedWorkout) -> tuple[dict[str, Any], tuple[Loss, ...]]:
    """Length of the pool in metres, or in yards when it is a whole number of those only."""
    metres = workout.pool_length_m
    if workout.sport is not Sport.POOL_SWIM:
        return {"poolLength": None, "poolLengthUnit": None}, ()
    if metres is None:
        loss = Loss(
            "pool_length",
            Fidelity.EXACT,
            reason="without a pool length the watch takes its own, and some old ones refuse the workout",
            becomes="no pool length",
            suggestion="set pool_length_m",
        )
        return {"poolLength": None, "poolLengthUnit": None}, (loss,)
    yards = metres / _YARD_M
    if not float(metres).is_integer() and abs(yards - round(yards)) < 0.005:
        return {"poolLength": round(yards), "poolLengthUnit": "YARD"}, ()
    return {
        "poolLength": int(metres) if float(metres).is_integer() else metres,
        "poolLengthUnit": "METER",
    }, ()


def _sport_losses(sport: Sport) -> tuple[Loss, ...]:
    if sport in _SAME:
        return ()
    becomes = SPORTS[sport]
    reason = f"Garmin's workouts know no {sport.replace('_', ' ')}"
    if becomes == "GENERIC":
        known = "" if sport is Sport.OTHER else f"{reason}, and "
        reason = f"{known}Garmin's GENERIC works on some devices only"
    exact = {"RUNNING": "use the sport run", "CYCLING": "use the sport ride"}.get(becomes, "")
    return (Loss("sport", Fidelity.DEGRADED, reason, becomes, exact),)


def _size_losses(count: int) -> tuple[Loss, ...]:
    """Whether the repeats count among the 100 isn't documented: they are counted, to be safe."""
    if count <= OLD_DEVICE_STEPS:
        return ()
    longest, level, who = (
        (MAX_STEPS, Fidelity.UNSUPPORTED, "Garmin takes")
        if count > MAX_STEPS
        else (OLD_DEVICE_STEPS, Fidelity.DEGRADED, "older devices take")
    )
    reason = f"{who} at most {longest} steps, repeats counted, and these are {count}"
    becomes = "" if level is Fidelity.UNSUPPORTED else "sent whole; an older device may not show it"
    return (Loss("steps", level, reason, becomes, f"leave out {count - longest} steps, or use repeats"),)


def _second_target_losses(parts: Mapping[str, StepExport]) -> tuple[Loss, ...]:
    if not any(step["secondaryTargetType"] for part in parts.values() for step in part.steps):
        return ()
    reason = "a second target is shown by newer devices only"
    return (Loss("cadence", Fidelity.EXACT, reason, "cadence as the second target"),)
