"""`hub preflight` and `hub export`: a workout from a file."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

import msgspec
import typer
from rich.markup import escape

from hub_core.bootstrap import make_app
from hub_core.cli.draw import ProfilePicture
from hub_core.cli.files import SportName, WorkoutFile, print_remarks, read_file
from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.show import STATUS_STYLES, console, fidelity_table, loss_list, tell_verification
from hub_core.cli.thresholds import Css, Ftp, Lthr, MaxHr, Pace, read_thresholds
from hub_core.domain.athlete import Athlete
from hub_core.domain.fidelity import Fidelity
from hub_core.domain.local_day import today_in
from hub_core.domain.policy import FidelityPolicy, find_stop
from hub_core.domain.profile import make_profile
from hub_core.domain.workout import PlannedWorkout
from hub_core.errors import ConflictError, HubError, InvalidInputError
from hub_core.registry.dispatcher import Dispatcher
from hub_core.registry.registry import load_registry
from hub_core.services.connections.disconnect_provider import list_connections
from hub_core.services.exports.fidelity_policy import explain_stop
from hub_core.services.exports.preflight_workout import preflight_workout
from hub_core.services.exports.retry_export import ExportView, read_export
from hub_core.services.exports.statuses import ConnectionStatus, ExportStatus, Verification
from hub_core.services.hub import Hub
from hub_core.services.workouts.save_workout import save_workout
from hub_core.storage import find_row
from hub_core.storage.tables import Athlete as AthleteRow
from hub_core.storage.tables import Export

_PATIENCE_S = 120
#: PENDING, and nothing of it is up to the hub.
_WAITING_ELSEWHERE = {"held", "outcome_unknown", "waits_for_phone"}


def preflight(
    file: WorkoutFile,
    providers: Annotated[
        str, typer.Option("--for", help="Providers with commas between; all by default.")
    ] = "",
    ftp: Ftp = None,
    lthr: Lthr = None,
    max_hr: MaxHr = None,
    threshold_pace: Pace = None,
    css: Css = None,
    sport: SportName = None,
    policy: Annotated[
        FidelityPolicy, typer.Option(help="Which losses may go out.")
    ] = FidelityPolicy.ACCEPT_DEGRADED,
) -> None:
    """Draw a workout and show what would survive of it at each provider. Nothing is sent."""
    read = read_file(file, sport)
    workout = read.workout
    athlete = Athlete(**read_thresholds(ftp, lthr, max_hr, threshold_pace, css))  # type: ignore[arg-type]
    registry = load_registry()
    asked = tuple(name.strip() for name in providers.split(",") if name.strip())
    names = asked or registry.exporters()
    reports = asyncio.run(preflight_workout(Dispatcher(registry), workout, athlete, names))
    console.print(ProfilePicture(make_profile(workout, athlete)))
    console.print()
    print_remarks(read)
    for report in reports:
        console.print(fidelity_table(report, registry.get(report.provider).manifest.title))
        if stop := explain_stop(report, policy):
            console.print(f"[red]{escape(stop)}[/]")
        console.print()
    if any(find_stop(report, policy) for report in reports):
        raise typer.Exit(1)


def export(
    file: WorkoutFile,
    provider: Annotated[str, typer.Option("--to", help="A provider that you have connected.")],
    date: Annotated[str, typer.Option(help="The day, as 2026-12-01; tomorrow by default.")] = "",
    sport: SportName = None,
) -> None:
    """Send a workout to a provider that you connected with `hub connect`, and wait until it is there."""
    read = read_file(file, sport)
    workout = read.workout

    async def send(hub: Hub) -> ExportView:
        athlete = await local_athlete(hub)
        zone = msgspec.json.decode(athlete.thresholds, type=Athlete).time_zone
        dated = msgspec.structs.replace(workout, date=_day(date, workout, zone))
        hub.registry.get(provider)
        await _check_connection(athlete, provider)
        row = await save_workout(hub, athlete, dated, providers=(provider,))
        made = await find_row(Export, workout_id=row.id)
        if made is None:
            raise HubError("the export is gone")
        app = make_app(hub)
        async with app.lifespan():
            return await _settled(athlete.id, made.id)

    print_remarks(read)
    done = run_with_hub(send)
    if done.fidelity and done.fidelity.level is not Fidelity.EXACT:
        console.print(loss_list(done.fidelity, "What arrived"))
    console.print(f"[{STATUS_STYLES[done.status]}]{done.status}[/] {escape(done.reason)}")
    if done.verification and (words := tell_verification(done.verification)):
        console.print(words, style="dim")
    if done.status in {ExportStatus.FAILED, ExportStatus.NOT_CONNECTED}:
        raise typer.Exit(1)


async def _check_connection(athlete: AthleteRow, provider: str) -> None:
    """Before anything is saved: what was saved goes out once it is connected, beside a second export's."""
    for one in await list_connections(athlete):
        if one.provider == provider and one.status == ConnectionStatus.CONNECTED:
            return
    raise ConflictError(f"you are not connected to {provider}; run `hub connect {provider}` first")


async def _settled(athlete_id: str, export_id: str) -> ExportView:
    for _ in range(_PATIENCE_S * 10):
        view = await read_export(athlete_id, export_id)
        is_looked_at = view.verification is not None and view.verification.state is Verification.PENDING
        is_under_way = view.status == ExportStatus.PENDING and view.reason_code not in _WAITING_ELSEWHERE
        if not is_under_way and not (is_looked_at and view.status == ExportStatus.SENT):
            return view
        await asyncio.sleep(0.1)
    return await read_export(athlete_id, export_id)


def _day(text: str, workout: PlannedWorkout, zone: str) -> dt.date:
    if not text:
        return workout.date or today_in(zone) + dt.timedelta(days=1)
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(f"{text!r} is no date; write it as 2026-12-01", path="--date") from None
