"""Fetches an athlete's history in windows, the newest first: resumable, with progress and an estimate.

Each window is one run of the job, so that a kill costs one window, and live traffic goes in between.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from hub_core.errors import ConflictError, InvalidInputError, LeaseLostError, NotFoundError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.inbound import Delivery, Window
from hub_core.sdk.manifest import Operation
from hub_core.services.connections.end_connection import hold_connection
from hub_core.services.connections.provider_context import with_connection
from hub_core.services.exports.reactions import explain, reaction_to, wait_s
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.inbound.store_deliveries import store_deliveries
from hub_core.services.sync.changes import record_change
from hub_core.storage import find_row, jobs, new_id, now_ms, save_row
from hub_core.storage.inbound_tables import Backfill, StoredDelivery
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Athlete, Connection

BACKFILL_KIND = "backfill"
#: Garmin takes 30 days at a time by most accounts, and a page of a month is bearable everywhere.
WINDOW_DAYS = 30
LONGEST_DAYS = 10 * 366
_PRIORITY = jobs.LIVE_PRIORITY + 3


class BackfillState(StrEnum):
    """Where a backfill stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BackfillView(msgspec.Struct, frozen=True):
    """A backfill and how far it is. Local dates, both included.

    `windows_done` of `windows` are asked for. `deliveries`: what came so far, and `waiting` of it is still to
    be ingested. `remaining_s`: an estimate from the pace so far, None before there is one. For a provider
    that answers a request by webhooks, what comes later counts there.
    """

    id: str
    provider: str
    start: dt.date
    end: dt.date
    state: BackfillState
    reason: str
    windows: int
    windows_done: int
    deliveries: int
    waiting: int
    remaining_s: float | None


async def start_backfill(hub: Hub, athlete: Athlete, name: str, start: dt.date, end: dt.date) -> BackfillView:
    """Ask for the history of some local dates, both included. Raises `ConflictError` while one is running."""
    provider = hub.registry.get(name)
    if not provider.manifest.capabilities.operations & {Operation.POLL, Operation.BACKFILL}:
        raise InvalidInputError(f"{name} can't be asked for history; import files instead", path="provider")
    if start > end or end > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1):
        raise InvalidInputError("must be on or before `to`, and `to` not in the future", path="from")
    if (end - start).days > LONGEST_DAYS:
        raise InvalidInputError(f"at most {LONGEST_DAYS} days at a time", path="from")
    connection = await find_row(Connection, athlete_id=athlete.id, provider=name)
    if connection is None or connection.status != ConnectionStatus.CONNECTED:
        raise NotFoundError(f"{name} is not connected")
    async with hub.engine.transaction():
        if await _running(connection.id):
            raise ConflictError(f"a backfill of {name} is running; wait for it or cancel it")
        now = now_ms()
        row = Backfill(
            id=new_id("bf"),
            athlete_id=athlete.id,
            connection_id=connection.id,
            provider=name,
            start_date=start.isoformat(),
            end_date=end.isoformat(),
            next_date=end.isoformat(),
            state=BackfillState.RUNNING,
            created_ms=now,
            updated_ms=now,
        )
        await save_row(row)
        lane = jobs.Lane(name, athlete.id)
        await jobs.enqueue(hub.engine, BACKFILL_KIND, row.id, lane=lane, priority=_PRIORITY)
        await record_change(hub, athlete.id, "backfills", row.id)
    return await _view(row)


async def list_backfills(athlete_id: str) -> list[BackfillView]:
    """All backfills of an athlete, the latest first."""
    rows = (
        await Backfill.objects()
        .where(Backfill.athlete_id == athlete_id)
        .order_by(Backfill.created_ms, ascending=False)
    )
    return [await _view(row) for row in rows]


async def cancel_backfill(hub: Hub, athlete_id: str, backfill_id: str) -> BackfillView:
    """Ask for no more windows. What has come stays."""
    row = await find_row(Backfill, id=backfill_id, athlete_id=athlete_id)
    if row is None:
        raise NotFoundError("there is no such backfill")
    if row.state == BackfillState.RUNNING:
        async with hub.engine.transaction():
            await _write(hub, row, BackfillState.CANCELLED, "Cancelled.")
            await jobs.cancel(hub.engine, BACKFILL_KIND, [row.id])
    return await _view(row)


async def backfill_history(hub: Hub, lease: Lease) -> None:
    """Run one window of a job of the kind `backfill`, whose subject is a backfill."""
    row = await find_row(Backfill, id=lease.subject_id)
    if row is None or row.state != BackfillState.RUNNING:
        await jobs.finish(hub.engine, lease)
        return
    connection = await find_row(Connection, id=row.connection_id)
    if connection is None or connection.status != ConnectionStatus.CONNECTED:
        async with hub.engine.transaction():
            await _write(hub, row, BackfillState.FAILED, "The provider is not connected any more.")
            await jobs.finish(hub.engine, lease)
        return
    first, last = window_dates(row)
    asked_ms = now_ms()
    try:
        deliveries = await _ask(hub, connection, first, last)
    except LeaseLostError:
        raise
    except Exception as error:  # noqa: BLE001 (each is answered by the table)
        await _settle_error(hub, lease, row, error)
    else:
        await _settle(hub, lease, row, connection, first, deliveries, asked_ms)


def window_dates(row: Backfill) -> tuple[dt.date, dt.date]:
    """The local dates of the window that is next, both included."""
    last = dt.date.fromisoformat(row.next_date)
    first = max(dt.date.fromisoformat(row.start_date), last - dt.timedelta(days=WINDOW_DAYS - 1))
    return first, last


async def _ask(hub: Hub, connection: Connection, first: dt.date, last: dt.date) -> tuple[Delivery, ...]:
    """What the provider answers at once; nothing from one that answers by webhooks."""
    # Whole days in every zone of the earth: what lies at the edge comes twice, and is known the second time.
    start = dt.datetime.combine(first, dt.time(), dt.UTC) - dt.timedelta(hours=14)
    end = dt.datetime.combine(last, dt.time(), dt.UTC) + dt.timedelta(hours=24 + 12)
    window = Window(start, min(end, dt.datetime.now(dt.UTC)))
    operations = hub.registry.get(connection.provider).manifest.capabilities.operations
    hook = Operation.POLL if Operation.POLL in operations else Operation.BACKFILL

    async def call(context: ProviderContext) -> tuple[Delivery, ...]:
        found = await hub.dispatcher.call(connection.provider, hook, context=context, window=window)
        return tuple(found or ())

    return await with_connection(hub, connection, call, background=True)


async def _settle(
    hub: Hub,
    lease: Lease,
    row: Backfill,
    connection: Connection,
    first: dt.date,
    deliveries: tuple[Delivery, ...],
    asked_ms: int,
) -> None:
    async with hub.engine.transaction():
        current = await find_row(Backfill, id=row.id)
        if not await hold_connection(hub, connection):
            await jobs.retry(hub.engine, lease, run_at_ms=now_ms(), error="", counts=False)
            return
        new = await store_deliveries(hub, connection, deliveries, "backfill", asked_ms=asked_ms)
        if current is None or current.state != BackfillState.RUNNING:
            await jobs.finish(hub.engine, lease)
            return
        current.deliveries += len(new)
        current.next_date = (first - dt.timedelta(days=1)).isoformat()
        is_done = first.isoformat() <= current.start_date
        await _write(hub, current, BackfillState.DONE if is_done else BackfillState.RUNNING, "")
        if is_done:
            await jobs.finish(hub.engine, lease)
        else:
            await jobs.retry(hub.engine, lease, run_at_ms=now_ms(), error="", counts=False)


async def _settle_error(hub: Hub, lease: Lease, row: Backfill, error: Exception) -> None:
    reaction = reaction_to(error, tries=lease.tries, failing_s=lease.failing_s())
    message = explain(error)
    async with hub.engine.transaction():
        if reaction.is_retried:
            await _write(hub, row, BackfillState.RUNNING, message)
            run_at_ms = now_ms() + int(1000 * wait_s(error, tries=lease.tries))
            counts = reaction.is_failure
            await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=message, counts=counts)
        else:
            await _write(hub, row, BackfillState.FAILED, message)
            await jobs.finish(hub.engine, lease)


async def _write(hub: Hub, row: Backfill, state: BackfillState, reason: str) -> None:
    row.state, row.reason, row.updated_ms = state, reason, now_ms()
    await save_row(row)
    await record_change(hub, row.athlete_id, "backfills", row.id)


async def _running(connection_id: str) -> bool:
    return await Backfill.exists().where(
        (Backfill.connection_id == connection_id) & (Backfill.state == BackfillState.RUNNING)
    )


async def _view(row: Backfill) -> BackfillView:
    start, end = dt.date.fromisoformat(row.start_date), dt.date.fromisoformat(row.end_date)
    done_days = (end - dt.date.fromisoformat(row.next_date)).days
    windows = -(-((end - start).days + 1) // WINDOW_DAYS)
    done = min(windows, -(-done_days // WINDOW_DAYS))
    waiting = await StoredDelivery.count().where(
        (StoredDelivery.connection_id == row.connection_id)
        & (StoredDelivery.way == "backfill")
        & (StoredDelivery.state == "waiting")
    )
    pace_s = (row.updated_ms - row.created_ms) / 1000 / done if done else None
    is_running = row.state == BackfillState.RUNNING
    return BackfillView(
        row.id,
        row.provider,
        start,
        end,
        BackfillState(row.state),
        row.reason,
        windows,
        done,
        row.deliveries,
        waiting,
        round(pace_s * (windows - done), 1) if is_running and pace_s is not None else None,
    )
