"""Which losses may go out: the athlete's own policy, else the platform's; set, shown and obeyed."""

from __future__ import annotations

import msgspec

from hub_core.domain.drift import OnDrift
from hub_core.domain.fidelity import Fidelity, FidelityReport
from hub_core.domain.policy import FidelityPolicy, OnUpdate, find_left_out, find_stop, tell_loss
from hub_core.errors import HubError, NotFoundError
from hub_core.sdk.errors import Unsupported
from hub_core.sdk.exports import CompiledWorkout
from hub_core.services.exports.on_drift import ChangedChoices, Choices, change_choices, read_choices
from hub_core.services.hub import Hub
from hub_core.storage import change_row, find_row
from hub_core.storage.tables import Athlete, Platform


class PolicyStopError(HubError):
    """The provider could take it, and the policy doesn't want it to."""

    code = "stopped_by_policy"


class PlatformView(msgspec.Struct, frozen=True):
    """A platform as it sees itself. Its policies are for athletes without one of their own."""

    id: str
    name: str
    fidelity_policy: FidelityPolicy
    on_update: OnUpdate = OnUpdate.REPLACE
    on_drift: OnDrift = OnDrift.ASK
    on_drift_at: Choices = {}


async def read_platform(platform_id: str) -> PlatformView:
    """The platform itself."""
    row = await find_row(Platform, id=platform_id)
    if row is None:
        raise NotFoundError("there is no such platform")
    policy, update = FidelityPolicy(row.fidelity_policy), OnUpdate(row.on_update)
    drift, at = OnDrift(row.on_drift), read_choices(row.on_drift_at)
    return PlatformView(row.id, row.name, policy, update, drift, at)


async def change_platform(
    hub: Hub,
    platform_id: str,
    policy: FidelityPolicy | None = None,
    *,
    on_update: OnUpdate | None = None,
    on_drift: OnDrift | None = None,
    on_drift_at: ChangedChoices | None = None,
) -> PlatformView:
    """Set the choices that are given, for what happens from now on. Raises `InvalidInputError`."""
    given = {"fidelity_policy": policy, "on_update": on_update, "on_drift": on_drift}
    changes: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    if not changes and not on_drift_at:
        return await read_platform(platform_id)
    async with hub.engine.transaction():
        row = await find_row(Platform, id=platform_id, lock=True)
        if row and on_drift_at:
            changes["on_drift_at"] = change_choices(hub, row.on_drift_at, on_drift_at)
        if row and changes:
            await change_row(Platform, platform_id, **changes)
    return await read_platform(platform_id)


async def policy_of_platform_named(
    hub: Hub,
    name: str,
    policy: FidelityPolicy | None,
    *,
    on_drift: OnDrift | None = None,
    on_drift_at: ChangedChoices | None = None,
) -> PlatformView:
    """The same by the platform's name, as operators know it."""
    row = await find_row(Platform, name=name)
    if row is None:
        raise NotFoundError(f"there is no platform {name!r}; see `hub keys list`")
    return await change_platform(hub, row.id, policy, on_drift=on_drift, on_drift_at=on_drift_at)


async def policy_of(athlete: Athlete) -> FidelityPolicy:
    """The athlete's own, else the platform's."""
    if athlete.fidelity_policy:
        return FidelityPolicy(athlete.fidelity_policy)
    return (await read_platform(athlete.platform_id)).fidelity_policy


def obey_policy(compiled: CompiledWorkout, policy: FidelityPolicy) -> str:
    """What is left out although it can't be carried, in words; mostly nothing.

    Raises `Unsupported` for what the provider can't carry, `PolicyStopError` for what it could.
    """
    report = compiled.fidelity
    stop = find_stop(report, policy)
    if stop is None and not compiled.payload:
        raise Unsupported("the provider takes nothing of this workout")
    if stop is None:
        left_out = "; ".join(tell_loss(*pair) for pair in find_left_out(report, policy))
        return f"Left out by the policy {policy}: {left_out}." if left_out else ""
    path, loss = stop
    if loss.level is Fidelity.UNSUPPORTED:
        raise Unsupported(f"{tell_loss(path, loss)}{_way_out(report)}")
    raise PolicyStopError(f"Stopped by the policy {policy}: {tell_loss(path, loss)}")


def _way_out(report: FidelityReport) -> str:
    if find_stop(report, FidelityPolicy.BEST_EFFORT) is None:
        return f"; the policy {FidelityPolicy.BEST_EFFORT} would send it without"
    return ""


def explain_stop(report: FidelityReport, policy: FidelityPolicy) -> str:
    """What a policy would do, for people who only look; empty when it lets the workout go out."""
    stop = find_stop(report, policy)
    return f"would be stopped by your policy {policy}: {tell_loss(*stop)}" if stop else ""
