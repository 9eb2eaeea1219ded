"""Takes what an athlete's phone sends: kept raw, read by the plugin, and shown, before it is answered."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.records import Records, Refused
from hub_core.domain.validate import MAX_NAME, check_text
from hub_core.errors import ConflictError
from hub_core.sdk.inbound import Delivery
from hub_core.services.connections.provider_context import make_context
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.services.inbound.observe import Observed, observe
from hub_core.services.inbound.store_deliveries import identity_of, store_delivery
from hub_core.services.merging.shown import ShownDay
from hub_core.storage import change_row, digest, find_row, now_ms
from hub_core.storage.inbound_tables import StoredDelivery
from hub_core.storage.tables import Athlete, Connection

#: Whose phones these are: the plugin that reads what they send.
PROVIDER = "healthkit"
#: So many errors and remarks are told; the counts are whole.
MOST_TOLD = 1_000

Kind = Literal["steps", "sleep", "workouts", "batch", "auto-export"]


class PhoneReceipt(msgspec.Struct, frozen=True):
    """What became of a batch. `new` and `known` count what was kept, deletions included: the rest of a batch
    is not held up by an item in `errors`. `remarks`: what was left out though nothing is wrong with it.
    `activities` and `days` look otherwise now, or hold what came.
    """

    delivery_id: str
    new: int
    known: int
    refused: int
    errors: tuple[Refused, ...]
    remarks: tuple[str, ...]
    activities: tuple[str, ...]
    days: tuple[ShownDay, ...]


async def ingest_phone(hub: Hub, athlete: Athlete, kind: Kind, body: bytes, *, key: str = "") -> PhoneReceipt:
    """Keep a batch. All that can be read of it is kept, or nothing; the same key has the same answer.

    Without a key the body is its own. Raises `ConflictError` when no phone is connected, or when the key was
    used for another body, and `Rejected` for what can't be read as a whole.
    """
    sent = _fingerprint(kind, body)
    key = key or _batch_id(body) or sent
    check_text(key, MAX_NAME, "Idempotency-Key")
    connection = await load_phone(athlete.id)
    mine = identity_of(connection, key)
    if known := await _answered(mine, sent):
        return known
    delivery = Delivery(connection.provider_user_id, kind, body, key)
    zone = msgspec.json.decode(athlete.thresholds, type=Thresholds).time_zone
    context = make_context(hub, PROVIDER, None, provider_user_id=connection.provider_user_id, time_zone=zone)
    records: Records = await hub.dispatcher.call(
        PROVIDER, "ingest_activity", context=context, delivery=delivery
    )
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete.id)
        # The same batch may have come twice at once, and the athlete may have disconnected meanwhile.
        await load_phone(athlete.id)
        if known := await _answered(mine, sent):
            return known
        delivery_id = await store_delivery(hub, connection, delivery, "phone") or ""
        seen = await observe(hub, athlete.id, PROVIDER, records, delivery_id=delivery_id)
        receipt = _receipt(delivery_id, seen, records.remarks)
        await _settle(receipt, sent)
    return receipt


async def load_phone(athlete_id: str) -> Connection:
    """The connection to the athlete's phone. Raises `ConflictError` that tells how to make one."""
    row = await find_row(Connection, athlete_id=athlete_id, provider=PROVIDER)
    if row is None or row.status != ConnectionStatus.CONNECTED:
        way = f"PUT /v1/athletes/{athlete_id}/connections/{PROVIDER}/device"
        raise ConflictError(f"no phone is connected: {way} once the athlete has allowed it")
    return row


class _Named(msgspec.Struct):
    batchId: str = ""  # noqa: N815 (the SDK's name)


def _batch_id(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Named).batchId
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _fingerprint(kind: Kind, body: bytes) -> str:
    """By what a body is the same: as JSON, for an app that writes it anew may order its fields otherwise."""
    # What is wrong with it is told by whoever reads it.
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        body = msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    return digest(f"{kind}/{body.hex()}")


async def _answered(identity: str, sent: str) -> PhoneReceipt | None:
    """What this key was answered. Raises `ConflictError` when it was another body's."""
    row = await find_row(StoredDelivery, identity=identity)
    if row is None:
        return None
    if row.body_digest != sent:
        raise ConflictError("this batch id was used for another body: give each batch an id of its own")
    return msgspec.json.decode(row.answer, type=PhoneReceipt)


def _receipt(delivery_id: str, seen: Observed, remarks: tuple[str, ...]) -> PhoneReceipt:
    return PhoneReceipt(
        delivery_id,
        seen.new,
        seen.known,
        len(seen.refused),
        seen.refused[:MOST_TOLD],
        remarks[:MOST_TOLD],
        seen.shown.activities,
        seen.shown.days,
    )


async def _settle(receipt: PhoneReceipt, sent: str) -> None:
    told = f"{receipt.refused} items were refused." if receipt.refused else ""
    await change_row(
        StoredDelivery,
        receipt.delivery_id,
        state="done",
        reason=told,
        done_ms=now_ms(),
        body_digest=sent,
        answer=msgspec.json.encode(receipt).decode(),
    )
