"""The hooks of Apple Watch. There is nobody to call: a phone fetches what is compiled here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub_core.sdk import Athlete, CompiledWorkout, Manifest, PlannedWorkout, hookimpl
from hub_healthkit import export
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
