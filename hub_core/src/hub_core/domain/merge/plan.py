"""What was planned and what was done: one planned workout, at most one activity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from hub_core.domain.merge.fields import VisibleActivity
from hub_core.domain.merge.rules import Link, Rules, Unlink
from hub_core.domain.sport import Sport, SportFamily

#: Day and sport alone are worth 0.5: two short runs on the day of one long one are not what was planned.
THRESHOLD = 0.6
_DAY_AND_SPORT = 0.4
_SAME_SPORT = 0.1
_DURATION = 0.3
_DISTANCE = 0.2

REASONS = {
    "linked": "linked by hand",
    "reference": "it carries the reference under which the workout was sent",
    "provider_id": "the provider names the workout that it was sent",
    "score": "same day and sport, and about as long as planned",
}


class Plan(msgspec.Struct, frozen=True):
    """A planned workout: seconds and metres as far as they are known."""

    workout_id: str
    date: dt.date
    sport: Sport
    duration_s: float | None = None
    distance_m: float | None = None


class Done(msgspec.Struct, frozen=True):
    """A visible activity. `named`: the planned workouts that its statements name, with the reason's code."""

    activity_id: str
    activity: VisibleActivity
    named: tuple[tuple[str, str], ...] = ()


class Pairing(msgspec.Struct, frozen=True):
    """What was done of a planned workout, and why that is thought. `reason` is a code."""

    workout_id: str
    activity_id: str
    score: float
    reason: str

    @property
    def words(self) -> str:
        """The reason in words."""
        return REASONS[self.reason]


def pair_up(plans: Iterable[Plan], done: Sequence[Done], rules: Rules) -> list[Pairing]:
    """The best pairs first, each plan and each activity once. Who comes first makes no difference."""
    by_id = {plan.workout_id: plan for plan in plans}
    pairs = [pair for one in done for plan in by_id.values() if (pair := _weigh(plan, one, rules))]
    order = tuple(REASONS)
    pairs.sort(key=lambda one: (order.index(one.reason), -one.score, one.workout_id, one.activity_id))
    taken: set[str] = set()
    found = []
    for pair in pairs:
        if taken.isdisjoint({pair.workout_id, pair.activity_id}):
            taken |= {pair.workout_id, pair.activity_id}
            found.append(pair)
    return found


def _weigh(plan: Plan, done: Done, rules: Rules) -> Pairing | None:
    members = set(done.activity.members)
    for rule in reversed(rules.decisions):
        if isinstance(rule, (Link, Unlink)) and rule.workout_id == plan.workout_id and rule.member in members:
            if isinstance(rule, Unlink):
                return None
            return Pairing(plan.workout_id, done.activity_id, 1.0, "linked")
    for workout_id, reason in done.named:
        if workout_id == plan.workout_id:
            return Pairing(workout_id, done.activity_id, 1.0, reason)
    if any(isinstance(rule, Link) and rule.workout_id == plan.workout_id for rule in rules.decisions):
        return None
    score = _closeness(plan, done.activity)
    return Pairing(plan.workout_id, done.activity_id, score, "score") if score >= THRESHOLD else None


def _closeness(plan: Plan, activity: VisibleActivity) -> float:
    if plan.date != activity.date or plan.sport.family is not activity.sport.family:
        return 0.0
    if plan.sport.family is SportFamily.OTHER and plan.sport is not activity.sport:
        return 0.0
    score = _DAY_AND_SPORT + (_SAME_SPORT if plan.sport is activity.sport else 0.0)
    for wanted, value, weight in (
        (plan.duration_s, activity.moving_s or activity.duration_s, _DURATION),
        (plan.distance_m, activity.distance_m, _DISTANCE),
    ):
        if wanted and value:
            score += weight * min(wanted, value) / max(wanted, value)
    return round(score, 2)
