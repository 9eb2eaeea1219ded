"""A made-up provider, whole in one file: OAuth, workouts out, activities and days in. Read this one first."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from hub_core.sdk import (
    Account,
    Activity,
    Athlete,
    Capabilities,
    CompiledWorkout,
    CreateSemantics,
    DailyHealth,
    Deleted,
    Delivery,
    Manifest,
    Metric,
    Node,
    NotFound,
    NutritionDay,
    OAuth2,
    Operation,
    Placed,
    PlacedRepeat,
    PlannedWorkout,
    ProviderContext,
    ProviderCopy,
    ProviderSettings,
    RateBudget,
    Receipt,
    ReconnectNeeded,
    Records,
    Repeat,
    SleepNight,
    Sport,
    Step,
    TargetForm,
    Tier,
    TokenSet,
    WebhookRequest,
    Window,
    adapt_workout,
    hookimpl,
    to_json,
    to_sport,
    verify_signature,
)

if TYPE_CHECKING:
    from hub_core.sandbox import Sandbox

#: Theirs: ours.
SPORTS = {"running": Sport.RUN, "cycling": Sport.RIDE, "swimming": Sport.POOL_SWIM}
_FORMS: frozenset[TargetForm] = frozenset({"range", "percent"})

MANIFEST = Manifest(
    name="fake",
    title="Fake",
    api_version="1.0",
    capabilities=Capabilities(
        sports=frozenset(SPORTS.values()),
        durations=frozenset({"time", "distance", "open"}),
        targets={Metric.POWER: _FORMS, Metric.HEART_RATE: _FORMS, Metric.PACE: _FORMS},
        max_repeat_depth=1,
        max_steps=100,
        name_length=80,
        notes_length=200,
        operations=frozenset(
            {
                Operation.EXPORT,
                Operation.UPDATE,
                Operation.WITHDRAW,
                Operation.READ_BACK,
                Operation.FIND,
                Operation.INGEST,
                Operation.RECEIVE_WEBHOOK,
                Operation.POLL,
            }
        ),
        # A workout is put under our own reference, so a repeated call changes nothing.
        create=CreateSemantics.UPSERT,
    ),
    oauth2=OAuth2(scopes=("workouts", "activities"), rotates=True),
    webhook_proof="signature",
    rate_budgets=(RateBudget(600, 60),),
    homepage="https://fake.example",
    attribution="Fake",
    tier=Tier.PLATINUM,
    tells=frozenset({"activity", "daily", "sleep", "nutrition"}),
    data_use="Nobody's data: the provider does not exist.",
    is_example=True,
)


class FakeSettings(ProviderSettings):
    """`HUB_FAKE_...`"""

    model_config = SettingsConfigDict(env_prefix="HUB_FAKE_")
    authorize_url: str = "https://fake.example/oauth/authorize"
    token_url: str = "https://fake.example/oauth/token"  # noqa: S105 (an address)
    api_url: str = "https://api.fake.example"
    webhook_secret: SecretStr = SecretStr("")


#: An empty id would be the same for everything.
Id = Annotated[str, msgspec.Meta(min_length=1)]


class FakeUser(msgspec.Struct):
    """The account."""

    id: Id
    name: str | None = None


class FakeActivity(msgspec.Struct):
    """An activity as Fake tells it. `start` has the athlete's offset."""

    id: Id
    version: int
    start: dt.datetime
    seconds: float
    sport: str | None = None
    metres: float | None = None
    title: str | None = None
    deleted: bool = False


class FakeDay(msgspec.Struct):
    """A day of an athlete's own calendar: steps, milliseconds, kcal, and the night that ended on it."""

    date: dt.date
    version: int
    steps: int | None = None
    rmssd: float | None = None
    sdnn: float | None = None
    kcal: float | None = None
    asleep_from: dt.datetime | None = None
    asleep_until: dt.datetime | None = None
    asleep_s: float | None = None


class FakeEvent(msgspec.Struct):
    """One thing that a webhook tells; a body has several, of several athletes. An `url` has the rest."""

    user: Id
    kind: str
    activity: dict[str, Any] | None = None
    day: dict[str, Any] | None = None
    url: str | None = None


class FakeEvents(msgspec.Struct):
    """The body of a webhook, and a page of a poll."""

    events: list[FakeEvent]


@hookimpl
def provider_manifest() -> Manifest:
    """Who Fake is."""
    return MANIFEST


@hookimpl
def provider_settings() -> ProviderSettings:
    """The settings from the environment."""
    return FakeSettings()


@hookimpl
def provider_sandbox() -> Sandbox:
    """A new stand-in."""
    from hub_fake.sandbox import FakeSandbox

    return FakeSandbox()


# -- who is it --------------------------------------------------------------------------------------------


@hookimpl
async def describe_account(context: ProviderContext) -> Account:
    """Whose account it is. On the consent page athletes can leave out what we can't do without."""
    scopes = context.token().scopes
    if "workouts" not in scopes:
        raise ReconnectNeeded("fake: connect again and allow `workouts`, so that they can be sent")
    user = context.http.decode(await context.http.request("GET", "/me"), FakeUser)
    return Account(user.id, user.name or "", scopes)


@hookimpl
async def refresh_token(context: ProviderContext) -> TokenSet:
    """A new pair; the old one is dead."""
    return await context.oauth().refresh(context.token())


@hookimpl
async def revoke_token(context: ProviderContext) -> None:
    """End the consent; a dead token (401) means that it ended already."""
    await context.http.request("DELETE", "/me/consent", allow={401})


# -- a planned workout goes out ---------------------------------------------------------------------------


@hookimpl
def compile_workout(workout: PlannedWorkout, athlete: Athlete) -> CompiledWorkout:
    """Fake's format is no stranger than its capabilities say, so `adapt_workout` does the thinking."""
    assert workout.date  # noqa: S101 (the hub compiles no workout without)
    adapted = adapt_workout(workout, athlete, MANIFEST)
    sport = next((theirs for theirs, ours in SPORTS.items() if ours is workout.sport), "")
    payload = {
        "title": adapted.name,
        "sport": sport,
        "description": workout.description,
        "date": workout.date.isoformat(),
        "time": workout.time.isoformat("minutes") if workout.time else None,
        "pool_m": workout.pool_length_m,
        "steps": [to_step(node) for node in adapted.steps],
    }
    meant = adapted.steps
    return CompiledWorkout(payload, adapted.report, workout.date, workout.time, athlete.time_zone, meant)


def to_step(node: Placed) -> dict[str, Any]:
    """Steps as our own JSON has them: a real provider has a form of its own."""
    if isinstance(node, PlacedRepeat):
        return {"times": node.times, "name": node.name, "steps": [to_step(child) for child in node.children]}
    step: dict[str, Any] = msgspec.to_builtins(node.step)
    return step


@hookimpl
async def export_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    """Put it under our own reference."""
    path = f"/workouts/{context.reference}"
    await context.http.request("PUT", path, json=compiled.payload, repeatable=True)
    return Receipt({"workout_id": context.reference}, external_id=context.reference)


@hookimpl
async def find_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt | None:  # noqa: ARG001
    """What an earlier try has left under our own reference."""
    held = await context.http.request("GET", f"/workouts/{context.reference}", allow={404})
    if not held.is_success:
        return None
    return Receipt({"workout_id": context.reference}, external_id=context.reference)


@hookimpl
async def update_workout(context: ProviderContext, compiled: CompiledWorkout, receipt: Receipt) -> Receipt:
    """Replace it. Raises `NotFound` when the athlete has deleted it."""
    path = f"/workouts/{receipt.external_ids['workout_id']}"
    await context.http.request("PUT", path, json=compiled.payload, params={"existing": "true"})
    return receipt


@hookimpl
async def withdraw_workout(context: ProviderContext, receipt: Receipt) -> None:
    """Remove it; what is gone already is fine."""
    path = f"/workouts/{receipt.external_ids['workout_id']}"
    await context.http.request("DELETE", path, allow={404})


@hookimpl
async def read_back_workout(context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    """What Fake holds now."""
    try:
        held = await context.http.request("GET", f"/workouts/{receipt.external_ids['workout_id']}")
    except NotFound:
        return ProviderCopy(False)
    copy = context.http.decode(held, dict[str, Any])
    return ProviderCopy(True, copy, from_workout(copy))


def from_workout(copy: dict[str, Any]) -> PlannedWorkout | None:
    """What Fake holds, in our own terms; None when there is a word in it that we don't know."""
    try:
        steps = tuple(from_step(step) for step in copy["steps"])
        return PlannedWorkout(
            copy["title"], SPORTS[copy["sport"]], steps, dt.date.fromisoformat(copy["date"])
        )
    except (LookupError, TypeError, ValueError):
        return None


def from_step(step: dict[str, Any]) -> Node:
    """The other way round. (`ValidationError` is a `ValueError`.)"""
    if "times" in step:
        return Repeat(step["times"], tuple(map(from_step, step["steps"])), step["name"])
    return msgspec.convert(step, Step)


# -- an activity comes in ---------------------------------------------------------------------------------


@hookimpl
def receive_webhook(request: WebhookRequest, settings: FakeSettings) -> tuple[Delivery, ...]:
    """Signed over time and body. One body tells of several athletes."""
    secret = settings.webhook_secret.get_secret_value()
    verify_signature(request, secret, header="X-Fake-Signature", timestamp_header="X-Fake-Time")
    return to_deliveries(request.decode(FakeEvents))


@hookimpl
async def poll_deliveries(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
    """All that happened in a window, page by page, in the words of the webhooks."""
    params = {"from": window.start.isoformat(), "to": window.end.isoformat()}
    found: list[Delivery] = []
    page = 1
    while True:
        answer = await context.http.request("GET", "/events", params={**params, "page": page})
        deliveries = to_deliveries(context.http.decode(answer, FakeEvents))
        if not deliveries:
            return tuple(found)
        found += deliveries
        page += 1


def to_deliveries(body: FakeEvents) -> tuple[Delivery, ...]:
    """One for each event. The key is the thing in this version, wherever it was heard of."""
    deliveries = []
    for event in body.events:
        told = event.activity or event.day or {}
        name = event.url or told.get("id") or told.get("date") or ""
        key = f"{event.user}/{event.kind}/{name}/{told.get('version', '')}"
        url = event.url
        deliveries.append(
            Delivery(event.user, event.kind, to_json(told), key, file_url=url, file_needs_token=True)
        )
    return tuple(deliveries)


@hookimpl
async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:  # noqa: ARG001 (nothing to fetch)
    """An activity, new or changed or deleted, a day, or the end of the consent. What is new says nothing."""
    if delivery.kind == "consent_ended":
        return Records(revoked=True)
    if delivery.kind == "day":
        return from_day(delivery.decode(FakeDay))
    if delivery.kind != "activity":
        return Records()
    if delivery.file is not None:  # only its address was told, and the hub has fetched it
        delivery = msgspec.structs.replace(delivery, body=delivery.file)
    theirs = delivery.decode(FakeActivity)
    if theirs.deleted:
        return Records(deleted=(Deleted(theirs.id, version=theirs.version),))
    sport = to_sport(theirs.sport, SPORTS)
    return Records(
        (
            Activity(
                theirs.id,
                sport,
                theirs.start,
                theirs.seconds,
                theirs.metres,
                theirs.title or "",
                version=theirs.version,
            ),
        )
    )


def from_day(theirs: FakeDay) -> Records:
    """The day's health, its meals, and the night that ended on it."""
    date, name, version = theirs.date, f"day-{theirs.date}", theirs.version
    nights: tuple[SleepNight, ...] = ()
    if theirs.asleep_from and theirs.asleep_until:
        start, end = theirs.asleep_from, theirs.asleep_until
        nights = (SleepNight(date, name, start, end, version, theirs.asleep_s),)
    return Records(
        daily=(
            DailyHealth(
                date, name, version, theirs.steps, hrv_rmssd_ms=theirs.rmssd, hrv_sdnn_ms=theirs.sdnn
            ),
        ),
        nutrition=(NutritionDay(date, name, version, theirs.kcal),),
        sleep=nights,
    )
