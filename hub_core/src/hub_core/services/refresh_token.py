"""Keeps access tokens fresh: one refresh at a time for a connection, over all threads and processes.

The claim to refresh is a row update that names the version of the token set; who loses it waits for the
winner's token and takes that. A new token set is stored before anyone uses it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from hub_core.errors import LeaseLostError
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ReconnectNeeded, RetryLater
from hub_core.sdk.http import CALL_TIMEOUT_S
from hub_core.sdk.tokens import TokenSet
from hub_core.services.hub import Hub
from hub_core.storage.tables import Connection
from hub_core.storage.token_vault import (
    StoredTokens,
    claim_refresh,
    load_tokens,
    release_refresh,
    store_refreshed,
)

#: Longer than the call itself can take, so that a claim is never lost while its holder still waits.
CLAIM_MS = int(CALL_TIMEOUT_S * 1000) + 5_000
_LOOK_AGAIN_S = 0.05

MakeContext = Callable[[TokenSet], ProviderContext]


async def fresh_tokens(hub: Hub, connection: Connection, context: MakeContext) -> StoredTokens:
    """The connection's token set, refreshed first if it ends within the provider's margin."""
    stored = await _load(hub, connection)
    scheme = hub.registry.get(connection.provider).manifest.oauth2
    ends = stored.tokens.expires_at
    if scheme is None or ends is None or ends - scheme.refresh_margin_s > time.time():
        return stored
    return await refresh_token(hub, connection, stored, context)


async def refresh_token(
    hub: Hub, connection: Connection, stale: StoredTokens, context: MakeContext
) -> StoredTokens:
    """A token set newer than `stale`: our own refresh, or that of whoever was quicker.

    Raises `ReconnectNeeded` when the provider refused for good, `RetryLater` when it can't be reached.
    """
    end = time.monotonic() + CLAIM_MS / 1000
    while time.monotonic() < end:
        if await claim_refresh(hub.engine, connection.id, stale.version, hold_ms=CLAIM_MS):
            return await _refresh(hub, connection, stale, context)
        current = await _load(hub, connection)
        if current.version != stale.version:
            return current
        await asyncio.sleep(_LOOK_AGAIN_S)
    raise RetryLater(f"{connection.provider}: another refresh of this token does not come to an end")


async def _refresh(
    hub: Hub, connection: Connection, stale: StoredTokens, context: MakeContext
) -> StoredTokens:
    try:
        tokens: TokenSet = await hub.dispatcher.call(
            connection.provider, "refresh_token", context=context(stale.tokens)
        )
    except BaseException:
        await release_refresh(hub.engine, connection.id, stale.version)
        raise
    if not await store_refreshed(hub.engine, hub.keys, connection.id, stale.version, tokens):
        raise LeaseLostError(f"connection {connection.id} was changed while its token was refreshed")
    return StoredTokens(tokens, stale.version + 1)


async def _load(hub: Hub, connection: Connection) -> StoredTokens:
    stored = await load_tokens(hub.engine, hub.keys, connection.id)
    if stored is None:
        raise ReconnectNeeded(f"{connection.provider} is not connected")
    return stored
