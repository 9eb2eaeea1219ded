"""What every service works with. `bootstrap` puts it together."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub_core.registry.dispatcher import Dispatcher
from hub_core.registry.registry import Registry
from hub_core.sdk.client_pool import ClientPool
from hub_core.services.connections.app_tokens import AppTokens
from hub_core.services.connections.rate_budgets import Budgets, MemoryBudgets
from hub_core.services.connections.traffic import CircuitWatch
from hub_core.settings import HubSettings
from hub_core.storage import HubEngine, KeyRing


@dataclass(frozen=True)
class Hub:
    """Settings, database, keys, plugins and connections of one process, and how its providers fare."""

    settings: HubSettings
    engine: HubEngine
    keys: KeyRing = field(repr=False)
    registry: Registry
    dispatcher: Dispatcher
    pool: ClientPool = field(default_factory=ClientPool, repr=False)
    app_tokens: AppTokens = field(default_factory=AppTokens, repr=False)
    budgets: Budgets = field(default_factory=MemoryBudgets, repr=False)
    circuits: CircuitWatch = field(default_factory=CircuitWatch, repr=False)

    async def close(self) -> None:
        """Close what the running event loop has open. Each loop closes its own."""
        self.dispatcher.close()
        await self.pool.close()
        await self.budgets.close()
        await self.engine.close()

    def redirect_uri(self, provider: str) -> str:
        """Where a provider sends the athlete's browser back to."""
        return f"{self.settings.public_url.rstrip('/')}/v1/oauth/{provider}/callback"
