"""The hooks of Apple Watch. There is nobody to call: a phone fetches workouts, and sends what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hub_core.sdk import (
    Athlete,
    CompiledWorkout,
    Delivery,
    Manifest,
    PlannedWorkout,
    ProviderContext,
    Records,
    hookimpl,
)
from hub_healthkit import export, ingest
from hub_healthkit.manifest import MANIFEST

if TYPE_CHECKING:
    from hub_core.sandbox import Sandbox


@hookimpl
def provider_manifest() -> Manifest:
    """Who Apple Watch is to the hub."""
    return MANIFEST


@hookimpl
def provider_sandbox() -> Sandbox:
    """A phone and a watch."""
    from hub_healthkit.sandbox import HealthKitSandbox

    return HealthKitSandbox()


@hookimpl
def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """A plan for WorkoutKit's scheduler."""
    return export.compile_workout(workout, athlete)


@hookimpl
async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:
    """What a phone has sent, item by item."""
    return ingest.to_records(delivery, ZoneInfo(context.time_zone))
