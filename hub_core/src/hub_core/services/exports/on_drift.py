"""Who has the last word about a copy that the athlete has changed: by provider, and else in general."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hub_core.domain.drift import OnDrift
from hub_core.errors import InvalidInputError
from hub_core.sdk.manifest import Operation
from hub_core.services.hub import Hub
from hub_core.storage import find_row
from hub_core.storage.tables import Athlete, Platform

#: A policy for each provider that has one of its own. In a change, None takes one back.
type Choices = dict[str, OnDrift]
type ChangedChoices = Mapping[str, OnDrift | None]


async def on_drift_of(athlete: Athlete, provider: str) -> OnDrift:
    """The athlete's own policy, for this provider before that for all; else the platform's, likewise."""
    if own := read_choices(athlete.on_drift_at).get(provider) or athlete.on_drift:
        return OnDrift(own)
    platform = await find_row(Platform, id=athlete.platform_id)
    if platform is None:
        return OnDrift.ASK
    return read_choices(platform.on_drift_at).get(provider) or OnDrift(platform.on_drift)


def read_choices(kept: str) -> Choices:
    """Those of a row's column `on_drift_at`."""
    return msgspec.json.decode(kept, type=dict[str, OnDrift])


def change_choices(hub: Hub, kept: str, changes: ChangedChoices) -> str:
    """The column with these changes. Raises `InvalidInputError` for a provider at which nothing is found."""
    for name in changes:
        provider = hub.registry.providers.get(name)
        if provider is None or Operation.READ_BACK not in provider.manifest.capabilities.operations:
            told = "there is no such provider" if provider is None else "the hub can't look at its copies"
            raise InvalidInputError(told, path=f"on_drift_at.{name}")
    merged = {**read_choices(kept), **changes}
    return msgspec.json.encode({name: one for name, one in sorted(merged.items()) if one}).decode()
