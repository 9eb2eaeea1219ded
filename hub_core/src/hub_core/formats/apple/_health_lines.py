"""The form in which Apple writes nearly all records, read without a parser.

An export is a few kinds of lines, millions of times. A regular expression takes them in a third of the time
that calls from a parser need. It knows a strict part of XML: what it takes, a parser reads in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from xml.sax.saxutils import unescape

#: Type, source, unit, start, end and value, as they are written, and what follows them up to the record's end.
type Line = tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]

#: Where a record of the root begins: those deeper within stand further to the right.
_BEGIN = b" <Record "
#: Printable ASCII without what has a meaning in XML. As one range after the other it is a table for `re`,
#: which is four times as fast as to name what is left out.
_PLAIN = rb"[ !#-%'-;=-~]*+"
#: With the five entities that need no declaration, and letters of two and most of three bytes in UTF-8.
_ODD = rb"(?:&(?:lt|gt|amp|quot|apos);|(?:[\xc2-\xdf]|[\xe1-\xec][\x80-\xbf])[\x80-\xbf])"
_TEXT = rb"%b(?:%b%b)*+" % (_PLAIN, _ODD, _PLAIN)


def _attribute(name: bytes, value: bytes = _TEXT, *, optional: bool = False) -> bytes:
    return rb'(?: %b="%b")%b' % (name, value, b"?+" if optional else b"")


_INSIDE = (
    rb"""(?:  <MetadataEntry%b%b/>\n|  <HeartRateVariabilityMetadataList>\n(?:   <InstantaneousBeatsPerMinute%b%b/>\n)*+  </HeartRateVariabilityMetadataList>\n)*+"""
    % (
        _attribute(b"key"),
        _attribute(b"value"),
        _attribute(b"bpm"),
        _attribute(b"time"),
    )
)
_RECORD = b"".join(
    (
        b" <Record",
        _attribute(b"type", b"(%b)" % _TEXT),
        _attribute(b"sourceName", b"(%b)" % _TEXT),
        _attribute(b"sourceVersion", optional=True),
        _attribute(b"device", optional=True),
        _attribute(b"unit", b"(%b)" % _TEXT, optional=True),
        _attribute(b"creationDate", optional=True),
        _attribute(b"startDate", b"(%b)" % _PLAIN),
        _attribute(b"endDate", b"(%b)" % _PLAIN),
        _attribute(b"value", b"(%b)" % _PLAIN, optional=True),
        rb"(/>|>\n%b </Record>)\n" % _INSIDE,
    )
)
_LINES = re.compile(_RECORD + rb"|[^\n]*\n|[^\n]+")


def split_lines(xml: bytes) -> Iterator[tuple[int, int, list[Line]]]:
    """Stretches of the text, each from where to where, and its records; none for what isn't of that form."""
    for is_record, found in groupby(_LINES.finditer(xml), key=attrgetter("lastindex")):
        lines = list(found)
        yield lines[0].start(), lines[-1].end(), [one.groups(b"") for one in lines] if is_record else []  # type: ignore[misc]


def last_begin(xml: bytes) -> int:
    """Where the last record begins that isn't the first thing in the text; 0 without one."""
    return xml.rfind(b"\n" + _BEGIN) + 1


@lru_cache(maxsize=1000)
def to_word(written: bytes) -> str:
    """The text behind what is written in a line: types, units and sources come again and again."""
    return unescape(written.decode(), {"&quot;": '"', "&apos;": "'"})
