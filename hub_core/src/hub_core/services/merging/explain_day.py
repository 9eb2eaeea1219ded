"""Why a day is shown as it is: who is believed about each value, and what else was said."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.merge import Order, Pin, choose_daily, choose_nutrition, choose_sleep
from hub_core.domain.merge.rules import DayKind
from hub_core.services.hub import Hub
from hub_core.services.merging.decide_merge import RuleView, list_rules
from hub_core.services.merging.explain_activity import FieldReason, to_reason
from hub_core.services.merging.merge_days import load_daily, load_nutrition, load_sleep
from hub_core.services.merging.recompute import load_rules


class DayReasons(msgspec.Struct, frozen=True):
    """All reasons behind one day.

    `counters`: of a count that was united over devices, how much each device has given to it.
    """

    date: dt.date
    fields: tuple[FieldReason, ...]
    rules: tuple[RuleView, ...]
    counters: dict[str, dict[str, float]] = {}


async def explain_day(hub: Hub, athlete_id: str, kind: DayKind, date: dt.date) -> DayReasons:
    """Compute the day once more, keeping all reasons."""
    rules = await load_rules(athlete_id)
    counters: dict[str, dict[str, float]] = {}
    match kind:
        case "daily":
            choices, unions = choose_daily(date, *await load_daily(hub, athlete_id, date), rules)
            for field, union in unions.items():
                counters[field] = {" ".join(filter(None, key)): amount for key, amount in union.parts.items()}
        case "sleep":
            choices, _, _ = choose_sleep(date, *await load_sleep(hub, athlete_id, date), rules)
        case "nutrition":
            choices = choose_nutrition(date, await load_nutrition(hub, athlete_id, date), rules)
    return DayReasons(
        date,
        tuple(to_reason(field, choice) for field, choice in choices.items()),
        tuple(one for one in await list_rules(athlete_id) if _applies(one, kind, date)),
        counters,
    )


def _applies(rule: RuleView, kind: DayKind, date: dt.date) -> bool:
    match rule.decision:
        case Order():
            return rule.decision.metric.partition(".")[0] == kind
        case Pin():
            return rule.decision.kind == kind and rule.decision.date == date
        case _:
            return False
