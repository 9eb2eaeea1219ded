"""Takes a webhook: verified, split by athlete, stored, and only then answered."""

from __future__ import annotations

import itertools
import logging

import msgspec

from hub_core.sdk.inbound import Delivery, WebhookRequest
from hub_core.services.connections.end_connection import hold_connection
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.inbound.feed_state import hear_webhook
from hub_core.services.inbound.store_deliveries import store_deliveries
from hub_core.storage import find_rows
from hub_core.storage.tables import Connection

log = logging.getLogger(__name__)


class Received(msgspec.Struct, frozen=True):
    """How many statements were new, were known already, and were of athletes whom nobody here knows."""

    new: int = 0
    known: int = 0
    unknown: int = 0


async def receive_webhook(hub: Hub, name: str, request: WebhookRequest) -> Received:
    """Store what a provider pushes; it is ingested afterwards, by jobs that were committed with it.

    Statements about athletes who aren't connected (any more) are dropped: to refuse them would only make the
    provider repeat them. Raises `Rejected` for what isn't the provider's or can't be read, `Unsupported` for
    a provider without webhooks, and whatever makes storing impossible, so that the provider sends it again.
    """
    provider = hub.registry.get(name)
    deliveries: tuple[Delivery, ...] = await hub.dispatcher.call(
        name, "receive_webhook", request=request, settings=provider.settings
    )
    ordered = sorted(deliveries, key=_user)
    owners = await _connections(name, {one.provider_user_id for one in ordered})
    new = known = unknown = 0
    async with hub.engine.transaction():
        for user, group in itertools.groupby(ordered, key=_user):
            told = list(group)
            connections = [one for one in owners.get(user, []) if await hold_connection(hub, one)]
            if not connections:
                unknown += len(told)
            for connection in connections:
                stored = await store_deliveries(hub, connection, told, "webhook")
                new += len(stored)
                known += len(told) - len(stored)
                await hear_webhook(hub, connection)
    log.info("webhook of %s: %d new, %d known, %d of unknown athletes", name, new, known, unknown)
    return Received(new, known, unknown)


def _user(delivery: Delivery) -> str:
    return delivery.provider_user_id


async def _connections(name: str, users: set[str]) -> dict[str, list[Connection]]:
    """Who is behind the provider's user ids. Two platforms may have the same person as their athlete.

    A connection that needs a new consent still listens: a push needs no token.
    """
    owners: dict[str, list[Connection]] = {}
    for row in await find_rows(Connection, provider=name, provider_user_id=sorted(users)):
        if row.status != ConnectionStatus.DISCONNECTED:
            owners.setdefault(row.provider_user_id, []).append(row)
    return owners
