"""`hub keys`: encryption keys, the API keys of platforms, and what a platform lets out."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hub_core.cli.local import run_with_hub
from hub_core.cli.show import console
from hub_core.domain.drift import OnDrift
from hub_core.domain.policy import FidelityPolicy
from hub_core.services.athletes.issue_api_key import issue_api_key, list_api_keys, revoke_api_key
from hub_core.services.exports.fidelity_policy import PlatformView, policy_of_platform_named
from hub_core.services.hub import Hub
from hub_core.storage import generate_key

app = typer.Typer(
    help="Encryption keys, and the API keys of platforms.", no_args_is_help=True, add_completion=False
)


@app.command()
def encryption() -> None:
    """Print a new key for HUB_ENCRYPTION_KEYS. To rotate, put it first and keep the old ones behind."""
    typer.echo(generate_key())


@app.command()
def create(
    platform: Annotated[str, typer.Argument(help="The platform's name; a new one is set up.")],
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
) -> None:
    """Print a new API key for a platform. It is shown this once: only its digest is kept."""

    async def issue(hub: Hub) -> str:
        return await issue_api_key(hub, platform, label)

    typer.echo(run_with_hub(issue))


@app.command("list")
def list_all() -> None:
    """List the API keys, without their secrets."""

    async def rows(_: Hub) -> list[tuple[str, str, str, bool]]:
        return await list_api_keys()

    table = Table("Id", "Platform", "Label", "State")
    for key_id, platform, label, is_live in run_with_hub(rows):
        table.add_row(key_id, escape(platform), escape(label), "live" if is_live else "revoked")
    console.print(table)


@app.command()
def policy(
    platform: Annotated[str, typer.Argument(help="The platform's name.")],
    fidelity: Annotated[
        FidelityPolicy | None, typer.Argument(help="Which losses may go out; shown when left out.")
    ] = None,
) -> None:
    """Show or set which losses may go out for a platform's athletes who have no policy of their own."""

    async def show(hub: Hub) -> PlatformView:
        return await policy_of_platform_named(hub, platform, fidelity)

    typer.echo(run_with_hub(show).fidelity_policy)


@app.command()
def drift(
    platform: Annotated[str, typer.Argument(help="The platform's name.")],
    choice: Annotated[
        OnDrift | None, typer.Argument(help="Who has the last word; shown when left out.")
    ] = None,
    at: Annotated[str, typer.Option(help="Only at this provider.", metavar="PROVIDER")] = "",
    forget: Annotated[bool, typer.Option("--forget", help="This provider is as all others again.")] = False,
) -> None:
    """Show or set what happens when athletes change or delete at a provider what was sent there."""
    if forget and not at:
        raise typer.BadParameter("say --at which provider")
    is_given = forget or choice is not None
    only = {at: None if forget else choice} if at and is_given else None

    async def show(hub: Hub) -> PlatformView:
        general = None if at else choice
        return await policy_of_platform_named(hub, platform, None, on_drift=general, on_drift_at=only)

    view = run_with_hub(show)
    typer.echo("\n".join([view.on_drift, *(f"{name}: {one}" for name, one in view.on_drift_at.items())]))


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="The id, from `hub keys list`.")]) -> None:
    """End an API key at once."""

    async def end(_: Hub) -> None:
        await revoke_api_key(key_id)

    run_with_hub(end)
    typer.echo(f"{key_id} is revoked.")
