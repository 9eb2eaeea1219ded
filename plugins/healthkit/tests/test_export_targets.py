"""Targets as alerts: what the watch has, what it may have, and what goes into a step's name."""

from __future__ import annotations

import pytest

from hub_core.sdk import (
    Athlete,
    Fidelity,
    Metric,
    PercentTarget,
    RangeTarget,
    Reference,
    Sport,
    Target,
    ZoneTarget,
)
from hub_core.testing.strategies import KNOWN_ATHLETE
from hub_healthkit.activities import Support
from hub_healthkit.export_targets import fit_bounds, to_aim, to_alert


def alert(target: Target, sport: Sport) -> dict[str, object]:
    aim = to_aim(target, sport, KNOWN_ATHLETE)
    assert aim.bounds
    return to_alert(aim.bounds, aim.support)


@pytest.mark.parametrize(
    ("target", "sport", "expected"),
    [
        (
            RangeTarget(Metric.HEART_RATE, 118, 136),
            Sport.YOGA,
            {"kind": "heartRateRange", "low": 118, "high": 136, "unit": "count/min"},
        ),
        (
            RangeTarget(Metric.POWER, 200, 220),
            Sport.INDOOR_RIDE,
            {"kind": "powerRange", "low": 200, "high": 220, "unit": "W", "metric": "current"},
        ),
        # 4:10 to 4:00 /km: the lower pace number is the higher speed.
        (
            RangeTarget(Metric.PACE, 4.0, 4.167),
            Sport.RUN,
            {"kind": "speedRange", "low": 4, "high": 4.167, "unit": "m/s", "metric": "current"},
        ),
        (
            RangeTarget(Metric.SPEED, 8.333, 9.722),
            Sport.RIDE,
            {"kind": "speedRange", "low": 8.333, "high": 9.722, "unit": "m/s", "metric": "current"},
        ),
        (
            RangeTarget(Metric.CADENCE, 85, 95),
            Sport.RIDE,
            {"kind": "cadenceRange", "low": 85, "high": 95, "unit": "count/min"},
        ),
        # 88 to 93 % of 250 W.
        (
            PercentTarget(Metric.POWER, 88, 93, Reference.FTP),
            Sport.RIDE,
            {"kind": "powerRange", "low": 220, "high": 232, "unit": "W", "metric": "current"},
        ),
        # Zone 4 of the default table: 95 to 100 % of 170 bpm.
        (
            ZoneTarget(Metric.HEART_RATE, 4, 4),
            Sport.RUN,
            {"kind": "heartRateRange", "low": 162, "high": 170, "unit": "count/min"},
        ),
    ],
)
def test_a_target_that_the_watch_has_an_alert_for(
    target: Target, sport: Sport, expected: dict[str, object]
) -> None:
    assert alert(target, sport) == expected
    aim = to_aim(target, sport, KNOWN_ATHLETE)
    assert aim.words == ""
    assert all(loss.level is Fidelity.EXACT for loss in aim.losses)
    assert bool(aim.losses) is not isinstance(target, RangeTarget)


@pytest.mark.parametrize(
    ("target", "sport", "words"),
    [
        (RangeTarget(Metric.POWER, 250, 270), Sport.RUN, "250–270 W"),
        (RangeTarget(Metric.PACE, 1.25, 1.3), Sport.POOL_SWIM, "1:20–1:17 /100 m"),
        (RangeTarget(Metric.SPEED, 3.5, 4), Sport.ROW, "3.5–4 m/s"),
        (RangeTarget(Metric.SPEED, 1, 1.5), Sport.HIKE, "1–1.5 m/s"),
    ],
)
def test_what_only_some_watches_have_is_asked_and_said_in_words(
    target: Target, sport: Sport, words: str
) -> None:
    assert alert(target, sport)["ifSupported"] is True
    aim = to_aim(target, sport, KNOWN_ATHLETE)
    assert aim.words == words
    (loss,) = aim.losses
    assert (loss.feature, loss.level) == ("target", Fidelity.DEGRADED)
    assert words in loss.becomes


@pytest.mark.parametrize(
    ("target", "sport", "words"),
    [
        (RangeTarget(Metric.RPE, 7, 8), Sport.RUN, "RPE 7–8"),
        (RangeTarget(Metric.POWER, 250, 270), Sport.ROW, "250–270 W"),
        (RangeTarget(Metric.SPEED, 2, 3), Sport.YOGA, "2–3 m/s"),
    ],
)
def test_what_the_watch_has_no_alert_for_is_said_in_words(target: Target, sport: Sport, words: str) -> None:
    aim = to_aim(target, sport, KNOWN_ATHLETE)
    assert (aim.bounds, aim.support, aim.words) == (None, Support.NO, words)
    (loss,) = aim.losses
    assert (loss.level, loss.becomes) == (Fidelity.DEGRADED, f"words in the step's name: {words}")


@pytest.mark.parametrize(
    ("target", "words", "suggestion"),
    [
        (PercentTarget(Metric.POWER, 88, 93, Reference.FTP), "88–93 % FTP", "set the athlete's ftp_w"),
        (ZoneTarget(Metric.POWER, 2, 2), "zone 2 power", "set the athlete's ftp_w"),
        (
            ZoneTarget(Metric.POWER, 9, 9),
            "zone 9 power",
            "add the zone to the athlete's zones, or plan in numbers",
        ),
    ],
)
def test_a_threshold_that_nobody_knows_leaves_words(target: Target, words: str, suggestion: str) -> None:
    aim = to_aim(target, Sport.RIDE, Athlete())
    assert (aim.bounds, aim.words) == (None, words)
    (loss,) = aim.losses
    assert (loss.level, loss.suggestion) == (Fidelity.DEGRADED, suggestion)


@pytest.mark.parametrize(
    ("metric", "value", "low", "high"),
    [
        (Metric.POWER, 200, 195, 205),  # 2.5 % to either side
        (Metric.HEART_RATE, 150, 146.2, 153.8),
        (Metric.PACE, 4.0, 3.9, 4.1),
        (Metric.PACE, 1.0, 0.95, 1.05),  # 0.05 m/s at least
        (Metric.CADENCE, 20, 19, 21),
    ],
)
def test_one_value_becomes_a_range(metric: Metric, value: float, low: float, high: float) -> None:
    bounds, losses = fit_bounds(RangeTarget(metric, value, value), Sport.RIDE)
    assert (bounds.low, bounds.high) == pytest.approx((low, high), abs=0.06)
    assert [(one.feature, one.level, one.suggestion) for one in losses] == [
        ("target", Fidelity.DEGRADED, "plan a range")
    ]


def test_a_range_begins_above_zero() -> None:
    """An alert that began at 0 W made a client trap."""
    bounds, losses = fit_bounds(RangeTarget(Metric.POWER, 0, 138), Sport.RIDE)
    assert (bounds.low, bounds.high) == (1, 138)
    assert [(one.level, one.becomes) for one in losses] == [(Fidelity.EXACT, "1–138 W")]


def test_nothing_at_all_is_a_range_too() -> None:
    bounds, _ = fit_bounds(RangeTarget(Metric.POWER, 0, 0), Sport.RIDE)
    assert 0 < bounds.low < bounds.high


def test_no_target_is_no_aim() -> None:
    aim = to_aim(None, Sport.RUN, KNOWN_ATHLETE)
    assert (aim.bounds, aim.words, aim.losses) == (None, "", ())
