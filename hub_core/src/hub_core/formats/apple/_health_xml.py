"""Walks through Apple Health's XML: gigabytes of records of a line each, most of a kind that isn't kept.

Records in Apple's usual form are taken out line by line. All else goes through expat, which would be twice as
slow for everything: it calls Python for each element. No document type and no entity gets through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement
from xml.parsers import expat

import msgspec

from hub_core.domain.records import Sample
from hub_core.errors import InvalidInputError
from hub_core.formats.activities._xml import MAX_ATTRIBUTES, MAX_DEPTH
from hub_core.formats.apple._health_lines import last_begin, split_lines
from hub_core.formats.apple._health_record import RecordReader

_TYPED_IN = {"key": "HKWasUserEntered", "value": "1"}
#: What XML 1.0 doesn't allow, which some exports of iOS 16 hold (0x0B).
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
#: The parser keeps a tag or a comment until it ends, and begins anew with it at each chunk.
_LONGEST_TAG_KB = 256


def walk_health_data(chunks: Iterable[bytes], records: RecordReader) -> Iterator[Sample | Element]:
    """What `records` makes of each record, and each `Workout` with all that is in it, in their order.

    Records stand below the root; those within a `Correlation` stand there as well, and are passed over, as
    are control characters. What a person typed in is marked. Memory is bounded by a chunk of the file and the
    largest workout. Raises `InvalidInputError` with line and column for what is not well-formed, for
    declarations and entities, and beyond 32 levels, 64 attributes or 256 kB for a tag, when all before has
    been given.
    """
    walk = _Walk(records)
    try:
        for piece in _pieces(chunks):
            walk.read(piece)
            yield from walk.take()
        walk.end()
    except InvalidInputError:
        yield from walk.found
        raise


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text, cut where a record begins if there is such a place."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        cut = last_begin(text) or len(text)
        yield text[:cut]
        rest = text[cut:]
    yield rest


class _Walk:
    """How far the walk is: what is open, and what was found since it was last taken."""

    def __init__(self, records: RecordReader) -> None:
        self._records = records
        self.found: list[Sample | Element] = []
        self._above: list[Element] = []  # the open elements of a workout
        self._depth = 0
        self._is_sample = False  # whether the open record is the last one found
        self._parsed_bytes = self._skipped_lines = 0
        parser = self._parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        # In such a section a line that looks like a record is none.
        parser.StartCdataSectionHandler, parser.EndCdataSectionHandler = self._enter, self._leave
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_declaration

    def read(self, xml: bytes) -> None:
        """Read some more."""
        for start, end, lines in split_lines(xml):
            if not lines:
                self._parse(xml[start:end])
            elif self._is_between_records():
                self.found.extend(self._records.of_lines(lines))
                self._skipped_lines += xml.count(b"\n", start, end)
            else:
                self._parse(xml[start:])
                return

    def end(self) -> None:
        """Nothing follows."""
        self._parse(b"", is_end=True)

    def take(self) -> list[Sample | Element]:
        """What was found. An open record waits, for what follows may still say that it was typed in."""
        end = len(self.found) - (self._is_sample and self._depth > 1)
        taken, self.found = self.found[:end], self.found[end:]
        return taken

    def _is_between_records(self) -> bool:
        """Whether the parser stands in the root, and waits for nothing that it has seen the beginning of."""
        return self._depth == 1 and self._parser.CurrentByteIndex == self._parsed_bytes

    def _parse(self, xml: bytes, *, is_end: bool = False) -> None:
        clean = xml.translate(None, _CONTROLS)
        self._parsed_bytes += len(clean)
        try:
            self._parser.Parse(clean, is_end)
        except expat.ExpatError as error:
            place = f"line {error.lineno + self._skipped_lines}, column {error.offset}"
            detail = f"the XML is broken: {expat.ErrorString(error.code)}"
            raise InvalidInputError(detail, path=place) from error
        if self._parsed_bytes - self._parser.CurrentByteIndex > 1000 * _LONGEST_TAG_KB:
            raise InvalidInputError(f"a tag or a comment is longer than {_LONGEST_TAG_KB} kB")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(attributes) > MAX_ATTRIBUTES:
            raise InvalidInputError(f"an element has more than {MAX_ATTRIBUTES} attributes")
        if self._depth == 1:
            self._is_sample = False
            if name == "Record":
                sample = self._records.of_element(attributes)
                if sample is not None:
                    self.found.append(sample)
                    self._is_sample = True
            elif name == "Workout":
                self._above.append(Element(name, attributes))
        elif self._depth >= MAX_DEPTH:
            raise InvalidInputError(f"the XML nests deeper than {MAX_DEPTH} levels")
        elif self._above:
            self._above.append(SubElement(self._above[-1], name, attributes))
        elif self._is_sample and self._depth == 2 and attributes == _TYPED_IN:
            self.found[-1] = msgspec.structs.replace(self.found[-1], is_manual=True)  # type: ignore[type-var]
        self._depth += 1

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._above:
            element = self._above.pop()
            if not self._above:
                self.found.append(element)

    def _enter(self) -> None:
        self._depth += 1

    def _leave(self) -> None:
        self._depth -= 1


def _refuse_declaration(*_: object) -> None:
    raise InvalidInputError("declarations and entities are not read, for they can be attacks")
