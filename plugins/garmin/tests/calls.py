"""What the tests of the hooks have in common."""

from __future__ import annotations

import datetime as dt
from typing import cast

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Metric,
    PlannedWorkout,
    RangeTarget,
    Sport,
    Step,
    TimeDuration,
)
from hub_core.testing.harness import ProviderHarness
from hub_garmin.plugin import (
    compile_workout,
)
from hub_garmin.sandbox import GarminSandbox

DATE = dt.date(2026, 11, 3)
LATER = dt.date(2026, 11, 5)
RECIPES = "/workoutportal/workout/v2"
WORKOUTS = "/training-api/workout/v2"
SCHEDULES = "/training-api/schedule"


def plan(name: str = "Tempo", date: dt.date = DATE) -> CompiledWorkout:
    step = Step(TimeDuration(600), RangeTarget(Metric.HEART_RATE, 150, 160))
    return compile_workout(PlannedWorkout(name, Sport.RUN, (step,), date), Athlete())


def sandbox_of(garmin: ProviderHarness) -> GarminSandbox:
    return cast(GarminSandbox, garmin.sandbox)


def calendar(garmin: ProviderHarness) -> list[tuple[dt.date, str]]:
    return [(workout.date, workout.title) for workout in garmin.device().workouts]
