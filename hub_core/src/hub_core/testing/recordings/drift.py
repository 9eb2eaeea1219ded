"""Where a provider's answers have drifted: between two recordings, and from what the plugin reads them as."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from hub_core.testing.recordings.recording import Exchange, Recording
from hub_core.testing.recordings.replay import Replayed
from hub_core.testing.recordings.schemas import compare_with_type
from hub_core.testing.recordings.shapes import (
    DATE_OR_TIME,
    FAKE_ID,
    Shape,
    Spot,
    keys_of,
    parent_of,
    shape_of,
)

#: Texts that name no thing of a list, however they look.
_PLACEHOLDERS = frozenset({"somewhere"})


class Change(StrEnum):
    """What has become of a field."""

    ADDED = "new field"
    VANISHED = "field is gone"
    TYPE = "other type"
    VALUE = "new value"
    STATUS = "other status"
    #: Only against the schemas: nothing has changed, but somebody may want to know.
    UNREAD = "not read"
    UNSEEN = "not seen"


@dataclass(frozen=True, order=True)
class Drift:
    """One difference. `place` is `GET /workouts/{id}`; `was` and `now` are types or values."""

    place: str
    path: str
    change: Change
    was: str = ""
    now: str = ""

    @property
    def keys(self) -> list[str]:
        """The fields on the path."""
        return keys_of(self.path)

    @property
    def is_remark(self) -> bool:
        """Whether it is no change."""
        return self.change in {Change.UNREAD, Change.UNSEEN}


def place_of(exchange: Exchange) -> str:
    """Method and path without ids, and the status if it tells of a failure."""
    failed = f" -> {exchange.status}" if exchange.status >= 400 else ""
    return _without_ids(f"{exchange.method} {exchange.path}") + failed


def compare_recordings(old: Sequence[Recording], new: Sequence[Recording]) -> tuple[list[Drift], int]:
    """What has changed in the answers that both have, and how many kinds of requests both have."""
    before, after = _by_place(old), _by_place(new)
    both = sorted(before.keys() & after.keys())
    drifts: list[Drift] = []
    for place in both:
        drifts += _compare_status(place, before[place], after[place])
        drifts += _compare_shapes(place, _shape(before[place]), _shape(after[place]))
    return drifts, len(both)


def compare_with_schemas(replayed: Iterable[Replayed]) -> list[Drift]:
    """Where recorded answers differ from the types that the plugin reads them as."""
    found: set[Drift] = set()
    values: dict[str, list[Any]] = {}
    for decoded in (one for result in replayed for one in result.decoded):
        try:
            value = msgspec.json.decode(decoded.body)
        except msgspec.MsgspecError:
            continue
        place = _without_ids(decoded.place)
        values.setdefault(place, []).append(value)
        for one in compare_with_type(decoded.kind, value):
            found.add(Drift(place, one.path, Change[one.what.upper()], one.was, one.now))
    # An optional field that one answer lacks and another has is not unseen.
    seen = {(place, path) for place, known in values.items() for path in shape_of(*known)}
    return sorted(
        one for one in found if one.change is not Change.UNSEEN or (one.place, one.path) not in seen
    )


def _by_place(recordings: Sequence[Recording]) -> dict[str, list[Exchange]]:
    places: dict[str, list[Exchange]] = {}
    for recording in recordings:
        for exchange in recording.exchanges:
            places.setdefault(place_of(exchange), []).append(exchange)
    return places


def _without_ids(text: str) -> str:
    return re.sub(r"[^/\s?]+", lambda part: "{id}" if FAKE_ID.fullmatch(part.group()) else part.group(), text)


def _shape(exchanges: list[Exchange]) -> Shape:
    return shape_of(*(one.answer for one in exchanges if one.answer is not msgspec.UNSET))


def _compare_status(place: str, old: list[Exchange], new: list[Exchange]) -> list[Drift]:
    was, now = ({f"{one.status}" for one in exchanges} for exchanges in (old, new))
    return [] if was == now else [Drift(place, "", Change.STATUS, _join(was), _join(now))]


def _compare_shapes(place: str, old: Shape, new: Shape) -> list[Drift]:
    drifts = []
    for path in sorted(old.keys() | new.keys()):
        was, now = old.get(path), new.get(path)
        if was is None or now is None:
            # Only the topmost field of what is new or gone, and only where there was something to look into.
            other, parent = (old, parent_of(path)) if was is None else (new, parent_of(path))
            if "object" in getattr(other.get(parent), "kinds", ()) and not path.endswith("[]"):
                change = Change.ADDED if was is None else Change.VANISHED
                drifts.append(Drift(place, path, change, _kinds(was), _kinds(now)))
            continue
        drifts += _compare_spots(place, path, was, now)
    return drifts


def _compare_spots(place: str, path: str, was: Spot, now: Spot) -> list[Drift]:
    new_kinds = now.kinds - was.kinds
    if "number" in was.kinds:
        new_kinds -= {"integer"}
    if new_kinds:
        return [Drift(place, path, Change.TYPE, _kinds(was), _kinds(now))]
    new_words = {word for word in now.words - was.words if not _is_no_word(word)}
    if was.is_enumeration and now.is_enumeration and new_words:
        return [Drift(place, path, Change.VALUE, _join(was.words), _join(new_words))]
    return []


def _is_no_word(word: str) -> bool:
    return word in _PLACEHOLDERS or DATE_OR_TIME.fullmatch(word) is not None


def _kinds(spot: Spot | None) -> str:
    return _join(spot.kinds) if spot else ""


def _join(words: Iterable[Any]) -> str:
    return ", ".join(sorted(map(str, words)))
