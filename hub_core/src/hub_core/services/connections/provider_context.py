"""Makes the context that a plugin is handed: a client with the right hosts, token and secrets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ReconnectNeeded, RetryLater, TokenExpired
from hub_core.sdk.http import OnCall, ProviderHttp, Vouch
from hub_core.sdk.oauth import OAuthClient
from hub_core.sdk.tokens import TokenSet
from hub_core.services.connections.end_connection import end_connection
from hub_core.services.connections.refresh_token import fresh_tokens, refresh_token
from hub_core.services.connections.trace import TokenState, Trace
from hub_core.services.connections.traffic import ProviderTraffic, budgets_of
from hub_core.services.exports.statuses import ConnectionStatus
from hub_core.services.hub import Hub
from hub_core.storage.tables import Connection
from hub_core.storage.token_vault import StoredTokens, load_tokens


def make_context(
    hub: Hub,
    name: str,
    tokens: TokenSet | None,
    *,
    on_call: OnCall | None = None,
    vouch: Vouch | None = None,
    hold: Vouch | None = None,
    athlete_id: str = "",
    background: bool = False,
    **fields: Any,
) -> ProviderContext:
    """A context for one provider; `fields` are further ones of `ProviderContext`.

    `athlete_id` is whose rate budgets count; `background` work leaves a part of them to what people wait for.
    """
    provider = hub.registry.get(name)
    settings, title = provider.settings, provider.manifest.title
    traffic = ProviderTraffic(
        hub.engine, hub.budgets, hub.circuits, name, title, budgets_of(provider), athlete_id, background
    )
    http = ProviderHttp(
        name,
        settings.api_url,
        settings.hosts(),
        hub.pool,
        tokens,
        settings.secrets(),
        on_call,
        vouch,
        traffic=traffic,
        hold=hold,
    )
    scheme = provider.manifest.spoken_oauth()
    oauth = OAuthClient(scheme, settings, http) if scheme else None
    return ProviderContext(name, http, settings, tokens, oauth, **fields)


def while_connected(hub: Hub, connection: Connection) -> Vouch:
    """Lets requests pass for as long as this account is connected: a job that has the tokens in its hands
    would else go on with them after the athlete has left."""

    async def hold() -> None:
        still = 'SELECT 1 FROM "connection" WHERE id = {} AND provider_user_id = {} AND tokens IS NOT NULL'
        if not await hub.engine.look_up(still, connection.id, connection.provider_user_id):
            raise ReconnectNeeded(f"{connection.provider} is not connected any more")

    return hold


async def with_connection[T](
    hub: Hub,
    connection: Connection,
    call: Callable[[ProviderContext], Awaitable[T]],
    *,
    trace: Trace | None = None,
    vouch: Vouch | None = None,
    renew: bool = False,
    **fields: Any,
) -> T:
    """Run `call` with a fresh token; when the provider refuses that one, refresh once and run again.

    `vouch` is asked before each request that changes something; `renew` refreshes a token of any age.
    When the provider takes neither, the connection ends here, with all that waits for it. Raises
    `ReconnectNeeded` then, `RetryLater` when the token was renewed meanwhile, and whatever `call` raises.
    """
    trace = trace or Trace()
    user = connection.provider_user_id
    used = await load_tokens(hub.engine, hub.keys, connection.id)
    if used is None:
        raise ReconnectNeeded(f"{connection.provider} is not connected")

    def context(tokens: TokenSet, passing: Vouch | None, hold: Vouch | None = None) -> ProviderContext:
        return make_context(
            hub,
            connection.provider,
            tokens,
            on_call=trace.note,
            vouch=passing,
            hold=hold,
            athlete_id=connection.athlete_id,
            provider_user_id=user,
            **fields,
        )

    hold = while_connected(hub, connection)
    try:
        refresh = refresh_token if renew else fresh_tokens
        fresh = await _seen_by(trace, refresh(hub, connection, used, context))
        trace.token = TokenState.FRESH if used.version == fresh.version else TokenState.REFRESHED
        used = fresh
        try:
            return await call(context(used.tokens, vouch, hold))
        except TokenExpired:
            used = await _seen_by(trace, refresh_token(hub, connection, used, context))
            trace.token = TokenState.RENEWED
        try:
            return await call(context(used.tokens, vouch, hold))
        except TokenExpired as error:
            # The consent lives, for it was refreshed this very moment: no reason to trouble the athlete.
            raise RetryLater(f"{error.message}; with a token that was renewed just before") from error
    except ReconnectNeeded as error:
        trace.token = TokenState.REFUSED
        if not await _end(hub, connection, error.message, used.version):
            raise RetryLater(f"{connection.provider}: the token was renewed meanwhile") from error
        raise


async def _seen_by(trace: Trace, refreshing: Awaitable[StoredTokens]) -> StoredTokens:
    try:
        return await refreshing
    except RetryLater as error:
        trace.token = TokenState.UNREACHABLE
        if not error.outcome_unknown:
            raise
        # That of the refresh. The call that it was made for never went.
        raise RetryLater(error.message, after_s=error.after_s) from error


async def _end(hub: Hub, connection: Connection, reason: str, version: int) -> bool:
    """End the connection for this token set. False: there is a newer one, which is good."""
    async with hub.engine.transaction():
        if await end_connection(hub, connection, ConnectionStatus.RECONNECT, reason, version=version):
            return True
    return await load_tokens(hub.engine, hub.keys, connection.id) is None
