"""The only reader and writer of tokens. They are sealed for their connection's row.

A new token set is written only over the version that it was refreshed from (compare and swap), so
that two workers can never overwrite a newer token with an older one.
"""

from __future__ import annotations

import msgspec

from hub_core.sdk.tokens import TokenSet
from hub_core.storage.engine import HubEngine
from hub_core.storage.ids import now_ms
from hub_core.storage.vault import KeyRing


class StoredTokens(msgspec.Struct, frozen=True):
    """A connection's token set and the version it was read at."""

    tokens: TokenSet
    version: int


def _row(connection_id: str) -> str:
    return f"connection:{connection_id}:tokens"


def seal_tokens(keys: KeyRing, connection_id: str, tokens: TokenSet) -> bytes:
    """The sealed form, for a connection that is being written as a whole."""
    return keys.seal(msgspec.json.encode(tokens), _row(connection_id))


def expires_ms(tokens: TokenSet) -> int | None:
    """When the access token ends, in epoch milliseconds."""
    return None if tokens.expires_at is None else int(tokens.expires_at * 1000)


async def load_tokens(engine: HubEngine, keys: KeyRing, connection_id: str) -> StoredTokens | None:
    """The token set of a connection, or None when it has none (any more)."""
    rows = await engine.execute('SELECT tokens, token_version FROM "connection" WHERE id = {}', connection_id)
    if not rows or rows[0]["tokens"] is None:
        return None
    plain = keys.open(bytes(rows[0]["tokens"]), _row(connection_id))
    return StoredTokens(msgspec.json.decode(plain, type=TokenSet), rows[0]["token_version"])


async def claim_refresh(engine: HubEngine, connection_id: str, version: int, *, hold_ms: int) -> bool:
    """Be the one that refreshes this version. False when another one is at it or already did."""
    now = now_ms()
    rows = await engine.execute(
        'UPDATE "connection" SET refreshing_until_ms = {} WHERE id = {} AND token_version = {}'
        " AND tokens IS NOT NULL AND (refreshing_until_ms IS NULL OR refreshing_until_ms < {}) RETURNING id",
        now + hold_ms,
        connection_id,
        version,
        now,
    )
    return bool(rows)


async def release_refresh(engine: HubEngine, connection_id: str, version: int) -> None:
    """Give up a claim without a new token."""
    await engine.execute(
        'UPDATE "connection" SET refreshing_until_ms = NULL WHERE id = {} AND token_version = {}',
        connection_id,
        version,
    )


async def store_refreshed(
    engine: HubEngine, keys: KeyRing, connection_id: str, version: int, tokens: TokenSet
) -> bool:
    """Replace version `version` by a new token set. False when that version is no longer the one."""
    rows = await engine.execute(
        'UPDATE "connection" SET tokens = {}, token_version = token_version + 1, token_expires_ms = {},'
        " refreshing_until_ms = NULL, updated_ms = {} WHERE id = {} AND token_version = {}"
        " AND tokens IS NOT NULL RETURNING id",
        seal_tokens(keys, connection_id, tokens),
        expires_ms(tokens),
        now_ms(),
        connection_id,
        version,
    )
    return bool(rows)


async def drop_tokens(engine: HubEngine, connection_id: str, *, status: str, reason: str) -> None:
    """Delete a connection's tokens at once and say why."""
    await engine.execute(
        'UPDATE "connection" SET tokens = NULL, token_expires_ms = NULL, refreshing_until_ms = NULL,'
        " token_version = token_version + 1, status = {}, reason = {}, updated_ms = {} WHERE id = {}",
        status,
        reason,
        now_ms(),
        connection_id,
    )
