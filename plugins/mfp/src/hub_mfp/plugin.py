"""The hooks of the MyFitnessPal plugin."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hub_core.sdk import (
    Account,
    Delivery,
    Manifest,
    Misconfigured,
    ProviderContext,
    Records,
    Rejected,
    TokenSet,
    WebhookRequest,
    Window,
    hookimpl,
)
from hub_mfp import webhooks
from hub_mfp.client import MEAL, client_of
from hub_mfp.ingest import to_day
from hub_mfp.manifest import MANIFEST, SCOPES
from hub_mfp.schemas import ChangedDay, LoggedDay
from hub_mfp.settings import MfpSettings

if TYPE_CHECKING:
    from hub_core.sandbox import Sandbox

#: Where on earth a date begins first and ends last.
_EAST, _WEST = dt.timedelta(hours=14), dt.timedelta(hours=12)


@hookimpl
def provider_manifest() -> Manifest:
    """Who MyFitnessPal is."""
    return MANIFEST


@hookimpl
def provider_settings() -> MfpSettings:
    """The settings from the environment."""
    return MfpSettings()


@hookimpl
def provider_sandbox() -> Sandbox:
    """A new stand-in of MyFitnessPal."""
    from hub_mfp.sandbox import MfpSandbox

    return MfpSandbox()


@hookimpl
async def describe_account(context: ProviderContext) -> Account:
    """Whose account it is. Token answers don't say which scopes were granted: it is all or nothing."""
    user = await client_of(context).get_user()
    if str(user.id) != context.token().user_id:
        raise Rejected(f"{context.provider}: the account is not the one that the token is for")
    return Account(str(user.id), user.username or "", context.token().scopes or SCOPES)


@hookimpl
async def refresh_token(context: ProviderContext) -> TokenSet:
    """A new token set. MyFitnessPal asks for the user's id besides, which no standard client sends."""
    return await context.oauth().refresh(context.token(), user_id=context.token().user_id)


@hookimpl
async def revoke_token(context: ProviderContext) -> None:
    """End the grant: to revoke one token of a pair kills both."""
    tokens, settings = context.token(), context.settings
    if not isinstance(settings, MfpSettings):
        raise Misconfigured(f"{context.provider}: these are not its settings")
    secret = settings.client_secret.get_secret_value()
    login = base64.b64encode(f"{settings.client_id}:{secret}".encode()).decode()
    kind = "refresh_token" if tokens.refresh_token else "access_token"
    await context.http.request(
        "POST",
        settings.revoke_url,
        form={"token": tokens.refresh_token or tokens.access_token, "token_type_hint": kind},
        headers={"Authorization": f"Basic {login}"},
        authorize=False,
        allow={400},  # it is dead already
    )


@hookimpl
async def subscribe_webhooks(context: ProviderContext) -> None:
    """Notifications come for the users alone for whom they were asked."""
    client = client_of(context)
    if not any(one.content_type in {None, MEAL} for one in await client.list_subscriptions()):
        await client.subscribe()


@hookimpl
def receive_webhook(request: WebhookRequest, settings: MfpSettings) -> tuple[Delivery, ...]:
    """The days whose meals have changed, by the secret in the path."""
    return webhooks.read_webhook(request, settings)


@hookimpl
async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:
    """A day's totals: of what a poll has found, or of what the diary says now when a change was told."""
    if delivery.kind == webhooks.DAY:
        logged = delivery.decode(LoggedDay)
        return Records(nutrition=(to_day(logged.date, logged.meals),))
    if delivery.kind == MEAL:
        date = delivery.decode(ChangedDay).date
        # Also when the day is empty now: what was taken out must not stand.
        return Records(nutrition=(to_day(date, await client_of(context).list_meals(date)),))
    return Records()


@hookimpl
async def poll_deliveries(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
    """The days on which something was logged, one call for each date of the window anywhere on earth."""
    client = client_of(context)
    found = []
    for date in _dates(window):
        meals = await client.list_meals(date)
        if meals:
            found.append(webhooks.to_logged(client.user_id, date, meals))
    return tuple(found)


def _dates(window: Window) -> Iterator[dt.date]:
    """The diary's dates are the athlete's own, whose zone nobody tells."""
    date = (window.start.astimezone(dt.UTC) - _WEST).date()
    last = (window.end.astimezone(dt.UTC) + _EAST).date()
    while date <= last:
        yield date
        date += dt.timedelta(days=1)
