"""From percent and zones to watts, beats and metres per second."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings

from hub_core.domain.athlete import Athlete, ZoneTable
from hub_core.domain.normalize import MissingThresholdError, MissingZoneError, normalize, resolve_target
from hub_core.domain.outline import PlacedStep, place_steps, walk
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    Metric,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.testing.strategies import KNOWN_ATHLETE, planned_workouts


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (PercentTarget(Metric.POWER, 88, 93, Reference.FTP), RangeTarget(Metric.POWER, 220, 232)),
        (
            PercentTarget(Metric.POWER, 50, 75, Reference.FTP, "down"),
            RangeTarget(Metric.POWER, 125, 188, "down"),
        ),
        (PercentTarget(Metric.HEART_RATE, 85, 90, Reference.LTHR), RangeTarget(Metric.HEART_RATE, 144, 153)),
        (
            PercentTarget(Metric.HEART_RATE, 70, 80, Reference.MAX_HR),
            RangeTarget(Metric.HEART_RATE, 133, 152),
        ),
        (
            PercentTarget(Metric.PACE, 97, 101, Reference.THRESHOLD_PACE),
            RangeTarget(Metric.PACE, 4.074, 4.242),
        ),
        (PercentTarget(Metric.PACE, 100, 100, Reference.CSS), RangeTarget(Metric.PACE, 1.3, 1.3)),
        # Coggan's zone 4 is 90 to 105 % of FTP; Friel's zone 2 is 85 to 90 % of LTHR.
        (ZoneTarget(Metric.POWER, 4, 4), RangeTarget(Metric.POWER, 225, 262)),
        (ZoneTarget(Metric.POWER, 1, 2), RangeTarget(Metric.POWER, 0, 188)),
        (ZoneTarget(Metric.HEART_RATE, 2, 2), RangeTarget(Metric.HEART_RATE, 144, 153)),
        (ZoneTarget(Metric.PACE, 1, 1), RangeTarget(Metric.PACE, 0, 3.255)),
        (ZoneTarget(Metric.SPEED, 1, 1), RangeTarget(Metric.SPEED, 0, 3.255)),
        (RangeTarget(Metric.RPE, 8, 8), RangeTarget(Metric.RPE, 8, 8)),
    ],
)
def test_targets_become_absolute(target: Target, expected: RangeTarget) -> None:
    assert resolve_target(target, KNOWN_ATHLETE, Sport.RUN) == expected


def test_swimmers_zones_count_from_css() -> None:
    swum = resolve_target(ZoneTarget(Metric.PACE, 4, 4), KNOWN_ATHLETE, Sport.POOL_SWIM)
    assert swum == RangeTarget(Metric.PACE, 1.226, 1.3)


def test_the_athletes_own_zones_come_first() -> None:
    own = ZoneTable(Reference.MAX_HR, (50, 60, 70, 80))
    athlete = msgspec.structs.replace(KNOWN_ATHLETE, zones={Metric.HEART_RATE: own})
    target = resolve_target(ZoneTarget(Metric.HEART_RATE, 2, 3), athlete, Sport.RIDE)
    assert target == RangeTarget(Metric.HEART_RATE, 114, 152)
    with pytest.raises(MissingZoneError, match="zone 4 is not in a table of 3"):
        resolve_target(ZoneTarget(Metric.HEART_RATE, 4, 4), athlete, Sport.RIDE)


@pytest.mark.parametrize(
    ("target", "field"),
    [
        (PercentTarget(Metric.POWER, 90, 95, Reference.FTP), "ftp_w"),
        (PercentTarget(Metric.HEART_RATE, 90, 95, Reference.LTHR), "lthr_bpm"),
        (PercentTarget(Metric.HEART_RATE, 90, 95, Reference.MAX_HR), "max_hr_bpm"),
        (PercentTarget(Metric.PACE, 90, 95, Reference.THRESHOLD_PACE), "threshold_speed_mps"),
        (PercentTarget(Metric.PACE, 90, 95, Reference.CSS), "css_mps"),
        (ZoneTarget(Metric.POWER, 1, 2), "ftp_w"),
        (ZoneTarget(Metric.HEART_RATE, 1, 2), "lthr_bpm"),
    ],
)
def test_a_threshold_that_is_not_known_is_named(target: Target, field: str) -> None:
    with pytest.raises(MissingThresholdError, match=field) as caught:
        resolve_target(target, Athlete(), Sport.RIDE)
    assert caught.value.field == field


def test_there_are_no_cadence_zones() -> None:
    with pytest.raises(MissingZoneError, match="cadence"):
        resolve_target(ZoneTarget(Metric.CADENCE, 1, 1), KNOWN_ATHLETE, Sport.RIDE)


def test_targets_inside_of_repeats_are_resolved() -> None:
    step = Step(TimeDuration(60), PercentTarget(Metric.POWER, 100, 100, Reference.FTP))
    workout = PlannedWorkout("Ride", Sport.RIDE, (Repeat(2, (Repeat(3, (step,)),)),))
    (placed,) = [
        node
        for node in walk(place_steps(normalize(workout, KNOWN_ATHLETE).steps))
        if isinstance(node, PlacedStep)
    ]
    assert placed.step.target == RangeTarget(Metric.POWER, 250, 250)


@settings(max_examples=40)
@given(planned_workouts())
def test_only_targets_change_and_only_once(workout: PlannedWorkout) -> None:
    absolute = normalize(workout, KNOWN_ATHLETE)

    assert normalize(absolute, KNOWN_ATHLETE) == absolute
    assert _without_targets(absolute) == _without_targets(workout)
    for before, after in zip(_steps(workout), _steps(absolute), strict=True):
        assert (after.target is None) == (before.target is None)
        if before.target is not None:
            assert isinstance(after.target, RangeTarget)
            assert after.target.metric is before.target.metric
            assert after.target.low <= after.target.high


def _steps(workout: PlannedWorkout) -> list[Step]:
    return [node.step for node in walk(place_steps(workout.steps)) if isinstance(node, PlacedStep)]


def _without_targets(workout: PlannedWorkout) -> object:
    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {key: strip(part) for key, part in value.items() if key != "target"}
        return [strip(part) for part in value] if isinstance(value, list | tuple) else value

    return strip(msgspec.to_builtins(workout))
