"""Sleep: nights in one or more parts, and naps, from providers' nights and from phones' fragments.

A night belongs to the local date on which it ends. One source is believed about it as a whole: stages of
two watches don't add up.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence

import msgspec

from hub_core.domain.merge.choice import Candidate, Choice, FieldSource, choose
from hub_core.domain.merge.rules import Rules
from hub_core.domain.merge.statement import ATHLETE, Identity, Statement
from hub_core.domain.records import Sample, SleepNight, SleepStage, Stage

#: Fragments that are no further apart are one sleep: somebody was up for a while.
JOIN_GAP = dt.timedelta(hours=2)
#: Sleeps of a night that are no further apart are parts of one split night.
SPLIT_GAP = dt.timedelta(hours=5)
#: A phone doesn't say what is a nap: a short sleep whose middle lies outside of these hours of its clock.
_NIGHT_FROM, _NIGHT_TO = 21, 10
_LONG = dt.timedelta(hours=5)
#: Of two stages at one moment the more particular one is right; in bed is a span of its own.
_STAGES = (Stage.AWAKE, Stage.DEEP, Stage.REM, Stage.CORE, Stage.ASLEEP)
_SECONDS = ("asleep_s", "in_bed_s", "core_s", "deep_s", "rem_s", "awake_s")
SLEEP_FIELDS = (*_SECONDS, "score")


class Sleep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One unbroken sleep as one source tells it. Seconds; None where nobody told.

    `date` is the local one on which it ends: the vendor's own, because not every clock comes with an offset.
    """

    identity: Identity
    date: dt.date
    start: dt.datetime
    end: dt.datetime
    asleep_s: float | None = None
    in_bed_s: float | None = None
    core_s: float | None = None
    deep_s: float | None = None
    rem_s: float | None = None
    awake_s: float | None = None
    score: float | None = None
    is_nap: bool = False
    stages: tuple[SleepStage, ...] = ()
    version: int = 0
    device: str = ""


class SleepPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sleep as it is shown: a part of a night, or a nap."""

    start: dt.datetime
    end: dt.datetime
    source: str
    asleep_s: float | None = None
    stages: tuple[SleepStage, ...] = ()


class VisibleSleep(msgspec.Struct, frozen=True, omit_defaults=True):
    """The night that ends on a local date, and the day's naps. Seconds are the sums over `parts`.

    A night of several `parts` was split. `sources` tells for each value who said it and why.
    """

    date: dt.date
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    asleep_s: float | None = None
    in_bed_s: float | None = None
    core_s: float | None = None
    deep_s: float | None = None
    rem_s: float | None = None
    awake_s: float | None = None
    score: float | None = None
    parts: tuple[SleepPart, ...] = ()
    naps: tuple[SleepPart, ...] = ()
    sources: dict[str, FieldSource] = {}


class Night(msgspec.Struct, frozen=True):
    """One source's night: its parts in order."""

    parts: tuple[Sleep, ...]

    @property
    def date(self) -> dt.date:
        """The local date on which it ends."""
        return self.parts[-1].date

    @property
    def identity(self) -> Identity:
        """That of its longest part."""
        return max(self.parts, key=lambda part: (part.asleep_s or 0, part.identity)).identity

    def seconds(self, field: str) -> float | None:
        """A field summed over the parts that tell it."""
        told = [value for part in self.parts if (value := getattr(part, field)) is not None]
        return round(sum(told), 1) if told else None


def merge_sleep(
    date: dt.date, nights: Sequence[Statement[SleepNight]], samples: Sequence[Statement[Sample]], rules: Rules
) -> VisibleSleep | None:
    """What is shown of the night that ends on a date, and of its naps; None when nobody says anything.

    Both sequences may hold what belongs to days around it.
    """
    choices, chosen, naps = choose_sleep(date, nights, samples, rules)
    if not choices and not naps:
        return None
    values = {field: choice.value for field, choice in choices.items() if field != "night"}
    return VisibleSleep(
        date=date,
        start=chosen.parts[0].start if chosen else None,
        end=chosen.parts[-1].end if chosen else None,
        **values,
        parts=tuple(_show(part) for part in chosen.parts) if chosen else (),
        naps=tuple(_show(nap) for nap in naps),
        sources={field: choice.source for field, choice in choices.items()},
    )


def choose_sleep(
    date: dt.date, nights: Sequence[Statement[SleepNight]], samples: Sequence[Statement[Sample]], rules: Rules
) -> tuple[dict[str, Choice], Night | None, list[Sleep]]:
    """The choice of the night (`night`) and of each value, the night itself, and the naps."""
    sleeps = [*(_from_night(one) for one in nights), *from_samples(samples)]
    by_teller: dict[tuple[str, str], list[Sleep]] = {}
    for sleep in sleeps:
        by_teller.setdefault((sleep.identity.source, sleep.device), []).append(sleep)
    candidates, naps = [], []
    for teller in sorted(by_teller):
        found, rest = to_nights(by_teller[teller])
        candidates += [_candidate(night) for night in found if night.date == date]
        naps += [nap for nap in rest if nap.date == date]
    choices: dict[str, Choice] = {}
    night = choose(candidates, rules.sources("sleep", "night"), rules.day_pin("sleep", date, "night"))
    chosen: Night | None = night.value if night else None
    if night and chosen:
        losers = tuple(
            msgspec.structs.replace(loser, value=loser.value.seconds("asleep_s")) for loser in night.losers
        )
        choices["night"] = msgspec.structs.replace(night, value=chosen.seconds("asleep_s"), losers=losers)
    for field in SLEEP_FIELDS:
        value = chosen.seconds(field) if chosen else None
        told = [Candidate(chosen.identity, value, (), "same_night")] if chosen and value is not None else []
        if choice := choose(told, (), rules.day_pin("sleep", date, field)):
            source = msgspec.structs.replace(choice.source, reason="same_night")
            is_pinned = choice.source.reason == "pinned_value"
            choices[field] = choice if is_pinned else msgspec.structs.replace(choice, source=source)
    return choices, chosen, _apart(naps, chosen)


def from_samples(samples: Iterable[Statement[Sample]]) -> list[Sleep]:
    """Sleeps out of fragments, for each device by itself: joined when the gap is two hours at most."""
    by_device: dict[tuple[str, str, bool], list[Statement[Sample]]] = {}
    for one in samples:
        if one.record.stage is not None:
            by_device.setdefault((one.source, one.record.device, one.record.is_manual), []).append(one)
    found = []
    for (source, device, is_manual), fragments in sorted(by_device.items()):
        fragments.sort(key=lambda one: (one.record.start, one.record.end, one.identity))
        group: list[Statement[Sample]] = []
        ends = None
        for one in fragments:
            if ends is not None and one.record.start - ends > JOIN_GAP:
                found.append(_from_fragments(source, device, group, is_manual=is_manual))
                group, ends = [], None
            group.append(one)
            ends = one.record.end if ends is None else max(ends, one.record.end)
        if group:
            found.append(_from_fragments(source, device, group, is_manual=is_manual))
    return found


def _from_fragments(
    source: str, device: str, fragments: list[Statement[Sample]], *, is_manual: bool
) -> Sleep:
    stages = unite_stages([one.record for one in fragments])
    seconds = {
        stage: sum((part.end - part.start).total_seconds() for part in stages if part.stage is stage)
        for stage in Stage
    }
    last = max(fragments, key=lambda one: (one.record.end, one.identity)).record
    asleep = sum(seconds[stage] for stage in (Stage.ASLEEP, Stage.CORE, Stage.DEEP, Stage.REM))
    # Its name is that of the device, because ids of fragments change as more of them come.
    name = device or ("entered" if is_manual else "samples")
    return Sleep(
        Identity(ATHLETE if is_manual else source, name),
        last.end.date(),
        fragments[0].record.start,
        last.end,
        asleep_s=asleep or None,
        in_bed_s=seconds[Stage.IN_BED] or None,
        core_s=seconds[Stage.CORE] or None,
        deep_s=seconds[Stage.DEEP] or None,
        rem_s=seconds[Stage.REM] or None,
        awake_s=seconds[Stage.AWAKE] or None,
        is_nap=not _is_of_night(fragments[0].record.start, last.end),
        stages=tuple(stage for stage in stages if stage.stage is not Stage.IN_BED),
        device=name,
    )


def unite_stages(records: Sequence[Sample]) -> list[SleepStage]:
    """Stages without overlap, by the more particular one; the time in bed is united by itself."""
    told = sorted((one for one in records if one.stage), key=lambda one: (one.start, one.end, str(one.stage)))
    edges = sorted({edge for one in told for edge in (one.start, one.end)})
    united: list[SleepStage] = []
    for wanted in ((Stage.IN_BED,), _STAGES):
        mine = [one for one in told if one.stage in wanted]
        run: SleepStage | None = None
        open_: list[Sample] = []
        taken = 0
        for start, end in itertools.pairwise(edges):
            while taken < len(mine) and mine[taken].start <= start:
                open_.append(mine[taken])
                taken += 1
            open_ = [one for one in open_ if one.end > start]
            stage = min((one.stage for one in open_ if one.stage), key=wanted.index, default=None)
            if run and run.stage is stage and run.end == start:
                run = SleepStage(run.stage, run.start, end)
                united[-1] = run
            elif stage:
                run = SleepStage(stage, start, end)
                united.append(run)
    return sorted(united, key=lambda one: (one.start, one.end, str(one.stage)))


def to_nights(sleeps: Sequence[Sleep]) -> tuple[list[Night], list[Sleep]]:
    """One teller's sleeps as nights and naps. Sleeps of the night within five hours are one split night."""
    nights: list[list[Sleep]] = []
    naps: list[Sleep] = []
    for sleep in sorted(_newest(sleeps), key=lambda one: (one.start, one.end, one.identity)):
        if sleep.is_nap:
            naps.append(sleep)
        elif nights and sleep.start - nights[-1][-1].end <= SPLIT_GAP:
            nights[-1].append(sleep)
        else:
            nights.append([sleep])
    return [Night(tuple(parts)) for parts in nights], naps


def _newest(sleeps: Sequence[Sleep]) -> list[Sleep]:
    """Without older words about the same time: vendors send a night again under another id."""
    kept: list[Sleep] = []
    for sleep in sorted(
        sleeps, key=lambda one: (-one.version, -(one.asleep_s or 0), one.identity, one.start)
    ):
        if all(sleep.end <= other.start or sleep.start >= other.end for other in kept):
            kept.append(sleep)
    return kept


def _is_of_night(start: dt.datetime, end: dt.datetime) -> bool:
    hour = (start + (end - start) / 2).astimezone(end.tzinfo).hour
    return hour >= _NIGHT_FROM or hour < _NIGHT_TO or end - start >= _LONG


def _from_night(one: Statement[SleepNight]) -> Sleep:
    night = one.record
    told = {field: getattr(night, field) for field in SLEEP_FIELDS}
    return Sleep(
        one.identity,
        night.date,
        night.start,
        night.end,
        **told,
        is_nap=night.is_nap,
        stages=night.stages,
        version=one.version,
    )


def _candidate(night: Night) -> Candidate:
    has_stages = any(part.deep_s or part.rem_s for part in night.parts)
    rank = (not has_stages, -(night.seconds("asleep_s") or 0), -(night.seconds("in_bed_s") or 0))
    return Candidate(night.identity, night, rank, "fuller", night.identity.source == ATHLETE)


def _apart(naps: Sequence[Sleep], night: Night | None) -> list[Sleep]:
    """Naps that neither overlap the night nor each other; the longest first where they do."""
    kept: list[Sleep] = []
    taken = list(night.parts) if night else []
    for nap in sorted(naps, key=lambda one: (one.start - one.end, one.identity)):
        if all(nap.end <= other.start or nap.start >= other.end for other in [*taken, *kept]):
            kept.append(nap)
    return sorted(kept, key=lambda one: (one.start, one.identity))


def _show(sleep: Sleep) -> SleepPart:
    return SleepPart(sleep.start, sleep.end, sleep.identity.source, sleep.asleep_s, sleep.stages)
