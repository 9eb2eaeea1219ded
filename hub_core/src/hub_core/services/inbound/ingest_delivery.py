"""Makes records of one raw delivery: fetch its file, let the plugin read it, store what it says."""

from __future__ import annotations

import msgspec

from hub_core.domain.records import Records
from hub_core.errors import LeaseLostError, VaultError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ReconnectNeeded
from hub_core.sdk.files import with_file
from hub_core.sdk.inbound import Delivery
from hub_core.services.connections.end_connection import end_connection
from hub_core.services.connections.provider_context import make_context, while_connected, with_connection
from hub_core.services.exports.reactions import explain, reaction_to, wait_s
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.inbound.observe import observe
from hub_core.services.inbound.store_deliveries import content_row, file_row
from hub_core.services.sync.changes import record_change
from hub_core.storage import change_row, find_row, jobs, now_ms
from hub_core.storage.inbound_tables import StoredDelivery
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Connection
from hub_core.storage.token_vault import load_tokens

#: So many records that couldn't be kept are named.
_TOLD = 3


async def ingest_delivery(hub: Hub, lease: Lease) -> None:
    """Run one job of the kind `ingest`, whose subject is a delivery."""
    row = await find_row(StoredDelivery, id=lease.subject_id)
    if row is None or row.state not in {"waiting", "failed"}:
        await jobs.finish(hub.engine, lease)
        return
    connection = await find_row(Connection, id=row.connection_id)
    if connection is None or connection.status == ConnectionStatus.DISCONNECTED:
        # Whoever has left is not brought back by a webhook that comes late.
        await _drop(hub, lease, row)
        return
    try:
        delivery = _open(hub, row)
        records = await _ingest(hub, connection, row, delivery)
        await _settle(hub, lease, row, connection, records)
    except LeaseLostError:
        raise
    except VaultError:
        await _end(
            hub, lease, row, "failed", "The content can't be opened with the keys of HUB_ENCRYPTION_KEYS."
        )
    except Exception as error:  # noqa: BLE001 (each is answered by the table)
        await _settle_error(hub, lease, row, error)


def _open(hub: Hub, row: StoredDelivery) -> Delivery:
    content = hub.keys.open(bytes(row.content or b""), content_row(row.id))
    delivery = msgspec.msgpack.decode(content, type=Delivery)
    if row.file is None:
        return delivery
    return msgspec.structs.replace(delivery, file=hub.keys.open(bytes(row.file), file_row(row.id)))


async def _ingest(hub: Hub, connection: Connection, row: StoredDelivery, delivery: Delivery) -> Records:
    """What the plugin makes of it. A token is asked for only when the plugin, or the file, needs one: a push
    can be read without, also when the token has died."""

    async def call(context: ProviderContext) -> Records:
        complete = await _with_file(hub, context, row, delivery)
        records: Records = await hub.dispatcher.call(
            connection.provider, "ingest_activity", context=context, delivery=complete
        )
        return records

    stored = await load_tokens(hub.engine, hub.keys, connection.id)
    tokens = stored.tokens if stored else None
    context = make_context(
        hub,
        connection.provider,
        tokens,
        hold=while_connected(hub, connection),
        provider_user_id=connection.provider_user_id,
    )
    if delivery.file_url and delivery.file_needs_token and row.file is None:
        return await with_connection(hub, connection, call)
    try:
        return await call(context)
    except ReconnectNeeded:  # perhaps of a token that has ended; if not, it ends the connection
        return await with_connection(hub, connection, call)


async def _with_file(hub: Hub, context: ProviderContext, row: StoredDelivery, delivery: Delivery) -> Delivery:
    """The delivery with its file, which is fetched once and kept: Garmin hands each file out one time."""
    if delivery.file_url is None or delivery.file is not None or row.file_state == "gone":
        return delivery
    complete = await with_file(context.http, delivery)
    row.file_state = "gone" if complete.file is None else "fetched"
    sealed = None if complete.file is None else hub.keys.seal(complete.file, file_row(row.id))
    await change_row(StoredDelivery, row.id, file=sealed, file_state=row.file_state)
    return complete


async def _settle(
    hub: Hub, lease: Lease, row: StoredDelivery, connection: Connection, records: Records
) -> None:
    async with hub.engine.transaction():
        # The connection may have ended while the plugin was at work.
        current = await find_row(Connection, id=connection.id)
        if current is None or current.status == ConnectionStatus.DISCONNECTED:
            await _drop(hub, lease, row)
            return
        seen = await observe(hub, row.athlete_id, row.provider, records, delivery_id=row.id)
        if records.scopes is not None:
            await _change_scopes(hub, current, records.scopes)
        if records.revoked:
            title = hub.registry.get(row.provider).manifest.title
            await end_connection(
                hub, current, ConnectionStatus.RECONNECT, f"The athlete has ended the consent at {title}."
            )
        told = [f"Left out: {one.path}: {one.detail}." for one in seen.refused[:_TOLD]]
        if row.file_state == "gone":
            told.append("The provider does not hold its file any more.")
        is_lost = seen.refused and not seen.new + seen.known
        await _end(hub, lease, row, "failed" if is_lost else "done", " ".join(told))


async def _change_scopes(hub: Hub, connection: Connection, scopes: tuple[str, ...]) -> None:
    await change_row(Connection, connection.id, scopes=" ".join(scopes), updated_ms=now_ms())
    await record_change(hub, connection.athlete_id, "connections", connection.id)


async def _settle_error(hub: Hub, lease: Lease, row: StoredDelivery, error: Exception) -> None:
    """Try again later, or keep it as failed, to be replayed when the reason is gone."""
    reaction = reaction_to(error, tries=lease.tries, failing_s=lease.failing_s())
    message = explain(error)
    async with hub.engine.transaction():
        if not reaction.is_retried:
            await _end(hub, lease, row, "failed", message)
            return
        await change_row(StoredDelivery, row.id, reason=message)
        run_at_ms = now_ms() + int(1000 * wait_s(error, tries=lease.tries))
        counts = reaction.is_failure
        await jobs.retry(hub.engine, lease, run_at_ms=run_at_ms, error=message, counts=counts)


async def _drop(hub: Hub, lease: Lease, row: StoredDelivery) -> None:
    """The athlete has disconnected since: what was said is not kept, raw or otherwise."""
    async with hub.engine.transaction():
        await change_row(StoredDelivery, row.id, content=None, file=None)
        await _end(hub, lease, row, "dropped", "The athlete has disconnected since.")


async def _end(hub: Hub, lease: Lease, row: StoredDelivery, state: str, reason: str) -> None:
    """Write the end, in one transaction with that of the job."""
    async with hub.engine.transaction():
        await change_row(StoredDelivery, row.id, state=state, reason=reason, done_ms=now_ms())
        await jobs.finish(hub.engine, lease)
