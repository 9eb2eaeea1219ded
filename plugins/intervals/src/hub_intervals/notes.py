"""What people should know of an event that was written, although it is right."""

from __future__ import annotations

import msgspec

from hub_core.sdk import CompiledWorkout, Receipt
from hub_intervals.schemas import Event


def to_receipt(event: Event, compiled: CompiledWorkout) -> Receipt:
    """The receipt for an event as the server answered it."""
    return Receipt({"event_id": str(event.id)}, str(event.id), tuple(_notes(event, compiled)))


def _notes(event: Event, compiled: CompiledWorkout) -> list[str]:
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
