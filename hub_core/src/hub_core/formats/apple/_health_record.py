"""A record of Apple Health's XML as a sample, at some millionths of a second each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b

from hub_core.domain.records import Sample, SampleMetric
from hub_core.formats.activities._xml import to_number
from hub_core.formats.apple._health_lines import Line, to_word
from hub_core.formats.apple.words import QUANTITY, SHARES, SLEEP, to_apple_sample, to_apple_stage, to_unit

#: A time with its offset, and its text in UTC.
type Moment = tuple[dt.datetime, str]
_PAST_HOUR = re.compile(r":([0-5][0-9]):([0-5][0-9])")
#: Types of their own making could be as many as a file has lines.
_MOST_KINDS = 100
_OTHERS = "records of other types"
_TYPED_IN = b'key="HKWasUserEntered" value="1"'


class RecordReader:
    """Makes samples of records, and counts in `left_out` those that aren't kept, by their types."""

    def __init__(self) -> None:
        self._skipped: dict[str, int] = {}
        self._unread: dict[str, int] = {}

    @property
    def left_out(self) -> dict[str, int]:
        """How many were left out of each type: it isn't kept, or what it says can't be read."""
        found: dict[str, int] = {}
        for counts in (self._skipped, self._unread):
            for kind, count in counts.items():
                name = kind.removeprefix(QUANTITY)[:60] or "records"
                found[name] = found.get(name, 0) + count
        return found

    def of_element(self, record: dict[str, str]) -> Sample | None:
        """The sample in the attributes of a record; None for one that is left out."""
        kind = record.get("type", "")
        if kind in self._skipped:
            self._skipped[kind] += 1
            return None
        names = "sourceName", "unit", "startDate", "endDate", "value"
        return self._sample(kind, *(record.get(name, "") for name in names))

    def of_lines(self, lines: Iterable[Line]) -> Iterator[Sample]:
        """The samples in records of Apple's usual form."""
        skipped = self._skipped
        for written, source, unit, first, last, said, inside in lines:
            kind = to_word(written)
            if kind in skipped:
                skipped[kind] += 1
                continue
            words = kind, to_word(source), to_word(unit), first.decode(), last.decode(), said.decode()
            sample = self._sample(*words, is_manual=_TYPED_IN in inside)
            if sample is not None:
                yield sample

    def _sample(
        self, kind: str, source: str, unit: str, first: str, last: str, said: str, is_manual: bool = False
    ) -> Sample | None:
        sample = _read(kind, plain(source), unit, first, last, said, is_manual)
        if sample is None:
            is_kept = kind == SLEEP or to_apple_sample(kind) is not None
            _count(self._unread if is_kept else self._skipped, kind)
        return sample


def _count(counts: dict[str, int], kind: str) -> None:
    name = kind if kind in counts or len(counts) < _MOST_KINDS else _OTHERS
    counts[name] = counts.get(name, 0) + 1


def _read(
    kind: str, source: str, unit: str, first: str, last: str, said: str, is_manual: bool
) -> Sample | None:
    began = read_moment(first)
    ended = began if first == last else read_moment(last)
    if began is None or ended is None or ended[0] < began[0]:
        return None
    stage, ours = None, 0.0
    if kind == SLEEP:
        metric, stage = SampleMetric.SLEEP, _stage(said)
        if stage is None:
            return None
    else:
        metric_, factor = _meaning(kind, unit)
        value = to_number(said)
        if metric_ is None or value is None:
            return None
        converted = value * factor if factor is not None else to_unit(value, unit, metric_)
        if converted is None:
            return None
        metric, ours = metric_, converted
    key = identity(began, ended, f"Record\x1f{kind}\x1f{source}\x1f{said}\x1f{unit}")
    return Sample(key, metric, began[0], ended[0], ours, stage, source, is_manual=is_manual)


@lru_cache(maxsize=1000)
def _meaning(kind: str, unit: str) -> tuple[SampleMetric | None, float | None]:
    """The metric of a type, and the factor from its unit to ours where there is one for all values."""
    metric = to_apple_sample(kind)
    return metric, None if metric is None or metric in SHARES else to_unit(1.0, unit, metric)


_stage = lru_cache(maxsize=100)(to_apple_stage)


@lru_cache(maxsize=1000)
def plain(text: str) -> str:
    """Names of sources hold no-break spaces and typographic apostrophes, not always the same."""
    return " ".join(text.replace("\u2019", "'").split())[:100]


def identity(began: Moment, ended: Moment, said: str) -> str:
    """The same statement has the same id in every export. Its times are taken in UTC, for an export writes
    all times with the offset of its own day; a record's `device` is left out, for it holds an address."""
    return blake2b(f"{said}\x1f{began[1]}\x1f{ended[1]}".encode(), digest_size=16).hexdigest()


def read_moment(text: str) -> Moment | None:
    """What `read_time` reads, and the same in UTC. A twentieth of the time: hours come again and again."""
    hour, past = _hour(text[:13], text[19:]), _past(text[13:19])
    if hour is not None and past is not None:
        return hour[0] + past, hour[1] + text[13:19]
    moment = read_time(text)
    return None if moment is None else (moment, _in_utc(moment))


@lru_cache(maxsize=1000)
def _hour(hour: str, offset: str) -> Moment | None:
    """`2031-04-07 07` and ` +0200`; None where it isn't a full hour in UTC as well."""
    moment = read_time(f"{hour}:00:00{offset}")
    if moment is None or moment.utcoffset() % dt.timedelta(hours=1):  # type: ignore[operator]
        return None
    return moment, _in_utc(moment)[:13]


@lru_cache(maxsize=3600)
def _past(text: str) -> dt.timedelta | None:
    """`:21:40` of an hour."""
    found = _PAST_HOUR.fullmatch(text)
    return dt.timedelta(minutes=int(found[1]), seconds=int(found[2])) if found else None


def _in_utc(moment: dt.datetime) -> str:
    try:
        return moment.astimezone(dt.UTC).isoformat(" ")[:19]
    except OverflowError:  # in the first or the last year there is
        return moment.isoformat(" ")


def read_time(text: str | None) -> dt.datetime | None:
    """`2031-04-07 07:21:40 +0200`. The offset is that of the phone when it exported, not when it recorded."""
    try:
        return dt.datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
