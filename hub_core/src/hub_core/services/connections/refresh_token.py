"""Keeps access tokens fresh: one refresh at a time for a connection, over all threads and machines.

The claim to refresh is a row update that names the version of the token set; who loses it waits for the
winner's token and takes that. A new token set is stored before anyone uses it. Whoever slept past its claim
sends nothing any more; an answer that it had already got is still stored, unless there is a newer one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from hub_core.errors import LeaseLostError
from hub_core.sdk.client_pool import CALL_TIMEOUT_S
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError, ReconnectNeeded, RetryLater
from hub_core.sdk.http import Vouch
from hub_core.sdk.manifest import OAuth2
from hub_core.sdk.tokens import TokenSet
from hub_core.services.exports.schedule_exports import schedule_waiting_of
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.services.operating.metrics import REFRESHES
from hub_core.services.sync.changes import record_change
from hub_core.storage import find_row
from hub_core.storage.tables import Connection
from hub_core.storage.token_vault import (
    REFRESH_WINDOW_MS,
    Claim,
    StoredTokens,
    claim_refresh,
    load_tokens,
    note_refresh_failure,
    release_refresh,
    store_refreshed,
)

#: Longer than the call itself can take, so that a claim is never lost while its holder still waits.
_GRACE_S = 5.0
CLAIM_MS = int((CALL_TIMEOUT_S + _GRACE_S) * 1000)
_LOOK_AGAIN_S = 0.05

#: Given the tokens and what vouches for its calls.
MakeContext = Callable[[TokenSet, Vouch | None], ProviderContext]


def is_due(stored: StoredTokens, scheme: OAuth2 | None, now: float) -> bool:
    """Whether the token ends within the provider's margin, which is a quarter of its life at most."""
    ends = stored.tokens.expires_at
    if scheme is None or ends is None:
        return False
    margin = float(scheme.refresh_margin_s)
    if stored.since is not None:
        margin = min(margin, max(0.0, ends - stored.since) / 4)
    return ends - margin <= now


async def fresh_tokens(
    hub: Hub, connection: Connection, stored: StoredTokens, context: MakeContext
) -> StoredTokens:
    """This token set, or a newer one if it ends soon.

    When that can't be had now, a token that outlives a call is taken as it is.
    """
    scheme = hub.registry.get(connection.provider).manifest.oauth2
    if not is_due(stored, scheme, time.time()):
        return stored
    try:
        return await refresh_token(hub, connection, stored, context)
    except RetryLater:
        if (stored.tokens.expires_at or 0) - CALL_TIMEOUT_S > time.time():
            return stored
        raise


async def refresh_token(
    hub: Hub, connection: Connection, stale: StoredTokens, context: MakeContext
) -> StoredTokens:
    """A token set newer than `stale`: our own refresh, or that of whoever was quicker.

    Raises `ReconnectNeeded` when the provider refused for good, `RetryLater` when it can't be reached, or
    when this connection has been refreshed twice within a minute: then something else is wrong.
    """
    end = time.monotonic() + CLAIM_MS / 1000
    while time.monotonic() < end:
        began = time.monotonic()
        claim = await claim_refresh(hub.engine, connection.id, stale.version, hold_ms=CLAIM_MS)
        if claim.is_held:
            return await _refresh(hub, connection, stale, claim, context, began)
        current = await _load(hub, connection)
        if current.version != stale.version:
            return current
        if claim.paced_ms:
            raise RetryLater(
                f"{connection.provider}: the token was refreshed twice within {REFRESH_WINDOW_MS // 1000} s; "
                "it is not refreshed again so soon",
                after_s=claim.paced_ms / 1000,
            )
        await asyncio.sleep(_LOOK_AGAIN_S)
    raise RetryLater(f"{connection.provider}: another refresh of this token does not come to an end")


async def _refresh(
    hub: Hub, connection: Connection, stale: StoredTokens, claim: Claim, context: MakeContext, began: float
) -> StoredTokens:
    async def vouch() -> None:
        if time.monotonic() - began > _GRACE_S:
            raise RetryLater(f"{connection.provider}: the refresh was held up for too long, and is not sent")

    try:
        tokens: TokenSet = await hub.dispatcher.call(
            connection.provider, "refresh_token", context=context(stale.tokens, vouch)
        )
    except ReconnectNeeded as error:
        _count(connection, error)
        await release_refresh(hub.engine, connection.id, claim)
        return await _adopt(hub, connection, stale, error)
    except ProviderError as error:
        _count(connection, error)
        await note_refresh_failure(hub.engine, connection.id, claim, error.message)
        raise
    except BaseException:
        await release_refresh(hub.engine, connection.id, claim)
        raise
    _count(connection)
    stored = await _store(hub, connection, stale, tokens, context)
    await _put_to_use(hub, connection, stored, context)
    return stored


def _count(connection: Connection, error: ProviderError | None = None) -> None:
    REFRESHES.labels(connection.provider, type(error).__name__ if error else "refreshed").inc()


async def _adopt(
    hub: Hub, connection: Connection, stale: StoredTokens, error: ReconnectNeeded
) -> StoredTokens:
    """A refusal counts only if the refused token is still the newest: another may have rotated it."""
    current = await load_tokens(hub.engine, hub.keys, connection.id)
    if current is not None and current.version != stale.version:
        return current
    raise error


async def _store(
    hub: Hub, connection: Connection, stale: StoredTokens, tokens: TokenSet, context: MakeContext
) -> StoredTokens:
    async with hub.engine.transaction():
        version = await store_refreshed(hub.engine, hub.keys, connection.id, stale.version, tokens)
        if version is not None and version > stale.version + 1:
            # It was given up meanwhile, because its old token was refused: of this one nobody knew.
            await record_change(hub, connection.athlete_id, "connections", connection.id)
            await schedule_waiting_of(hub, connection.athlete_id)
    if version is not None:
        return StoredTokens(tokens, version, time.time())
    row = await find_row(Connection, id=connection.id)
    if row is None or row.status == ConnectionStatus.DISCONNECTED:
        # The athlete has left, and the provider must not keep a grant that nobody holds.
        if hub.registry.get(connection.provider).has_hook("revoke_token"):
            with suppress(ProviderError):
                await hub.dispatcher.call(connection.provider, "revoke_token", context=context(tokens, None))
        raise ReconnectNeeded(f"{connection.provider} was disconnected")
    raise LeaseLostError(f"connection {connection.id} was changed while its token was refreshed")


async def _put_to_use(hub: Hub, connection: Connection, stored: StoredTokens, context: MakeContext) -> None:
    """Where the old pair lives until the new one is used, and so many may live: use it at once."""
    scheme = hub.registry.get(connection.provider).manifest.oauth2
    if scheme is not None and scheme.max_live_tokens is not None:
        with suppress(ProviderError):  # whatever is wrong shows in the call that it was refreshed for
            await hub.dispatcher.call(
                connection.provider, "describe_account", context=context(stored.tokens, None)
            )


async def _load(hub: Hub, connection: Connection) -> StoredTokens:
    stored = await load_tokens(hub.engine, hub.keys, connection.id)
    if stored is None:
        raise ReconnectNeeded(f"{connection.provider} is not connected")
    return stored
