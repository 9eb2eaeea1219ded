"""FIT workout files: our workout as messages. Meanings and sources are in `fit.py`."""

from __future__ import annotations

import datetime as dt
import zlib
from typing import Any

import msgspec
import pyfitparsernative

from hub_core.domain.athlete import Athlete
from hub_core.domain.describe import describe_duration, describe_target
from hub_core.domain.fidelity import Loss
from hub_core.domain.outline import Placed, PlacedRepeat, PlacedStep, place_steps, walk
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    DistanceDuration,
    Duration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.formats._fit_frames import seal
from hub_core.formats._fit_targets import Fields, settle_target, to_fit_cadence, to_fit_target
from hub_core.formats._fit_words import SPORTS
from hub_core.formats._ramps import split_ramp
from hub_core.formats._report import LossBook, Written, degraded, noted, unrolled_notes
from hub_core.formats._text import cut_bytes

#: A field has one byte for its size, and a string ends in a zero.
_LONGEST_TEXT = 254
#: Bit 5, workouts: what Garmin Connect writes. [Profile: type workout_capabilities]
_CAPABILITIES = 0x20
#: Times are in ms and distances in cm, and neither may be 0.
_MS, _CM = 1000, 100
#: FIT's clock begins in 1989 and its smaller numbers count from the device's start. [Profile: date_time]
_EARLIEST, _LATEST = dt.date(2000, 1, 1), dt.date(2100, 1, 1)

Message = dict[str, Any]


def write_fit(workout: PlannedWorkout, athlete: Athlete) -> Written:
    """The workout as a FIT file, with what is lost. The same workout gives the same bytes."""
    book = LossBook()
    placed = place_steps(workout.steps)
    kept = tuple(_without_single_repeats(placed))
    standing = tuple(walk(kept))
    for path, notes in unrolled_notes(placed, standing, "once is no repeat").items():
        book.add(path, notes)
    steps: list[Message] = []
    for node in kept:
        _add_node(node, steps, book, athlete, workout.sport)
    head, losses = _head(workout, len(steps))
    data = seal(pyfitparsernative.write_fit_bytes([*head, *steps]))
    return Written(data, book.by_path(), tuple(losses))


def _without_single_repeats(nodes: tuple[Placed, ...]) -> list[Placed]:
    kept: list[Placed] = []
    for node in nodes:
        if isinstance(node, PlacedStep):
            kept.append(node)
            continue
        children = tuple(_without_single_repeats(node.children))
        kept += children if node.times == 1 else [PlacedRepeat(node.path, node.times, children, node.name)]
    return kept


def _head(workout: PlannedWorkout, count: int) -> tuple[list[Message], list[Loss]]:
    losses: list[Loss] = []
    sport, sub_sport = SPORTS[workout.sport]
    day = min(max(workout.date or _EARLIEST, _EARLIEST), _LATEST)
    body: Message = {
        "message_type": "workout",
        "sport": sport,
        "sub_sport": sub_sport,
        "capabilities": _CAPABILITIES,
        "num_valid_steps": count,
        "wkt_name": _text(workout.name, "name", losses),
    }
    if workout.description:
        body["wkt_description"] = _text(workout.description, "description", losses)
    if workout.pool_length_m is not None:
        metres = round(workout.pool_length_m, 2)
        body |= {"pool_length": metres, "pool_length_unit": "metric"}
        if metres != workout.pool_length_m:
            losses.append(noted("pool_length", "lengths are in cm", f"{metres:g} m"))
    file_id: Message = {
        "message_type": "file_id",
        "type": "workout",
        "manufacturer": "development",
        "product": 1,
        # Devices tell files apart by number and time. There is no clock here: the contents are the number.
        "serial_number": zlib.crc32(msgspec.json.encode(workout)) or 1,
        "time_created": f"{day.isoformat()}T00:00:00",
    }
    return [file_id, body], losses


def _text(text: str, feature: str, losses: list[Loss]) -> str:
    """The text, cut to the size of a field. Empty texts are left out: FIT has no other word for none."""
    cut = cut_bytes(text, _LONGEST_TEXT)
    if cut != text:
        said = f"the first {len(cut)} characters"
        losses.append(degraded(feature, "FIT's texts have at most 254 bytes", said, "say it in fewer words"))
    return cut


def _add_node(node: Placed, steps: list[Message], book: LossBook, athlete: Athlete, sport: Sport) -> None:
    if isinstance(node, PlacedStep):
        messages, losses = _write_step(node.step, athlete, sport)
        for message in messages:
            steps.append(message | {"message_index": len(steps)})
        book.add(node.path, losses)
        return
    first = len(steps)
    for child in node.children:
        _add_node(child, steps, book, athlete, sport)
    losses = []
    # A repeat stands behind its steps and points back at the first of them.
    repeat: Message = {
        "message_type": "workout_step",
        "message_index": len(steps),
        "duration_type": "repeat_until_steps_cmplt",
        "duration_value": first,
        "target_type": "open",
        "target_value": node.times,
        "intensity": "active",
    }
    if node.name:
        repeat["wkt_step_name"] = _text(node.name, "name", losses)
    steps.append(repeat)
    book.add(node.path, losses)


def _write_step(step: Step, athlete: Athlete, sport: Sport) -> tuple[list[Message], list[Loss]]:
    """One message, or several for a ramp."""
    parts, losses = _parts(step, athlete, sport)
    messages = []
    for number, (duration, target) in enumerate(parts, 1):
        duration_fields, duration_losses = _duration_fields(duration)
        written = to_fit_target(target, athlete, sport)
        name, notes = step.name, step.notes
        if len(parts) > 1:
            name = f"{name or 'Ramp'} {number}/{len(parts)}"
        if written.said:
            notes = f"{written.said}\n{notes}" if notes else written.said
        message: Message = {"message_type": "workout_step"} | duration_fields | written.fields
        message["intensity"] = step.intensity.value
        if name:
            message["wkt_step_name"] = _text(name, "name", losses)
        if notes and number == 1:
            message["notes"] = _text(notes, "notes", losses)
        losses += [*duration_losses, *written.losses]
        if step.cadence:
            cadence, cadence_losses = to_fit_cadence(step.cadence)
            message |= cadence
            losses += cadence_losses
        messages.append(message)
    return messages, losses


def _parts(
    step: Step, athlete: Athlete, sport: Sport
) -> tuple[list[tuple[Duration, Target | None]], list[Loss]]:
    """The step itself, or a ramp in parts: a target's two numbers are the range to stay in."""
    target = step.target
    if target is None or isinstance(target, ZoneTarget) or target.ramp is None:
        return [(step.duration, target)], []
    if target.low == target.high:
        return [(step.duration, msgspec.structs.replace(target, ramp=None))], []
    if to_fit_target(target, athlete, sport).said:  # words can move
        return [(step.duration, target)], []
    settled = settle_target(target, athlete, sport)
    bounds = settled if isinstance(settled, RangeTarget | PercentTarget) else target
    parts: list[tuple[Duration, Target | None]] = [*split_ramp(step.duration, bounds)]
    said = ", ".join(
        f"{describe_duration(length)} at {describe_target(part, sport)}" for length, part in parts if part
    )
    becomes = f"{len(parts)} step{'s' if len(parts) > 1 else ''}: {said}"
    reason = "a target is a range to stay in, and can't move during a step"
    return parts, [degraded("ramp", reason, becomes, "plan the ramp as steps")]


def _duration_fields(duration: Duration) -> tuple[Fields, list[Loss]]:
    match duration:
        case TimeDuration(duration_s=value):
            kind, scale, unit = "time", _MS, "ms"
        case DistanceDuration(distance_m=value):
            kind, scale, unit = "distance", _CM, "cm"
        case _:
            return {"duration_type": "open"}, []
    stored = max(1, round(value * scale))
    fields: Fields = {"duration_type": kind, "duration_value": stored}
    if stored / scale == value:
        return fields, []
    return fields, [noted("duration", f"durations are in {unit}", f"{stored / scale:g}")]
