"""The shape of JSON data: which types stand at which path, and which of an enumeration's words were seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

#: What a word of an enumeration looks like. Placeholders for texts have a blank, so they are none.
ENUM_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,39}", re.ASCII)
#: What `redaction` puts in place of ids.
FAKE_ID = re.compile(r"[A-Za-z]{0,3}9\d{8}|0{8}-0{4}-4000-8000-\d{12}|id-\d+", re.ASCII)
DATE_OR_TIME = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?|\d\d:\d\d(:\d\d)?", re.ASCII
)
#: A field with more different words than this is no enumeration.
_MOST_WORDS = 12
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


@dataclass
class Spot:
    """What was seen at one path. `seen` counts how often; `times` how often it could have been."""

    kinds: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    seen: int = 0
    times: int = 0

    @property
    def is_enumeration(self) -> bool:
        """Whether its texts look like words of a fixed list."""
        return 0 < len(self.words) <= _MOST_WORDS


Shape = dict[str, Spot]


def kind_of(value: Any) -> str:
    """The name of a JSON value's type."""
    return _KINDS.get(type(value), "null")


def shape_of(*values: Any) -> Shape:
    """The shape that some values have together. Objects that are keyed by ids count as lists: `$.days.*`."""
    shape: Shape = {}
    objects: dict[str, int] = {}
    for value in values:
        for path, part in walk_json(value):
            spot = shape.setdefault(path, Spot())
            spot.kinds.add(kind_of(part))
            spot.seen += 1
            if isinstance(part, str) and ENUM_WORD.fullmatch(part) and not FAKE_ID.fullmatch(part):
                spot.words.add(part)
            if isinstance(part, dict):
                objects[path] = objects.get(path, 0) + 1
    for path, spot in shape.items():
        spot.times = objects.get(parent_of(path), spot.seen)
    return shape


def walk_json(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """Every value with its path, containers first."""
    yield path, value
    if isinstance(value, dict):
        for key, part in value.items():
            # A dot would look like a field of a field.
            name = "*" if FAKE_ID.fullmatch(key) else key.replace(".", "/")
            yield from walk_json(part, f"{path}.{name}")
    elif isinstance(value, list):
        for part in value:
            yield from walk_json(part, f"{path}[]")


def flat_shape(value: Any) -> dict[str, str]:
    """JSON path to the names of its types."""
    return {path: " | ".join(sorted(spot.kinds)) for path, spot in shape_of(value).items()}


def parent_of(path: str) -> str:
    """The path of the object or list that a path lies in; empty for `$`."""
    if path.endswith("[]"):
        return path[:-2]
    return path.rpartition(".")[0]


def keys_of(path: str) -> list[str]:
    """The names of the fields on a path."""
    return [part.replace("[]", "") for part in path.split(".")[1:] if part != "*"]
