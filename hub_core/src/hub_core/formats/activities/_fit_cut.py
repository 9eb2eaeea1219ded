"""Cuts a FIT file down to its summary, so that the few messages with words are decoded without the samples.

Source: the FIT protocol (file header, CRC), published with the FIT SDK.
"""

from __future__ import annotations

from hub_core.formats._fit_frames import crc16
from hub_core.formats.activities._fit_walk import COMPRESSED_TIME, walk_rows

#: The messages that say what an activity is, by their number in the profile: file_id, session, lap,
#: device_info, activity, field_description, developer_data_id.
_KEPT = frozenset({0, 18, 19, 23, 34, 206, 207})


def cut_fit_to_summary(data: bytes) -> bytes:
    """The same file with nothing but the messages of the summary, chained files one after the other.

    Only for a file that has been decoded before: lengths are taken as they stand. Raises `ValueError` where a
    message of the summary has its time in its header, which is relative to what would be cut away.
    """
    parts, at = [], 0
    while at < len(data):
        start = at + data[at]
        end = start + int.from_bytes(data[at + 4 : at + 8], "little")
        body = bytearray()
        for row in walk_rows(data, start, end):
            if row.number in _KEPT:
                if data[row.start] & COMPRESSED_TIME:
                    raise ValueError("the time of a summary is relative")
                body += data[row.start : row.end]
        head = bytes((12, *data[at + 1 : at + 4])) + len(body).to_bytes(4, "little") + b".FIT"
        parts.append(head + body + crc16(head + body).to_bytes(2, "little"))
        at = end + 2
    return b"".join(parts)
