"""A plugin that believes anybody, or calls anybody, is caught: one broken plugin for each case."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest

import hub_fake.plugin as sound
from hub_core.sdk import (
    Account,
    CompiledWorkout,
    Delivery,
    ProviderContext,
    ProviderCopy,
    Receipt,
    Records,
    Rejected,
    WebhookRequest,
)
from hub_core.testing.conformance import CASES
from hub_fake.plugin import FakeEvents, FakeSettings
from hub_fake.sandbox import WEBHOOK_SECRET

Break = Callable[[SimpleNamespace], Any]


def hook(name: str, function: Any) -> Break:
    return lambda fake: setattr(fake, name, function)


def receives(function: Callable[[WebhookRequest, FakeSettings], Any]) -> Break:
    def receive_webhook(request: WebhookRequest, settings: FakeSettings) -> Any:
        return function(request, settings)

    return hook("receive_webhook", receive_webhook)


def refuses_all(request: WebhookRequest, settings: FakeSettings) -> Any:
    raise Rejected("no")


def believes_all(request: WebhookRequest, settings: FakeSettings) -> Any:
    return sound.to_deliveries(request.decode(FakeEvents))


def checks_if_signed(request: WebhookRequest, settings: FakeSettings) -> Any:
    if "x-fake-signature" in request.headers:
        return sound.receive_webhook(request, settings)
    return believes_all(request, settings)


def has_its_own_secret(request: WebhookRequest, settings: FakeSettings) -> Any:
    return sound.receive_webhook(request, settings.model_copy(update={"webhook_secret": _Secret()}))


class _Secret:
    def get_secret_value(self) -> str:
        return WEBHOOK_SECRET


def signs_by_hand(request: WebhookRequest, settings: FakeSettings) -> Any:
    """Without a look at the time, and with an empty secret as with any other."""
    secret = settings.webhook_secret.get_secret_value()
    signed = request.headers.get("x-fake-time", "").encode() + b"." + request.body
    right = hmac.digest(secret.encode(), signed, "sha256").hex()
    if not hmac.compare_digest(right.encode(), request.headers.get("x-fake-signature", "").encode()):
        raise Rejected("wrong signature")
    return believes_all(request, settings)


def takes_the_first(request: WebhookRequest, settings: FakeSettings) -> Any:
    deliveries = sound.receive_webhook(request, settings)
    first = deliveries[0].provider_user_id if deliveries else ""
    return tuple(msgspec.structs.replace(one, provider_user_id=first) for one in deliveries)


def reads_by_hand(request: WebhookRequest, settings: FakeSettings) -> Any:
    json.loads(request.body)
    return sound.receive_webhook(request, settings)


def through(**client: Any) -> Callable[[ProviderContext], Any]:
    """describe_account with an HTTP client of its own."""

    async def describe_account(context: ProviderContext) -> Account:
        headers = {"Authorization": f"Bearer {context.token().access_token}"}
        async with httpx.AsyncClient(base_url=context.http.base_url, **client) as own:
            try:
                answer = await own.get("/me", headers=headers)
            except httpx.HTTPError as error:
                raise Rejected("unreachable") from error
        return Account(json.loads(answer.content)["id"]) if answer.content.strip() else Account("nobody")

    return describe_account


async def decodes_by_hand(context: ProviderContext) -> Account:
    answer = await context.http.request("GET", "/me")
    return Account(json.loads(answer.content)["id"])


async def fetches_the_file(context: ProviderContext, delivery: Delivery) -> Records:
    if delivery.file_url:
        async with httpx.AsyncClient() as own:
            try:
                await own.get(delivery.file_url)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise Rejected("no file") from error
    return await sound.ingest_activity(context, delivery)


def asks_at_once(request: WebhookRequest, settings: FakeSettings) -> Any:
    deliveries = sound.receive_webhook(request, settings)
    for delivery in deliveries:
        if delivery.file_url:
            try:
                httpx.get(delivery.file_url)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise Rejected("no file") from error
    return deliveries


def looks_at_no_path(fake: SimpleNamespace) -> None:
    manifest = msgspec.structs.replace(sound.MANIFEST, webhook_proof="secret_path")
    fake.provider_manifest = lambda: manifest


async def names_it_by_title(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
    path = f"/workouts/{compiled.payload['title']}"
    await context.http.request("PUT", path, json=compiled.payload)
    return Receipt({"workout_id": compiled.payload["title"]})


async def reads_by_user(context: ProviderContext, receipt: Receipt) -> ProviderCopy:
    await context.http.request("GET", f"/users/{context.provider_user_id}/workouts", allow={404})
    return await sound.read_back_workout(context, receipt)


BREAKS: dict[str, Break] = {
    "security.genuine": receives(refuses_all),
    "security.forged_body": receives(believes_all),
    "security.forged_headers": receives(checks_if_signed),
    "security.other_secret": receives(has_its_own_secret),
    "security.no_secret": receives(signs_by_hand),
    "security.replay": receives(signs_by_hand),
    "security.each_athlete": receives(takes_the_first),
    "security.hostile_bodies": receives(reads_by_hand),
    "security.redirect": hook("describe_account", through(follow_redirects=True)),
    "security.oversized_answer": hook("describe_account", through()),
    "security.hostile_answers": hook("describe_account", decodes_by_hand),
    "security.file_url": hook("ingest_activity", fetches_the_file),
    "security.file_hosts": receives(asks_at_once),
    "security.secret_path": looks_at_no_path,
    "security.odd_workout_texts": hook("export_workout", names_it_by_title),
    "security.odd_ids": hook("read_back_workout", reads_by_user),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(case_id: str, fake: SimpleNamespace, assert_caught: Any) -> None:
    BREAKS[case_id](fake)
    assert_caught(case_id)


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "security"}
