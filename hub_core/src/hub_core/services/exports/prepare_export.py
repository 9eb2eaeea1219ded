"""What both ways of delivery begin with: what is wanted now, compiled, for a connection that is there."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.local_day import midnight_ms
from hub_core.domain.policy import FidelityPolicy, OnUpdate
from hub_core.domain.workout import PlannedWorkout
from hub_core.sdk.errors import ReconnectNeeded
from hub_core.sdk.exports import CompiledWorkout
from hub_core.services.exports.fidelity_policy import obey_policy, read_platform
from hub_core.services.exports.preflight_workout import compile_workout
from hub_core.services.exports.settle_export import Work, hold_export, settle_withdrawn
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.workouts.save_workout import read_document
from hub_core.storage import find_row, now_ms
from hub_core.storage.tables import Athlete, Connection, Export, Workout


class Wanted(msgspec.Struct, frozen=True):
    """The newest revision of a workout, the thresholds that its targets are resolved with, and the choices of
    its athlete."""

    plan: PlannedWorkout
    thresholds: Thresholds
    policy: FidelityPolicy
    on_update: OnUpdate


async def load_wanted(work: Work) -> Wanted | None:
    """The newest revision, which `work` then stands for. None when it is gone, and the job with it."""
    workout = await find_row(Workout, id=work.export.workout_id)
    athlete = await find_row(Athlete, id=work.export.athlete_id)
    if workout is None or athlete is None or workout.deleted:
        await settle_withdrawn(work, "The workout is gone.")
        return None
    work.revision, work.thresholds = workout.revision, athlete.thresholds
    thresholds = msgspec.json.decode(athlete.thresholds, type=Thresholds)
    platform = await read_platform(athlete.platform_id)
    return Wanted(
        read_document(workout),
        thresholds,
        FidelityPolicy(athlete.fidelity_policy or platform.fidelity_policy),
        OnUpdate(athlete.on_update or platform.on_update),
    )


async def compile_wanted(work: Work, wanted: Wanted) -> CompiledWorkout:
    """The provider's form. Raises `Unsupported` for what it can't carry, `PolicyStopError` for what it could
    and the policy doesn't let out, `InvalidInputError` for nonsense."""
    compiled = await compile_workout(
        work.hub.dispatcher, work.export.provider, wanted.plan, wanted.thresholds
    )
    work.compiled = compiled
    work.left_out = obey_policy(compiled, wanted.policy)
    return compiled


async def find_connection(export: Export) -> Connection:
    """The connection that an export goes to. Raises `ReconnectNeeded` when it can't be used."""
    row = await find_row(Connection, athlete_id=export.athlete_id, provider=export.provider)
    if row is None or row.status != ConnectionStatus.CONNECTED:
        raise ReconnectNeeded((row.reason if row else "") or f"{export.provider} is not connected.")
    return row


def opens_ms(work: Work, compiled: CompiledWorkout) -> int:
    """When the provider's horizon reaches the workout's day, in epoch milliseconds; 0 if it shows all."""
    days = work.hub.registry.get(work.export.provider).manifest.capabilities.horizon_days
    return 0 if days is None else midnight_ms(compiled.date - dt.timedelta(days=days), compiled.time_zone)


async def hold_until_horizon(work: Work, compiled: CompiledWorkout) -> bool:
    """Whether the workout's day is beyond the provider's horizon; the job then waits for it."""
    opens = opens_ms(work, compiled)
    if opens <= now_ms():
        return False
    provider = work.export.provider
    days = work.hub.registry.get(provider).manifest.capabilities.horizon_days or 0
    day = compiled.date - dt.timedelta(days=days)
    await hold_export(work, opens, "held", f"{provider} shows workouts {days} days ahead: goes out on {day}.")
    return True
