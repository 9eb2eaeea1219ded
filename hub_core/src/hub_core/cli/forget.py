"""`hub forget`: everything that the hub beside you holds of you."""

from __future__ import annotations

from typing import Annotated

import typer

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.show import console
from hub_core.services.hub import Hub
from hub_core.services.privacy.erase_athlete import ErasureReceipt, erase_athlete

_ANSWERS = {
    "revoked": "knows that the consent has ended",
    "unasked": "had nothing to revoke",
    "unanswered": "did not answer; end the consent there",
    "refused": "did not take the revocation; end the consent there",
}


def forget(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Erase yourself: end every connection, and delete all workouts, activities, days and files."""
    if not yes:
        typer.confirm("This deletes all that the hub holds of you, and can't be undone. Go on?", abort=True)

    async def run(hub: Hub) -> ErasureReceipt:
        return await erase_athlete(hub, await local_athlete(hub))

    receipt = run_with_hub(run)
    for answer in receipt.providers:
        console.print(f"{answer.provider} {_ANSWERS[answer.told]}.")
        if answer.left:
            console.print(f"    {answer.left} planned workouts stay there.")
    rows = sum(receipt.deleted.values())
    console.print(f"[green]Erased[/]: {rows} rows and {receipt.files} files. Receipt {receipt.id}.")
