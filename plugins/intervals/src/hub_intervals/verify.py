"""Did the server understand the workout text? It answers 200 whether it did or not."""

from __future__ import annotations

import msgspec

from hub_core.sdk import CompiledWorkout, NotFound, Receipt, Rejected, describe_seconds
from hub_intervals.client import IntervalsClient
from hub_intervals.schemas import DocStep, Event, WorkoutDoc

_TOLERANCE_S = 5
_TOLERANCE_M = 5


async def verified_receipt(client: IntervalsClient, event: Event, compiled: CompiledWorkout) -> Receipt:
    """The receipt for an event that was read back.

    Raises `Rejected` when the event isn't the workout that was sent, after deleting it: an empty or a
    400-minute workout on the calendar is worse than none.
    """
    problem = _find_problem(event, compiled)
    if problem:
        await delete_if_there(client, str(event.id))
        raise Rejected(f"intervals.icu {problem}. The event was removed, so that nobody trains it")
    return Receipt({"event_id": str(event.id)}, str(event.id), tuple(_notes(event, compiled)))


async def delete_if_there(client: IntervalsClient, event_id: str) -> None:
    """Delete an event, which may be gone already."""
    try:
        await client.delete_event(event_id)
    except NotFound:
        return


def _find_problem(event: Event, compiled: CompiledWorkout) -> str:
    """What is wrong with the parsed workout, in words; empty when nothing is."""
    expects = compiled.payload["expects"]
    if not expects["steps"]:
        return ""
    doc = event.workout_doc or WorkoutDoc()
    steps = _count(doc.steps)
    if not steps:
        return "could not read the workout text and made an empty workout of it"
    if steps != expects["steps"]:
        return f"read {steps} steps where {expects['steps']} were sent"
    seconds = event.moving_time if event.moving_time is not None else doc.duration
    wanted_s = expects["moving_time_s"]
    if wanted_s is not None and seconds is not None and abs(seconds - wanted_s) > _TOLERANCE_S:
        return f"made {describe_seconds(seconds)} of {describe_seconds(wanted_s)}"
    metres, wanted_m = doc.distance, expects["distance_m"]
    # Time steps with a pace may add to the distance: only too little is a sure sign.
    if wanted_m is not None and metres is not None and metres < wanted_m - _TOLERANCE_M:
        return f"made {metres:g} m of {wanted_m:g} m"
    return ""


def _count(steps: list[DocStep] | None) -> int:
    """Steps as they are written: a repeat's children once, the repeat itself not."""
    return sum(_count(step.steps) if step.steps else 1 for step in steps or [])


def _notes(event: Event, compiled: CompiledWorkout) -> list[str]:
    """What the athlete should know although the workout is right."""
    expects = compiled.payload["expects"]
    notes = [f"{error.service}: {error.message}" for error in event.push_errors or []]
    if not event.description:
        notes.append("intervals.icu dropped the description; the event has name and duration only")
    doc = event.workout_doc
    if doc is None or not expects["steps"]:
        return notes
    for threshold in expects["thresholds"]:
        value = getattr(doc, threshold)
        if value is not msgspec.UNSET and not value:
            name = threshold.replace("_", " ").upper() if threshold != "threshold_pace" else "threshold pace"
            notes.append(f"no {name} is set at intervals.icu: targets in percent or zones show as 0")
    ours, theirs = expects["lthr_bpm"], doc.lthr
    if ours and isinstance(theirs, int | float) and theirs and theirs != ours:
        notes.append(f"LTHR is {theirs:g} at intervals.icu and {ours:g} here: heart rates will differ")
    return notes
