"""Fills in the checksum of a FIT file's header, which may be left out and is not by most.

Source: the FIT protocol (file header, CRC), published with the FIT SDK.
"""

from __future__ import annotations

from hub_core.formats._fit_frames import crc16

_HEADER, _UNCHECKED = 14, 12
#: Bytes of zero after which the checksum is where it was: the order of x modulo its polynomial.
_PERIOD = 32_767


def with_header_checksums(data: bytes) -> bytes:
    """The same file, chained ones as well, with a checksum in each header where it was 0, which says "none".

    The checksum at the end covers the header. It is moved by what the header's adds, which takes no walk
    over the data, for the checksum is linear: a file that was damaged still is.
    """
    mended, at = bytearray(data), 0
    while at + _HEADER < len(data) and data[at]:
        end = at + data[at] + int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at] == _HEADER and data[at + _UNCHECKED : at + _HEADER] == b"\0\0" and end + 2 <= len(data):
            header = data[at : at + _UNCHECKED]
            mended[at + _UNCHECKED : at + _HEADER] = crc16(header).to_bytes(2, "little")
            moved = crc16(bytes((end - at - _HEADER) % _PERIOD), crc16(header + b"\0\0"))
            stored = int.from_bytes(data[end : end + 2], "little")
            mended[end : end + 2] = (stored ^ moved).to_bytes(2, "little")
        at = end + 2
    return bytes(mended)
