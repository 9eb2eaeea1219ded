"""Cuts a FIT file down to its summary, so that the few messages with words are decoded without the samples.

Source: the FIT protocol (file header, record headers, definition messages, CRC), published with the FIT SDK.
"""

from __future__ import annotations

#: The messages that say what an activity is, by their number in the profile: file_id, session, lap,
#: device_info, activity, field_description, developer_data_id.
_KEPT = frozenset({0, 18, 19, 23, 34, 206, 207})
_DEFINITION, _DEVELOPER_FIELDS, _COMPRESSED_TIME = 0x40, 0x20, 0x80


def cut_fit_to_summary(data: bytes) -> bytes:
    """The same file with nothing but the messages of the summary, chained files one after the other.

    Only for a file that has been decoded before: lengths are taken as they stand. Raises `ValueError` where a
    message of the summary has its time in its header, which is relative to what would be cut away.
    """
    parts, at = [], 0
    while at < len(data):
        start = at + data[at]
        end = start + int.from_bytes(data[at + 4 : at + 8], "little")
        body = _summary(data, start, end)
        head = bytes((12, *data[at + 1 : at + 4])) + len(body).to_bytes(4, "little") + b".FIT"
        parts.append(head + body + _checksum(head + body).to_bytes(2, "little"))
        at = end + 2
    return b"".join(parts)


def _summary(data: bytes, at: int, end: int) -> bytes:
    kept = bytearray()
    sizes: dict[int, int] = {}
    wanted: set[int] = set()
    while at < end:
        head = data[at]
        if not head & _COMPRESSED_TIME and head & _DEFINITION:
            size, number, after = _definition(data, at)
            local = head & 0x0F
            sizes[local] = size
            wanted.discard(local)
            if number in _KEPT:
                wanted.add(local)
                kept += data[at:after]
            at = after
            continue
        local = head >> 5 & 0x03 if head & _COMPRESSED_TIME else head & 0x0F
        if local not in sizes:
            raise ValueError("a message without a definition")
        size = sizes[local]
        if local in wanted:
            if head & _COMPRESSED_TIME:
                raise ValueError("the time of a summary is relative")
            kept += data[at : at + size]
            at += size
            continue
        at += size
        while at < end and data[at] == head:  # samples stand in long rows
            at += size
    return bytes(kept)


def _definition(data: bytes, at: int) -> tuple[int, int, int]:
    """The size of its messages with their header, their number in the profile, and where it ends."""
    number = int.from_bytes(data[at + 3 : at + 5], "big" if data[at + 2] else "little")
    after = at + 6 + 3 * data[at + 5]
    size = 1 + sum(data[at + 7 : after : 3])
    if data[at] & _DEVELOPER_FIELDS:
        fields, after = after + 1, after + 1 + 3 * data[after]
        size += sum(data[fields + 1 : after : 3])
    return size, number, after


def _checksum(data: bytes) -> int:
    """CRC-16/ARC."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0xA001 * (byte & 1)
    return byte


_CRC = tuple(_crc_of(byte) for byte in range(256))
