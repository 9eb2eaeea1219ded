"""Steps and targets in the words that reports use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from hub_core.domain.describe import (
    describe_duration,
    describe_node,
    describe_pace,
    describe_seconds,
    describe_step,
    describe_target,
)
from hub_core.domain.outline import PlacedRepeat, PlacedStep, place_steps, walk
from hub_core.domain.sport import Sport
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Intensity,
    Metric,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.testing.strategies import planned_workouts


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.5, "0.5 s"),
        (45, "45 s"),
        (59.7, "1 min"),
        (60, "1 min"),
        (90, "1:30 min"),
        (480, "8 min"),
        (3599.6, "1 h"),
        (3600, "1 h"),
        (3900, "1:05 h"),
        (3661, "1:01:01 h"),
    ],
)
def test_seconds(seconds: float, text: str) -> None:
    assert describe_seconds(seconds) == text


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (TimeDuration(480), "8 min"),
        (DistanceDuration(400), "400 m"),
        (DistanceDuration(1000), "1 km"),
        (DistanceDuration(21_097.5), "21.0975 km"),
        (OpenDuration(), "until lap"),
    ],
)
def test_durations(duration: Duration, text: str) -> None:
    assert describe_duration(duration) == text


def test_pace() -> None:
    assert describe_pace(4.0) == "4:10"
    assert describe_pace(1.25, per_m=100) == "1:20"
    assert describe_pace(0) == "standing"


@pytest.mark.parametrize(
    ("target", "sport", "text"),
    [
        (RangeTarget(Metric.POWER, 250, 270), Sport.RIDE, "250–270 W"),
        (RangeTarget(Metric.POWER, 250, 250), Sport.RIDE, "250 W"),
        (RangeTarget(Metric.POWER, 999.999, 1250), Sport.RIDE, "1000–1250 W"),
        (RangeTarget(Metric.HEART_RATE, 140, 150), Sport.RUN, "140–150 bpm"),
        (RangeTarget(Metric.PACE, 4.0, 4.2), Sport.RUN, "4:10–3:58 /km"),
        (RangeTarget(Metric.PACE, 1.2, 1.25), Sport.POOL_SWIM, "1:23–1:20 /100 m"),
        (RangeTarget(Metric.PACE, 4.0, 4.0), Sport.ROW, "2:05 /500 m"),
        (RangeTarget(Metric.PACE, 4.0, 4.001), Sport.RUN, "4:10 /km"),
        (RangeTarget(Metric.SPEED, 8.333, 9), Sport.RIDE, "8.33–9 m/s"),
        (RangeTarget(Metric.CADENCE, 85, 95), Sport.RIDE, "85–95 rpm"),
        (RangeTarget(Metric.RPE, 8, 8), Sport.RUN, "RPE 8"),
        (PercentTarget(Metric.POWER, 88, 93, Reference.FTP), Sport.RIDE, "88–93 % FTP"),
        (PercentTarget(Metric.POWER, 45, 75, Reference.FTP, "up"), Sport.RIDE, "ramp 45–75 % FTP"),
        (PercentTarget(Metric.POWER, 45, 75, Reference.FTP, "down"), Sport.RIDE, "ramp 45–75 % FTP (down)"),
        (PercentTarget(Metric.PACE, 98, 101, Reference.CSS), Sport.POOL_SWIM, "98–101 % CSS"),
        (ZoneTarget(Metric.HEART_RATE, 2, 2), Sport.RUN, "zone 2 heart rate"),
        (ZoneTarget(Metric.POWER, 2, 3), Sport.RIDE, "zones 2–3 power"),
    ],
)
def test_targets(target: Target, sport: Sport, text: str) -> None:
    assert describe_target(target, sport) == text


def test_steps() -> None:
    step = Step(TimeDuration(480), RangeTarget(Metric.POWER, 250, 270), CadenceRange(85, 95))
    assert describe_step(step, Sport.RIDE) == "8 min at 250–270 W, 85–95 rpm"
    assert describe_step(Step(OpenDuration(), intensity=Intensity.WARMUP), Sport.RUN) == "until lap (warmup)"
    assert describe_node(PlacedStep("steps[0]", step), Sport.RIDE).startswith("8 min")
    assert describe_node(PlacedRepeat("steps[0]", 4, ()), Sport.RIDE) == "4 times"


@settings(max_examples=40)
@given(planned_workouts())
def test_everything_has_words_on_one_line(workout: PlannedWorkout) -> None:
    for node in walk(place_steps(workout.steps)):
        text = describe_node(node, workout.sport)
        assert text.isprintable()
        assert "e+" not in text
