"""What leaves work to people is caught: one plugin for each case that the hub can't keep in step."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from hub_core.sandbox import Answer, Call, DeviceScreen, endpoint
from hub_core.sdk import CompiledWorkout, CreateSemantics, Operation, ProviderContext, ProviderCopy, Receipt
from hub_core.testing.conformance import CASES, Tier
from hub_core.testing.conformance.bench import changed
from hub_fake.sandbox import FakeSandbox

Declare = Callable[..., None]
Break = Callable[[SimpleNamespace, Declare], Any]


def without(operation: Operation) -> Break:
    """A plugin that honestly can't do something."""

    def install(fake: SimpleNamespace, declare: Declare) -> None:
        operations = fake.provider_manifest().capabilities.operations
        declare(capabilities={"operations": operations - {operation}})
        delattr(fake, operation)

    return install


def once_only(fake: SimpleNamespace, declare: Declare) -> None:
    oauth2 = fake.provider_manifest().oauth2
    declare(oauth2=msgspec.structs.replace(oauth2, refreshable=False))


def doing(hook: str, result: Any = None) -> Break:
    """A hook that does nothing and says so."""

    async def nothing() -> Any:
        return result

    return lambda fake, declare: setattr(fake, hook, nothing)


def beside_the_old_one(fake: SimpleNamespace, _: Declare) -> None:
    export_workout = fake.export_workout

    async def update_workout(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        receipt: Receipt = await export_workout(changed(context, reference="hub-wk-9"), compiled)
        return receipt

    fake.update_workout = update_workout


def always_anew(fake: SimpleNamespace, _: Declare) -> None:
    export_workout = fake.export_workout

    async def exported(context: ProviderContext, compiled: CompiledWorkout) -> Receipt:
        reference = f"hub-{secrets.token_hex(4)}"
        receipt: Receipt = await export_workout(changed(context, reference=reference), compiled)
        return receipt

    fake.export_workout = exported


class NearDevice(FakeSandbox):
    """Its device takes what is due within six days when it is sent."""

    def device(self, user: str) -> DeviceScreen:
        screen = super().device(user)
        end = self.clock.today() + dt.timedelta(days=6)
        return DeviceScreen(screen.device, user, tuple(one for one in screen.workouts if one.date <= end))


class Deaf(FakeSandbox):
    """Its webhooks get lost, and so does what happened meanwhile."""

    def send(self, events: list[dict[str, Any]]) -> None:
        self.events.clear()


class Choosy(FakeSandbox):
    """Tells nobody who has not subscribed, and tells everything as often as they have."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions = 0

    @endpoint("GET", "/subscriptions")
    def count_subscriptions(self, _: Call) -> Answer:
        return Answer({"count": self.subscriptions})

    @endpoint("POST", "/subscriptions")
    def subscribe(self, _: Call) -> Answer:
        self.subscriptions += 1
        return Answer(status=201)

    def send(self, events: list[dict[str, Any]]) -> None:
        for _ in range(self.subscriptions):
            super().send(events)


def subscribing(*, asks_first: bool = True, does: bool = True) -> Break:
    """A plugin of a provider that has to be asked for webhooks."""

    async def subscribe_webhooks(context: ProviderContext) -> None:
        known = (await context.http.request("GET", "/subscriptions")).json()["count"]
        if does and not (asks_first and known):
            await context.http.request("POST", "/subscriptions")

    def install(fake: SimpleNamespace, _: Declare) -> None:
        fake.provider_sandbox, fake.subscribe_webhooks = Choosy, subscribe_webhooks

    return install


def at(sandbox: type[FakeSandbox]) -> Break:
    return lambda fake, declare: setattr(fake, "provider_sandbox", sandbox)


BREAKS: dict[str, Break] = {
    "keeping.updates": without(Operation.UPDATE),
    "keeping.withdraws": without(Operation.WITHDRAW),
    "keeping.reads_back": without(Operation.READ_BACK),
    "keeping.settles": lambda fake, declare: declare(capabilities={"create": CreateSemantics.BLIND}),
    "keeping.horizon": at(NearDevice),
    "keeping.renews": once_only,
    "keeping.revokes": lambda fake, declare: delattr(fake, "revoke_token"),
    "keeping.hears": at(Deaf),
    "keeping.subscribes": subscribing(asks_first=False),
    "keeping.looks": without(Operation.POLL),
}

#: The same promises, declared and not kept.
ALSO: list[tuple[str, Break]] = [
    ("keeping.updates", beside_the_old_one),
    ("keeping.withdraws", doing("withdraw_workout")),
    ("keeping.reads_back", doing("read_back_workout", ProviderCopy(False))),
    ("keeping.settles", always_anew),
    ("keeping.revokes", doing("revoke_token")),
    ("keeping.subscribes", subscribing(does=False)),
    ("keeping.looks", at(Deaf)),
]


@pytest.mark.parametrize(("case_id", "break_it"), [*BREAKS.items(), *ALSO])
def test_the_kit_catches_it(
    case_id: str, break_it: Break, fake: SimpleNamespace, declare: Declare, assert_caught: Any
) -> None:
    break_it(fake, declare)
    assert_caught(case_id)


def test_who_asks_before_subscribing_is_told_once(
    fake: SimpleNamespace, declare: Declare, check: Any
) -> None:
    subscribing()(fake, declare)
    assert check("keeping.subscribes").holds


def test_a_declared_horizon_is_enough(fake: SimpleNamespace, declare: Declare, check: Any) -> None:
    fake.provider_sandbox = NearDevice
    declare(capabilities={"horizon_days": 6})
    assert check("keeping.horizon").holds


def test_every_case_of_the_group_is_broken_once_and_is_of_the_highest_tier() -> None:
    cases = {case.id: case for case in CASES.values() if case.group == "keeping"}
    assert set(BREAKS) == set(cases)
    assert {case.tier for case in cases.values()} == {Tier.PLATINUM}
