"""FIT workout files. The frame is checked by `_fit_frames.py`, the values are decoded by `pyfitparsernative`.

Source: the FIT profile and the file type "workout", as published with the FIT SDK. A workout is a `file_id`,
a `workout` and its `workout_step`s in the order of `message_index`. A repeat stands behind its steps: it
names the index of the first of them and how often they are done, all in all, and repeats nest that way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyfitparsernative

from hub_core.domain.sport import Sport
from hub_core.domain.validate import MAX_DEPTH, validate
from hub_core.domain.workout import Node, PlannedWorkout, Repeat
from hub_core.errors import InvalidInputError
from hub_core.formats._fit_frames import check_frames
from hub_core.formats._fit_steps import integer, read_fit_step, text
from hub_core.formats._fit_words import find_sport
from hub_core.formats._text import one_line

Message = Mapping[str, Any]

#: The low bits count, the others are flags. [Profile: type message_index]
_INDEX_BITS = 0x0FFF
_REPEAT = "repeat_until_steps_cmplt"
#: Messages that say nothing about the training.
_SILENT = {"file_id", "workout", "workout_step", "file_creator", "device_info", "timestamp_correlation"}
_KNOWN_FIELDS = {
    "message_type", "message_index", "sport", "sub_sport", "capabilities", "num_valid_steps", "wkt_name",
    "wkt_description", "pool_length", "pool_length_unit",
}  # fmt: skip


def read_fit(data: bytes, name: str, remarks: list[str] | None = None) -> PlannedWorkout:
    """The workout in a FIT file, checked by `validate`; `name` is used when the file gives none.

    What our steps have no field for stands in their notes: conditions that end a step, exercises, equipment.
    What is left out is added to `remarks`. Raises `InvalidInputError` with the byte, or the step's `path`.
    """
    remarks = [] if remarks is None else remarks
    check_frames(data)
    messages = decode_messages(data)
    kinds: dict[str, list[Message]] = {}
    for message in messages:
        kinds.setdefault(message["message_type"], []).append(message)
    head = _head(kinds)
    sport = _sport(head, remarks)
    steps = _in_order(kinds.get("workout_step", []))
    stated = integer(head, "num_valid_steps", "num_valid_steps")
    # Files of the SDK's own examples say too few: without the repeats.
    if stated is not None and stated > len(steps):
        raise InvalidInputError(f"it should have {stated} steps and holds {len(steps)}", path="steps")
    pool = head.get("pool_length")
    title = one_line(text(head, "wkt_name"))
    workout = PlannedWorkout(
        name=text(head, "wkt_name")[:200] if title else name,
        sport=sport,
        steps=_build(steps, sport, remarks),
        description=text(head, "wkt_description"),
        pool_length_m=float(pool) if isinstance(pool, int | float) and pool else None,
    )
    remarks += [f"messages of kind {kind} are left out" for kind in kinds if kind not in _SILENT]
    validate(workout)
    return workout


def decode_messages(data: bytes) -> list[dict[str, Any]]:
    """The messages. A panic of the decoder's Rust code comes as a `BaseException` without a class to name."""
    try:
        return pyfitparsernative.parse_fit_bytes(data)
    except BaseException as error:
        if not isinstance(error, ValueError) and type(error).__name__ != "PanicException":
            raise
        raise InvalidInputError(f"the FIT file can't be decoded: {error}") from error


def _head(kinds: Mapping[str, Sequence[Message]]) -> Message:
    types = [message.get("type") for message in kinds.get("file_id", [])]
    if types != ["workout"]:
        said = ", ".join(str(kind) for kind in types) or "nothing"
        raise InvalidInputError(f"not a workout: the FIT file says that it holds {said}", path="file_id")
    heads = kinds.get("workout", [])
    if len(heads) != 1 or "workout_session" in kinds:
        raise InvalidInputError(f"one workout is expected in a FIT file, not {len(heads)}", path="workout")
    return heads[0]


def _sport(head: Message, remarks: list[str]) -> Sport:
    sport, sub_sport = (str(head.get(name, "generic")) for name in ("sport", "sub_sport"))
    ours, is_whole = find_sport(sport, sub_sport)
    if not is_whole:
        remarks.append(f"the sport {sport} / {sub_sport} became {ours}")
    remarks += [
        f"workout: {name} is private to who made the file, and was left out"
        for name in head
        if name not in _KNOWN_FIELDS
    ]
    return ours


def _in_order(steps: list[Message]) -> list[Message]:
    """The steps by their index; in the file's order if they have none."""
    numbered = []
    for place, message in enumerate(steps):
        index = message.get("message_index", place)
        # The decoder has a word for a flag that stands alone, at index 0.
        numbered.append((index & _INDEX_BITS if isinstance(index, int) else 0, message))
    numbered.sort(key=lambda pair: pair[0])
    if [index for index, _ in numbered] != list(range(len(numbered))):
        raise InvalidInputError("the steps are not numbered from 0 without a gap", path="steps")
    return [message for _, message in numbered]


def _build(steps: list[Message], sport: Sport, remarks: list[str]) -> tuple[Node, ...]:
    """The tree: a repeat takes what it points back to."""
    nodes: list[tuple[int, int, Node]] = []  # index of the first step, depth, node
    for index, message in enumerate(steps):
        path = f"workout_step[{index}]"
        kind = message.get("duration_type")
        if isinstance(kind, str) and kind.startswith("repeat_until"):
            _close_repeat(message, path, nodes)
        else:
            nodes.append((index, 0, read_fit_step(message, path, sport, remarks)))
    return tuple(node for _, _, node in nodes)


def _close_repeat(message: Message, path: str, nodes: list[tuple[int, int, Node]]) -> None:
    if message["duration_type"] != _REPEAT:
        raise InvalidInputError(f"{message['duration_type']} has no fixed number of times", path=path)
    first, times = (integer(message, name, path) for name in ("duration_value", "target_value"))
    at = next((place for place, (start, _, _) in enumerate(nodes) if start == first), None)
    if at is None or first is None:
        raise InvalidInputError(f"it repeats from step {first}, where nothing begins", path=path)
    if not times:
        raise InvalidInputError("it doesn't say how often", path=path)
    inside = nodes[at:]
    depth = 1 + max(depth for _, depth, _ in inside)
    if depth > MAX_DEPTH:
        raise InvalidInputError(f"repeats nest deeper than {MAX_DEPTH}", path=path)
    repeat = Repeat(times, tuple(node for _, _, node in inside), text(message, "wkt_step_name")[:200])
    nodes[at:] = [(first, depth, repeat)]
