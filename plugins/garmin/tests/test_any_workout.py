"""Whatever a coach writes: it is accepted or reported, lasts as long as planned, and no step is forgotten."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as some

from hub_core.sdk import (
    Athlete,
    CadenceRange,
    DistanceDuration,
    Fidelity,
    Intensity,
    Metric,
    Node,
    OpenDuration,
    PercentTarget,
    PlannedWorkout,
    RangeTarget,
    Reference,
    Repeat,
    Sport,
    Step,
    TimeDuration,
    ZoneTarget,
    place_steps,
    total_distance_m,
    total_duration_s,
    walk,
)
from hub_garmin.export import to_garmin_workout
from hub_garmin.sandbox_validation import check_workout

ATHLETE = Athlete(ftp_w=251, lthr_bpm=161, max_hr_bpm=187, threshold_speed_mps=3.97, css_mps=1.27)
_texts = some.text(alphabet="abc äß–\n", max_size=200)
_durations = some.one_of(
    some.builds(TimeDuration, some.integers(1, 7200)),
    some.builds(DistanceDuration, some.integers(1, 50_000)),
    some.just(OpenDuration()),
)
_ramps: some.SearchStrategy[Literal["up", "down"] | None] = some.sampled_from((None, "up", "down"))


def _bounds(low: int, high: int) -> some.SearchStrategy[list[int]]:
    return some.lists(some.integers(low, high), min_size=2, max_size=2).map(sorted)


@some.composite
def _targets(draw: some.DrawFn) -> Any:
    kind = draw(some.sampled_from(["none", "power", "beats", "pace", "effort", "zone"]))
    low, high = draw(_bounds(40, 160))
    match kind:
        case "power":
            return PercentTarget(Metric.POWER, low, high, Reference.FTP, draw(_ramps))
        case "beats":
            return RangeTarget(Metric.HEART_RATE, low, high, draw(_ramps))
        case "pace":
            return RangeTarget(Metric.PACE, low / 30, high / 30, draw(_ramps))
        case "effort":
            return RangeTarget(Metric.RPE, low // 16, high // 16)
        case "zone":
            return ZoneTarget(Metric.HEART_RATE, low % 3 + 1, low % 3 + 2)
    return None


@some.composite
def _steps(draw: some.DrawFn, sport: Sport) -> Step:
    cadence = draw(some.sampled_from([None, CadenceRange(80, 95)])) if sport is Sport.RIDE else None
    intensity = draw(some.sampled_from(Intensity))
    return Step(draw(_durations), draw(_targets()), cadence, intensity, draw(_texts), draw(_texts))


def _nodes(sport: Sport) -> some.SearchStrategy[tuple[Node, ...]]:
    nodes = some.recursive(
        _steps(sport),
        lambda inner: some.builds(
            Repeat, some.integers(1, 5), some.lists(inner, min_size=1, max_size=3).map(tuple), _texts
        ),
        max_leaves=8,
    )
    return some.lists(nodes, min_size=1, max_size=4).map(tuple)


@some.composite
def _workouts(draw: some.DrawFn) -> PlannedWorkout:
    sport = draw(some.sampled_from([Sport.RUN, Sport.RIDE, Sport.POOL_SWIM, Sport.WALK]))
    name = draw(some.text(alphabet="abc", min_size=1, max_size=100))
    return PlannedWorkout(name, sport, draw(_nodes(sport)), dt.date(2026, 11, 3))


def _played(steps: list[dict[str, Any]], kinds: set[str], *, skips: bool) -> float:
    """What the device plays: seconds or metres, without the rests that the server skips in pools."""
    total = 0.0
    for step in steps:
        if step["type"] == "WorkoutRepeatStep":
            total += step["repeatValue"] * _played(step["steps"], kinds, skips=skips)
            last = step["steps"][-1]
            if skips and last["intensity"] == "REST" and last["durationType"] in kinds:
                total -= last["durationValue"]
        elif step["durationType"] in kinds:
            total += step["durationValue"]
    return total


@settings(max_examples=50)
@given(_workouts())
def test_any_workout_is_accepted_or_reported_and_plays_as_planned(workout: PlannedWorkout) -> None:
    one = to_garmin_workout(workout, ATHLETE)
    assert [line.path for line in one.fidelity.steps] == [
        node.path for node in walk(place_steps(workout.steps))
    ]
    steps = one.payload["segments"][0]["steps"]
    skips = workout.sport is Sport.POOL_SWIM
    assert _played(steps, {"TIME", "FIXED_REST"}, skips=skips) == total_duration_s(workout.steps)
    assert _played(steps, {"DISTANCE"}, skips=skips) == total_distance_m(workout.steps)
    if one.fidelity.level is not Fidelity.UNSUPPORTED:
        check_workout(one.payload)
