"""A record of Apple Health's XML as a sample, at some millionths of a second each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import blake2b

import msgspec

from hub_core.domain.records import Sample, SampleMetric
from hub_core.formats.activities._xml import to_number
from hub_core.formats.apple._health_lines import Line, to_text
from hub_core.formats.apple.words import (
    QUANTITY,
    SHARES,
    SLEEP,
    to_apple_sample,
    to_apple_stage,
    to_percent,
    to_unit,
)

#: A time with its offset, and its text in UTC.
type Moment = tuple[dt.datetime, bytes]
_PAST_HOUR = re.compile(rb":([0-5][0-9]):([0-5][0-9])")
#: Types of their own making could be as many as a file has lines.
_MOST_KINDS = 100
#: `2031-04-07 07:21:40 +0200`
_USUAL_LENGTH = 25
_OTHERS = "records of other types"
_TYPED_IN = b'key="HKWasUserEntered" value="1"'


class RecordReader:
    """Makes samples of records.

    `left_out` counts, by their types, those that aren't kept and those that can't be read.
    """

    def __init__(self) -> None:
        self.left_out: dict[str, int] = {}

    def of_element(self, record: Mapping[str, str]) -> Sample | None:
        """The sample in the attributes of a record; None for one that is left out."""
        words = _words(*(record.get(name, "") for name in ("type", "sourceName", "unit")))
        first, last, said = (record.get(name, "").encode() for name in ("startDate", "endDate", "value"))
        sample = _read(words, first, last, said, is_manual=False)
        if sample is None:
            self._leave_out(words.name)
        return sample

    def of_lines(self, lines: Iterable[Line]) -> Iterator[Sample]:
        """The samples in records of Apple's usual form."""
        left_out = self.left_out
        for line in lines:
            words = _words_in_line(*line.group(1, 2, 3))
            if words.metric is None and words.name in left_out:
                left_out[words.name] += 1
                continue
            first, last, said, inside = line.group(4, 5, 6, 7)
            sample = _read(words, first, last, said or b"", is_manual=_TYPED_IN in inside)
            if sample is not None:
                yield sample
            else:
                self._leave_out(words.name)

    def _leave_out(self, name: str) -> None:
        if name not in self.left_out and len(self.left_out) >= _MOST_KINDS:
            name = _OTHERS
        self.left_out[name] = self.left_out.get(name, 0) + 1


class _Words(msgspec.Struct, frozen=True):
    """What the type, the source and the unit of a record say: the same for thousands of records.

    `metric` is None for what isn't kept, `factor` leads from the unit to ours, and is None for shares.
    `beginning` and `unit` are part of the identity.
    """

    name: str
    metric: SampleMetric | None
    factor: float | None
    device: str
    beginning: bytes
    unit: bytes


@lru_cache(maxsize=256)
def _words(kind: str, source: str, unit: str) -> _Words:
    name, device = kind.removeprefix(QUANTITY)[:60] or "records", plain(source)
    metric = SampleMetric.SLEEP if kind == SLEEP else to_apple_sample(kind)
    factor = None if metric in SHARES else to_unit(1.0, unit, metric)
    if factor is None and metric not in SHARES and metric is not SampleMetric.SLEEP:
        metric = None  # in a unit that isn't known
    return _Words(name, metric, factor, device, f"Record\x1f{kind}\x1f{device}".encode(), unit.encode())


@lru_cache(maxsize=256)
def _words_in_line(kind: bytes, source: bytes, unit: bytes | None) -> _Words:
    return _words(to_text(kind), to_text(source), to_text(unit or b""))


def _read(words: _Words, first: bytes, last: bytes, said: bytes, *, is_manual: bool) -> Sample | None:
    metric, stage = words.metric, None
    if metric is SampleMetric.SLEEP:
        stage = _stage(said.decode())
        value = None if stage is None else 0.0
    else:
        value = to_number(said)
    began = read_moment(first)
    ended = began if first == last else read_moment(last)
    if metric is None or value is None or began is None or ended is None or ended[0] < began[0]:
        return None
    ours = to_percent(value) if words.factor is None else value * words.factor
    key = identity(began, ended, words.beginning, said, words.unit)
    return Sample(key, metric, began[0], ended[0], ours, stage, words.device, is_manual=is_manual)


_stage = lru_cache(maxsize=100)(to_apple_stage)


@lru_cache(maxsize=256)
def plain(text: str) -> str:
    """Names of sources hold no-break spaces and typographic apostrophes, not always the same."""
    return " ".join(text.replace("\u2019", "'").split())[:100]


def identity(began: Moment, ended: Moment, *said: bytes) -> str:
    """The same statement has the same id in every export. Its times are taken in UTC, for an export writes
    all times with the offset of its own day; a record's `device` is left out, for it holds an address."""
    return blake2b(b"\x1f".join((*said, began[1], ended[1])), digest_size=16).hexdigest()


def read_moment(text: bytes) -> Moment | None:
    """What `read_time` reads, and the same in UTC. A twentieth of the time: hours come again and again."""
    if len(text) == _USUAL_LENGTH:
        minutes = text[13:19]
        hour, past = _hour(text[:13], text[19:]), _past(minutes)
        if hour is not None and past is not None:
            return hour[0] + past, hour[1] + minutes
    moment = read_time(text.decode())
    return None if moment is None else (moment, _in_utc(moment))


@lru_cache(maxsize=1000)
def _hour(hour: bytes, offset: bytes) -> Moment | None:
    """`2031-04-07 07` and ` +0200`; None where it isn't a full hour in UTC as well."""
    moment = read_time(f"{hour.decode()}:00:00{offset.decode()}")
    if moment is None or moment.utcoffset() % dt.timedelta(hours=1):  # type: ignore[operator]
        return None
    return moment, _in_utc(moment)[:13]


@lru_cache(maxsize=3600)
def _past(text: bytes) -> dt.timedelta | None:
    """`:21:40` of an hour."""
    found = _PAST_HOUR.fullmatch(text)
    return dt.timedelta(minutes=int(found[1]), seconds=int(found[2])) if found else None


def _in_utc(moment: dt.datetime) -> bytes:
    try:
        return moment.astimezone(dt.UTC).isoformat(" ")[:19].encode()
    except OverflowError:  # in the first or the last year there is
        return moment.isoformat(" ").encode()


def read_time(text: str | None) -> dt.datetime | None:
    """`2031-04-07 07:21:40 +0200`. The offset is that of the phone when it exported, not when it recorded."""
    try:
        return dt.datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S %z")
    except ValueError:
        return None
