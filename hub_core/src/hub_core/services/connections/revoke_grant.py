"""Tells a provider that its grant has ended. No other call has the tokens by then, whatever it answers."""

from __future__ import annotations

import asyncio
import time
from enum import StrEnum
from typing import Any

import msgspec

from hub_core.sdk.errors import ProviderError, RetryLater, TokenExpired
from hub_core.sdk.tokens import TokenSet
from hub_core.services.connections.provider_context import make_context
from hub_core.services.hub import Hub

REVOKE_TIMEOUT_S = 10.0


class Told(StrEnum):
    """What came of it. `UNASKED`: there was no token left, or the provider offers no revocation.
    `UNANSWERED`: it may be asked again."""

    REVOKED = "revoked"
    UNASKED = "unasked"
    UNANSWERED = "unanswered"
    REFUSED = "refused"


class Revocation(msgspec.Struct, frozen=True):
    """Whether a provider knows that a grant has ended, and else why not, which may quote its answer."""

    told: Told
    reason: str = ""


async def revoke_grant(
    hub: Hub, name: str, tokens: TokenSet | None, *, athlete_id: str, provider_user_id: str
) -> Revocation:
    """Revoke a token set at its provider. Never raises for what a provider does."""
    provider = hub.registry.get(name)
    if provider.manifest.delivery == "pickup":
        return Revocation(Told.UNASKED, "The phone is told when it asks the next time.")
    if tokens is None:
        return Revocation(Told.UNASKED, "There was no token left.")
    if not provider.has_hook("revoke_token"):
        return Revocation(Told.UNASKED, f"{name} offers no revocation.")
    try:
        async with asyncio.timeout(REVOKE_TIMEOUT_S):
            await _revoke(hub, name, tokens, athlete_id, provider_user_id)
    except TimeoutError:
        return Revocation(Told.UNANSWERED, f"{name} did not answer in time.")
    except RetryLater as error:
        return Revocation(Told.UNANSWERED, error.message)
    except ProviderError as error:
        return Revocation(Told.REFUSED, error.message)
    return Revocation(Told.REVOKED)


async def _revoke(hub: Hub, name: str, tokens: TokenSet, athlete_id: str, user: str) -> None:
    """With a token that works: one that has merely expired is refreshed, not stored."""

    async def call(hook: str, with_tokens: TokenSet) -> Any:
        context = make_context(hub, name, with_tokens, athlete_id=athlete_id, provider_user_id=user)
        return await hub.dispatcher.call(name, hook, context=context)

    if tokens.expires_at is not None and tokens.expires_at < time.time():
        tokens = await call("refresh_token", tokens)
    try:
        await call("revoke_token", tokens)
    except TokenExpired:
        await call("revoke_token", await call("refresh_token", tokens))
