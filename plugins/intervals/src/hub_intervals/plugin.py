"""The hooks of intervals.icu. Thin: take the context, call below, return."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING

from hub_core.sdk import (
    Account,
    Athlete,
    CompiledWorkout,
    Delivery,
    Manifest,
    NotFound,
    PlannedWorkout,
    ProviderContext,
    ProviderCopy,
    ProviderSettings,
    Receipt,
    ReconnectNeeded,
    Records,
    Rejected,
    RetryLater,
    TokenExpired,
    TokenSet,
    Unsupported,
    WebhookRequest,
    Window,
    hookimpl,
)
from hub_intervals import export, ingest, webhooks
from hub_intervals.client import IntervalsClient
from hub_intervals.manifest import ACTIVITY_READ, CALENDAR_WRITE, MANIFEST, WELLNESS_READ
from hub_intervals.notes import to_receipt
from hub_intervals.read_back import from_event
from hub_intervals.schemas import Event
from hub_intervals.settings import IntervalsSettings

if TYPE_CHECKING:
    from hub_core.sandbox import Sandbox

#: HTTP Basic with this literal as the user name, and the key as the password.
_API_KEY_USER = "API_KEY"


@hookimpl
def provider_manifest() -> Manifest:
    """Who intervals.icu is."""
    return MANIFEST


@hookimpl
def provider_settings() -> ProviderSettings:
    """The settings, from the environment."""
    return IntervalsSettings()


@hookimpl
def provider_sandbox() -> Sandbox:
    """A new stand-in."""
    from hub_intervals.sandbox import IntervalsSandbox

    return IntervalsSandbox()


@hookimpl
def tokens_from_api_key(key: str) -> TokenSet:
    """The token set for an API key that the athlete pasted. Raises `Rejected` when it can't be one."""
    key = key.strip().removeprefix(f"{_API_KEY_USER}:")
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise Rejected("intervals.icu: that is not an API key; copy it from Developer Settings")
    return TokenSet(access_token=f"{_API_KEY_USER}:{key}", kind="basic")


@hookimpl
def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """The calendar event and its fidelity."""
    return export.compile_workout(workout, athlete)


@hookimpl
async def export_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    """Write the event. What the server made of its text is for `read_back_workout` to tell."""
    client = IntervalsClient(context.http)
    body = export.to_event(compiled, context.reference)
    write = _write_with_key if _has_api_key(context) else _write_with_oauth
    event = await write(client, context, compiled, body)
    await context.checkpoint({"event_id": str(event.id)})
    return to_receipt(event, compiled)


async def _write_with_oauth(
    client: IntervalsClient, _: ProviderContext, __: CompiledWorkout, body: export.EventBody
) -> Event:
    """Under OAuth the upsert finds what this app wrote before."""
    return await client.upsert_event(body)


async def _write_with_key(
    client: IntervalsClient, context: ProviderContext, compiled: CompiledWorkout, body: export.EventBody
) -> Event:
    """POST never looks for an `external_id`, and with an API key the upsert may not either: look first."""
    event_id = context.progress.get("event_id")
    if event_id is None and context.outcome_unknown:
        found = await _find(client, context, compiled)
        event_id = str(found.id) if found else None
    if event_id is not None:
        try:
            return await client.update_event(event_id, body)
        except NotFound:
            pass  # the athlete deleted it meanwhile
    return await client.create_event(body)


@hookimpl
async def update_workout(context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt) -> Receipt:
    """Replace the event's content in place."""
    client = IntervalsClient(context.http)
    event_id = receipt.external_ids["event_id"]
    body = export.to_event(compiled, context.reference)
    # PUT keeps what isn't sent, and -1 clears a number: the time of an earlier version must not stay.
    if not compiled.payload["expects"]["steps"]:
        body.setdefault("moving_time", -1)
    return to_receipt(await client.update_event(event_id, body), compiled)


@hookimpl
async def withdraw_workout(context: ProviderContext, receipt: Receipt) -> None:
    """Delete the event; one that is gone is fine."""
    with suppress(NotFound):
        await IntervalsClient(context.http).delete_event(receipt.external_ids["event_id"])


@hookimpl
async def read_back_workout(context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    """The event as it is now, and what the server made of its text."""
    try:
        event = await IntervalsClient(context.http).get_event(receipt.external_ids["event_id"])
    except NotFound:
        return ProviderCopy(exists=False)
    return ProviderCopy(exists=True, payload=event, workout=from_event(event))


@hookimpl
async def find_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt | None:
    """The event of the day that carries our reference."""
    event = await _find(IntervalsClient(context.http), context, compiled)
    return to_receipt(event, compiled) if event else None


async def _find(client: IntervalsClient, context: ProviderContext, compiled: CompiledWorkout) -> Event | None:
    events = await client.list_workouts(compiled.date)
    return next((event for event in events if event.external_id == context.reference), None)


@hookimpl
async def describe_account(context: ProviderContext) -> Account:
    """Whose account it is. The consent page lets athletes untick scopes, so the granted ones count."""
    tokens = context.token()
    if not _has_api_key(context) and CALENDAR_WRITE not in tokens.scopes:
        raise ReconnectNeeded(
            "intervals.icu: connect again and leave the calendar ticked, so that workouts can be written"
        )
    athlete = await IntervalsClient(context.http).get_athlete()
    return Account(athlete.id, athlete.name or "", tokens.scopes)


@hookimpl
async def refresh_token(context: ProviderContext) -> TokenSet:
    """Nothing can be refreshed: the token has no end. Ask whether it still lives, and keep it."""
    try:
        await IntervalsClient(context.http).get_athlete()
    except ReconnectNeeded as error:
        raise ReconnectNeeded(f"{error}; the athlete must connect again") from error
    except Rejected as error:
        raise RetryLater(str(error)) from error
    return context.token()


@hookimpl
async def revoke_token(context: ProviderContext) -> None:
    """End the token. An API key belongs to the athlete, who alone can renew it."""
    if _has_api_key(context):
        raise Unsupported("intervals.icu ends an API key only in its own settings: make a new one there")
    await IntervalsClient(context.http).disconnect_app()


@hookimpl
def receive_webhook(request: WebhookRequest, settings: IntervalsSettings) -> tuple[Delivery, ...]:
    """Activities, days and changed consents, by the secret in the body."""
    return webhooks.read_webhook(request, settings)


@hookimpl
async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:
    """The records; an activity's series and planned workout are asked for."""
    return await ingest.ingest(IntervalsClient(context.http), delivery)


@hookimpl
async def poll_deliveries(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
    """The activities that start in a window and the wellness of its days, as far as they may be read.

    Athletes untick areas later on, and the token keeps its scopes: one refusal is no end of the consent.
    """
    found: list[tuple[Delivery, ...]] = []
    refusals: list[ReconnectNeeded] = []
    for scope, look in ((ACTIVITY_READ, _poll_activities), (WELLNESS_READ, _poll_wellness)):
        if not _may(context, scope):
            continue
        try:
            found.append(await look(context, window))
        except TokenExpired:
            raise
        except ReconnectNeeded as refusal:
            refusals.append(refusal)
    if refusals and not found:
        raise refusals[0]
    return tuple(one for part in found for one in part)


async def _poll_activities(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
    # Days are the athlete's own, whose clock may be a day ahead or behind.
    day = dt.timedelta(days=1)
    oldest, newest = window.start.date() - day, window.end.date() + day
    return tuple(
        delivery
        for activity in await IntervalsClient(context.http).list_activities(oldest, newest)
        if (start := webhooks.start_of(activity)) and window.start <= start < window.end
        for delivery in webhooks.to_activity_delivery(context.provider_user_id, activity)
    )


async def _poll_wellness(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
    records = await IntervalsClient(context.http).list_wellness(window.start.date(), window.end.date())
    return tuple(
        delivery
        for record in records
        for delivery in webhooks.to_wellness_delivery(context.provider_user_id, record)
    )


def _may(context: ProviderContext, scope: str) -> bool:
    """Whether the athlete has allowed it; a key opens everything, and WRITE implies READ."""
    granted = context.token().scopes
    return _has_api_key(context) or scope in granted or scope.replace(":READ", ":WRITE") in granted


def _has_api_key(context: ProviderContext) -> bool:
    return context.token().kind == "basic"
