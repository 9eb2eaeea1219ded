"""Which statements are one activity: the evidence that is enough, and what forbids it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from hub_core.domain.merge import Match, judge
from hub_core.domain.records import Activity, Device
from hub_core.domain.sport import Sport
from hub_core.testing.statements import activity, curve, say

WATCH = Device("Forerunner 965", "Garmin", "3411")
BIKE = Device("ELEMNT BOLT", "Wahoo", "77")


def weigh(one: Activity, other: Activity, sources: tuple[str, str] = ("garmin", "wahoo")) -> Match | str:
    """Both ways round, which makes no difference."""
    left, right = say(sources[0], one), say(sources[1], other)
    judged = judge(left, right)
    assert judge(right, left) == judged
    return judged


def is_one(one: Activity, other: Activity, sources: tuple[str, str] = ("garmin", "wahoo")) -> bool:
    judged = weigh(one, other, sources)
    return isinstance(judged, Match) and judged.is_enough


def bare(**fields: Any) -> Activity:
    """Nothing but times."""
    return activity(distance_m=None, **fields)


def test_the_same_start_alone_is_not_enough() -> None:
    assert not is_one(bare(), bare())
    assert not is_one(activity(), activity(distance_m=8_000.0))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (activity(), activity(late_s=4, distance_m=12_090.0)),
        (activity(), activity(late_s=250, distance_m=11_950.0)),
        (
            bare(series=curve("heart_rate_bpm")),
            bare(series=curve("heart_rate_bpm", every_s=7)),
        ),
        (bare(device=WATCH), bare(device=WATCH, late_s=60)),
        (bare(), bare(origin="garmin")),
        (bare(planned_reference="hub-x"), bare(planned_reference="hub-x")),
        (
            bare(avg_heart_rate_bpm=143.0, max_heart_rate_bpm=171.0),
            bare(avg_heart_rate_bpm=143.4, max_heart_rate_bpm=171.0),
        ),
        (
            activity(sport=Sport.INDOOR_RIDE, distance_m=30_000.0, series=curve("power_w")),
            activity(sport=Sport.RIDE, distance_m=24_000.0, series=curve("power_w")),
        ),
    ],
    ids=[
        "distance",
        "late-start",
        "heart-rate",
        "device",
        "named-recorder",
        "plan",
        "figures",
        "indoor-power",
    ],
)
def test_time_and_one_more_kind_of_evidence_are_enough(one: Activity, other: Activity) -> None:
    assert is_one(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (activity(sport=Sport.RIDE), activity(sport=Sport.RUN)),
        (activity(sport=Sport.POOL_SWIM), activity(sport=Sport.RIDE)),
        # Half of it is shared: the other half was something else.
        (activity(), activity(duration_s=1800.0, distance_m=12_000.0)),
        # A parent of a triathlon, and its longest leg.
        (
            activity(sport=Sport.OTHER, duration_s=3600.0),
            activity(sport=Sport.RIDE, late_s=600, duration_s=3000.0),
        ),
        # What indoor devices guess as a distance says nothing.
        (activity(sport=Sport.INDOOR_RIDE), activity(sport=Sport.INDOOR_RIDE, distance_m=11_800.0)),
        (bare(series=curve("heart_rate_bpm")), bare(series=curve("heart_rate_bpm", seed=3))),
    ],
    ids=["ride-and-run", "swim-and-ride", "half", "parent", "indoor-distance", "other-curve"],
)
def test_it_takes_more_than_that(one: Activity, other: Activity) -> None:
    assert not is_one(one, other)


def test_one_source_does_not_tell_the_same_twice_unless_it_names_two_recorders() -> None:
    assert weigh(activity("1"), activity("2"), ("garmin", "garmin")) == "garmin tells of two activities"
    watch, bike = activity("1", device=WATCH), activity("2", device=BIKE)
    assert is_one(watch, bike, ("garmin", "garmin"))
    assert is_one(activity("1", origin="garmin"), activity("2", origin="wahoo"), ("intervals", "intervals"))


@pytest.mark.parametrize(
    ("one", "other", "sources"),
    [
        (activity("7"), activity("i1", origin="garmin", origin_id="7"), ("garmin", "intervals")),
        (
            activity("a", origin="garmin", origin_id="7"),
            activity("b", origin="garmin", origin_id="7"),
            ("intervals", "strava"),
        ),
        (activity("7", file_digest="ab"), activity("x", file_digest="ab"), ("wahoo", "file")),
        (activity("1", file_digest="ab"), activity("2", file_digest="ab"), ("file", "file")),
    ],
    ids=["echo", "two-echoes", "same-file", "same-source"],
)
def test_who_names_the_other_is_the_same_whatever_else_is_said(
    one: Activity, other: Activity, sources: tuple[str, str]
) -> None:
    far = msgspec.structs.replace(other, start=other.start + dt.timedelta(hours=1), sport=Sport.YOGA)
    judged = weigh(one, far, sources)
    assert isinstance(judged, Match)
    assert judged.is_certain


def test_a_wrong_clock_is_found_by_the_curves() -> None:
    # The bike computer's clock is four minutes ahead: the same minutes carry later times.
    one = bare(duration_s=1800.0, series=curve("power_w", seconds=1800))
    other = bare(duration_s=1800.0, late_s=240, series=curve("power_w", seconds=1800))
    judged = weigh(one, other)
    assert isinstance(judged, Match)
    assert judged.is_enough
    assert "100% of the time is shared, the clocks being +240 s apart" in judged.evidence[0].words


def test_a_clock_that_is_right_is_left_alone() -> None:
    # It began four minutes late, and its curve knows that.
    one = bare(series=curve("power_w"))
    other = bare(late_s=240, duration_s=3360.0, series=curve("power_w", seconds=3360, ahead_s=240))
    judged = weigh(one, other)
    assert isinstance(judged, Match)
    assert judged.evidence[0].words == "93% of the time is shared"
    assert judged.is_enough
