"""Totals that are wrong, somebody else's, or made of nothing are caught: one broken plugin for each case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import hub_fake.plugin
from hub_core.sandbox import RecordedActivity
from hub_core.sdk import Delivery, NutritionDay, ProviderContext, Records, WebhookRequest, Window
from hub_core.testing.conformance import CASES, applicable_cases
from hub_fake.plugin import FakeSettings
from hub_fake.sandbox import FakeSandbox

Break = Callable[[SimpleNamespace], Any]


def eating(change: Callable[[NutritionDay], NutritionDay]) -> Break:
    """Fake's own days, and then a change to each."""

    def install(fake: SimpleNamespace) -> None:
        ingest_activity = fake.ingest_activity

        async def changed(context: ProviderContext, delivery: Delivery) -> Records:
            records = await ingest_activity(context, delivery)
            return msgspec.structs.replace(records, nutrition=tuple(map(change, records.nutrition)))

        fake.ingest_activity = changed

    return install


def telling(change: Callable[[Delivery], Delivery]) -> Break:
    """Fake's own deliveries, and then a change to each."""

    def install(fake: SimpleNamespace) -> None:
        receive_webhook, poll_deliveries = fake.receive_webhook, fake.poll_deliveries

        def received(request: WebhookRequest, settings: FakeSettings) -> tuple[Delivery, ...]:
            return tuple(map(change, receive_webhook(request, settings)))

        async def polled(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
            return tuple(map(change, await poll_deliveries(context, window)))

        fake.receive_webhook, fake.poll_deliveries = received, polled

    return install


def with_energy(factor: float) -> Break:
    return eating(lambda day: msgspec.structs.replace(day, energy_kcal=(day.energy_kcal or 0) * factor))


def by_content(one: Delivery) -> Delivery:
    """A key of what is said, so that what was said before it was changed back is known."""
    said = {name: value for name, value in msgspec.json.decode(one.body).items() if name != "version"}
    digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()
    return msgspec.structs.replace(one, key=digest)


def first_page_only(fake: SimpleNamespace) -> None:
    poll_deliveries = fake.poll_deliveries

    async def polled(context: ProviderContext, window: Window) -> tuple[Delivery, ...]:
        return tuple(await poll_deliveries(context, window))[:2]

    fake.poll_deliveries = polled


BREAKS: dict[str, Break] = {
    "meals.totals": with_energy(4.184),
    "meals.not_logged": eating(lambda day: msgspec.structs.replace(day, protein_g=day.protein_g or 0.0)),
    "meals.changed": telling(by_content),
    "meals.athlete": telling(lambda one: msgspec.structs.replace(one, provider_user_id="athlete-1")),
    "meals.days": first_page_only,
}

#: The same promises, broken in another way.
ALSO: list[tuple[str, Break]] = [
    ("meals.totals", eating(lambda day: msgspec.structs.replace(day, energy_kcal=None))),
    ("meals.changed", eating(lambda d: msgspec.structs.replace(d, external_id=f"{d.date}-{d.energy_kcal}"))),
    ("meals.changed", telling(lambda one: msgspec.structs.replace(one, key=one.key.rpartition("/")[0]))),
]


@pytest.mark.parametrize(("case_id", "break_it"), [*BREAKS.items(), *ALSO])
def test_the_kit_catches_it(case_id: str, break_it: Break, fake: SimpleNamespace, assert_caught: Any) -> None:
    break_it(fake)
    assert_caught(case_id)


def test_without_a_version_the_key_may_name_the_day_alone(fake: SimpleNamespace, check: Any) -> None:
    def versionless(one: Delivery) -> Delivery:
        return msgspec.structs.replace(one, key=one.key.rpartition("/")[0], news_by="content")

    telling(versionless)(fake)
    assert check("meals.changed").holds


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "meals"}


# -- who is asked about meals alone -----------------------------------------------------------------------


class Dinner(FakeSandbox):
    """Knows what people eat, and nothing that they do."""

    def record_activity(self, user: str, activity: RecordedActivity) -> None:
        raise NotImplementedError


@pytest.fixture
def dinner(fake: SimpleNamespace, declare: Callable[..., None]) -> SimpleNamespace:
    declare(tells=frozenset({"nutrition"}))
    fake.provider_sandbox = Dinner
    return fake


def test_a_provider_of_meals_alone_is_asked_about_no_activity_and_about_all_else(
    dinner: SimpleNamespace,
) -> None:
    everything = {case.id for case in applicable_cases(hub_fake.plugin)}
    left = {case.id for case in applicable_cases(dinner)}
    assert {"inbound.same_webhook", "inbound.same_poll", "inbound.pure", "keeping.looks"} <= left
    gone = everything - left
    assert {"inbound.activity", "inbound.sports", "time.local_day", "surprises.unknown_sport"} <= gone
    assert {one for one in left if one.startswith("meals.")} == set(BREAKS)
    assert "days in" in dinner.provider_manifest().purposes()


@pytest.mark.parametrize("case_id", ["inbound.same_webhook", "inbound.pure", "keeping.looks"])
def test_what_is_asked_of_everybody_can_be_kept_with_meals_alone(
    case_id: str, dinner: SimpleNamespace, check: Any
) -> None:
    assert check(case_id).holds


def test_nobody_gets_around_the_promises_about_activities_by_a_sandbox_without_any(
    fake: SimpleNamespace, check: Any
) -> None:
    fake.provider_sandbox = Dinner
    assert not check("inbound.activity").holds
