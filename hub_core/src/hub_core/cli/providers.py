"""`hub providers`: what is installed, and what is wrong with it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from hub_core.cli.show import console
from hub_core.registry.registry import Provider, load_registry
from hub_core.sdk.manifest import Operation
from hub_core.settings import HubSettings

if TYPE_CHECKING:
    from hub_core.storage.circuits import CircuitState


def providers() -> None:
    """List the installed providers with what they can carry, and the plugins that could not be loaded."""
    registry = load_registry()
    table = Table(title="Providers", title_justify="left", title_style="bold")
    for name in ("Provider", "For", "Connect by", "Carries", "Repeats", "Steps", "Shown"):
        table.add_column(name)
    for provider in registry.providers.values():
        table.add_row(*_row(provider))
    console.print(table)
    for provider in registry.providers.values():
        if provider.manifest.access == "app" and not provider.settings.is_configured():
            prefix = provider.settings.model_config.get("env_prefix", "")
            console.print(f"[dim]{provider.name}: needs credentials, {prefix}...[/]", soft_wrap=True)
        if provider.manifest.oauth2 and not provider.settings.is_configured():
            prefix = provider.settings.model_config.get("env_prefix", "")
            console.print(
                f"[dim]{provider.name}: for OAuth set {prefix}CLIENT_ID and {prefix}CLIENT_SECRET[/]",
                soft_wrap=True,
            )
    for circuit in _open_circuits():
        console.print(
            f"[red]down[/] [bold]{circuit.provider}[/]: {circuit.host} fails ({escape(circuit.reason)})",
            soft_wrap=True,
        )
    for name, problem in registry.broken.items():
        console.print(f"[red]left out[/] [bold]{name}[/]: {escape(problem)}", soft_wrap=True)


def _open_circuits() -> list[CircuitState]:
    """What the hub's database knows to be down; nothing where there is no database yet."""
    if is_sqlite_missing(HubSettings()):
        return []
    # Only now: who just looks at the plugins doesn't wait for the database's driver.
    from hub_core.bootstrap import read_settings, usable_database
    from hub_core.storage import open_engine, pending
    from hub_core.storage.circuits import list_circuits

    settings = read_settings()

    async def look() -> list[CircuitState]:
        engine = open_engine(settings.database_url)
        try:
            with usable_database():
                is_behind = await pending(engine)
                return [] if is_behind else [one for one in await list_circuits(engine) if one.is_open]
        finally:
            await engine.close()

    return asyncio.run(look())


def is_sqlite_missing(settings: HubSettings) -> bool:
    """Whether the database is a file that isn't there yet."""
    scheme, _, rest = settings.database_url.partition(":///")
    return scheme == "sqlite" and not Path(rest.partition("?")[0]).exists()


def _row(provider: Provider) -> list[str]:
    manifest, can = provider.manifest, provider.manifest.capabilities
    ways = ["OAuth"] if manifest.oauth2 else []
    if manifest.api_key:
        ways.append("API key")
    if manifest.delivery == "pickup":
        ways.append("phone app")
    if manifest.access == "app":
        ways.append("[dim]nobody[/]")
    name = f"{manifest.name}\n{manifest.tier}" if manifest.tier else manifest.name
    first = [f"{manifest.title}\n[dim]{name}[/]", "\n".join(manifest.purposes()), "\n".join(ways)]
    if Operation.EXPORT not in can.operations:
        return [*first, *["[dim]–[/]"] * 4]
    families = sorted({sport.family.value for sport in can.sports})
    repeats = {0: "unrolled", 1: "one level"}.get(can.max_repeat_depth, f"{can.max_repeat_depth} levels")
    horizon = "any day" if can.horizon_days is None else f"{can.horizon_days} days ahead"
    return [
        *first,
        ", ".join(families),
        repeats,
        str(can.max_steps or "any"),
        horizon,
    ]
