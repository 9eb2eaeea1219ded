"""The platform itself: what holds for all of its athletes."""

from __future__ import annotations

import msgspec
from litestar import Controller, get, patch
from litestar.params import JSONBody

from hub_core.api.access import PlatformId, TheHub
from hub_core.domain.drift import OnDrift
from hub_core.domain.policy import FidelityPolicy, OnUpdate
from hub_core.services.exports.fidelity_policy import PlatformView, change_platform, read_platform


class PlatformChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is given is changed. A provider of null in `on_drift_at` is as all others."""

    fidelity_policy: FidelityPolicy | None = None
    on_drift: OnDrift | None = None
    on_drift_at: dict[str, OnDrift | None] = {}
    on_update: OnUpdate | None = None


class PlatformController(Controller):
    """Your platform: whose key this is."""

    path = "/v1/platform"
    tags = ("platform",)

    @get()
    async def read(self, platform_id: PlatformId) -> PlatformView:
        """Your platform, with the policy for athletes who have none of their own."""
        return await read_platform(platform_id)

    @patch()
    async def change(
        self, hub: TheHub, platform_id: PlatformId, data: JSONBody[PlatformChange]
    ) -> PlatformView:
        """Say which losses may go out: `strict` none at all; `accept_degraded` all that are reported as
        degraded; `best_effort` also leaves out targets and the like that a provider can't carry.

        It holds for what goes out from now on. What it stopped before can be retried.

        And say what a changed workout does to the copy at a provider: `replace` it, or `create` another one
        beside it each time (phones always replace it); and what happens when athletes change or delete at a
        provider what was sent there: `adopt` theirs, `restore` the plan, or `ask` each time; with
        `on_drift_at` for one provider, as `{"garmin": "restore"}`.
        """
        return await change_platform(
            hub,
            platform_id,
            data.fidelity_policy,
            on_update=data.on_update,
            on_drift=data.on_drift,
            on_drift_at=data.on_drift_at,
        )
