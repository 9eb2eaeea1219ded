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

#: A connection's token is refreshed at most twice in this time, whatever a provider says of its tokens' life.
REFRESH_WINDOW_MS = 60_000
#: No provider's token is meant to live longer; what says so is a mistake.
_LONGEST_LIFE_S = 10 * 365 * 86_400


class StoredTokens(msgspec.Struct, frozen=True):
    """A connection's token set, the version it was read at, and when it was handed out (epoch seconds)."""

    tokens: TokenSet
    version: int
    since: float | None = None


class Claim(msgspec.Struct, frozen=True):
    """The right to refresh until `until_ms`, if `is_held`.

    Else another has it; or, with `paced_ms`, nobody may have it for so long.
    """

    is_held: bool
    until_ms: int
    paced_ms: int = 0


def _row(connection_id: str) -> str:
    return f"connection:{connection_id}:tokens"


def seal_tokens(keys: KeyRing, connection_id: str, tokens: TokenSet) -> bytes:
    """The sealed form, for a connection that is being written as a whole."""
    return keys.seal(msgspec.json.encode(tokens), _row(connection_id))


def expires_ms(tokens: TokenSet) -> int | None:
    """When the access token ends, in epoch milliseconds."""
    if tokens.expires_at is None:
        return None
    return int(min(tokens.expires_at, now_ms() / 1000 + _LONGEST_LIFE_S) * 1000)


async def load_tokens(engine: HubEngine, keys: KeyRing, connection_id: str) -> StoredTokens | None:
    """The token set of a connection, or None when it has none (any more)."""
    rows = await engine.look_up(
        'SELECT tokens, token_version, tokens_ms FROM "connection" WHERE id = {}', connection_id
    )
    if not rows or rows[0]["tokens"] is None:
        return None
    plain = keys.open(bytes(rows[0]["tokens"]), _row(connection_id))
    since = rows[0]["tokens_ms"]
    tokens = msgspec.json.decode(plain, type=TokenSet)
    return StoredTokens(tokens, rows[0]["token_version"], None if since is None else since / 1000)


async def claim_refresh(engine: HubEngine, connection_id: str, version: int, *, hold_ms: int) -> Claim:
    """Be the one that refreshes this version, unless another one is at it or it was done twice just now."""
    now = now_ms()
    claim = Claim(True, now + hold_ms)
    rows = await engine.execute(
        'UPDATE "connection" SET refreshing_until_ms = {}, refresh_before_ms = refresh_began_ms,'
        " refresh_began_ms = {} WHERE id = {} AND token_version = {} AND tokens IS NOT NULL"
        " AND (refreshing_until_ms IS NULL OR refreshing_until_ms < {})"
        # A moment to come is another machine's clock, and says nothing.
        " AND (refresh_before_ms IS NULL OR refresh_before_ms <= {} OR refresh_before_ms > {}) RETURNING id",
        claim.until_ms,
        now,
        connection_id,
        version,
        now,
        now - REFRESH_WINDOW_MS,
        now,
    )
    if rows:
        return claim
    rows = await engine.execute(
        'SELECT refreshing_until_ms, refresh_before_ms FROM "connection"'
        " WHERE id = {} AND token_version = {}",
        connection_id,
        version,
    )
    is_free = rows and (rows[0]["refreshing_until_ms"] or 0) < now
    before = rows[0]["refresh_before_ms"] if rows else None
    paced = before + REFRESH_WINDOW_MS - now + 1 if is_free and before is not None else 0
    return Claim(False, claim.until_ms, max(0, paced))


async def release_refresh(engine: HubEngine, connection_id: str, claim: Claim) -> None:
    """Give up a claim without a new token; one that another has by now stays."""
    await engine.execute(
        'UPDATE "connection" SET refreshing_until_ms = NULL WHERE id = {} AND refreshing_until_ms = {}',
        connection_id,
        claim.until_ms,
    )


async def note_refresh_failure(engine: HubEngine, connection_id: str, claim: Claim, message: str) -> None:
    """Give up a claim, and keep what was wrong for those who ask why."""
    await engine.execute(
        'UPDATE "connection" SET refreshing_until_ms = NULL, refresh_error = {}, refresh_failed_ms = {}'
        " WHERE id = {} AND refreshing_until_ms = {}",
        message,
        now_ms(),
        connection_id,
        claim.until_ms,
    )


async def store_refreshed(
    engine: HubEngine, keys: KeyRing, connection_id: str, version: int, tokens: TokenSet
) -> int | None:
    """Replace version `version` by a new token set. None when that version is no longer the one.

    A connection that was given up because exactly that version was refused is good again: the provider had
    rotated it for us, and the answer comes late. Returns the new version, then two above the old one.
    """
    now = now_ms()
    rows = await engine.execute(
        'UPDATE "connection" SET tokens = {}, token_version = token_version + 1, token_expires_ms = {},'
        " tokens_ms = {}, refreshing_until_ms = NULL, refresh_error = '', refresh_failed_ms = NULL,"
        " status = 'connected', reason = '', updated_ms = {} WHERE id = {}"
        " AND ((token_version = {} AND tokens IS NOT NULL)"
        " OR (token_version = {} AND tokens IS NULL AND status = 'reconnect')) RETURNING token_version",
        seal_tokens(keys, connection_id, tokens),
        expires_ms(tokens),
        now,
        now,
        connection_id,
        version,
        version + 1,
    )
    return rows[0]["token_version"] if rows else None


async def drop_tokens(
    engine: HubEngine,
    connection_id: str,
    *,
    status: str,
    reason: str,
    version: int | None = None,
    to_revoke: bool = False,
) -> bool:
    """Delete a connection's tokens at once and say why. With `version`: only that one; False for another.

    Who has disconnected is not asked to reconnect by a job that was still running: False, too. `to_revoke`:
    they are put aside, where no call finds them, until the provider has been told.
    """
    aside = "COALESCE(tokens, leaving_tokens)" if to_revoke else "NULL"
    rows = await engine.execute(
        f'UPDATE "connection" SET leaving_tokens = {aside}, tokens = NULL, token_expires_ms = NULL,'  # noqa: S608
        " refreshing_until_ms = NULL,"
        " token_version = token_version + 1, status = {}, reason = {}, updated_ms = {}"
        " WHERE id = {} AND ({} OR token_version = {}) AND (status <> 'disconnected' OR {}) RETURNING id",
        status,
        reason,
        now_ms(),
        connection_id,
        version is None,
        version if version is not None else 0,
        status == "disconnected",
    )
    return bool(rows)


async def load_leaving(engine: HubEngine, keys: KeyRing, connection_id: str) -> TokenSet | None:
    """What was put aside when the connection ended, if the provider hasn't been told yet."""
    rows = await engine.execute('SELECT leaving_tokens FROM "connection" WHERE id = {}', connection_id)
    if not rows or rows[0]["leaving_tokens"] is None:
        return None
    return msgspec.json.decode(
        keys.open(bytes(rows[0]["leaving_tokens"]), _row(connection_id)), type=TokenSet
    )


async def drop_leaving(engine: HubEngine, connection_id: str) -> None:
    """The provider knows, or will not be told any more."""
    await engine.execute('UPDATE "connection" SET leaving_tokens = NULL WHERE id = {}', connection_id)
