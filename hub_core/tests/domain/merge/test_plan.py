"""What was done of what was planned: one for one."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import msgspec

from hub_core.domain.merge import Cluster, Identity, Link, Rules, Unlink, VisibleActivity, merge_activity
from hub_core.domain.merge.plan import Done, Plan, pair_up
from hub_core.domain.sport import Sport
from hub_core.testing.statements import MORNING, activity, say

DAY = MORNING.date()


def done(external_id: str, *named: tuple[str, str], **fields: Any) -> Done:
    visible = merge_activity(Cluster((say("garmin", activity(external_id, **fields)),)), Rules())
    return Done(f"act_{external_id}", visible, named)


def pairs(plans: list[Plan], activities: list[Done], *rules: Link | Unlink) -> dict[str, tuple[str, str]]:
    """Workout to activity and reason, the same in any order."""
    found = [
        {one.workout_id: (one.activity_id, one.reason) for one in pair_up(order, turned, Rules(rules))}
        for order in itertools.permutations(plans)
        for turned in itertools.permutations(activities)
    ]
    assert all(one == found[0] for one in found)
    return found[0]


LONG = Plan("long", DAY, Sport.RUN, 3600.0, 12_000.0)
SHORT = Plan("short", DAY, Sport.RUN, 1500.0)


def test_two_runs_of_a_day_find_their_plans_by_length() -> None:
    runs = [done("1", duration_s=3500.0), done("2", duration_s=1600.0, distance_m=5_000.0)]
    assert pairs([LONG, SHORT], runs) == {"long": ("act_1", "score"), "short": ("act_2", "score")}


def test_one_plan_is_done_once_and_one_activity_does_one_plan() -> None:
    assert pairs([LONG], [done("1"), done("2", duration_s=3000.0)]) == {"long": ("act_1", "score")}
    assert pairs([LONG, msgspec.structs.replace(LONG, workout_id="z")], [done("1")]) == {
        "long": ("act_1", "score")
    }


def test_another_day_or_sport_or_length_is_something_else() -> None:
    for other in (
        done("1", sport=Sport.RIDE),
        done("1", late_s=86_400.0),
        done("1", duration_s=400.0, distance_m=1_500.0),
    ):
        assert pairs([LONG], [other]) == {}
    assert pairs([LONG], [done("1", sport=Sport.TRAIL_RUN)]) == {"long": ("act_1", "score")}
    assert pairs([Plan("w", DAY, Sport.WALK)], [done("1", sport=Sport.HIKE)]) == {}


def test_a_name_goes_before_the_score_and_a_person_before_that() -> None:
    named = done("2", ("long", "reference"), late_s=3 * 86_400.0, sport=Sport.OTHER)
    assert pairs([LONG], [done("1"), named]) == {"long": ("act_2", "reference")}
    link = Link("long", Identity("garmin", "3"))
    both = [done("1"), named, done("3", sport=Sport.RIDE)]
    assert pairs([LONG], both, link) == {"long": ("act_3", "linked")}
    assert pairs([LONG], [done("1")], Unlink("long", Identity("garmin", "1"))) == {}
    # Of two decisions about the same two, the newer one stands.
    again = Link("long", Identity("garmin", "1"))
    assert pairs([LONG], [done("1")], Unlink("long", Identity("garmin", "1")), again) == {
        "long": ("act_1", "linked")
    }


def test_the_visible_activity_keeps_its_date() -> None:
    assert isinstance(done("1").activity, VisibleActivity)
    assert done("1").activity.date == dt.date(2026, 11, 14)
