"""Decisions of people about merging.

They name statements and not what is shown of them, and so outlive every re-computation.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from hub_core.domain.merge.statement import Identity

DayKind = Literal["daily", "sleep", "nutrition"]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="order", tag_field="type"):
    """Whose word counts first for a metric: sources, the first one first.

    `metric` is a kind (`activity`, `daily`, `sleep`, `nutrition`) or a field of one (`daily.steps`), which
    then counts before its kind. Sources that aren't named come after those that are. The newest order stands.
    """

    metric: str
    sources: tuple[str, ...]


class Split(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="split", tag_field="type"):
    """This statement is never one activity with any of those."""

    member: Identity
    others: tuple[Identity, ...]


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="join", tag_field="type"):
    """These two statements are one activity, whatever the score says. A split of the same two wins."""

    one: Identity
    other: Identity


class Pin(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="pin", tag_field="type"):
    """This field takes this source's value, or the `value` that is given here.

    Of an activity by one of its statements (`member`), or of a day by `kind` and `date`. The newest pin of a
    field stands.
    """

    field: str
    kind: Literal["activity", "daily", "sleep", "nutrition"] = "activity"
    member: Identity | None = None
    date: dt.date | None = None
    source: str = ""
    value: Any = None


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="link", tag_field="type"):
    """This statement's activity is what was done of this planned workout."""

    workout_id: str
    member: Identity


class Unlink(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="unlink", tag_field="type"):
    """This statement's activity is not what was done of this planned workout."""

    workout_id: str
    member: Identity


type Decision = Order | Split | Join | Pin | Link | Unlink


class Rules(msgspec.Struct, frozen=True):
    """The decisions that are in force, the oldest first."""

    decisions: tuple[Decision, ...] = ()

    def sources(self, kind: str, field: str) -> tuple[str, ...]:
        """The order of sources for a field: its own, else that of its kind; empty when there is none."""
        return self.order_of(f"{kind}.{field}") or self.order_of(kind)

    def order_of(self, metric: str) -> tuple[str, ...]:
        """The order of sources that names exactly this metric."""
        orders = (rule for rule in reversed(self.decisions) if isinstance(rule, Order))
        return next((rule.sources for rule in orders if rule.metric == metric), ())

    def day_pin(self, kind: str, date: dt.date, field: str) -> Pin | None:
        """The pin of a day's field."""
        return self._pin(kind, field, lambda pin: pin.date == date)

    def activity_pin(self, members: frozenset[Identity], field: str) -> Pin | None:
        """The pin of an activity's field, by any of its members."""
        return self._pin("activity", field, lambda pin: pin.member in members)

    def _pin(self, kind: str, field: str, applies: Any) -> Pin | None:
        for decision in reversed(self.decisions):
            if (
                isinstance(decision, Pin)
                and (decision.kind, decision.field) == (kind, field)
                and applies(decision)
            ):
                return decision
        return None

    def is_split(self, one: Identity, other: Identity) -> bool:
        """Whether these two are never one."""
        return any(
            isinstance(rule, Split)
            and (
                (rule.member == one and other in rule.others) or (rule.member == other and one in rule.others)
            )
            for rule in self.decisions
        )

    def joins(self) -> list[tuple[Identity, Identity]]:
        """All pairs that are one."""
        return [(rule.one, rule.other) for rule in self.decisions if isinstance(rule, Join)]
