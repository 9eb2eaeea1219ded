"""The hooks that Wahoo implements: a plan is the recipe, a workout puts it into the calendar."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import msgspec

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
    ProviderError,
    ProviderSettings,
    Receipt,
    ReconnectNeeded,
    Records,
    Rejected,
    RetryLater,
    TokenSet,
    WebhookRequest,
    Window,
    hookimpl,
)
from hub_wahoo import export, ingest, poll, webhooks
from hub_wahoo.client import WahooClient
from hub_wahoo.manifest import MANIFEST
from hub_wahoo.read_back import from_plan
from hub_wahoo.schemas import Plan, PlanForm, Workout, WorkoutForm
from hub_wahoo.settings import WahooSettings

if TYPE_CHECKING:
    from hub_core.sandbox import Sandbox

#: Without these nothing can be sent at all.
_NEEDED_SCOPES = ("user_read", "plans_write", "workouts_write")
#: What the token endpoint says at the cap, without a code. [seen by several clients]
_TOO_MANY = "Too many unrevoked access tokens"


@hookimpl
def provider_manifest() -> Manifest:
    """Who Wahoo is."""
    return MANIFEST


@hookimpl
def provider_settings() -> ProviderSettings:
    """The settings from the environment."""
    return WahooSettings()


@hookimpl
def provider_sandbox() -> Sandbox:
    """A new stand-in."""
    from hub_wahoo.sandbox import WahooSandbox

    return WahooSandbox()


@hookimpl
def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """The plan and the workout as Wahoo wants them."""
    return export.compile_workout(workout, athlete)


@hookimpl
async def export_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    """Send plan, then workout. What an earlier try left behind is brought up to date, never doubled."""
    client = WahooClient(context.http)
    plan_id = await _send_plan(client, context, compiled)
    await context.checkpoint({**context.progress, "plan_id": plan_id})
    workout_id = await _send_workout(client, context, compiled, plan_id)
    await context.checkpoint({"plan_id": plan_id, "workout_id": workout_id})
    return _receipt(plan_id, workout_id)


@hookimpl
async def update_workout(context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt) -> Receipt:
    """Replace plan and workout. When one of them is gone the other is removed, so that none is left over."""
    client = WahooClient(context.http)
    plan_id, workout_id = _ids(receipt)
    try:
        if not (plan_id and workout_id):
            raise NotFound("wahoo holds only a part of this workout")
        await client.update_plan(plan_id, _plan_form(context, compiled))
        await client.update_workout(workout_id, _workout_form(context, compiled, plan_id))
    except NotFound:
        await withdraw_workout(context, receipt)
        raise
    return _receipt(plan_id, workout_id)


@hookimpl
async def withdraw_workout(context: ProviderContext, receipt: Receipt) -> None:
    """Remove the workout from the calendar, then the plan; either may be gone already."""
    client = WahooClient(context.http)
    plan_id, workout_id = _ids(receipt)
    if workout_id:
        await client.delete_workout(workout_id)
    if plan_id:
        await client.delete_plan(plan_id)


@hookimpl
async def read_back_workout(context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    """Workout and plan as Wahoo has them; without the link between them nothing reaches a device."""
    client = WahooClient(context.http)
    plan_id, workout_id = _ids(receipt)
    held: dict[str, Any] = {}
    if not (plan_id and workout_id):
        return ProviderCopy(False)
    with suppress(NotFound):
        workout = await client.get_workout(workout_id)
        held["workout"] = msgspec.to_builtins(workout)
        plan = await client.get_plan(plan_id)
        held["plan"] = msgspec.to_builtins(plan)
        if plan.deleted or str(workout.plan_id) != plan_id:
            return ProviderCopy(False, held)
        held["file"] = await _read_file(client, plan)
        said = from_plan(held["file"]) if held["file"] else None
        return ProviderCopy(True, held, said, starts=workout.starts)
    return ProviderCopy(False, held)


async def _read_file(client: WahooClient, plan: Plan) -> dict[str, Any] | None:
    """The plan's own steps; None when they are not to be had, which says nothing about them."""
    url = plan.file.url if plan.file else None
    if url:
        with suppress(Rejected):  # not there (yet), or on a host that we may not ask
            return await client.get_plan_file(url)
    return None


@hookimpl
async def find_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt | None:
    """The whole of it, plan and workout; a half is left to `export_workout`, which completes it."""
    client = WahooClient(context.http)
    plan_id = await _find_plan(client, context)
    if plan_id is None:
        return None
    workout = await _find_workout(client, context, compiled)
    if workout is None or str(workout.plan_id) != plan_id:
        return None
    return _receipt(plan_id, str(workout.id))


@hookimpl
async def describe_account(context: ProviderContext) -> Account:
    """Whose account it is. Raises `ReconnectNeeded` when what sending needs was not allowed."""
    granted = context.token().scopes
    # Wahoo isn't documented to name the scopes in its token answer: no word is no refusal.
    missing = [scope for scope in _NEEDED_SCOPES if granted and scope not in granted]
    if missing:
        raise ReconnectNeeded(
            f"wahoo did not grant {', '.join(missing)}; connect again and allow everything that is asked for"
        )
    user = await WahooClient(context.http).get_user()
    name = " ".join(part for part in (user.first, user.last) if part)
    return Account(str(user.id), name, granted)


@hookimpl
async def refresh_token(context: ProviderContext) -> TokenSet:
    """A new pair. The old one lives until the new access token is first used. [Wahoo docs, authentication]"""
    try:
        return await context.oauth().refresh(context.token())
    except RetryLater as error:
        if _TOO_MANY not in error.message:
            raise
        # Waiting helps nobody for 60 days. Any token that still lives can end them all.
        with suppress(ProviderError):
            await WahooClient(context.http).delete_permissions()
        raise ReconnectNeeded(
            "wahoo holds too many of our tokens for this athlete; connect again, and if that fails, remove "
            "the app in Wahoo's settings first"
        ) from error


@hookimpl
async def revoke_token(context: ProviderContext) -> None:
    """End the consent at Wahoo: merely forgotten tokens would count towards its cap of ten for 60 days."""
    await WahooClient(context.http).delete_permissions()


@hookimpl
def receive_webhook(request: WebhookRequest, settings: WahooSettings) -> tuple[Delivery, ...]:
    """What was done, by the token in the body."""
    return webhooks.read_webhook(request, settings)


@hookimpl
async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:  # noqa: ARG001 (the hub has fetched)
    """The activity, with what its file has."""
    return await asyncio.to_thread(ingest.to_records, delivery)


@hookimpl
async def poll_deliveries(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
    """All workouts of a window that were done."""
    settings = cast(WahooSettings, context.settings)
    client = WahooClient(context.http)
    return await poll.list_deliveries(client, window, context.provider_user_id, settings)


async def _send_plan(client: WahooClient, context: ProviderContext, compiled: CompiledWorkout) -> str:
    form = _plan_form(context, compiled)
    kept = await _reuse(
        context,
        context.progress.get("plan_id"),
        look_up=lambda: _find_plan(client, context),
        replace=lambda plan_id: client.update_plan(plan_id, form),
    )
    if kept:
        return kept
    plan = await client.create_plan(form)
    if plan.file is None or not plan.file.url:
        # Seen for routes when Wahoo could not read what was sent. Devices would show nothing.
        with suppress(ProviderError):
            await client.delete_plan(str(plan.id))
        raise Rejected("wahoo took the plan but could not read its file")
    return str(plan.id)


async def _send_workout(
    client: WahooClient, context: ProviderContext, compiled: CompiledWorkout, plan_id: str
) -> str:
    form = _workout_form(context, compiled, plan_id)

    async def look_up() -> str | None:
        found = await _find_workout(client, context, compiled)
        return str(found.id) if found else None

    kept = await _reuse(
        context,
        context.progress.get("workout_id"),
        look_up=look_up,
        replace=lambda workout_id: client.update_workout(workout_id, form),
    )
    if kept:
        return kept
    try:
        return str((await client.create_workout(form)).id)
    except Rejected:
        with suppress(ProviderError):
            await client.delete_plan(plan_id)  # nobody would ever use it
        raise


async def _reuse(
    context: ProviderContext,
    known: str | None,
    *,
    look_up: Callable[[], Awaitable[str | None]],
    replace: Callable[[str], Awaitable[object]],
) -> str | None:
    """The id of what an earlier try created, brought up to date; None when there is nothing."""
    if known:
        with suppress(NotFound):
            await replace(known)
            return known
    if not known and not context.outcome_unknown:
        return None
    found = await look_up()
    if found and found != known:
        with suppress(NotFound):
            await replace(found)
            return found
    return None


async def _find_plan(client: WahooClient, context: ProviderContext) -> str | None:
    # Deleted plans may still be listed.
    plans = [plan for plan in await client.find_plans(context.reference) if not plan.deleted]
    return str(plans[0].id) if plans else None


async def _find_workout(
    client: WahooClient, context: ProviderContext, compiled: CompiledWorkout
) -> Workout | None:
    """By our token, page by page, newest start first; there is no search. [Wahoo docs, workouts]

    It stops a day before the planned one (or before today, as an earlier try may have had another date).
    """
    earliest = min(export.to_starts(compiled), dt.datetime.now(dt.UTC)) - dt.timedelta(days=1)
    seen, page = 0, 0
    while True:
        page += 1
        answer = await client.list_workouts(page)
        for workout in answer.workouts:
            if workout.workout_token == context.reference:
                return workout
        seen += len(answer.workouts)
        is_last = not answer.workouts or (answer.total is not None and seen >= answer.total)
        oldest = answer.workouts[-1].starts if answer.workouts else None
        if is_last or (oldest and oldest < earliest):
            return None


def _plan_form(context: ProviderContext, compiled: CompiledWorkout) -> PlanForm:
    document = msgspec.json.encode(compiled.payload["plan"])
    return PlanForm(document, context.reference, export.to_iso(dt.datetime.now(dt.UTC)))


def _workout_form(context: ProviderContext, compiled: CompiledWorkout, plan_id: str) -> WorkoutForm:
    entry = compiled.payload["workout"]
    return WorkoutForm(
        name=entry["name"],
        workout_token=context.reference,
        workout_type_id=entry["workout_type_id"],
        starts=export.to_iso(export.to_starts(compiled)),
        minutes=entry["minutes"],
        plan_id=plan_id,
    )


def _ids(receipt: Receipt) -> tuple[str, str]:
    """Plan and workout; empty where the receipt is of a half that was sent."""
    return receipt.external_ids.get("plan_id", ""), receipt.external_ids.get("workout_id", "")


def _receipt(plan_id: str, workout_id: str) -> Receipt:
    return Receipt({"plan_id": plan_id, "workout_id": workout_id}, external_id=workout_id)
