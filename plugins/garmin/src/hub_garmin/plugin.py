"""Which hooks Garmin answers. Each takes the context, calls the layer below, and returns."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import msgspec

from hub_core.sdk import (
    Account,
    Athlete,
    CompiledWorkout,
    Delivery,
    Manifest,
    OutcomeUnknown,
    PlannedWorkout,
    ProviderContext,
    ProviderCopy,
    Receipt,
    ReconnectNeeded,
    Records,
    TokenSet,
    WebhookRequest,
    Window,
    hookimpl,
)
from hub_garmin.backfill import ask_for_history
from hub_garmin.client import WORKOUT_IMPORT, GarminClient
from hub_garmin.export import to_garmin_workout, to_source_id
from hub_garmin.ingest import to_records
from hub_garmin.manifest import EVALUATION_BUDGETS, MANIFEST
from hub_garmin.read_back import from_garmin_workout, from_schedule
from hub_garmin.schedule import (
    create_recipe,
    create_schedule,
    move_schedule,
    replace_recipe,
    resume_recipe,
)
from hub_garmin.schemas import granted_permissions
from hub_garmin.settings import GarminSettings
from hub_garmin.webhooks import read_webhook

if TYPE_CHECKING:
    from hub_core.sandbox import Sandbox


@hookimpl
def provider_manifest() -> Manifest:
    """The manifest, with the lower limits when the client id is an evaluation key."""
    if provider_settings().evaluation_key:
        return msgspec.structs.replace(MANIFEST, rate_budgets=EVALUATION_BUDGETS)
    return MANIFEST


@hookimpl
def provider_settings() -> GarminSettings:
    """The settings, from `HUB_GARMIN_...`."""
    return GarminSettings()


@hookimpl
def provider_sandbox() -> Sandbox:
    """A new stand-in of Garmin."""
    from hub_garmin.sandbox import GarminSandbox  # needs the extra `server`

    return GarminSandbox()


@hookimpl
def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """The recipe for Training API V2 and its fidelity report."""
    return to_garmin_workout(workout, athlete)


@hookimpl
async def export_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    """Create the recipe, then put it on its date. A recipe of an earlier try is used again."""
    client, recipe, ids = _client(context), _recipe(context, compiled), None
    if "workout_id" in context.progress:
        ids = await resume_recipe(client, context.progress, recipe, compiled.date)
    if ids is None:
        ids = await create_recipe(client, recipe, compiled.date)
        await context.checkpoint(ids)
    if "schedule_id" not in ids:
        ids["schedule_id"] = await create_schedule(client, int(ids["workout_id"]), compiled.date)
        await context.checkpoint(ids)
    return _receipt(ids)


@hookimpl
async def update_workout(context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt) -> Receipt:
    """Replace the recipe and move its schedule to the date; make a new schedule if that is gone."""
    client = _client(context)
    ids = await replace_recipe(client, receipt.external_ids, _recipe(context, compiled))
    return _receipt(ids | {"schedule_id": await move_schedule(client, ids, compiled.date)})


@hookimpl
async def withdraw_workout(context: ProviderContext, receipt: Receipt) -> None:
    """Take the workout off its date, then out of the library."""
    client, ids = _client(context), receipt.external_ids
    if "schedule_id" in ids:
        await client.delete_schedule(int(ids["schedule_id"]))
    if "workout_id" in ids:
        await client.delete_workout(int(ids["workout_id"]))


@hookimpl
async def read_back_workout(context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    """Recipe and schedule as Garmin holds them. Without its schedule a workout is on no device."""
    client, ids = _client(context), receipt.external_ids
    workout = await client.get_workout(int(ids["workout_id"]))
    schedule = await client.get_schedule(int(ids["schedule_id"])) if "schedule_id" in ids else None
    held = {"workout": workout, "schedule": schedule}
    if not workout or not schedule:
        return ProviderCopy(False, held)
    return ProviderCopy(True, held, from_garmin_workout(workout, from_schedule(schedule)))


@hookimpl
async def find_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt | None:
    """The schedule of a recipe that an earlier try made, by the list of the day. Recipes can't be listed:
    raises `OutcomeUnknown` when it is the recipe's answer that was lost."""
    workout_id = context.progress.get("workout_id")
    if workout_id is None and not context.outcome_unknown:
        return None
    if workout_id is None:
        raise OutcomeUnknown(
            "the answer to its creation was lost, and Garmin can't list workouts. If it arrived, it is in "
            "the workout library and not on the calendar."
        )
    day = context.progress.get("date", "")  # an earlier try may have had another date
    days = dict.fromkeys((dt.date.fromisoformat(day) if day else compiled.date, compiled.date))
    for date in days:
        schedule_id = await _client(context).find_schedule(int(workout_id), date)
        if schedule_id is not None:
            return _receipt({**context.progress, "schedule_id": str(schedule_id)})
    return None


@hookimpl
async def describe_account(context: ProviderContext) -> Account:
    """Garmin's user id and the permissions that the athlete has left ticked."""
    client = _client(context)
    user_id = await client.get_user_id()
    permissions = granted_permissions(await client.get_permissions())
    if WORKOUT_IMPORT not in permissions:
        raise ReconnectNeeded(
            f"garmin: the athlete has not granted {WORKOUT_IMPORT}, without which no workout can be sent; "
            "connect again and leave it ticked on Garmin's page"
        )
    return Account(user_id, scopes=permissions)


@hookimpl
async def refresh_token(context: ProviderContext) -> TokenSet:
    """A new pair. The refresh token changes each time, and the old one is dead."""
    return await context.oauth().refresh(context.token())


@hookimpl
async def revoke_token(context: ProviderContext) -> None:
    """End the athlete's registration, which Garmin asks for whenever somebody disconnects."""
    await _client(context).delete_registration()


@hookimpl
def receive_webhook(request: WebhookRequest, settings: GarminSettings) -> tuple[Delivery, ...]:
    """Pushes and pings, by the secret in their address."""
    return read_webhook(request, settings)


@hookimpl
async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:  # noqa: ARG001 (the hub has fetched)
    """Activities, days, nights, and changes of the consent."""
    return await asyncio.to_thread(to_records, delivery)


@hookimpl
async def request_backfill(context: ProviderContext, window: Window) -> None:
    """Everything of a window again; it comes as webhooks, in minutes or hours."""
    settings = cast(GarminSettings, context.settings)
    await ask_for_history(_client(context), window, settings.backfill_days)


def _client(context: ProviderContext) -> GarminClient:
    return GarminClient(context.http, cast(GarminSettings, context.settings).user_api_url)


def _recipe(context: ProviderContext, compiled: CompiledWorkout) -> dict[str, Any]:
    return {**compiled.payload, "workoutSourceId": to_source_id(context.reference)}


def _receipt(ids: Mapping[str, str]) -> Receipt:
    named = {name: ids[name] for name in ("workout_id", "owner_id", "schedule_id") if name in ids}
    return Receipt(named, ids["workout_id"])
