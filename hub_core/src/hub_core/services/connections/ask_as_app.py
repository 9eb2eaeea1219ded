"""Asks a provider in the hub's own name: for races and weather, which belong to no athlete."""

from __future__ import annotations

from typing import Any

import msgspec

from hub_core.sdk.errors import Misconfigured, ProviderError, ReconnectNeeded, TokenExpired
from hub_core.sdk.tokens import TokenSet
from hub_core.services.connections.provider_context import make_context
from hub_core.services.hub import Hub


class Failure(msgspec.Struct, frozen=True):
    """A provider that was asked and gave nothing: its name, the error's code, and what it says."""

    provider: str
    code: str
    message: str


def explain_failure(name: str, error: ProviderError) -> Failure:
    """As it is shown."""
    return Failure(name, error.code, error.message)


async def ask_as_app(hub: Hub, name: str, hook: str, **arguments: Any) -> Any:
    """Call a hook of a provider in the hub's own name.

    A token that is refused is fetched anew, once. Raises what the plugin raises; where it says that somebody
    must connect again it is `Misconfigured`, because the operator is the only one who could.
    """

    async def call(tokens: TokenSet | None) -> Any:
        context = make_context(hub, name, tokens)
        return await hub.dispatcher.call(name, hook, context=context, **arguments)

    async def fetch() -> TokenSet | None:
        context = make_context(hub, name, None)
        tokens: TokenSet | None = await hub.dispatcher.call(name, "fetch_app_token", context=context)
        return tokens

    try:
        if not hub.registry.get(name).has_hook("fetch_app_token"):
            return await call(None)
        tokens = await hub.app_tokens.get(name, fetch)
        try:
            return await call(tokens)
        except TokenExpired:
            if tokens is None:
                raise
            hub.app_tokens.forget(name, tokens)
            return await call(await hub.app_tokens.get(name, fetch))
    except ReconnectNeeded as error:
        prefix = hub.registry.get(name).settings.model_config.get("env_prefix", "")
        raise Misconfigured(f"{error.message}; check the credentials in {prefix}...") from error
