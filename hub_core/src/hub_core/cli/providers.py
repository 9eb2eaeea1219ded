"""`hub providers`: what is installed, and what is wrong with it."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from hub_core.cli.show import console
from hub_core.registry.registry import Provider, load_registry
from hub_core.sdk.manifest import Operation


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
    for name, problem in registry.broken.items():
        console.print(f"[red]left out[/] [bold]{name}[/]: {escape(problem)}", soft_wrap=True)


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
