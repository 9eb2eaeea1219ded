"""The installed providers, those that could not be loaded, and the hub's own health."""

from __future__ import annotations

import msgspec
from litestar import get

from hub_core.api.access import PlatformId, TheHub
from hub_core.registry.registry import Provider
from hub_core.sdk.manifest import Manifest, Purpose
from hub_core.storage import jobs
from hub_core.storage.circuits import CircuitState, list_circuits
from hub_core.storage.holds import Hold, list_holds


class ProviderView(msgspec.Struct, frozen=True):
    """A provider, what it is for, and whether it can be used: whether athletes can connect to it or, where
    nobody connects (`access` is `app` in the manifest), the hub can ask it. `problem` says why a plugin was
    left out.

    `circuits` are the hosts that have failed lately: while one is `open`, nothing goes there but a call now
    and then to see. `held` says until when nothing goes to the provider at all, and why.
    """

    name: str
    is_loaded: bool
    is_configured: bool = False
    manifest: Manifest | None = None
    problem: str = ""
    purposes: tuple[Purpose, ...] = ()
    circuits: tuple[CircuitState, ...] = ()
    held: Hold | None = None


class Health(msgspec.Struct, frozen=True):
    """`queue.oldest_due_ms`: for how long the oldest due job has been waiting. What is wrong with a
    broken plugin is told to those with a key, by `/v1/providers`."""

    status: str
    queue: jobs.QueueState
    broken_plugins: tuple[str, ...]


@get("/v1/providers", tags=["providers"])
async def list_providers(hub: TheHub, platform_id: PlatformId) -> list[ProviderView]:  # noqa: ARG001 (asks for a key)
    """All providers with their capabilities, and how they fare."""
    circuits = await list_circuits(hub.engine)
    held = {
        hold.provider: hold
        for hold in await list_holds(hub.engine)
        if not (hold.athlete_id or hold.spares_live)
    }
    loaded = [
        ProviderView(
            name,
            True,
            _is_configured(one),
            one.manifest,
            purposes=one.manifest.purposes(),
            circuits=tuple(circuit for circuit in circuits if circuit.provider == name),
            held=held.get(name),
        )
        for name, one in hub.registry.providers.items()
    ]
    broken = [ProviderView(name, False, problem=text) for name, text in hub.registry.broken.items()]
    return sorted([*loaded, *broken], key=lambda view: view.name)


def _is_configured(provider: Provider) -> bool:
    """A key is the athlete's own, and a phone needs none."""
    manifest = provider.manifest
    by_itself = manifest.api_key is not None or manifest.delivery == "pickup"
    return by_itself or provider.settings.is_configured()


@get("/v1/health", tags=["health"], security=[{}])
async def health(hub: TheHub) -> Health:
    """Whether the database answers, and how the queue stands."""
    return Health("ok", await jobs.queue_state(hub.engine), tuple(sorted(hub.registry.broken)))
