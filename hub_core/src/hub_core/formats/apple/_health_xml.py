"""Walks through Apple Health's XML: gigabytes of records of a line each, most of a kind that isn't kept.

Straight on expat, for at 400 bytes a record each step counts. No document type and no entity gets through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element, SubElement
from xml.parsers import expat

import msgspec

from hub_core.domain.records import Sample
from hub_core.errors import InvalidInputError
from hub_core.formats.activities._xml import MAX_ATTRIBUTES, MAX_DEPTH, Readable

_CHUNK = 1 << 16
_TYPED_IN = {"key": "HKWasUserEntered", "value": "1"}


def walk_health_data(
    stream: Readable, to_sample: Callable[[dict[str, str]], Sample | None]
) -> Iterator[Sample | Element]:
    """What `to_sample` makes of each record, and each `Workout` with all that is in it, in their order.

    Records stand below the root; those within a `Correlation` stand there as well, and are passed over. What
    a person typed in is marked. Memory is bounded by a chunk of the file and the largest workout. Raises
    `InvalidInputError` with line and column for what is not well-formed, for declarations and entities, and
    beyond 32 levels or 64 attributes, when all before has been given.
    """
    found: list[Sample | Element] = []
    above: list[Element] = []  # the open elements of a workout
    depth = 0
    is_sample = False  # whether the open record is the last one found

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, is_sample
        if len(attributes) > MAX_ATTRIBUTES:
            raise InvalidInputError(f"an element has more than {MAX_ATTRIBUTES} attributes")
        if depth == 1:
            is_sample = False
            if name == "Record":
                sample = to_sample(attributes)
                if sample is not None:
                    found.append(sample)
                    is_sample = True
            elif name == "Workout":
                above.append(Element(name, attributes))
        elif depth >= MAX_DEPTH:
            raise InvalidInputError(f"the XML nests deeper than {MAX_DEPTH} levels")
        elif above:
            above.append(SubElement(above[-1], name, attributes))
        elif is_sample and depth == 2 and attributes == _TYPED_IN:
            found[-1] = msgspec.structs.replace(found[-1], is_manual=True)  # type: ignore[type-var]
        depth += 1

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1
        if above:
            element = above.pop()
            if not above:
                found.append(element)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_declaration
    trouble = None
    data = b"-"
    while data and trouble is None:
        data = stream.read(_CHUNK)
        try:
            parser.Parse(data, not data)
        except expat.ExpatError as error:
            place = f"line {error.lineno}, column {error.offset}"
            trouble = InvalidInputError(f"the XML is broken: {expat.ErrorString(error.code)}", path=place)
        except InvalidInputError as error:
            trouble = error
        # What follows may still say of an open record that it was typed in.
        open_ = found.pop() if is_sample and depth > 1 and trouble is None else None
        yield from found
        found.clear()
        if open_ is not None:
            found.append(open_)
    if trouble is not None:
        raise trouble


def _refuse_declaration(*_: object) -> None:
    raise InvalidInputError("declarations and entities are not read, for they can be attacks")
