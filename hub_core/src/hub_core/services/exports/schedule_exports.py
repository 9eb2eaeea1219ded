"""Writes down which exports a workout needs, with their jobs, in the transaction that saves it."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.local_day import day_ends_ms, today_in
from hub_core.services.exports.select_providers import Selection, select_providers
from hub_core.services.exports.statuses import NO_COPY, ConnectionStatus, ExportStatus, set_export_status
from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.storage import change_row, find_row, find_rows, jobs, new_id, now_ms, save_row
from hub_core.storage.tables import Athlete, Connection, Export, Workout

JOB_KIND = "export_workout"
#: The provider of an export that has nowhere to go yet.
NOWHERE = ""


async def schedule_exports(
    hub: Hub,
    athlete: Athlete,
    workout: Workout,
    *,
    send_at_ms: int | None = None,
) -> None:
    """Want this revision at every provider it goes to, and also where an older one has gone before.

    Where a workout names its providers, and nowhere else, older copies are withdrawn. What only waits to go
    where the workout doesn't go any more is dropped. `send_at_ms` holds the exports that are new; those that
    there are keep the moment that they have.
    """
    connections = await find_rows(Connection, athlete_id=athlete.id)
    selection = select_providers(hub.registry, athlete, connections, tuple(workout.asked.split()))
    existing = {row.provider: row for row in await find_rows(Export, workout_id=workout.id)}
    because = {one.provider: selection.code for one in selection.connections}
    wanted = set(because)
    wanted |= {name for name, row in existing.items() if name and _stays(workout, row, selection)}
    if not wanted:
        row = existing.get(NOWHERE)
        await _want_in_vain(hub, workout, NOWHERE, row, selection.code, selection.reason, send_at_ms)
        return
    if NOWHERE in existing:
        send_at_ms = existing[NOWHERE].send_at_ms
    zone = msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone
    ends_ms = day_ends_ms(dt.date.fromisoformat(workout.date), zone)
    for provider in sorted(wanted):
        row, code = existing.get(provider), because.get(provider, "")
        if row is None or not _is_taken_up(workout, row):
            await _want(hub, workout, provider, row, code, send_at_ms, ends_ms)
    missing = set(selection.missing) - wanted
    lapsed = {one.provider for one in connections if one.status == ConnectionStatus.RECONNECT}
    for provider in sorted(missing):
        code, word = ("reconnect_needed", "again") if provider in lapsed else ("not_connected", "first")
        row, reason = existing.get(provider), f"Connect {provider} {word}."
        await _want_in_vain(hub, workout, provider, row, code, reason, send_at_ms)
    for provider, row in existing.items():
        if because and provider not in {NOWHERE, *wanted, *missing} and _is_dropped(row, selection):
            await ask_to_withdraw(hub, row)
    if NOWHERE in existing:
        await Export.delete().where(Export.id == existing[NOWHERE].id)
        await record_change(hub, athlete.id, "exports", existing[NOWHERE].id, "delete")


def _stays(workout: Workout, row: Export, selection: Selection) -> bool:
    """Whether it is wanted where it has gone, or waits to go, though its provider isn't chosen (now)."""
    if row.external_ids != "{}":
        asked = workout.asked.split()
        return not asked or row.provider in asked or not selection.connections
    # Nobody has chosen another one.
    return not selection.connections and row.wanted == "present" and row.status == ExportStatus.PENDING


def _is_dropped(row: Export, selection: Selection) -> bool:
    """Whether it goes there no more. What was lost with its connection still waits for that, unless the
    workout names others; of what somebody has only seen there, nothing can be removed."""
    stays = {ExportStatus.NOT_CONNECTED} if selection.code != "asked" else set()
    is_seen = row.status == ExportStatus.SENT and row.external_ids == "{}"
    return row.wanted == "present" and row.status not in stays and not is_seen


def _is_taken_up(workout: Workout, row: Export) -> bool:
    """Whether this revision goes its way there already, or has gone it."""
    return (
        row.wanted_revision == workout.revision
        and row.status != ExportStatus.NOT_CONNECTED
        and row.reason_code not in {"withdrawing", "withdrawn"}
    )


async def ask_to_export(
    hub: Hub,
    export_id: str,
    athlete_id: str,
    provider: str,
    *,
    run_at_ms: int | None = None,
    priority: int = jobs.LIVE_PRIORITY,
    day_ends_ms: int = 0,
) -> None:
    """Ask for the job that brings the provider's copy to the wanted state, in the caller's transaction.

    `day_ends_ms` is when the workout's day is over; 0 if the job knows it from before.
    """
    await jobs.enqueue(
        hub.engine,
        JOB_KIND,
        export_id,
        lane=jobs.Lane(provider, athlete_id),
        run_at_ms=run_at_ms,
        priority=priority,
        day_ends_ms=day_ends_ms,
    )


def tell_moment(moment_ms: int) -> tuple[str, str]:
    """The code and the words of an export that is held until a moment, in epoch milliseconds."""
    moment = dt.datetime.fromtimestamp(moment_ms / 1000, dt.UTC)
    return "scheduled", f"Goes out at {moment:%Y-%m-%d %H:%M} UTC, as was asked for."


async def _want(
    hub: Hub,
    workout: Workout,
    provider: str,
    existing: Export | None,
    because: str,
    send_at_ms: int | None,
    ends_ms: int,
) -> None:
    export_id = existing.id if existing else await _create(workout, provider)
    moment_ms = existing.send_at_ms if existing else send_at_ms
    later_ms = moment_ms if moment_ms is not None and moment_ms > now_ms() else None
    code, reason = tell_moment(later_ms) if later_ms else ("queued", "Waiting to be sent.")
    await set_export_status(
        hub,
        export_id,
        workout.athlete_id,
        ExportStatus.PENDING,
        code=code,
        reason=reason,
        wanted="present",
        wanted_revision=workout.revision,
        next_try_ms=later_ms,
        send_at_ms=later_ms,
        drift="",
        drift_ms=None,
        **({"selected_because": because} if because else {}),
    )
    await ask_to_export(hub, export_id, workout.athlete_id, provider, run_at_ms=later_ms, day_ends_ms=ends_ms)


async def _want_in_vain(
    hub: Hub,
    workout: Workout,
    provider: str,
    existing: Export | None,
    code: str,
    reason: str,
    send_at_ms: int | None,
) -> None:
    export_id = existing.id if existing else await _create(workout, provider)
    await set_export_status(
        hub,
        export_id,
        workout.athlete_id,
        ExportStatus.NOT_CONNECTED,
        code=code,
        reason=reason,
        wanted="present",
        wanted_revision=workout.revision,
        send_at_ms=existing.send_at_ms if existing else send_at_ms,
    )


async def _create(workout: Workout, provider: str) -> str:
    now = now_ms()
    row = Export(
        id=new_id("exp"),
        athlete_id=workout.athlete_id,
        workout_id=workout.id,
        provider=provider,
        status=ExportStatus.PENDING,
        wanted_revision=workout.revision,
        created_ms=now,
        updated_ms=now,
    )
    await save_row(row)
    return row.id


async def schedule_waiting(hub: Hub, athlete: Athlete, time_zone: str) -> int:
    """After a connection was made: send what waited for one, from today on, in order of date (row A11), and
    remove what was deleted meanwhile.

    Returns how many workouts were taken up to be sent.
    """
    await _withdraw_waiting(hub, athlete.id)
    today = today_in(time_zone).isoformat()
    waiting = await find_rows(Export, athlete_id=athlete.id, status=ExportStatus.NOT_CONNECTED)
    if not waiting:
        return 0
    ids = list({row.workout_id for row in waiting})
    workouts = (
        await Workout.objects()
        .where(Workout.id.is_in(ids) & (Workout.deleted == False))  # noqa: E712
        .order_by(Workout.date)
    )
    ahead = [one for one in workouts if one.date >= today]
    for workout in ahead:
        await schedule_exports(hub, athlete, workout)
    past = {one.id for one in workouts if one.date < today}
    for row in waiting:
        if row.workout_id in past and row.reason_code != "skipped":
            reason = "Its day was over before it could go out."
            code, status = "skipped", ExportStatus.NOT_CONNECTED
            await set_export_status(hub, row.id, athlete.id, status, code=code, reason=reason)
    return len(ahead)


async def send_to_new_account(hub: Hub, athlete: Athlete, provider: str, time_zone: str) -> None:
    """After another account took the place of the one before: what was sent there, from today on, is wanted
    in this one. The old one keeps its copies, which nobody here can reach any more."""
    today = today_in(time_zone).isoformat()
    for row in await find_rows(Export, athlete_id=athlete.id, provider=provider):
        was_sent = row.status == ExportStatus.SENT or row.external_ids != "{}"
        if not was_sent or row.wanted == "absent" or row.reason_code == "cancelled":
            continue
        workout = await find_row(Workout, id=row.workout_id)
        if workout is not None and workout.date >= today:
            await change_row(Export, row.id, **NO_COPY, older_copies="[]")
            ends_ms = day_ends_ms(dt.date.fromisoformat(workout.date), time_zone)
            await _want(hub, workout, provider, row, "", None, ends_ms)


async def _withdraw_waiting(hub: Hub, athlete_id: str) -> None:
    rows = await hub.engine.execute(
        'SELECT e.id FROM "export" e JOIN "connection" c ON c.athlete_id = e.athlete_id'
        " AND c.provider = e.provider AND c.status = {} WHERE e.athlete_id = {} AND e.status = {}"
        " AND e.wanted = 'absent'",
        ConnectionStatus.CONNECTED,
        athlete_id,
        ExportStatus.NOT_CONNECTED,
    )
    for export in await find_rows(Export, id=[row["id"] for row in rows]):
        await ask_to_withdraw(hub, export)


async def ask_to_withdraw(hub: Hub, export: Export) -> None:
    """Want nothing of it at its provider any more, in the caller's transaction."""
    await set_export_status(
        hub,
        export.id,
        export.athlete_id,
        ExportStatus.PENDING,
        code="withdrawing",
        reason="Waiting to be removed.",
        wanted="absent",
        next_try_ms=None,
    )
    await ask_to_export(hub, export.id, export.athlete_id, export.provider)


async def schedule_waiting_of(hub: Hub, athlete_id: str) -> int:
    """The same for an athlete who isn't at hand."""
    athlete = await find_row(Athlete, id=athlete_id)
    if athlete is None:
        return 0
    zone = msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone
    return await schedule_waiting(hub, athlete, zone)


async def withdraw_exports(hub: Hub, workout: Workout) -> None:
    """Want the workout nowhere: what was sent is withdrawn, what waits is dropped."""
    for row in await find_rows(Export, workout_id=workout.id):
        if row.provider == NOWHERE:
            await Export.delete().where(Export.id == row.id)
            await record_change(hub, workout.athlete_id, "exports", row.id, "delete")
            continue
        await ask_to_withdraw(hub, row)
