"""Every rule, by the path that its error names."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from hub_core.domain.sport import Sport
from hub_core.domain.validate import MAX_DEPTH, MAX_NODES, validate
from hub_core.domain.workout import (
    CadenceRange,
    DistanceDuration,
    Duration,
    Metric,
    Node,
    OpenDuration,
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
from hub_core.errors import InvalidInputError
from hub_core.testing.strategies import planned_workouts

MINUTE = TimeDuration(60)
EASY = Step(MINUTE)


def ride(*steps: Node, **fields: Any) -> PlannedWorkout:
    return PlannedWorkout(**{"name": "Ride", "sport": Sport.RIDE, "steps": steps} | fields)


def refusal(workout: PlannedWorkout) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as caught:
        validate(workout)
    assert str(caught.value).startswith(caught.value.path)
    assert caught.value.detail
    return caught.value


def nested(depth: int) -> Node:
    node: Node = EASY
    for _ in range(depth):
        node = Repeat(1, (node,))
    return node


@settings(max_examples=40)
@given(planned_workouts())
def test_generated_workouts_are_valid(workout: PlannedWorkout) -> None:
    validate(workout)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": " \n"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "bell \x07"}, "name"),
        ({"name": "a command for terminals \x9b31m"}, "name"),
        ({"name": "next line \x85"}, "name"),
        ({"name": "delete \x7f"}, "name"),
        ({"name": "half \ud800"}, "name"),
        ({"description": "x" * 5001}, "description"),
        ({"description": "nul \x00"}, "description"),
        ({"pool_length_m": 4.9}, "pool_length_m"),
        ({"pool_length_m": 201}, "pool_length_m"),
        ({"pool_length_m": math.nan}, "pool_length_m"),
        ({"time": dt.time(7, tzinfo=dt.UTC)}, "time"),
        ({"steps": ()}, "steps"),
        ({"steps": (EASY,) * (MAX_NODES + 1)}, "steps"),
        ({"steps": (EASY,) * 1000}, "steps"),
        ({"steps": (Repeat(500, (EASY,) * 11),)}, "steps"),
        ({"steps": (Repeat(0, (EASY,)),)}, "steps[0].times"),
        ({"steps": (EASY, Repeat(2, (Repeat(-1, (EASY,)),)))}, "steps[1].repeat[0].times"),
        ({"steps": (Repeat(501, (EASY,)),)}, "steps[0].times"),
        ({"steps": (Repeat(10**400, (EASY,)),)}, "steps[0].times"),
        ({"steps": (Repeat(2, ()),)}, "steps[0].repeat"),
        ({"steps": (Repeat(2, (EASY,), "x" * 201),)}, "steps[0].name"),
        ({"steps": (EASY, nested(MAX_DEPTH + 1))}, "steps[1]" + ".repeat[0]" * MAX_DEPTH),
        ({"steps": (nested(50),)}, "steps[0]" + ".repeat[0]" * MAX_DEPTH),
        ({"steps": (nested(5000),)}, "steps[0]" + ".repeat[0]" * MAX_DEPTH),
    ],
)
def test_what_is_wrong_with_the_whole_is_named(fields: dict[str, Any], path: str) -> None:
    assert refusal(ride(**{"steps": (EASY,)} | fields)).path == path


def test_the_largest_that_is_allowed_passes() -> None:
    validate(ride(*(EASY,) * MAX_NODES))
    validate(ride(nested(MAX_DEPTH)))
    validate(ride(Repeat(500, (EASY,) * 10)))
    validate(ride(EASY, name="ü" * 200, description="line\n\ttab" + "x" * 4991, pool_length_m=5))


@pytest.mark.parametrize(
    ("duration", "field"),
    [
        (TimeDuration(0), "duration_s"),
        (TimeDuration(-1), "duration_s"),
        (TimeDuration(math.nan), "duration_s"),
        (TimeDuration(math.inf), "duration_s"),
        (TimeDuration(48 * 3600 + 1), "duration_s"),
        (DistanceDuration(0), "distance_m"),
        (DistanceDuration(-400), "distance_m"),
        (DistanceDuration(-math.inf), "distance_m"),
        (DistanceDuration(1_000_001), "distance_m"),
        (DistanceDuration(10**400), "distance_m"),
    ],
)
def test_durations(duration: Duration, field: str) -> None:
    path = f"steps[1].repeat[0].duration.{field}"
    assert refusal(ride(EASY, Repeat(2, (Step(duration),)))).path == path


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (RangeTarget(Metric.POWER, -1, 200), "target.low"),
        (RangeTarget(Metric.POWER, 200, 186_327), "target.high"),
        (RangeTarget(Metric.POWER, 270, 250), "target"),
        (RangeTarget(Metric.POWER, math.nan, 250), "target.low"),
        (RangeTarget(Metric.POWER, 200, math.inf), "target.high"),
        (RangeTarget(Metric.HEART_RATE, 120, 251), "target.high"),
        (RangeTarget(Metric.PACE, 3, 240), "target.high"),
        (RangeTarget(Metric.SPEED, 3, 41), "target.high"),
        (RangeTarget(Metric.CADENCE, 80, 251), "target.high"),
        (RangeTarget(Metric.RPE, 8, 11), "target.high"),
        (PercentTarget(Metric.POWER, 90, 401, Reference.FTP), "target.high"),
        (PercentTarget(Metric.POWER, 90, 95, Reference.LTHR), "target.of"),
        (PercentTarget(Metric.HEART_RATE, 90, 95, Reference.FTP), "target.of"),
        (PercentTarget(Metric.PACE, 90, 95, Reference.MAX_HR), "target.of"),
        (PercentTarget(Metric.CADENCE, 90, 95, Reference.FTP), "target.of"),
        (PercentTarget(Metric.RPE, 90, 95, Reference.FTP), "target.of"),
        (PercentTarget(Metric.POWER, 95, 90, Reference.FTP), "target"),
        (ZoneTarget(Metric.POWER, 0, 2), "target.low"),
        (ZoneTarget(Metric.POWER, 3, 2), "target"),
        (ZoneTarget(Metric.POWER, 3, 21), "target.high"),
        (ZoneTarget(Metric.POWER, 3, 10**400), "target.high"),
        (ZoneTarget(Metric.CADENCE, 1, 2), "target.metric"),
        (ZoneTarget(Metric.RPE, 1, 2), "target.metric"),
    ],
)
def test_targets(target: Target, path: str) -> None:
    assert refusal(ride(Step(MINUTE, target))).path == f"steps[0].{path}"


@pytest.mark.parametrize(
    ("step", "path"),
    [
        (Step(MINUTE, cadence=CadenceRange(-1, 90)), "cadence.low"),
        (Step(MINUTE, cadence=CadenceRange(85, 251)), "cadence.high"),
        (Step(MINUTE, cadence=CadenceRange(math.nan, 90)), "cadence.low"),
        (Step(MINUTE, cadence=CadenceRange(95, 85)), "cadence"),
        (Step(MINUTE, RangeTarget(Metric.CADENCE, 80, 90), CadenceRange(85, 95)), "cadence"),
        (Step(MINUTE, name="x" * 201), "name"),
        (Step(MINUTE, notes="x" * 5001), "notes"),
        (Step(MINUTE, notes="escape \x1b[2J"), "notes"),
    ],
)
def test_steps(step: Step, path: str) -> None:
    assert refusal(ride(EASY, step)).path == f"steps[1].{path}"


@pytest.mark.parametrize("sport", [Sport.RUN, Sport.POOL_SWIM, Sport.STRENGTH, Sport.ROW])
def test_cadence_is_for_cycling(sport: Sport) -> None:
    beside = Step(MINUTE, cadence=CadenceRange(85, 95))
    alone = Step(MINUTE, RangeTarget(Metric.CADENCE, 170, 180))
    assert refusal(ride(beside, sport=sport)).path == "steps[0].cadence"
    assert refusal(ride(alone, sport=sport)).path == "steps[0].target"


@pytest.mark.parametrize("sport", Sport)
def test_every_sport_takes_a_plain_step(sport: Sport) -> None:
    validate(ride(EASY, Step(OpenDuration()), sport=sport))


def test_unknown_sports_do_not_decode() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"quidditch.*\$.sport"):
        msgspec.convert({"name": "Seek", "sport": "quidditch", "steps": []}, PlannedWorkout)
