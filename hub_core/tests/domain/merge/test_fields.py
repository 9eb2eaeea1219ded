"""Who is believed about what: devices about what is measured, people about what is felt."""

from __future__ import annotations

import datetime as dt

import pytest

from hub_core.domain.merge import ATHLETE, Cluster, Order, Pin, Rules, VisibleActivity, merge_activity
from hub_core.domain.merge.fields import choose_fields
from hub_core.domain.records import Activity, Device, Lap
from hub_core.domain.sport import Sport
from hub_core.testing.statements import activity, curve, say

NOVEMBER = 1_763_000_000_000
WAHOO = say(
    "wahoo",
    activity(
        "w1",
        distance_m=40_100.0,
        avg_power_w=231.0,
        device=Device("BOLT", "Wahoo", "77"),
        series=curve("power_w", "speed_ms"),
        name="Cycling",
        laps=(Lap(0, 1800), Lap(1800, 1800)),
    ),
    version=NOVEMBER,
)
GARMIN = say(
    "garmin",
    activity(
        "g1",
        late_s=20,
        distance_m=40_000.0,
        avg_heart_rate_bpm=141.0,
        series=curve("heart_rate_bpm"),
        name="Berlin Cycling",
    ),
    version=NOVEMBER + 5,
)
COPY = say(
    "intervals",
    activity(
        "i1",
        origin="wahoo",
        origin_id="w1",
        distance_m=40_099.0,
        avg_heart_rate_bpm=150.0,
        elevation_gain_m=300.0,
        name="Renamed there",
    ),
    version=NOVEMBER + 9,
)
TYPED = say("healthkit", activity("h1", distance_m=41_000.0, steps=12, is_manual=True), version=NOVEMBER + 99)
FELT = say(
    ATHLETE,
    activity("a1", distance_m=45_000.0, perceived_exertion=7.0, name="Hard", is_manual=True),
    version=NOVEMBER - 999,
)
ALL = (FELT, GARMIN, TYPED, COPY, WAHOO)


def merge(*rules: Order | Pin) -> VisibleActivity:
    return merge_activity(Cluster(ALL), Rules(rules))


def told(visible: VisibleActivity, field: str) -> tuple[object, str, str]:
    source = visible.sources[field]
    return getattr(visible, field), source.source, source.reason


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("distance_m", (40_100.0, "wahoo", "recorder")),
        ("avg_power_w", (231.0, "wahoo", "only")),
        # The copy passes on what it didn't record, so it comes after the watch.
        ("avg_heart_rate_bpm", (141.0, "garmin", "recorder")),
        ("elevation_gain_m", (300.0, "intervals", "only")),
        ("steps", (12, "healthkit", "typed")),
        ("perceived_exertion", (7.0, "athlete", "manual")),
        ("name", ("Hard", "athlete", "manual")),
    ],
)
def test_by_default(field: str, expected: tuple[object, str, str]) -> None:
    assert told(merge(), field) == expected


def test_without_the_athletes_word_the_newest_edit_stands_and_a_copy_is_no_edit() -> None:
    others = tuple(one for one in ALL if one not in (FELT, TYPED))
    visible = merge_activity(Cluster(others), Rules())
    assert told(visible, "name") == ("Berlin Cycling", "garmin", "newest")


def test_an_order_and_then_a_pin_go_before_the_default() -> None:
    order = Order("activity.distance_m", ("garmin", "wahoo"))
    assert told(merge(order), "distance_m") == (40_000.0, "garmin", "source_order")
    assert told(merge(Order("activity", ("intervals",))), "distance_m") == (
        40_099.0,
        "intervals",
        "source_order",
    )
    # What names the field goes before what names the kind, and the newer of two orders before the older.
    assert told(merge(order, Order("activity", ("intervals",))), "distance_m")[1] == "garmin"
    assert told(merge(order, Order("activity.distance_m", ("wahoo",))), "distance_m")[1] == "wahoo"

    pin = Pin("distance_m", member=COPY.identity, source="healthkit")
    assert told(merge(order, pin), "distance_m") == (41_000.0, "healthkit", "pinned_source")
    value = Pin("distance_m", member=GARMIN.identity, value=40_050.0)
    assert told(merge(order, pin, value), "distance_m") == (40_050.0, "athlete", "pinned_value")
    elsewhere = Pin("distance_m", member=say("garmin", activity("other")).identity, value=1.0)
    assert told(merge(elsewhere), "distance_m")[0] == 40_100.0


def test_losers_are_told() -> None:
    choice = choose_fields(Cluster(ALL), Rules())["distance_m"]
    assert {(one.source, one.value) for one in choice.losers} == {
        ("garmin", 40_000.0),
        ("intervals", 40_099.0),
        ("healthkit", 41_000.0),
        ("athlete", 45_000.0),
    }
    assert choice.words == "it recorded the activity itself, and in most detail"


def test_each_column_comes_from_the_device_that_has_it() -> None:
    columns = merge().columns
    assert {name: str(identity) for name, identity in columns.items()} == {
        "time_s": "wahoo/w1",
        "power_w": "wahoo/w1",
        "speed_ms": "wahoo/w1",
        "heart_rate_bpm": "garmin/g1",
    }


def test_times_are_of_one_clock_and_laps_follow_it() -> None:
    assert told(merge(), "duration_s")[1] == told(merge(), "start")[1] == "wahoo"
    pinned = merge(Pin("start", member=WAHOO.identity, source="garmin"))
    assert pinned.start == GARMIN.record.start
    assert told(pinned, "duration_s")[1] == "garmin"
    # The watch began 20 s later, so the first lap began before.
    assert [lap.start_s for lap in pinned.laps] == [-20.0, 1780.0]


def test_the_day_is_that_of_the_athlete_when_any_source_knows_it() -> None:
    late = dt.datetime(2026, 11, 14, 23, 30, tzinfo=dt.UTC)
    bare = say("wahoo", Activity("w", Sport.RIDE, late, 3600.0, device=Device("BOLT")))
    zoned = say("intervals", activity("i", start=late.astimezone(dt.timezone(dt.timedelta(hours=1)))))
    assert merge_activity(Cluster((bare,)), Rules()).date == dt.date(2026, 11, 14)
    assert merge_activity(Cluster((zoned, bare)), Rules()).date == dt.date(2026, 11, 15)
    named = say("garmin", activity("g", start=late, time_zone="America/Los_Angeles"))
    assert merge_activity(Cluster((named,)), Rules()).date == dt.date(2026, 11, 14)
    east = say("garmin", activity("g", start=late, time_zone="Asia/Tokyo"))
    assert merge_activity(Cluster((east,)), Rules()).date == dt.date(2026, 11, 15)
