"""`hub queue`: what waits, runs, is held or dead, and why."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec
import typer
from rich.markup import escape
from rich.table import Column, Table

from hub_core.cli.local import run_with_hub
from hub_core.cli.show import console
from hub_core.errors import ConflictError, HubError
from hub_core.services.exports.retry_export import ExportView
from hub_core.services.exports.steer_export import cancel_export, prioritise_export
from hub_core.services.hub import Hub
from hub_core.services.operating.inspect_queue import (
    JobView,
    QueueWord,
    list_jobs,
    read_job,
    replay_dead,
    replay_job,
)
from hub_core.storage import find_row
from hub_core.storage.tables import Athlete

app = typer.Typer(
    help="What waits, runs, is held or dead, and why.", invoke_without_command=True, add_completion=False
)

JobId = Annotated[str, typer.Argument(help="The id, from `hub queue`.")]
_STYLES = {"waiting": "yellow", "running": "green", "held": "cyan", "dead": "red"}


@app.callback()
def queue(
    context: typer.Context,
    state: Annotated[QueueWord | None, typer.Option(help="Only these.")] = None,
) -> None:
    """List the queue in the order in which it goes."""
    if context.invoked_subcommand:
        return

    async def rows(hub: Hub) -> list[JobView]:
        return await list_jobs(hub, None, state)

    found = run_with_hub(rows)
    if not found:
        console.print("Nothing waits.")
        return
    # The id is whole on any screen, as the other commands want it; beside the rest it would squeeze that out.
    table = Table(Column("What, and its job", min_width=max(len(job.id) for job in found)))
    for name in ("State", "Next", "Tries", "Why"):
        table.add_column(name)
    for job in found:
        what = "\n".join(part for part in (f"{job.kind} {job.provider or ''}".strip(), job.workout) if part)
        state_text = f"[{_STYLES[job.state]}]{job.state}[/]"
        cell = f"{escape(what)}\n[dim]{job.id}[/]"
        table.add_row(cell, state_text, _moment(job), str(job.tries), escape(job.reason))
    console.print(table)


@app.command()
def show(job_id: JobId) -> None:
    """Show all that is known of one job, without secrets."""

    async def look(hub: Hub) -> JobView:
        return await read_job(hub, None, job_id)

    for name, value in msgspec.structs.asdict(run_with_hub(look)).items():
        console.print(f"{name:14} {escape(str(value))}", soft_wrap=True)


@app.command()
def retry(
    job_id: Annotated[str, typer.Argument(help="A dead job's id, from `hub queue`.")] = "",
    all_dead: Annotated[bool, typer.Option("--all", help="All dead ones.")] = False,
) -> None:
    """Do a dead job again, with all its tries."""
    if bool(job_id) == all_dead:
        raise HubError("name a job, or say --all")

    async def again(hub: Hub) -> list[JobView]:
        return await replay_dead(hub, None) if all_dead else [await replay_job(hub, None, job_id)]

    console.print(f"{len(run_with_hub(again))} queued again.")


@app.command()
def cancel(job_id: JobId) -> None:
    """Don't send an export that waits. What the provider holds already stays there."""

    async def end(hub: Hub) -> ExportView:
        job = await read_job(hub, None, job_id)
        return await cancel_export(hub, await _athlete(job), job.subject_id)

    console.print(run_with_hub(end).reason)


@app.command()
def first(job_id: JobId) -> None:
    """Send an export before everything else that waits."""

    async def go(hub: Hub) -> ExportView:
        job = await read_job(hub, None, job_id)
        return await prioritise_export(hub, await _athlete(job), job.subject_id)

    console.print(run_with_hub(go).reason)


async def _athlete(job: JobView) -> Athlete:
    row = await find_row(Athlete, id=job.athlete_id)
    if row is None or job.kind != "export_workout":
        raise ConflictError(f"{job.id} is no export")
    return row


def _moment(job: JobView) -> str:
    if job.next_try_ms is None:
        return ""
    return dt.datetime.fromtimestamp(job.next_try_ms / 1000).astimezone().strftime("%d %b %H:%M:%S")
