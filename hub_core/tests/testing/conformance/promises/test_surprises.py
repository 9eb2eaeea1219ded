"""A plugin that trips over a vendor's surprises is caught: one broken plugin for each case."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import hub_fake.plugin as sound
from hub_core.sdk import (
    Account,
    Activity,
    CompiledWorkout,
    Delivery,
    ProviderContext,
    ProviderCopy,
    Receipt,
    Records,
    Rejected,
    RetryLater,
    Sport,
    WebhookRequest,
    verify_signature,
)
from hub_core.testing.conformance import CASES
from hub_fake.plugin import SPORTS, FakeActivity, FakeSettings, FakeUser

Break = Callable[[SimpleNamespace], Any]
Read = Callable[[dict[str, Any]], Any]


def hook(name: str, function: Any) -> Break:
    return lambda fake: setattr(fake, name, function)


def describes(read: Read, **options: Any) -> Break:
    """describe_account that makes of the answer what it likes."""

    async def describe_account(context: ProviderContext) -> Account:
        answer = await context.http.request("GET", "/me", **options)
        return Account(read(context.http.decode(answer, dict[str, Any])))

    return hook("describe_account", describe_account)


def ingests(look: Read) -> Break:
    """ingest_activity with a look at the body by hand."""

    async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:
        if delivery.kind == "activity":
            look(json.loads(delivery.body))
        return await sound.ingest_activity(context, delivery)

    return hook("ingest_activity", ingest_activity)


def changes(change: Callable[[Activity], Activity]) -> Break:
    """ingest_activity that gets something of the activity wrong."""

    async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:
        records = await sound.ingest_activity(context, delivery)
        return Records(tuple(change(one) for one in records.activities), records.deleted, records.revoked)

    return hook("ingest_activity", ingest_activity)


class StrictUser(FakeUser, forbid_unknown_fields=True):
    pass


class StrictActivity(FakeActivity, forbid_unknown_fields=True):
    pass


async def forbids_new_fields(context: ProviderContext) -> Account:
    return Account(context.http.decode(await context.http.request("GET", "/me"), StrictUser).id)


async def counts_versions(context: ProviderContext, window: Any) -> Any:
    params = {"from": window.start.isoformat(), "to": window.end.isoformat()}
    answer = await context.http.request("GET", "/events", params=params)
    [event["activity"]["version"] + 1 for event in context.http.decode(answer, dict[str, Any])["events"]]
    return await sound.poll_deliveries(context, window)


async def sees_an_empty_day(context: ProviderContext, window: Any) -> Any:
    try:
        return await sound.poll_deliveries(context, window)
    except RetryLater:
        return ()


async def takes_nothing_for_an_account(context: ProviderContext) -> Account:
    answer = await context.http.request("GET", "/me")
    return await sound.describe_account(context) if answer.content else Account("nobody")


async def takes_every_status(context: ProviderContext) -> Account:
    await context.http.request("GET", "/me", allow=frozenset(range(100, 600)))
    return Account("somebody")


async def rounds_ids(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    answer = await context.http.request("PUT", f"/workouts/{context.reference}", json=compiled.payload)
    id_ = context.http.decode(answer, dict[str, Any])["id"]
    return Receipt({"workout_id": f"{float(id_):.0f}" if id_.isdigit() else id_})


async def refuses_the_new(context: ProviderContext, delivery: Delivery) -> Records:
    if delivery.kind not in {"activity", "consent_ended"}:
        raise ValueError(delivery.kind)
    return await sound.ingest_activity(context, delivery)


async def forbids_new_activity_fields(context: ProviderContext, delivery: Delivery) -> Records:
    delivery.decode(StrictActivity)
    return await sound.ingest_activity(context, delivery)


async def wants_bare_numbers(context: ProviderContext, delivery: Delivery) -> Records:
    try:
        msgspec.json.decode(delivery.body, type=FakeActivity)
    except msgspec.ValidationError as error:
        raise Rejected(str(error)) from error
    return await sound.ingest_activity(context, delivery)


async def reaches_for_the_title(context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    held = await sound.read_back_workout(context, receipt)
    return ProviderCopy(bool(held.payload["title"]), held.payload)


def reads_by_hand(request: WebhookRequest, settings: FakeSettings) -> Any:
    secret = settings.webhook_secret.get_secret_value()
    verify_signature(request, secret, header="X-Fake-Signature", timestamp_header="X-Fake-Time")
    events = json.loads(request.body)["events"]
    return tuple(Delivery(event["user"], event["kind"], b"{}", "key") for event in events)


def as_float(text: str) -> str:
    return f"{float(text):.0f}" if text.isdigit() else text


def as_run(activity: Activity) -> Activity:
    sport = Sport.RUN if activity.sport is Sport.OTHER else activity.sport
    return msgspec.structs.replace(activity, sport=sport)


BREAKS: dict[str, Break] = {
    "surprises.new_fields": hook("describe_account", forbids_new_fields),
    "surprises.numbers_as_texts": hook("poll_deliveries", counts_versions),
    "surprises.null_fields": describes(lambda user: user["id"].strip()),
    "surprises.missing_fields": describes(lambda user: user["id"]),
    "surprises.other_types": describes(lambda user: str(user.get("id")) + user["name"].strip()),
    "surprises.unknown_words": describes(lambda user: {"athlete-1": "first"}[user["id"]]),
    "surprises.dropped_fields": hook("read_back_workout", reaches_for_the_title),
    "surprises.error_in_200": describes(lambda user: user.get("id", "nobody")),
    "surprises.page_in_200": hook("poll_deliveries", sees_an_empty_day),
    "surprises.empty_answers": hook("describe_account", takes_nothing_for_an_account),
    "surprises.odd_statuses": hook("describe_account", takes_every_status),
    "surprises.large_ids": hook("export_workout", rounds_ids),
    "surprises.delivery_unknown_words": ingests(lambda body: SPORTS[body["sport"]]),
    "surprises.delivery_missing_fields": ingests(lambda body: body["title"]),
    "surprises.delivery_null_fields": ingests(lambda body: body.get("title", "").strip()),
    "surprises.delivery_empty_texts": ingests(lambda body: dt.datetime.fromisoformat(body["start"])),
    "surprises.delivery_odd_numbers": ingests(lambda body: dt.timedelta(seconds=body["seconds"])),
    "surprises.delivery_new_fields": hook("ingest_activity", forbids_new_activity_fields),
    "surprises.delivery_numbers_as_texts": hook("ingest_activity", wants_bare_numbers),
    "surprises.delivery_large_ids": changes(
        lambda one: msgspec.structs.replace(one, external_id=as_float(one.external_id))
    ),
    "surprises.unknown_sport": changes(as_run),
    "surprises.unknown_kind": hook("ingest_activity", refuses_the_new),
    "surprises.webhook_fields": hook("receive_webhook", reads_by_hand),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(case_id: str, fake: SimpleNamespace, assert_caught: Any) -> None:
    BREAKS[case_id](fake)
    assert_caught(case_id)


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "surprises"}
