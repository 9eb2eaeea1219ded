"""What the tests of the hooks have in common."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import hub_wahoo.plugin as plugin
from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Metric,
    PlannedWorkout,
    ProviderContext,
    RangeTarget,
    Repeat,
    Sport,
    Step,
    TimeDuration,
)
from hub_core.testing.harness import ProviderHarness
from hub_wahoo.sandbox import WahooSandbox

ALL_SCOPES = ["user_read", "plans_read", "plans_write", "workouts_read", "workouts_write", "offline_data"]


def sandbox_of(wahoo: ProviderHarness) -> WahooSandbox:
    assert isinstance(wahoo.sandbox, WahooSandbox)
    return wahoo.sandbox


def compiled(name: str = "Over-unders", days_ahead: int = 1, seconds: float = 240) -> CompiledWorkout:
    date = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days_ahead)
    on = Step(TimeDuration(seconds), RangeTarget(Metric.POWER, 250, 270), name="On")
    steps = (Repeat(3, (on, Step(TimeDuration(120)))),)
    return plugin.compile_workout(PlannedWorkout(name, Sport.RIDE, steps, date), Athlete())


def held(wahoo: ProviderHarness) -> tuple[int, int]:
    """How many live plans and workouts Wahoo has."""
    store = sandbox_of(wahoo).store
    return sum(not plan.deleted for plan in store.plans.values()), len(store.workouts)


def with_token(context: ProviderContext, tokens: Any) -> ProviderContext:
    return dataclasses.replace(context, tokens=tokens, http=dataclasses.replace(context.http, tokens=tokens))
