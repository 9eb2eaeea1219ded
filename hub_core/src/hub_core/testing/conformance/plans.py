"""Workouts made from a manifest's capabilities: one for each thing that it says it carries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from hub_core.domain.records import NutritionDay
from hub_core.domain.sport import Sport, SportFamily
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
    Repeat,
    Step,
    Target,
    TimeDuration,
    ZoneTarget,
)
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sdk.manifest import Capabilities, DurationKind, TargetForm
from hub_core.sdk.world import Place, Race

_RUNNING, _CYCLING, _SWIMMING = SportFamily.RUNNING, SportFamily.CYCLING, SportFamily.SWIMMING
#: For which families a metric makes sense as a target.
SENSIBLE: dict[Metric, tuple[SportFamily, ...]] = {
    Metric.POWER: (_CYCLING, _RUNNING),
    Metric.HEART_RATE: (_RUNNING, _CYCLING, _SWIMMING, SportFamily.OTHER),
    Metric.PACE: (_RUNNING, _SWIMMING),
    Metric.SPEED: (_CYCLING, _RUNNING),
    Metric.CADENCE: (_CYCLING, _RUNNING),
    Metric.RPE: (_RUNNING, _CYCLING, _SWIMMING, SportFamily.OTHER, SportFamily.STRENGTH),
}
_BOUNDS = {
    Metric.POWER: (200, 220),
    Metric.HEART_RATE: (140, 150),
    Metric.PACE: (3.2, 3.6),
    Metric.SPEED: (3.2, 3.6),
    Metric.CADENCE: (85, 95),
    Metric.RPE: (5, 6),
}
_SWIM_BOUNDS = (1.0, 1.2)
DURATIONS: dict[DurationKind, Duration] = {
    "time": TimeDuration(600),
    "distance": DistanceDuration(2000),
    "open": OpenDuration(),
}
FORMS: tuple[TargetForm, ...] = ("range", "percent", "zone")

#: What the athlete of the kit does, unless a case says otherwise. The start is set when it is done.
RECORDED = RecordedActivity("Kit activity", Sport.RUN, dt.datetime(2026, 1, 1, tzinfo=dt.UTC), 1800.0, 5000.0)


#: What was eaten on a day; the date is put in. Quarters are exact in binary, however a sum is made of parts.
MEALS = NutritionDay(dt.date(2026, 1, 1), "", 0, 2450.0, 310.5, 128.25, 70.75)

#: Further east than any place is north: who swaps the two ends nowhere.
RACE_PLACE = Place(48.2, 106.9, name="Kit")


def plain_race(today: dt.date, **fields: Any) -> Race:
    """A race in a month, in a place that can't be mistaken; `fields` replace parts of it."""
    race = Race(
        "kit",
        "Kit River Marathon",
        today + dt.timedelta(days=30),
        name="Marathon",
        start_time=dt.time(9, 30),
        city="Kit",
        country="MN",
        place=RACE_PLACE,
        sport=Sport.RUN,
        distance_m=42_195.0,
        elevation_gain_m=128.0,
    )
    return msgspec.structs.replace(race, **fields)


@dataclass(frozen=True)
class Declared:
    """A workout whose first step does the declared thing, and which thing that is."""

    feature: str
    workout: PlannedWorkout


def plain_plan(able: Capabilities, date: dt.date) -> PlannedWorkout:
    """One step without a target, in the plainest declared sport and duration."""
    sport = main_sport(able)
    return make_plan(sport, Step(plain_duration(able), intensity=Intensity.ACTIVE), date=date)


def main_sport(able: Capabilities) -> Sport:
    """Running or riding where declared, else the first by name."""
    for sport in (Sport.RUN, Sport.RIDE, *sorted(able.sports)):
        if sport in able.sports:
            return sport
    return Sport.RUN


def plain_duration(able: Capabilities) -> Duration:
    """By time where declared, else by distance, else open."""
    return next((DURATIONS[kind] for kind in DURATIONS if kind in able.durations), DURATIONS["time"])


def make_plan(
    sport: Sport, *steps: Step | Repeat, date: dt.date, name: str = "Kit workout"
) -> PlannedWorkout:
    """A workout of these steps; a pool has 25 m."""
    pool = 25.0 if sport is Sport.POOL_SWIM else None
    return PlannedWorkout(name, sport, steps, date=date, pool_length_m=pool)


def make_target(metric: Metric, form: TargetForm, family: SportFamily) -> Target | None:
    """A plausible target; None where the metric has no such form (a percentage of cadence)."""
    if form == "zone":
        zones = {Metric.POWER, Metric.HEART_RATE, Metric.PACE, Metric.SPEED}
        return ZoneTarget(metric, 2, 2) if metric in zones else None
    if form == "percent":
        pace = Reference.CSS if family is _SWIMMING else Reference.THRESHOLD_PACE
        references = {
            Metric.POWER: Reference.FTP,
            Metric.HEART_RATE: Reference.LTHR,
            Metric.PACE: pace,
            Metric.SPEED: pace,
        }
        return PercentTarget(metric, 80, 85, references[metric]) if metric in references else None
    low, high = _SWIM_BOUNDS if family is _SWIMMING and metric is Metric.PACE else _BOUNDS[metric]
    return RangeTarget(metric, low, high)


def sensible_sports(able: Capabilities, metric: Metric) -> list[Sport]:
    """The declared sports in which a metric can be a target."""
    return sorted(sport for sport in able.sports if sport.family in SENSIBLE[metric])


def target_plans(
    able: Capabilities, metric: Metric, form: TargetForm, date: dt.date
) -> Iterator[PlannedWorkout]:
    """One workout for each sensible sport, whose first step has such a target."""
    for sport in sensible_sports(able, metric):
        target = make_target(metric, form, sport.family)
        if target is not None:
            yield make_plan(sport, Step(plain_duration(able), target), date=date)


def nested(able: Capabilities, depth: int, date: dt.date) -> PlannedWorkout:
    """Repeats, `depth` of them inside each other, with two steps in the innermost."""
    duration = plain_duration(able)
    node: Step | Repeat = Repeat(
        3, (Step(duration, intensity=Intensity.INTERVAL), Step(duration, intensity=Intensity.RECOVERY))
    )
    for _ in range(depth - 1):
        node = Repeat(2, (node, Step(duration)))
    return make_plan(main_sport(able), node, date=date)


def with_cadence(able: Capabilities, sport: Sport, date: dt.date) -> PlannedWorkout:
    """A step that has a cadence beside its main target, if it can have one."""
    metric = next((m for m in able.targets if sport.family in SENSIBLE[m] and m is not Metric.CADENCE), None)
    target = make_target(metric, "range", sport.family) if metric else None
    return make_plan(sport, Step(plain_duration(able), target, CadenceRange(85, 95)), date=date)
