"""Groups statements into activities. The order in which they come makes no difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from hub_core.domain.merge.match import Evidence, Match, could_be_one, find_veto, judge
from hub_core.domain.merge.rules import Rules
from hub_core.domain.merge.shape import MAX_SHIFT_S
from hub_core.domain.merge.statement import ATHLETE, Identity, Statement
from hub_core.domain.records import Activity


class Cluster(msgspec.Struct, frozen=True):
    """The statements about one activity, by identity, and what holds them together."""

    members: tuple[Statement[Activity], ...]
    matches: tuple[Match, ...] = ()

    @property
    def identities(self) -> frozenset[Identity]:
        """Whose statements they are."""
        return frozenset(member.identity for member in self.members)


def is_about(one: Statement[Activity]) -> bool:
    """Whether it is an athlete's word about what another one has told, and no activity by itself."""
    return one.source == ATHLETE and bool(one.record.origin)


def near_pairs(
    statements: Sequence[Statement[Activity]],
) -> Iterator[tuple[Statement[Activity], Statement[Activity]]]:
    """All pairs that share enough time, in one sweep over their starts; or that name each other."""
    by_start = sorted(statements, key=lambda one: (one.record.start.timestamp(), one.identity))
    open_: list[Statement[Activity]] = []
    for one in by_start:
        begins = one.record.start.timestamp()
        open_ = [other for other in open_ if other.record.end.timestamp() + MAX_SHIFT_S >= begins]
        yield from ((other, one) for other in open_ if could_be_one(other.record, one.record))
        open_.append(one)
    yield from _named_pairs(statements)


def _named_pairs(
    statements: Sequence[Statement[Activity]],
) -> Iterator[tuple[Statement[Activity], Statement[Activity]]]:
    """Pairs that name each other and lie too far apart for the sweep: one of them has a wrong clock."""
    groups: dict[tuple[str, str], list[Statement[Activity]]] = {}
    for one in statements:
        record = one.record
        names = {(one.source, one.identity.external_id)}
        if record.origin and record.origin_id:
            names.add((record.origin, record.origin_id))
        if record.file_digest:
            names.add(("", record.file_digest))
        for name in names:
            groups.setdefault(name, []).append(one)
    for group in groups.values():
        for index, one in enumerate(group):
            others = group[index + 1 :]
            yield from ((one, other) for other in others if not could_be_one(one.record, other.record))


def cluster(statements: Iterable[Statement[Activity]], rules: Rules) -> list[Cluster]:
    """Join what is one: first what people have joined, then the best match first.

    Two groups stay apart when any two of their statements may not be one: by a split, by their sports, or
    because one source tells of both. So a multisport parent takes in none of its legs. What is only about
    something that nobody tells of any more is left out.
    """
    by_identity = {one.identity: one for one in statements}
    found = {
        _key(match): match for pair in near_pairs(list(by_identity.values())) if (match := _weigh(*pair))
    }
    for one, other in rules.joins():
        if one in by_identity and other in by_identity and one != other:
            joined = Match(
                min(one, other),
                max(one, other),
                1.0,
                (Evidence("join", 1.0, "the athlete or coach has joined them"),),
                is_certain=True,
            )
            found[_key(joined)] = joined
    groups = {identity: [identity] for identity in by_identity}
    held: dict[Identity, list[Match]] = {identity: [] for identity in by_identity}
    ordered = sorted(
        found.values(),
        key=lambda match: (match.evidence[0].kind != "join", not match.is_certain, -match.score, _key(match)),
    )
    for match in ordered:
        left, right = groups[match.one], groups[match.other]
        if left is right or not _may_meet(left, right, match, by_identity, rules):
            continue
        kept = [*held[left[0]], *held[right[0]], match]
        merged = sorted(left + right)
        groups.update(dict.fromkeys(merged, merged))
        held[merged[0]] = kept
    return [
        Cluster(tuple(by_identity[identity] for identity in group), tuple(held[group[0]]))
        for identity, group in sorted(groups.items())
        if group[0] == identity and not all(is_about(by_identity[one]) for one in group)
    ]


def _key(match: Match) -> tuple[Identity, Identity]:
    return match.one, match.other


def _weigh(one: Statement[Activity], other: Statement[Activity]) -> Match | None:
    match = judge(one, other)
    return match if isinstance(match, Match) and match.is_enough else None


def _may_meet(
    one: list[Identity],
    other: list[Identity],
    match: Match,
    by_identity: dict[Identity, Statement[Activity]],
    rules: Rules,
) -> bool:
    for first in one:
        for second in other:
            if rules.is_split(first, second):
                return False
            if not match.is_certain and find_veto(by_identity[first], by_identity[second]):
                return False
    return True
