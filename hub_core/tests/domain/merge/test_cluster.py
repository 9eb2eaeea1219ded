"""Groups of statements: what stays apart although each pair would fit, and that order makes no difference."""

from __future__ import annotations

import itertools
import random

from hub_core.domain.merge import Cluster, Identity, Join, Rules, Split, Statement, cluster, near_pairs
from hub_core.domain.records import Activity
from hub_core.domain.sport import Sport
from hub_core.testing.statements import activity, curve, say

NO_RULES = Rules()


def names(clusters: list[Cluster]) -> list[list[str]]:
    return [[str(member.identity) for member in one.members] for one in clusters]


#: One ride with the bike computer, the watch, the phone, and a copy that intervals.icu passes on.
RIDE = [
    say(
        "wahoo",
        activity("w1", sport=Sport.RIDE, distance_m=40_100.0, series=curve("power_w", "heart_rate_bpm")),
    ),
    say(
        "garmin",
        activity(
            "g1", sport=Sport.RIDE, late_s=20, distance_m=40_000.0, series=curve("heart_rate_bpm", ahead_s=20)
        ),
    ),
    say("healthkit", activity("h1", sport=Sport.RIDE, late_s=90, duration_s=3500.0, distance_m=39_500.0)),
    say("intervals", activity("i1", sport=Sport.RIDE, origin="wahoo", origin_id="w1")),
]


def test_the_three_device_day_is_one_activity_in_any_order() -> None:
    for order in itertools.permutations(RIDE):
        assert names(cluster(order, NO_RULES)) == [["garmin/g1", "healthkit/h1", "intervals/i1", "wahoo/w1"]]


def test_a_parent_takes_in_none_of_its_legs() -> None:
    legs = [
        say("garmin", activity("parent", sport=Sport.OTHER, duration_s=6000.0, distance_m=52_000.0)),
        say("garmin", activity("swim", sport=Sport.OPEN_WATER_SWIM, duration_s=900.0, distance_m=1_000.0)),
        say("garmin", activity("bike", sport=Sport.RIDE, late_s=900, duration_s=5100.0, distance_m=40_000.0)),
    ]
    ride = say("wahoo", activity("w", sport=Sport.RIDE, late_s=910, duration_s=5080.0, distance_m=40_020.0))
    assert names(cluster([*legs, ride], NO_RULES)) == [
        ["garmin/bike", "wahoo/w"],
        ["garmin/parent"],
        ["garmin/swim"],
    ]


def test_the_better_match_comes_first() -> None:
    # Two runs in a row on the watch; the phone's one is the first of them.
    first = say("garmin", activity("1", duration_s=1800.0, distance_m=6_000.0))
    second = say("garmin", activity("2", late_s=1500, duration_s=1800.0, distance_m=6_000.0))
    phone = say("healthkit", activity("p", late_s=5, duration_s=1790.0, distance_m=5_980.0))
    for order in itertools.permutations([first, second, phone]):
        assert names(cluster(order, NO_RULES)) == [["garmin/1", "healthkit/p"], ["garmin/2"]]


def test_people_decide_against_the_score() -> None:
    wahoo, garmin = Identity("wahoo", "w1"), Identity("garmin", "g1")
    others = tuple(one.identity for one in RIDE if one.identity != garmin)
    split = Rules((Split(garmin, others),))
    assert names(cluster(RIDE, split)) == [["garmin/g1"], ["healthkit/h1", "intervals/i1", "wahoo/w1"]]

    yoga = say("garmin", activity("y", sport=Sport.YOGA, late_s=50_000))
    joined = cluster([RIDE[0], yoga], Rules((Join(wahoo, yoga.identity),)))
    assert names(joined) == [["garmin/y", "wahoo/w1"]]
    both = Rules((Join(wahoo, yoga.identity), Split(yoga.identity, (wahoo,))))
    assert len(cluster([RIDE[0], yoga], both)) == 2


def season(size: int) -> list[Statement[Activity]]:
    """So many activities, each told by two sources, a day apart."""
    found = []
    for day in range(size // 2):
        late = day * 86_400.0
        found.append(say("garmin", activity(f"g{day}", late_s=late, distance_m=10_000.0 + day % 900)))
        found.append(say("intervals", activity(f"i{day}", late_s=late + 3, distance_m=10_001.0 + day % 900)))
    return found


def test_ten_thousand_activities_are_not_compared_each_with_each() -> None:
    statements = season(10_000)
    random.Random(4).shuffle(statements)
    assert sum(1 for _ in near_pairs(statements)) == 5_000
    clusters = cluster(statements, NO_RULES)
    assert len(clusters) == 5_000
    assert all(len(one.members) == 2 for one in clusters)
