"""Why an activity is shown as it is: what is taken as one, on what evidence, and who is believed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from hub_core.domain.merge import (
    Choice,
    Cluster,
    Decision,
    Evidence,
    Identity,
    Join,
    Link,
    Loser,
    Match,
    Order,
    Pin,
    Split,
    Statement,
    Unlink,
    choose_fields,
    judge,
    near_pairs,
)
from hub_core.domain.merge.plan import Pairing
from hub_core.domain.records import Activity, Device
from hub_core.domain.sport import Sport
from hub_core.services.hub import Hub
from hub_core.services.merging.decide_merge import RuleView, list_rules
from hub_core.services.merging.link_workouts import find_pairings
from hub_core.services.merging.merge_activities import find_neighbourhood, read_members
from hub_core.services.merging.read_activity import load_activity
from hub_core.services.merging.recompute import load_rules


class FieldReason(msgspec.Struct, frozen=True):
    """A shown value: who said it, why they are believed (a code and in words), and what else was said."""

    field: str
    value: Any
    source: str
    external_id: str
    reason: str
    words: str
    losers: tuple[Loser, ...]


class MemberReason(msgspec.Struct, frozen=True):
    """A statement about the activity. `is_echo`: its source only passes on what another one recorded."""

    source: str
    external_id: str
    sport: Sport
    start: dt.datetime
    duration_s: float
    distance_m: float | None
    device: Device | None
    origin: str
    is_echo: bool
    is_manual: bool


class MatchReason(msgspec.Struct, frozen=True):
    """Why two statements are taken as one activity: the score, 0 to 1, and its evidence."""

    one: Identity
    other: Identity
    score: float
    evidence: tuple[Evidence, ...]


class Apart(msgspec.Struct, frozen=True):
    """A statement of the same time that is taken as another activity: the score, or what forbids it."""

    one: Identity
    other: Identity
    score: float | None
    reason: str
    evidence: tuple[Evidence, ...]


class PlanReason(msgspec.Struct, frozen=True):
    """What was planned, and why it is thought to have been done by this activity."""

    workout_id: str
    score: float
    reason: str
    words: str


class ActivityReasons(msgspec.Struct, frozen=True):
    """All reasons behind one visible activity."""

    id: str
    members: tuple[MemberReason, ...]
    matches: tuple[MatchReason, ...]
    apart: tuple[Apart, ...]
    fields: tuple[FieldReason, ...]
    rules: tuple[RuleView, ...]
    plan: PlanReason | None


async def explain_activity(hub: Hub, athlete_id: str, activity_id: str) -> ActivityReasons:
    """Compute the activity once more, keeping all reasons. Raises `NotFoundError`."""
    row = await load_activity(athlete_id, activity_id)
    rules = await load_rules(athlete_id)
    first = read_members(row)[0]
    neighbourhood = await find_neighbourhood(hub, athlete_id, rules, [first])
    clusters = await neighbourhood.clusters()
    group = next(one for one in clusters if first in one.identities)
    pairing = next(
        (one for one in await find_pairings(hub, athlete_id, row.date, rules) if one.activity_id == row.id),
        None,
    )
    return ActivityReasons(
        row.id,
        tuple(_member(one) for one in group.members),
        tuple(MatchReason(one.one, one.other, one.score, one.evidence) for one in group.matches),
        tuple(_apart(group, clusters)),
        tuple(to_reason(field, choice) for field, choice in choose_fields(group, rules).items()),
        tuple(one for one in await list_rules(athlete_id) if _applies(one.decision, group, row.workout_id)),
        _plan(pairing) if pairing else None,
    )


def to_reason(field: str, choice: Choice) -> FieldReason:
    """A choice as it is told."""
    told = choice.source
    return FieldReason(
        field, choice.value, told.source, told.external_id, told.reason, choice.words, choice.losers
    )


def _member(one: Statement[Activity]) -> MemberReason:
    record = one.record
    return MemberReason(
        one.source,
        one.identity.external_id,
        record.sport,
        record.start,
        record.duration_s,
        record.distance_m,
        record.device,
        record.origin,
        bool(record.origin) and record.origin != one.source,
        record.is_manual,
    )


def _apart(group: Cluster, clusters: list[Cluster]) -> list[Apart]:
    statements = [member for one in clusters for member in one.members]
    found = []
    for one, other in near_pairs(statements):
        if (one.identity in group.identities) == (other.identity in group.identities):
            continue
        match = judge(one, other)
        if isinstance(match, Match):
            words = "they may not meet: a rule or a source tells them apart"
            reason = words if match.is_enough else "the evidence is not enough"
            found.append(Apart(match.one, match.other, match.score, reason, match.evidence))
        else:
            found.append(Apart(one.identity, other.identity, None, match, ()))
    return found


def _applies(decision: Decision, group: Cluster, workout_id: str | None) -> bool:
    members = group.identities
    match decision:
        case Order():
            return decision.metric.partition(".")[0] == "activity"
        case Split():
            return not members.isdisjoint({decision.member, *decision.others})
        case Join():
            return not members.isdisjoint({decision.one, decision.other})
        case Pin():
            return decision.member in members
        case Link() | Unlink():
            return decision.member in members or decision.workout_id == workout_id


def _plan(pairing: Pairing) -> PlanReason:
    return PlanReason(pairing.workout_id, pairing.score, pairing.reason, pairing.words)
