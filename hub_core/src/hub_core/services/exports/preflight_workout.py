"""What would survive of a workout at each provider. Nothing is sent and nothing is saved."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import FidelityReport
from hub_core.domain.policy import FidelityPolicy
from hub_core.domain.validate import validate
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import InvalidInputError
from hub_core.registry.dispatcher import Dispatcher
from hub_core.sdk.exports import CompiledWorkout
from hub_core.sdk.manifest import Operation
from hub_core.services.exports.fidelity_policy import explain_stop, policy_of
from hub_core.services.hub import Hub
from hub_core.storage.tables import Athlete as AthleteRow


async def compile_workout(
    dispatcher: Dispatcher, provider: str, workout: PlannedWorkout, athlete: Athlete
) -> CompiledWorkout:
    """The provider's form of a workout with its report. Raises `InvalidInputError` for an invalid one."""
    validate(workout)
    compiled: CompiledWorkout = await dispatcher.call(
        provider, "compile_workout", workout=workout, athlete=athlete
    )
    return compiled


class Preflight(FidelityReport, frozen=True, kw_only=True):
    """A report, the policy that holds for the athlete, and what it would do.

    `stopped` says what would stop the workout; empty when it would go out.
    """

    policy: FidelityPolicy
    stopped: str = ""


async def preflight_for_athlete(
    hub: Hub, athlete: AthleteRow, workout: PlannedWorkout, providers: tuple[str, ...]
) -> list[Preflight]:
    """What would survive, and whether the athlete's policy would let it out."""
    policy = await policy_of(athlete)
    thresholds = msgspec.json.decode(athlete.thresholds, type=Athlete)
    reports = await preflight_workout(hub.dispatcher, workout, thresholds, providers)
    return [
        Preflight(
            **{name: getattr(report, name) for name in FidelityReport.__struct_fields__},
            policy=policy,
            stopped=explain_stop(report, policy),
        )
        for report in reports
    ]


async def preflight_workout(
    dispatcher: Dispatcher, workout: PlannedWorkout, athlete: Athlete, providers: tuple[str, ...]
) -> list[FidelityReport]:
    """One report for each provider named. A workout without a date is taken for tomorrow's."""
    if workout.date is None:
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        workout = msgspec.structs.replace(workout, date=tomorrow)
    for name in providers:
        provider = dispatcher.registry.get(name)
        if Operation.EXPORT not in provider.manifest.capabilities.operations:
            raise InvalidInputError(f"{name} takes no workouts", path="providers")
    return [(await compile_workout(dispatcher, name, workout, athlete)).fidelity for name in providers]
