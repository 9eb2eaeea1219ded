"""Watts, beats, paces and feelings on one scale."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.athlete import Athlete, ZoneTable
from hub_core.domain.effort import Scale, Threshold, find_zone
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    Intensity,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.testing.strategies import KNOWN_ATHLETE, steps

#: FTP 250 W, LTHR 170, maximum 190 bpm, 4.2 m/s, CSS 1.3 m/s.
ANNA = KNOWN_ATHLETE
NOBODY = Athlete()
FTP, LTHR, MAX_HR = Reference.FTP, Reference.LTHR, Reference.MAX_HR
CSS = Reference.CSS


def measure(
    target: Target | None, athlete: Athlete = ANNA, sport: Sport = Sport.RIDE, **fields: object
) -> tuple[float, float]:
    effort = Scale(athlete, sport).measure(Step(TimeDuration(60), target, **fields))  # type: ignore[arg-type]
    return round(effort.low, 3), round(effort.high, 3)


@pytest.mark.parametrize(
    ("target", "sport", "bounds"),
    [
        (RangeTarget(Metric.POWER, 200, 250), Sport.RIDE, (80, 100)),
        (PercentTarget(Metric.POWER, 88, 93, FTP), Sport.RIDE, (88, 93)),
        (ZoneTarget(Metric.POWER, 2, 3), Sport.RIDE, (55, 90)),
        (RangeTarget(Metric.HEART_RATE, 85, 153), Sport.RUN, (50, 90)),
        (PercentTarget(Metric.HEART_RATE, 70, 95, LTHR), Sport.RUN, (70, 95)),
        # 85 % of 190 bpm are 161.5, and those are 95 % of 170.
        (PercentTarget(Metric.HEART_RATE, 85, 85, MAX_HR), Sport.RUN, (95, 95)),
        (RangeTarget(Metric.PACE, 3.36, 4.2), Sport.RUN, (80, 100)),
        (RangeTarget(Metric.SPEED, 1.3, 1.3), Sport.POOL_SWIM, (100, 100)),
        (PercentTarget(Metric.PACE, 98, 101, CSS), Sport.POOL_SWIM, (98, 101)),
        (ZoneTarget(Metric.PACE, 4, 4), Sport.POOL_SWIM, (94.3, 100)),
        (RangeTarget(Metric.RPE, 3, 8), Sport.YOGA, (60, 100)),
        # A runner's threshold pace is no measure for a bicycle: taken as 36 km/h.
        (RangeTarget(Metric.SPEED, 5, 10), Sport.RIDE, (50, 100)),
    ],
    ids=str,
)
def test_targets_in_percent_of_threshold(target: Target, sport: Sport, bounds: tuple[float, float]) -> None:
    assert measure(target, sport=sport) == bounds


def test_without_a_target_it_is_what_such_a_step_usually_is() -> None:
    order = ("rest", "recovery", "cooldown", "warmup", "active", "interval")
    heights = [measure(None, intensity=Intensity(name)) for name in order]
    assert heights == sorted(set(heights))
    legs = measure(RangeTarget(Metric.CADENCE, 90, 100), intensity=Intensity.ACTIVE)
    assert legs == measure(None, intensity=Intensity.ACTIVE)


def test_a_zone_beyond_the_table_is_its_last() -> None:
    short = Athlete(zones={Metric.POWER: ZoneTable(FTP, (0, 70, 110))})
    assert measure(ZoneTarget(Metric.POWER, 2, 5), short) == (70, 110)
    assert measure(ZoneTarget(Metric.POWER, 4, 5), short) == (70, 110)


def test_zones_in_percent_of_maximum_are_measured_by_lthr() -> None:
    by_max = Athlete(
        lthr_bpm=170, max_hr_bpm=190, zones={Metric.HEART_RATE: ZoneTable(MAX_HR, (50, 60, 85, 100))}
    )
    assert measure(ZoneTarget(Metric.HEART_RATE, 2, 2), by_max) == (67.059, 95)


def thresholds(athlete: Athlete, *targets: Target, sport: Sport = Sport.RUN) -> tuple[Threshold, ...]:
    scale = Scale(athlete, sport)
    for target in targets:
        scale.measure(Step(TimeDuration(60), target))
    return scale.thresholds()


def test_what_is_taken_for_granted_is_told() -> None:
    watts, percent = RangeTarget(Metric.POWER, 200, 200), PercentTarget(Metric.POWER, 80, 80, FTP)
    assert thresholds(ANNA, watts) == (Threshold(Metric.POWER, FTP, 250, is_assumed=False),)
    assert thresholds(ANNA, percent) == (Threshold(Metric.POWER, FTP, 250, is_assumed=False),)
    # Percentages need nobody's FTP.
    assert thresholds(NOBODY, percent) == (Threshold(Metric.POWER, FTP, None, is_assumed=False),)
    assert thresholds(NOBODY, percent, watts) == (Threshold(Metric.POWER, FTP, 200, is_assumed=True),)
    beats = RangeTarget(Metric.HEART_RATE, 150, 150)
    half_known = Athlete(max_hr_bpm=190)
    assert thresholds(half_known, beats) == (Threshold(Metric.HEART_RATE, LTHR, 171, is_assumed=True),)
    assert thresholds(NOBODY, RangeTarget(Metric.RPE, 5, 5)) == ()


@pytest.mark.parametrize(("percent", "zone"), [(0, 1), (30, 1), (55, 1), (55.1, 2), (100, 3), (500, 3)])
def test_an_edge_belongs_to_the_zone_below(percent: float, zone: int) -> None:
    assert find_zone((0, 55, 90, 120), percent) == zone


def test_without_zones_there_is_none() -> None:
    assert find_zone((), 80) is None


@given(st.lists(st.floats(0, 250), min_size=2, max_size=20), st.sampled_from(["known", "unknown"]))
def test_harder_is_higher(values: list[float], whose: str) -> None:
    scale = Scale(ANNA if whose == "known" else NOBODY, Sport.RIDE)
    for metric in (Metric.POWER, Metric.HEART_RATE, Metric.PACE, Metric.SPEED, Metric.RPE):
        made = [scale.measure(Step(TimeDuration(1), RangeTarget(metric, one, one))) for one in sorted(values)]
        assert [one.low for one in made] == sorted(one.low for one in made)


@given(st.sampled_from(Sport).flatmap(lambda sport: st.tuples(st.just(sport), steps(sport))))
def test_it_never_fails(drawn: tuple[Sport, Step]) -> None:
    sport, step = drawn
    for athlete in (ANNA, NOBODY):
        effort = Scale(athlete, sport).measure(step)
        assert 0 <= effort.low <= effort.high
        assert (effort.metric is None) == (step.target is None or step.target.metric is Metric.CADENCE)
