"""What is shown of an activity, field by field: devices for what is measured, people for what is felt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from hub_core.domain.merge.choice import Candidate, Choice, FieldSource, choose
from hub_core.domain.merge.cluster import Cluster
from hub_core.domain.merge.rules import Rules
from hub_core.domain.merge.statement import ATHLETE, Identity, Statement, local_start
from hub_core.domain.records import Activity, Device, Lap
from hub_core.domain.series import COLUMNS, Column
from hub_core.domain.sport import Sport

#: What the athlete knows best. Everything else is measured.
SUBJECTIVE = ("name", "notes", "perceived_exertion")
OBJECTIVE = (
    "sport",
    "start",
    "duration_s",
    "moving_s",
    "time_zone",
    "distance_m",
    "elevation_gain_m",
    "elevation_loss_m",
    "avg_heart_rate_bpm",
    "max_heart_rate_bpm",
    "avg_power_w",
    "max_power_w",
    "normalized_power_w",
    "avg_cadence_rpm",
    "energy_kcal",
    "steps",
    "device",
    "laps",
)
FIELDS = (*SUBJECTIVE, *OBJECTIVE)
#: These are of one clock and come from one statement: the one that is believed about the start.
_OF_ONE_CLOCK = ("duration_s", "moving_s")
_NOT_TOLD: tuple[object, ...] = (None, "", ())
#: Versions from here on are moments in epoch milliseconds, which can be compared between sources.
_FIRST_MOMENT = 10**12

#: Orders the statements about a field, the best first, and tells the reason that it goes by.
Rank = Callable[[Statement[Activity], str], tuple[tuple[Any, ...], str]]


class VisibleActivity(msgspec.Struct, frozen=True, omit_defaults=True):
    """An activity as it is shown. Units and meaning as in `Activity`; `date` is the local one.

    `sources` tells for each field that is told who said it and why they are believed. `columns` names the
    statement that each column of the series comes from.
    """

    sport: Sport
    date: dt.date
    start: dt.datetime
    duration_s: float
    name: str = ""
    notes: str = ""
    perceived_exertion: float | None = None
    moving_s: float | None = None
    time_zone: str = ""
    distance_m: float | None = None
    elevation_gain_m: float | None = None
    elevation_loss_m: float | None = None
    avg_heart_rate_bpm: float | None = None
    max_heart_rate_bpm: float | None = None
    avg_power_w: float | None = None
    max_power_w: float | None = None
    normalized_power_w: float | None = None
    avg_cadence_rpm: float | None = None
    energy_kcal: float | None = None
    steps: int | None = None
    device: Device | None = None
    laps: tuple[Lap, ...] = ()
    columns: dict[Column, Identity] = {}
    members: tuple[Identity, ...] = ()
    sources: dict[str, FieldSource] = {}

    @property
    def end(self) -> dt.datetime:
        """The instant at which it was over."""
        return self.start + dt.timedelta(seconds=self.duration_s)


def merge_activity(cluster: Cluster, rules: Rules) -> VisibleActivity:
    """What is shown of the statements about one activity."""
    choices = choose_fields(cluster, rules)
    values = {field: choice.value for field, choice in choices.items()}
    start: dt.datetime = values["start"]
    told = {field: value for field, value in values.items() if value not in _NOT_TOLD}
    return VisibleActivity(
        **told,
        date=_local_date(start, cluster.members),
        columns=choose_columns(cluster, rules),
        members=tuple(member.identity for member in cluster.members),
        sources={field: choices[field].source for field in told},
    )


def choose_fields(cluster: Cluster, rules: Rules) -> dict[str, Choice]:
    """For each field that somebody tells: the value, its source and reason, and what else was said."""
    choices: dict[str, Choice] = {}
    for field in FIELDS:
        pin = rules.activity_pin(cluster.identities, field)
        order = rules.sources("activity", field)
        rank: Rank = _rank_edit if field in SUBJECTIVE else rank_recorder
        if field in _OF_ONE_CLOCK:
            rank = _rank_clock(choices["start"].source)
        candidates = [
            _candidate(member, value, *rank(member, field))
            for member in cluster.members
            if (value := getattr(member.record, field)) not in _NOT_TOLD
        ]
        if choice := choose(candidates, order, pin):
            choices[field] = _on_clock(choice, field, choices, cluster.members)
    return choices


def choose_columns(cluster: Cluster, rules: Rules) -> dict[Column, Identity]:
    """Where each column of the series comes from: a bike computer's power beside a watch's heart rate.

    `time_s` is that of the statement that most of the others are from.
    """
    order = rules.sources("activity", "series")
    chosen: dict[Column, Identity] = {}
    for column in COLUMNS:
        candidates = [
            _candidate(member, column, *rank_recorder(member, column))
            for member in cluster.members
            if member.record.series is not None and column in member.record.series.packed
        ]
        if choice := choose(candidates, order):
            chosen[column] = Identity(choice.source.source, choice.source.external_id)
    return chosen


def rank_recorder(member: Statement[Activity], _: str) -> tuple[tuple[Any, ...], str]:
    """Who recorded it comes before who passes it on, detail before totals, typed entries last."""
    record = member.record
    is_typed = record.is_manual or member.source == ATHLETE
    is_relay = bool(record.origin) and record.origin != member.source
    columns = len(record.series.packed) if record.series is not None else 0
    told = sum(getattr(record, field) not in _NOT_TOLD for field in OBJECTIVE)
    return (is_typed, is_relay, -columns, record.device is None, -told), "typed" if is_typed else "recorder"


def _rank_clock(clock: FieldSource) -> Rank:
    """How long it took is told by the clock that told when it began; by others where that one doesn't."""

    def rank(member: Statement[Activity], field: str) -> tuple[tuple[Any, ...], str]:
        best, reason = rank_recorder(member, field)
        is_clock = _is(member.identity, clock)
        return (not is_clock, *best), "clock" if is_clock else reason

    return rank


def _rank_edit(member: Statement[Activity], _: str) -> tuple[tuple[Any, ...], str]:
    """The newest edit, where versions are moments; a relay's copy is no edit."""
    record = member.record
    moment = member.version if member.version >= _FIRST_MOMENT else 0
    return (bool(record.origin) and record.origin != member.source, -moment), "newest"


def _candidate(member: Statement[Activity], value: Any, rank: tuple[Any, ...], reason: str) -> Candidate:
    # A person's own word counts first for what is felt; what they measured by eye comes last.
    is_felt = member.source == ATHLETE and reason == "newest"
    return Candidate(member.identity, value, rank, reason, is_felt)


def _is(identity: Identity, source: FieldSource) -> bool:
    return (identity.source, identity.external_id) == (source.source, source.external_id)


def _on_clock(
    choice: Choice, field: str, choices: dict[str, Choice], members: Sequence[Statement[Activity]]
) -> Choice:
    """Laps are counted from the start that is shown, also when another device has told them."""
    if field != "laps" or "start" not in choices:
        return choice
    teller = next((one for one in members if _is(one.identity, choice.source)), None)
    if teller is None:
        return choice
    late = (teller.record.start - choices["start"].value).total_seconds()
    if not late:
        return choice
    laps = tuple(msgspec.structs.replace(lap, start_s=lap.start_s + late) for lap in choice.value)
    return msgspec.structs.replace(choice, value=laps)


def _local_date(start: dt.datetime, members: Sequence[Statement[Activity]]) -> dt.date:
    """The day by the athlete's own clock. Who tells no offset says UTC, and then another one may know."""
    best = sorted(members, key=lambda one: (not _is_told(one.record), rank_recorder(one, ""), one.identity))[
        0
    ]
    if not start.utcoffset() and _is_told(best.record):
        return start.astimezone(local_start(best.record).tzinfo).date()
    return start.date()


def _is_told(activity: Activity) -> bool:
    return bool(local_start(activity).utcoffset()) or bool(activity.time_zone)
