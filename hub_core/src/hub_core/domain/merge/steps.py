"""What several devices count at the same time, counted once."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from hub_core.domain.merge.statement import ATHLETE, Statement
from hub_core.domain.records import Sample


class Counter(NamedTuple):
    """One device of one source: what must not be added to another one's counts of the same time."""

    source: str
    device: str


class Stretch(NamedTuple):
    """So much was counted from one instant to another, evenly. Instants in epoch seconds."""

    start: float
    end: float
    amount: float
    counter: Counter
    is_manual: bool
    external_id: str


class Union(msgspec.Struct, frozen=True):
    """The amount of a day, and how much of it each counter has given."""

    amount: float
    parts: dict[tuple[str, str], float]


def day_stretches(samples: Iterable[Statement[Sample]], date: dt.date) -> list[Stretch]:
    """The parts of samples that fall on a local date, by each sample's own offset from UTC.

    A stretch over midnight is divided evenly. A sample without length is taken as one second.
    """
    return [
        stretch
        for one in samples
        for day, stretch in _by_day(one)
        if day == date and (stretch.amount or stretch.is_manual)
    ]


def _by_day(one: Statement[Sample]) -> Iterator[tuple[dt.date, Stretch]]:
    record = one.record
    counter = Counter(one.source, record.device)
    is_manual = record.is_manual or one.source == ATHLETE
    begins, ends = record.start.timestamp(), record.end.timestamp()
    if ends <= begins:
        ends = begins + 1.0
    length, offset = ends - begins, record.start.tzinfo
    day, at = record.start.date(), begins
    while at < ends:
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), offset).timestamp()
        until = min(ends, midnight)
        if until > at:
            amount = record.value * (until - at) / length
            yield day, Stretch(at, until, amount, counter, is_manual, one.identity.external_id)
        day, at = day + dt.timedelta(days=1), max(at, until)


def unite(stretches: Sequence[Stretch], order: tuple[str, ...] = ()) -> Union:
    """Count every moment once: by what a person entered, else the preferred source, else the larger rate.

    One sweep over all ends, in n log n; sorted first, so that sums don't depend on who came first.
    """
    places = {source: place for place, source in enumerate(order)}

    def claim(one: Stretch) -> tuple[bool, int, float, Stretch]:
        rate = one.amount / (one.end - one.start)
        return not one.is_manual, places.get(one.counter.source, len(places)), -rate, one

    waiting = sorted(stretches)
    edges = sorted({edge for one in waiting for edge in (one.start, one.end)})
    claims: list[tuple[bool, int, float, Stretch]] = []
    parts: dict[tuple[str, str], float] = {}
    taken = 0
    for start, end in itertools.pairwise(edges):
        while taken < len(waiting) and waiting[taken].start <= start:
            heapq.heappush(claims, claim(waiting[taken]))
            taken += 1
        while claims and claims[0][3].end <= start:
            heapq.heappop(claims)
        if claims:
            best = claims[0][3]
            amount = best.amount * (end - start) / (best.end - best.start)
            parts[best.counter] = parts.get(best.counter, 0.0) + amount
    rounded = {(key[0], key[1]): round(amount, 3) for key, amount in sorted(parts.items())}
    return Union(round(sum(rounded.values()), 3), rounded)
