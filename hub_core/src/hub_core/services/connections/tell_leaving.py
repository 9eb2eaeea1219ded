"""Tells a provider that an athlete has left, until it has heard it.

The tokens are deleted at once, but for the copy put aside for this. Whoever disconnects tells the provider
then and there; the job that was committed with the end is for a process that dies before, and for a provider
that doesn't answer.
"""

from __future__ import annotations

import logging

from hub_core.errors import VaultError
from hub_core.services.connections.revoke_grant import REVOKE_TIMEOUT_S, Revocation, Told, revoke_grant
from hub_core.services.hub import Hub
from hub_core.storage import find_row, jobs, now_ms
from hub_core.storage.jobs import Lease
from hub_core.storage.tables import Connection
from hub_core.storage.token_vault import drop_leaving, load_leaving

log = logging.getLogger(__name__)

LEAVE_KIND = "tell_leaving"
#: After whoever disconnects has told it, or has waited for an answer in vain.
_FIRST_MS = int(1000 * REVOKE_TIMEOUT_S) + 5_000
_AGAIN_MS = 300_000
#: For no longer are the tokens kept, whatever the provider answers.
_GIVE_UP_S = 3_600


async def schedule_leaving(hub: Hub, connection: Connection) -> None:
    """See to it that the provider is told. In the transaction that ends the connection."""
    run_at_ms = now_ms() + _FIRST_MS
    await jobs.enqueue(hub.engine, LEAVE_KIND, connection.id, run_at_ms=run_at_ms)


async def tell_now(hub: Hub, connection: Connection) -> Revocation:
    """Tell it, and forget the tokens unless it has to be told again."""
    revocation = await _tell(hub, connection)
    if revocation.told is not Told.UNANSWERED:
        async with hub.engine.transaction():
            await drop_leaving(hub.engine, connection.id)
            await jobs.cancel(hub.engine, LEAVE_KIND, [connection.id])
    return revocation


async def tell_leaving(hub: Hub, lease: Lease) -> None:
    """Do the job that `lease` stands for."""
    row = await find_row(Connection, id=lease.subject_id)
    if row is None or row.leaving_tokens is None:
        await jobs.finish(hub.engine, lease)
        return
    revocation = await _tell(hub, row)
    async with hub.engine.transaction():
        if revocation.told is Told.UNANSWERED and lease.failing_s() < _GIVE_UP_S:
            await jobs.retry(hub.engine, lease, run_at_ms=now_ms() + _AGAIN_MS, error=revocation.reason)
            return
        await drop_leaving(hub.engine, row.id)
        await jobs.finish(hub.engine, lease)
    if revocation.told is not Told.REVOKED:
        log.warning(
            "connection %s has ended, and %s does not know: %s", row.id, row.provider, revocation.reason
        )


async def _tell(hub: Hub, connection: Connection) -> Revocation:
    try:
        tokens = await load_leaving(hub.engine, hub.keys, connection.id)
    except VaultError:
        # Nobody is kept by a key that was lost.
        return Revocation(Told.REFUSED, "Its token can't be opened with the keys of HUB_ENCRYPTION_KEYS.")
    return await revoke_grant(
        hub,
        connection.provider,
        tokens,
        athlete_id=connection.athlete_id,
        provider_user_id=connection.provider_user_id,
    )
