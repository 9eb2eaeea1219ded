"""An activity that is doubled, lost or somebody else's is caught: one broken plugin for each case."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest

from hub_core.sandbox import Answer, Call, endpoint
from hub_core.sdk import (
    Activity,
    DailyHealth,
    Delivery,
    NotFound,
    NutritionDay,
    ProviderContext,
    Records,
    SleepNight,
    Sport,
    WebhookRequest,
    Window,
)
from hub_core.testing.conformance import CASES
from hub_fake.plugin import FakeSettings
from hub_fake.sandbox import FakeSandbox

Declare = Callable[..., None]
Break = Callable[[SimpleNamespace, Declare], Any]
ALL_WAYS = ("webhook", "poll")


def ingesting(change: Callable[[Records, Delivery], Records]) -> Break:
    """Fake's own records, and then a change to them."""

    def install(fake: SimpleNamespace, _: Declare) -> None:
        ingest_activity = fake.ingest_activity

        async def changed(context: ProviderContext, delivery: Delivery) -> Records:
            return change(await ingest_activity(context, delivery), delivery)

        fake.ingest_activity = changed

    return install


def each(**fields: Callable[[Activity], Any]) -> Break:
    """Fields of all activities, made from what they should be."""

    def change(one: Activity) -> Activity:
        return msgspec.structs.replace(one, **{name: make(one) for name, make in fields.items()})

    return ingesting(lambda records, _: Records(tuple(map(change, records.activities)), records.deleted))


def telling(change: Callable[[Delivery], Delivery], ways: tuple[str, ...] = ALL_WAYS) -> Break:
    """Fake's own deliveries, and then a change to those that come by some ways."""

    def install(fake: SimpleNamespace, _: Declare) -> None:
        receive_webhook, poll_deliveries = fake.receive_webhook, fake.poll_deliveries

        def received(request: WebhookRequest, settings: FakeSettings) -> tuple[Delivery, ...]:
            return tuple(map(change, receive_webhook(request, settings)))

        async def polled(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
            return tuple(map(change, await poll_deliveries(context, window)))

        if "webhook" in ways:
            fake.receive_webhook = received
        if "poll" in ways:
            fake.poll_deliveries = polled

    return install


def named(make: Callable[[Delivery], str], ways: tuple[str, ...] = ALL_WAYS) -> Break:
    return telling(lambda one: msgspec.structs.replace(one, key=make(one)), ways)


def with_body(ways: tuple[str, ...] = ALL_WAYS, **fields: Callable[[dict[str, Any]], Any]) -> Break:
    def change(one: Delivery) -> Delivery:
        body = msgspec.json.decode(one.body)
        body |= {name: make(body) for name, make in fields.items()} if body else {}
        return msgspec.structs.replace(one, body=msgspec.json.encode(body))

    return telling(change, ways)


def polling(change: Callable[[tuple[Delivery, ...]], tuple[Delivery, ...]], days: int = 0) -> Break:
    """Fake's own poll, of a window with more days on both ends, and then a change to what it found."""

    def install(fake: SimpleNamespace, _: Declare) -> None:
        poll_deliveries, more = fake.poll_deliveries, dt.timedelta(days=days)

        async def polled(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
            wide = Window(window.start - more, window.end + more)
            return change(await poll_deliveries(context, wide))

        fake.poll_deliveries = polled

    return install


def numbered(ways: tuple[str, ...] = ALL_WAYS) -> Break:
    numbers = itertools.count()
    return named(lambda one: f"{one.key}/{next(numbers)}", ways)


def once_only() -> Break:
    """Remembers what it has ingested, and doesn't do it again."""
    seen: set[str] = set()

    def change(records: Records, delivery: Delivery) -> Records:
        known = delivery.key in seen
        seen.add(delivery.key)
        return Records() if known else records

    return ingesting(change)


def zeros_for_what_is_deleted(records: Records, _: Delivery) -> Records:
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    zeros = tuple(Activity(gone.external_id, Sport.OTHER, start, 0) for gone in records.deleted)
    return Records(records.activities + zeros)


def without_short_ones(records: Records, _: Delivery) -> Records:
    return Records(tuple(one for one in records.activities if one.duration_s))


def refuse_nothing(deliveries: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
    if not deliveries:
        raise NotFound("there are no events")
    return deliveries


def looks_up(fake: SimpleNamespace, _: Declare) -> None:
    receive_webhook = fake.receive_webhook

    def received(request: WebhookRequest, settings: FakeSettings) -> tuple[Delivery, ...]:
        httpx.get(f"{settings.api_url}/me")
        return receive_webhook(request, settings)  # type: ignore[no-any-return]

    fake.receive_webhook = received


def awaits(fake: SimpleNamespace, _: Declare) -> None:
    receive_webhook = fake.receive_webhook

    async def received(request: WebhookRequest, settings: FakeSettings) -> tuple[Delivery, ...]:
        return receive_webhook(request, settings)  # type: ignore[no-any-return]

    fake.receive_webhook = received


def each_day(**fields: Callable[[DailyHealth], Any]) -> Break:
    def change(one: DailyHealth) -> DailyHealth:
        return msgspec.structs.replace(one, **{name: make(one) for name, make in fields.items()})

    return ingesting(
        lambda records, _: msgspec.structs.replace(records, daily=tuple(map(change, records.daily)))
    )


def each_night(change: Callable[[SleepNight], dict[str, Any]]) -> Break:
    def changed(one: SleepNight) -> SleepNight:
        return msgspec.structs.replace(one, **change(one))

    return ingesting(
        lambda records, _: msgspec.structs.replace(records, sleep=tuple(map(changed, records.sleep)))
    )


def eaten_on(change: Callable[[dt.date], dt.date]) -> Break:
    def changed(one: NutritionDay) -> NutritionDay:
        return msgspec.structs.replace(one, date=change(one.date))

    return ingesting(
        lambda records, _: msgspec.structs.replace(records, nutrition=tuple(map(changed, records.nutrition)))
    )


def as_the_evening(night: SleepNight) -> dict[str, Any]:
    return {"date": night.start.date()}


def day_before(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=1)


def without_address(delivery: Delivery) -> Delivery:
    return msgspec.structs.replace(delivery, file_url=None)


class Gossip(FakeSandbox):
    """Tells everybody's events to everybody; a plugin that passes them on as the asker's is caught."""

    @endpoint("GET", "/events", scope="activities")
    def list_events(self, call: Call) -> Answer:
        events = self.events if call.query.get("page") == "1" else []
        return Answer({"events": [{**event, "user": call.user} for event in events]})


def at(sandbox: type[FakeSandbox]) -> Break:
    return lambda fake, declare: setattr(fake, "provider_sandbox", sandbox)


BREAKS: dict[str, Break] = {
    "inbound.activity": each(duration_s=lambda one: one.duration_s / 60),
    "inbound.sports": each(sport=lambda one: Sport.RUN if one.sport is Sport.OTHER else one.sport),
    "inbound.no_distance": each(distance_m=lambda one: one.distance_m or 0.0),
    "inbound.lengths": ingesting(without_short_ones),
    "inbound.names": each(name=lambda one: one.name.encode("ascii", "ignore").decode()),
    "inbound.external_id": each(external_id=lambda one: "None"),
    "inbound.keys": named(lambda one: f"{one.provider_user_id}/{one.kind}"),
    "inbound.athlete": telling(lambda one: msgspec.structs.replace(one, provider_user_id="athlete-1")),
    "inbound.webhook_only_reads": looks_up,
    "inbound.deleted": ingesting(lambda records, _: Records(records.activities)),
    "inbound.revoked": ingesting(lambda records, _: Records(records.activities, records.deleted)),
    "inbound.same_webhook": numbered(),
    "inbound.same_poll": numbered(),
    "inbound.webhook_and_poll": with_body(("poll",), id=lambda body: f"poll-{body['id']}"),
    "inbound.changed": named(lambda one: one.key.rpartition("/")[0]),
    "inbound.pure": once_only(),
    "inbound.pages": polling(lambda deliveries: deliveries[:2]),
    "inbound.empty_poll": polling(refuse_nothing),
    "inbound.poll_window": polling(lambda deliveries: deliveries, days=400),
    "inbound.day": each_day(date=lambda one: day_before(one.date)),
    "inbound.hrv": each_day(hrv_rmssd_ms=lambda one: one.hrv_rmssd_ms or one.hrv_sdnn_ms),
    "inbound.night": each_night(as_the_evening),
    "inbound.meals": eaten_on(day_before),
    "inbound.behind_an_address": telling(without_address),
}

#: The same promises, broken in another way.
ALSO: list[tuple[str, Break]] = [
    ("inbound.activity", each(start=lambda one: one.start.replace(minute=0))),
    ("inbound.activity", each(distance_m=lambda one: (one.distance_m or 0) / 1000)),
    ("inbound.activity", telling(lambda one: msgspec.structs.replace(one, kind="novelty"), ("poll",))),
    ("inbound.sports", each(sport=lambda one: Sport.RUN if one.sport is Sport.RUN else Sport.OTHER)),
    ("inbound.external_id", each(external_id=lambda one: "")),
    ("inbound.keys", named(lambda one: "")),
    ("inbound.keys", named(lambda one: one.key.partition("/")[2].partition("/")[0], ("poll",))),
    ("inbound.athlete", at(Gossip)),
    ("inbound.webhook_only_reads", awaits),
    ("inbound.deleted", ingesting(zeros_for_what_is_deleted)),
    ("inbound.revoked", ingesting(lambda records, _: Records(records.activities, revoked=True))),
    ("inbound.same_webhook", with_body(noise=lambda body: secrets.token_hex())),
    ("inbound.same_poll", with_body(noise=lambda body: secrets.token_hex())),
    ("inbound.webhook_and_poll", with_body(("poll",), metres=lambda body: None)),
    ("inbound.changed", with_body(id=lambda body: f"{body['id']}-{body['version']}")),
    ("inbound.changed", with_body(seconds=lambda body: 1800)),
    ("inbound.poll_window", polling(lambda deliveries: (), days=0)),
    ("inbound.day", each_day(steps=lambda one: (one.steps or 0) * 2)),
    ("inbound.day", ingesting(lambda records, _: msgspec.structs.replace(records, daily=()))),
    ("inbound.hrv", each_day(hrv_sdnn_ms=lambda one: one.hrv_rmssd_ms, hrv_rmssd_ms=lambda one: None)),
    ("inbound.night", each_night(lambda one: {"asleep_s": (one.end - one.start).total_seconds()})),
    ("inbound.night", each_night(lambda one: {"end": one.end.astimezone(dt.UTC)})),
]


@pytest.mark.parametrize(("case_id", "break_it"), [*BREAKS.items(), *ALSO])
def test_the_kit_catches_it(
    case_id: str, break_it: Break, fake: SimpleNamespace, declare: Declare, assert_caught: Any
) -> None:
    break_it(fake, declare)
    assert_caught(case_id)


def test_a_webhook_and_a_poll_may_have_other_keys_if_they_agree_in_the_external_id(
    fake: SimpleNamespace, declare: Declare, check: Any
) -> None:
    named(lambda one: f"polled/{one.key}", ("poll",))(fake, declare)
    assert check("inbound.webhook_and_poll").holds


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "inbound"}
