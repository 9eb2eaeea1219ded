"""Zwift workout files (`.zwo`). There is no official description; this follows what Zwift's editor writes
and the community's reference, github.com/h4l/zwift-workout-file-reference.

Every element is read or refused by name, so that nothing gets lost in silence. Names of elements and
attributes are compared without case, because files written by hand differ in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from hub_core.domain.sport import Sport
from hub_core.domain.validate import validate
from hub_core.domain.workout import (
    Intensity,
    Metric,
    Node,
    PlannedWorkout,
    RangeTarget,
    Repeat,
    Step,
)
from hub_core.errors import InvalidInputError
from hub_core.formats._limits import check_size
from hub_core.formats._zwo_attributes import Attributes

_MAX_DEPTH = 8
#: 500 steps with a dozen messages each; the longest element of Zwift's own has some twenty attributes.
_MAX_ELEMENTS, _MAX_ATTRIBUTES = 10_000, 50
#: The file doesn't say whether it is for the road: that is for whoever imports it.
_SPORTS = {"bike": Sport.RIDE, "run": Sport.RUN}
#: Where Zwift lists the workout and how its screen looks; nothing that the athlete does.
_CATALOGUE = {
    "activitysavename", "authoralt", "category", "categoryindex", "entid", "overridehash", "subcategory",
    "uniqueid", "visibleaftertime", "visibleoutsideplan", "workoutplan",
}  # fmt: skip
_READ_FROM_HEAD = {"author", "description", "durationtype", "name", "sporttype", "tags", "workout"}
_KNOWN_IN_HEAD = _CATALOGUE | _READ_FROM_HEAD


def read_zwo(data: bytes, name: str) -> PlannedWorkout:
    """The workout in a Zwift file, checked by `validate`; `name` is used when the file gives none.

    Power is in percent of FTP in bike workouts and in percent of threshold pace in run workouts. Messages
    become notes, with the moment they are shown at. Raises `InvalidInputError` with a `path` as it would
    be in our JSON: element number 3 of `<workout>` is `steps[2]`.
    """
    check_size(data)
    root = _parse(data)
    if root.tag.lower() != "workout_file":
        raise InvalidInputError(f"not a Zwift workout: the root is <{root.tag}>, not <workout_file>")
    head = _head(root)
    sport = _choice(head, "sporttype", _SPORTS, "bike")
    seconds = _choice(head, "durationtype", {"time": True, "distance": False}, "time")
    workout = PlannedWorkout(
        name=" ".join(_text(head, "name").split()) or name,
        sport=sport,
        steps=tuple(
            _node(element, f"steps[{index}]", sport, seconds=seconds)
            for index, element in enumerate(head.get("workout", ()))
        ),
        description=_description(head),
    )
    validate(workout)
    return workout


class _LimitedBuilder(TreeBuilder):
    """Builds the tree and refuses a too large one while it is being read."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._depth, self._elements = self._depth + 1, self._elements + 1
        if self._depth > _MAX_DEPTH:
            raise InvalidInputError(f"nested deeper than {_MAX_DEPTH} elements")
        if self._elements > _MAX_ELEMENTS or len(attrs) > _MAX_ATTRIBUTES:
            raise InvalidInputError(
                f"more than {_MAX_ELEMENTS} elements, or {_MAX_ATTRIBUTES} attributes in one"
            )
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def _parse(data: bytes) -> Element:
    """The root element. No document types, so no entities; limits while it is being read."""
    parser = _parser(data)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise InvalidInputError("document types and entities are not allowed") from error
    except ParseError as error:
        raise InvalidInputError(f"not well-formed XML: {error}") from error
    except (ValueError, LookupError) as error:
        raise InvalidInputError("the XML is in an encoding that cannot be read; save it as UTF-8") from error
    return root


def _parser(data: bytes) -> XMLParser:
    """The careful parser, unless there can't be a document type: then the quick one does the same.

    In every encoding that Expat knows and that has no zero bytes, `<!DOCTYPE` is these very bytes.
    """
    if b"<!DOCTYPE" in data or b"\0" in data:
        careful = defusedxml.ElementTree.DefusedXMLParser
        parser: XMLParser = careful(target=_LimitedBuilder(), forbid_dtd=True)
        return parser
    return XMLParser(target=_LimitedBuilder())  # noqa: S314 - without a document type there is nothing to fear


def _head(root: Element) -> dict[str, Element]:
    """What stands beside the steps, by lower-case tag."""
    head: dict[str, Element] = {}
    for child in root:
        tag = child.tag.lower()
        if tag not in _KNOWN_IN_HEAD:
            raise InvalidInputError(f"<{child.tag}> in <workout_file> is not known here")
        if tag in head and tag in _READ_FROM_HEAD:
            raise InvalidInputError(f"<{child.tag}> stands in <workout_file> twice")
        head[tag] = child
    return head


def _text(head: dict[str, Element], tag: str) -> str:
    element = head.get(tag)
    return ((element.text if element is not None else None) or "").strip().replace("\r", "")


def _choice[T](head: dict[str, Element], tag: str, choices: dict[str, T], default: str) -> T:
    value = _text(head, tag).lower() or default
    if value not in choices:
        raise InvalidInputError(f"<{head[tag].tag}> is {value!r}; known are {', '.join(choices)}")
    return choices[value]


def _description(head: dict[str, Element]) -> str:
    """The description, then author and tags: the hub has no fields of their own for them."""
    parts = [_text(head, "description")]
    if author := _text(head, "author"):
        parts.append(f"Author: {author}")
    if tags := [tag.get("name", "") for tag in head.get("tags", ())]:
        parts.append(f"Tags: {', '.join(tags)}")
    return "\n\n".join(part for part in parts if part)


def _node(element: Element, path: str, sport: Sport, *, seconds: bool) -> Node:
    reader = _READERS.get(element.tag.lower())
    if reader is None:
        raise InvalidInputError(f"<{element.tag}> is not known here", path=path)
    attributes = Attributes(element, path, sport, seconds=seconds)
    node = reader(attributes)
    attributes.refuse_unread()
    return node


def _warmup(attributes: Attributes) -> Node:
    return _ramp(attributes, Intensity.WARMUP)


def _cooldown(attributes: Attributes) -> Node:
    return _ramp(attributes, Intensity.COOLDOWN)


def _ramp(attributes: Attributes, intensity: Intensity = Intensity.ACTIVE) -> Node:
    """`PowerLow` is where it starts and `PowerHigh` where it ends, whichever of them is higher."""
    return Step(
        attributes.duration("duration"),
        attributes.ramp_target(),
        attributes.cadence("cadence"),
        intensity,
        notes=attributes.notes(),
    )


def _steady(attributes: Attributes) -> Node:
    return Step(
        attributes.duration("duration"),
        attributes.steady_target("power", "powerlow", "powerhigh"),
        attributes.cadence("cadence"),
        notes=attributes.notes(),
    )


def _intervals(attributes: Attributes) -> Node:
    """One repeat of two steps. Messages count from the start of the whole set, and stand with its work."""
    on = Step(
        attributes.duration("onduration"),
        attributes.steady_target("onpower", "poweronlow", "poweronhigh"),
        attributes.cadence("cadence"),
        Intensity.INTERVAL,
        notes=attributes.notes(of_set=True),
    )
    off = Step(
        attributes.duration("offduration"),
        attributes.steady_target("offpower", "powerofflow", "poweroffhigh"),
        attributes.cadence("cadenceresting"),
        Intensity.RECOVERY,
    )
    return Repeat(attributes.whole("repeat"), (on, off))


def _free(attributes: Attributes) -> Node:
    return Step(
        attributes.duration("duration"), None, attributes.cadence("cadence"), notes=attributes.notes()
    )


def _max_effort(attributes: Attributes) -> Node:
    """Zwift shows no number for it; "as hard as you can" is what RPE 10 says."""
    return Step(
        attributes.duration("duration"),
        RangeTarget(Metric.RPE, 10, 10),
        attributes.cadence("cadence"),
        Intensity.INTERVAL,
        name="Max effort",
        notes=attributes.notes(),
    )


_READERS: dict[str, Callable[[Attributes], Node]] = {
    "warmup": _warmup,
    "cooldown": _cooldown,
    "ramp": _ramp,
    "steadystate": _steady,
    "intervalst": _intervals,
    "freeride": _free,
    "maxeffort": _max_effort,
}
