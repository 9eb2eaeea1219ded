"""Walks over the messages of a FIT file without a look at their values, and counts these.

Source: the FIT protocol (file header, record headers, definition messages), published with the FIT SDK.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_DEFINITION, _DEVELOPER_FIELDS, COMPRESSED_TIME = 0x40, 0x20, 0x80
#: What a definition counts for: there is no need for many, and each takes time.
_DEFINITION_VALUES = 10


class Row(NamedTuple):
    """Messages of one kind from byte to byte, `number` in the profile. A definition stands by itself."""

    number: int
    start: int
    end: int
    messages: int
    values: int


def count_values(data: bytes, most: int) -> tuple[int, int]:
    """How many messages and values a file holds, chained ones as well, or just above `most` of them together.

    Where it can't be followed the count ends: decoders don't get further either. A field counts where it has
    no length, and a message without fields: they take nothing in the file, and much in memory.
    """
    messages = values = at = 0
    while at + 8 < len(data) and data[at]:
        start = at + data[at]
        end = start + int.from_bytes(data[at + 4 : at + 8], "little")
        try:
            for row in walk_rows(data, start, min(end, len(data))):
                messages += row.messages
                values += row.values
                if messages + values > most:
                    return messages, values
        except (ValueError, IndexError):
            break
        at = end + 2
    return messages, values


def walk_rows(data: bytes, at: int, end: int) -> Iterator[Row]:
    """What stands between two bytes. Raises `ValueError` or `IndexError` where that isn't to be followed."""
    kinds: dict[int, tuple[int, int, int]] = {}
    while at < end:
        head, start = data[at], at
        if not head & COMPRESSED_TIME and head & _DEFINITION:
            number, size, fields, at = _definition(data, at)
            kinds[head & 0x0F] = number, size, fields
            yield Row(number, start, at, 0, _DEFINITION_VALUES)
            continue
        local = head >> 5 & 0x03 if head & COMPRESSED_TIME else head & 0x0F
        if local not in kinds:
            raise ValueError("a message without a definition")
        number, size, fields = kinds[local]
        while at < end and data[at] == head:  # samples stand in long rows
            at += size
        messages = (at - start) // size
        yield Row(number, start, at, messages, messages * (fields + bool(head & COMPRESSED_TIME)))


def _definition(data: bytes, at: int) -> tuple[int, int, int, int]:
    """The number of its messages in the profile, their size with the header, their fields, and its end."""
    number = int.from_bytes(data[at + 3 : at + 5], "big" if data[at + 2] else "little")
    fields, after = data[at + 5], at + 6 + 3 * data[at + 5]
    size = 1 + sum(data[at + 7 : after : 3])
    if data[at] & _DEVELOPER_FIELDS:
        more, after = after + 1, after + 1 + 3 * data[after]
        size += sum(data[more + 1 : after : 3])
        fields += (after - more) // 3
    return number, size, fields, after
