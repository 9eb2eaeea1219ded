"""Walks through large XML files element by element, without entities, and within bounds."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from hub_core.errors import InvalidInputError


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes; none at the end."""
        ...


MAX_DEPTH = 32
MAX_ATTRIBUTES = 64


def local_name(element: Element) -> str:
    """The tag without its namespace: files differ in those, and extensions are found by their words."""
    return element.tag.rpartition("}")[2]


def walk_xml(source: bytes | Readable, wanted: frozenset[str]) -> Iterator[Element]:
    """Each element of the wanted names when it is complete, in the order of their ends.

    What has been given is cleared, and so is everything else outside of wanted elements: memory is bounded by
    the largest wanted one. A wanted element within another is not given by itself: it is in that one.
    Raises `InvalidInputError` with line and column for what is not well-formed, for entities and
    declarations, and beyond 32 levels or 64 attributes.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    inside = 0
    above: list[Element] = []
    try:
        for event, element in defusedxml.ElementTree.iterparse(
            stream, events=("start", "end"), forbid_dtd=True
        ):
            name = local_name(element)
            if event == "start":
                above.append(element)
                _check(element, len(above))
                inside += name in wanted
                continue
            above.pop()
            if name in wanted:
                inside -= 1
                if not inside:
                    yield element
            if not inside and above:
                above[-1].remove(element)
    except ParseError as error:
        line, column = error.position
        reason = str(error).partition(":")[0]
        raise InvalidInputError(
            f"the XML is broken: {reason}", path=f"line {line}, column {column}"
        ) from error
    except DefusedXmlException as error:
        raise InvalidInputError("declarations and entities are not read, for they can be attacks") from error
    except (ValueError, LookupError) as error:
        raise InvalidInputError(f"the XML can't be read: {error}") from error


def _check(element: Element, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidInputError(f"the XML nests deeper than {MAX_DEPTH} levels")
    if len(element.attrib) > MAX_ATTRIBUTES:
        raise InvalidInputError(f"an element has more than {MAX_ATTRIBUTES} attributes")


def texts(element: Element) -> dict[str, str]:
    """The text of each descendant by its local name, where it holds any; the first one of a name."""
    found: dict[str, str] = {}
    for child in element.iter():
        if child is not element and child.text and (text := child.text.strip()):
            found.setdefault(local_name(child), text)
    return found


def to_number(text: str | bytes | None) -> float | None:
    """A finite number, or None for what is none."""
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and abs(value) < 1e12 else None


def first_number(row: Mapping[str, str], names: Iterable[str]) -> float | None:
    """The number under the first of some names that has one."""
    return next((value for name in names if (value := to_number(row.get(name))) is not None), None)
