"""The frame of a FIT file: header, records, checksums. The values inside are the decoder's.

The decoder is all or nothing and doesn't say where a file is broken; this walk does, and it bounds the
number of records before any is decoded. Source: the FIT protocol, as published with the FIT SDK.
"""

from __future__ import annotations

import struct

from hub_core.errors import InvalidInputError
from hub_core.formats._limits import check_size

#: Any workout of ours has less; the smallest records are of one byte.
_MAX_RECORDS = 5_000
_SHORTEST_HEADER, _HEADER = 12, 14
_CRC_SIZE = 2
#: Files without developer data are of version 1.0, and devices refuse a higher version than their own.
_PROTOCOL_1_0 = 0x10
#: Numbers of the base types. The decoder divides by the size of a type, and panics at one without.
_BASE_TYPES = frozenset(
    (0x00, 0x01, 0x02, 0x07, 0x0A, 0x0D, 0x83, 0x84, 0x85, 0x86, 0x88, 0x89, 0x8B, 0x8C, 0x8E, 0x8F, 0x90)
)
_HIGHEST_PROTOCOL = 0x2F


def _make_crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC_TABLE = _make_crc_table()


def crc16(data: bytes, crc: int = 0) -> int:
    """FIT's checksum: CRC-16 with the reversed polynomial 0xA001, from 0 or that of what stands before."""
    table = _CRC_TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


def check_frames(data: bytes) -> None:
    """Raise `InvalidInputError` with the byte at which a file is no whole FIT file."""
    check_size(data)
    size = _check_header(data)
    end = size + int.from_bytes(data[4:8], "little")
    if len(data) < end + _CRC_SIZE:
        raise InvalidInputError(f"the FIT file is cut off at byte {len(data)} of {end + _CRC_SIZE}")
    if len(data) > end + _CRC_SIZE:
        raise InvalidInputError(f"the FIT file ends at byte {end + _CRC_SIZE}, and more follows it")
    _check_crc(data, 0, end, "file")
    _walk(data, size, end)


def seal(data: bytes) -> bytes:
    """A file made by the encoder, with protocol version 1.0 and the checksums that belong to it."""
    header = bytes([data[0], _PROTOCOL_1_0]) + data[2 : _HEADER - _CRC_SIZE]
    body = header + struct.pack("<H", crc16(header)) + data[_HEADER:-_CRC_SIZE]
    return body + struct.pack("<H", crc16(body))


def _check_header(data: bytes) -> int:
    """The header's size."""
    if data[8:12] != b".FIT":
        raise InvalidInputError("not a FIT file: .FIT is missing at byte 8")
    size = data[0]
    if size not in {_SHORTEST_HEADER, _HEADER}:
        raise InvalidInputError(f"byte 0 of the FIT file: a header of {size} bytes is not known")
    if data[1] > _HIGHEST_PROTOCOL:
        raise InvalidInputError(
            f"byte 1 of the FIT file: protocol {data[1] >> 4}.{data[1] & 15} is not known"
        )
    # A header's checksum may be left out, as 0.
    if size == _HEADER and data[12:14] != b"\0\0":
        _check_crc(data, 0, size - _CRC_SIZE, "header")
    return size


def _check_crc(data: bytes, start: int, end: int, of: str) -> None:
    stored = int.from_bytes(data[end : end + _CRC_SIZE], "little")
    computed = crc16(data[start:end])
    if stored != computed:
        raise InvalidInputError(
            f"the {of}'s checksum at byte {end} is {stored:#06x} and should be {computed:#06x}: it is damaged"
        )


def _walk(data: bytes, start: int, end: int) -> None:
    """Follow the records: every one must be known and end within the file."""
    lengths: dict[int, int] = {}
    position, records = start, 0
    while position < end:
        records += 1
        if records > _MAX_RECORDS:
            raise InvalidInputError(f"byte {position}: more than {_MAX_RECORDS} records; this is no workout")
        head = data[position]
        if head & 0x80:  # a compressed time in the low bits, the kind in two of the others
            following = position + 1 + _data_length(lengths, head >> 5 & 0x03, position)
        elif head & 0x40:
            length, following = _read_definition(data, position, end, has_extra=bool(head & 0x20))
            lengths[head & 0x0F] = length
        else:
            following = position + 1 + _data_length(lengths, head & 0x0F, position)
        if following > end:
            raise InvalidInputError(f"the record at byte {position} goes beyond the end at byte {end}")
        position = following


def _data_length(lengths: dict[int, int], kind: int, position: int) -> int:
    if kind not in lengths:
        raise InvalidInputError(f"the record at byte {position} is of a kind that was not defined before")
    return lengths[kind]


def _read_definition(data: bytes, position: int, end: int, *, has_extra: bool) -> tuple[int, int]:
    """How many bytes the records of the kind have, and where the definition ends."""
    fields = position + 6
    if fields > end:
        raise InvalidInputError(f"the definition at byte {position} goes beyond the end at byte {end}")
    if data[position + 2] not in {0, 1}:
        raise InvalidInputError(f"byte {position + 2}: byte order {data[position + 2]} is not known")
    following = fields + 3 * data[fields - 1]
    if following > end:
        return 0, following
    length = sum(data[fields + 1 : following : 3])
    for place in range(fields + 2, following, 3):
        if data[place] not in _BASE_TYPES:
            raise InvalidInputError(f"byte {place}: the type {data[place]:#04x} is not known")
    if has_extra:
        extra = following + 1
        if extra > end:
            return length, extra
        following = extra + 3 * data[extra - 1]
        length += sum(data[extra + 1 : following : 3])
    return length, following
