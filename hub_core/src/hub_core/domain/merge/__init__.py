"""How statements about the same thing become one: pure functions of observations and rules.

Nothing here reads a clock, a database or an order of arrival. `docs/merging.md` tells the rules to people.
"""

from __future__ import annotations

from hub_core.domain.merge.choice import REASONS, Choice, FieldSource, Loser
from hub_core.domain.merge.cluster import Cluster, cluster, is_about, near_pairs
from hub_core.domain.merge.days import (
    DAILY_METRICS,
    VisibleDaily,
    VisibleNutrition,
    choose_daily,
    choose_nutrition,
    merge_daily,
    merge_nutrition,
)
from hub_core.domain.merge.fields import VisibleActivity, choose_fields, merge_activity
from hub_core.domain.merge.match import Evidence, Match, judge, wants_series
from hub_core.domain.merge.nights import VisibleSleep, choose_sleep, merge_sleep
from hub_core.domain.merge.rules import Decision, Join, Link, Order, Pin, Rules, Split, Unlink
from hub_core.domain.merge.statement import ATHLETE, FILE, Identity, Statement

__all__ = [
    "ATHLETE",
    "DAILY_METRICS",
    "FILE",
    "REASONS",
    "Choice",
    "Cluster",
    "Decision",
    "Evidence",
    "FieldSource",
    "Identity",
    "Join",
    "Link",
    "Loser",
    "Match",
    "Order",
    "Pin",
    "Rules",
    "Split",
    "Statement",
    "Unlink",
    "VisibleActivity",
    "VisibleDaily",
    "VisibleNutrition",
    "VisibleSleep",
    "choose_daily",
    "choose_fields",
    "choose_nutrition",
    "choose_sleep",
    "cluster",
    "is_about",
    "judge",
    "merge_activity",
    "merge_daily",
    "merge_nutrition",
    "merge_sleep",
    "near_pairs",
    "wants_series",
]
