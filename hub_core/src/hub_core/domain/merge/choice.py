"""Who is believed about one field, and why; the same for activities, days, nights and meals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from hub_core.domain.merge.rules import Pin
from hub_core.domain.merge.statement import ATHLETE, Identity

#: Every reason, in words. `docs/merging.md` shows the same table.
REASONS = {
    "pinned_value": "this value was set by hand",
    "pinned_source": "this source was chosen for this field by hand",
    "manual": "a person entered it, which counts before what devices say",
    "source_order": "the athlete's order of sources puts it first",
    "only": "nobody else says anything",
    "recorder": "it recorded the activity itself, and in most detail",
    "clock": "its clock has told the start as well",
    "typed": "nobody recorded it, a person typed it in",
    "newest": "it is the newest edit",
    "larger": "it is the larger count: no device sees everything, and none counts what it hasn't seen",
    "union": "the union of all devices' samples, where overlapping stretches count once",
    "fuller": "it tells most",
    "day_total": "the source's own figure for the day counts before single samples",
    "same_night": "it belongs to the night that was taken",
}


class Candidate(NamedTuple):
    """A value that could be shown. The lowest `rank` comes first; `reason` is the code if it wins by that."""

    identity: Identity
    value: Any
    rank: tuple[Any, ...]
    reason: str
    is_manual: bool = False


class FieldSource(msgspec.Struct, frozen=True):
    """Where a shown value comes from. `reason` is a code of `docs/merging.md`."""

    source: str
    external_id: str
    reason: str


class Loser(msgspec.Struct, frozen=True):
    """A value that is not shown."""

    source: str
    external_id: str
    value: Any


class Choice(msgspec.Struct, frozen=True):
    """The value that is shown, where it comes from and why, and what else was said."""

    value: Any
    source: FieldSource
    losers: tuple[Loser, ...] = ()

    @property
    def words(self) -> str:
        """The reason in words."""
        return REASONS[self.source.reason]


def choose(
    candidates: Sequence[Candidate], order: tuple[str, ...] = (), pin: Pin | None = None
) -> Choice | None:
    """Pins before a person's own word, that before the order of sources, that before the rank.

    An order that names `athlete` puts people's own word where it says. None when nobody says anything.
    """
    if pin is not None and not pin.source:
        return Choice(pin.value, FieldSource(ATHLETE, "", "pinned_value"), _losers(candidates, None))
    if not candidates:
        return None

    def key(candidate: Candidate) -> tuple[Any, ...]:
        source = candidate.identity.source
        is_pinned = pin is not None and source == pin.source
        is_manual = candidate.is_manual and ATHLETE not in order
        place = order.index(source) if source in order else len(order)
        return not is_pinned, not is_manual, place, candidate.rank, candidate.identity

    best = min(candidates, key=key)
    source = best.identity.source
    if pin is not None and source == pin.source:
        reason = "pinned_source"
    elif best.is_manual and ATHLETE not in order:
        reason = "manual"
    elif len(candidates) == 1 and best.reason not in {"union", "typed"}:
        reason = "only"
    else:
        reason = "source_order" if source in order else best.reason
    told = FieldSource(source, best.identity.external_id, reason)
    return Choice(best.value, told, _losers(candidates, best))


def _losers(candidates: Sequence[Candidate], best: Candidate | None) -> tuple[Loser, ...]:
    others = sorted((one for one in candidates if one is not best), key=lambda one: (one.identity, one.rank))
    return tuple(Loser(one.identity.source, one.identity.external_id, one.value) for one in others)
