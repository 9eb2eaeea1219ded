"""Makes the context that a plugin is handed: a client with the right hosts, token and secrets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ReconnectNeeded, TokenExpired
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.oauth import OAuthClient
from hub_core.sdk.tokens import TokenSet
from hub_core.services.hub import Hub
from hub_core.services.refresh_token import fresh_tokens, refresh_token
from hub_core.storage.tables import Connection


def make_context(hub: Hub, name: str, tokens: TokenSet | None, **fields: Any) -> ProviderContext:
    """A context for one provider; `fields` are further ones of `ProviderContext`."""
    provider = hub.registry.get(name)
    settings = provider.settings
    http = ProviderHttp(name, settings.api_url, settings.hosts(), hub.pool, tokens, settings.secrets())
    scheme = provider.manifest.spoken_oauth()
    oauth = OAuthClient(scheme, settings, http) if scheme else None
    return ProviderContext(name, http, settings, tokens, oauth, **fields)


async def with_connection[T](
    hub: Hub, connection: Connection, call: Callable[[ProviderContext], Awaitable[T]], **fields: Any
) -> T:
    """Run `call` with a fresh token; when the provider refuses that one, refresh once and run again.

    Raises `ReconnectNeeded` when the connection is beyond that, and whatever `call` raises.
    """

    def context(tokens: TokenSet) -> ProviderContext:
        user = connection.provider_user_id
        return make_context(hub, connection.provider, tokens, provider_user_id=user, **fields)

    stored = await fresh_tokens(hub, connection, context)
    try:
        return await call(context(stored.tokens))
    except TokenExpired as refused:
        renewed = await refresh_token(hub, connection, stored, context)
        if renewed.tokens.access_token == stored.tokens.access_token:
            raise ReconnectNeeded(refused.message) from refused
        return await call(context(renewed.tokens))
