"""Messages that are shown at a moment of a step, as lines of its notes: `At 1:30 min: Spin up`.

Zwift's files, course files and intervals.icu's text all have them; our steps have notes.
"""

from __future__ import annotations

import re

import msgspec

from hub_core.domain.describe import describe_seconds
from hub_core.formats._text import one_line, split_lines

#: Behind the moment of a message that counts from the start of a whole set of intervals.
OF_THE_SET = " of the set"
_TIMED = re.compile(r"At (?P<moment>[\d:.]{1,9}) (?P<unit>s|min|h|m)(?P<of>(?: of the set)?): (?P<text>.+)")


class Message(msgspec.Struct, frozen=True):
    """One line, `offset` seconds (or metres, with `by_distance`) after the start of its step or set."""

    text: str
    offset: float = 0
    by_distance: bool = False
    of_set: bool = False

    def line(self) -> str:
        """The message as a line of notes."""
        if not self.offset:
            return self.text
        moment = f"{self.offset:g} m" if self.by_distance else describe_seconds(self.offset)
        return f"At {moment}{OF_THE_SET if self.of_set else ''}: {self.text}"


def read_messages(notes: str) -> list[Message]:
    """Every line of some notes as a message; a line without a moment is shown at the start."""
    return [_read_message(line) for line in split_lines(notes)]


def _read_message(line: str) -> Message:
    match = _TIMED.fullmatch(line)
    if match is None:
        return Message(line)
    try:
        parts = [float(part) for part in match["moment"].split(":")]
    except ValueError:
        return Message(line)
    offset = parts[0]
    for part in parts[1:]:
        offset = offset * 60 + part
    # `1:30 min` ends in seconds and `1:05 h` in minutes, unless there are three parts.
    if match["unit"] == "min" and len(parts) == 1:
        offset *= 60
    if match["unit"] == "h" and len(parts) < 3:
        offset *= 60 ** (3 - len(parts))
    message = Message(one_line(match["text"]), offset, match["unit"] == "m", bool(match["of"]))
    # Only what reads back as the same words was a moment of ours.
    return message if message.line() == line else Message(line)
