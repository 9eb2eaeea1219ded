"""The hub keeps both sides in step by itself: none of these may be missing."""

from __future__ import annotations

import datetime as dt

from hub_core.sandbox.faults import FaultKind
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ReconnectNeeded, RetryLater
from hub_core.sdk.inbound import Delivery, Window
from hub_core.sdk.manifest import CreateSemantics, Operation
from hub_core.testing.conformance.bench import Bench, kept
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import (
    exports,
    ingests,
    is_fed_by_the_cloud,
    receives,
    sends,
    subscribes,
    uses_oauth,
)
from hub_core.testing.conformance.plans import MEALS, RECORDED

#: A day on which a provider without a horizon shows a workout at once.
_FAR_AHEAD = 60


def _expect_declared(bench: Bench, operation: Operation) -> None:
    expect(operation in bench.able.operations, f"{operation} is not declared")


@case(
    "keeping.updates",
    Tier.PLATINUM,
    reason="plans change daily: a change in place is one call, and the watch never shows two or none",
    hint="add update_workout, which replaces what the receipt names",
    needs=(sends,),
)
async def _updates(bench: Bench) -> None:
    _expect_declared(bench, Operation.UPDATE)
    context = await bench.connect()
    receipt = await bench.export(context)
    compiled = bench.compile(bench.plan(name="Kit changed"))
    await bench.call("update_workout", context=context, compiled=compiled, receipt=kept(receipt))
    shown = [workout.title for workout in bench.shown()]
    expect(shown == ["Kit changed"], f"after an update the device shows {shown}")


@case(
    "keeping.withdraws",
    Tier.PLATINUM,
    reason="a cancelled workout must leave the watch without anyone's help",
    hint="add withdraw_workout, which removes what the receipt names",
    needs=(sends,),
)
async def _withdraws(bench: Bench) -> None:
    _expect_declared(bench, Operation.WITHDRAW)
    context = await bench.connect()
    receipt = await bench.export(context)
    await bench.call("withdraw_workout", context=context, receipt=kept(receipt))
    expect(not bench.shown(), "what was withdrawn stands on the device")


@case(
    "keeping.reads_back",
    Tier.PLATINUM,
    reason="only who looks notices that the athlete deleted a workout, or that the vendor lost it",
    hint="add read_back_workout: ProviderCopy with what is there, and exists=False when it is gone",
    needs=(sends,),
)
async def _reads_back(bench: Bench) -> None:
    _expect_declared(bench, Operation.READ_BACK)
    context = await bench.connect()
    receipt = await bench.export(context)
    copy = await bench.call("read_back_workout", context=context, receipt=kept(receipt))
    expect(copy.exists, "a workout that the device shows is not read back")


@case(
    "keeping.settles",
    Tier.PLATINUM,
    reason="after a lost answer a blind create waits for a person, and the athlete for a workout",
    hint="create under our reference (upsert), or look it up with find_workout (searchable)",
    needs=(sends,),
)
async def _settles(bench: Bench) -> None:
    expect(bench.able.create is not CreateSemantics.BLIND, "create is blind: a lost answer can't be settled")
    context, plan = await bench.connect(), bench.plan()
    bench.harness.fault(FaultKind.DROP_AFTER, times=1)
    error = await bench.failing(bench.export(context, plan), RetryLater, during="an export without an answer")
    unknown = bool(getattr(error, "outcome_unknown", False))
    await bench.retry(context, plan, outcome_unknown=unknown)
    shown = len(bench.shown())
    expect(shown == 1, f"after a lost answer and the next try the device shows the workout {shown} times")


@case(
    "keeping.horizon",
    Tier.PLATINUM,
    reason="the hub sends a workout when the horizon reaches it, and never again: what the device does not "
    "take then, it never shows",
    hint="declare as horizon_days how many days ahead the device shows, None only if it shows all",
    needs=(exports,),
)
async def _horizon(bench: Bench) -> None:
    days = _FAR_AHEAD if bench.able.horizon_days is None else bench.able.horizon_days
    date = bench.sandbox.clock.today() + dt.timedelta(days=days)
    await bench.export(await bench.connect(), bench.plan(date=date))
    shown = [workout.date for workout in bench.shown()]
    expect(shown == [date], f"a workout {days} days ahead is sent for {date}, and the device shows {shown}")


@case(
    "keeping.renews",
    Tier.PLATINUM,
    reason="a connection that ends every few hours is connected once and then forgotten",
    hint="declare the refresh (oauth2.refreshable) and add refresh_token, where tokens have an end",
    needs=(uses_oauth,),
)
async def _renews(bench: Bench) -> None:
    context, life_s = await bench.connect(), bench.sandbox.oauth.access_life_s
    if life_s is None:
        return
    oauth2 = bench.manifest.oauth2
    can = oauth2 and oauth2.refreshable and bench.subject.has_hook("refresh_token")
    expect(can, f"a token ends after {life_s:.0f} s, and nothing renews it")
    bench.sandbox.clock.advance(life_s + 1)
    renewed = bench.harness.context(await bench.call("refresh_token", context=context))
    await bench.call("describe_account", context=renewed)


@case(
    "keeping.revokes",
    Tier.PLATINUM,
    reason="who disconnects expects it to be over on both sides, without a visit to the provider's settings",
    hint="add revoke_token, which ends the consent at the provider",
    needs=(uses_oauth,),
)
async def _revokes(bench: Bench) -> None:
    expect(bench.subject.has_hook("revoke_token"), "there is no revoke_token")
    context = await bench.connect()
    await bench.call("revoke_token", context=context)
    with bench.raising(ReconnectNeeded, during="describe_account with a revoked token"):
        await bench.call("describe_account", context=context)


@case(
    "keeping.hears",
    Tier.PLATINUM,
    reason="an activity that is here a minute after it ended is of use today",
    hint="turn every webhook that tells of an activity into a delivery",
    needs=(ingests, receives),
)
async def _hears(bench: Bench) -> None:
    await bench.connect()
    deliveries = [one for request in bench.record() for one in bench.receive(request)]
    expect(deliveries, "the athlete did something, and no webhook told of it")


@case(
    "keeping.subscribes",
    Tier.PLATINUM,
    reason="a subscription that is made anew with each look tells everything twice, and then three times",
    hint="ask what is subscribed before you subscribe",
    needs=(ingests, subscribes),
)
async def _subscribes(bench: Bench) -> None:
    context = await bench.connect()
    once = len(bench.record())
    expect(once, "after subscribe_webhooks the athlete did something, and no webhook told of it")
    await bench.call("subscribe_webhooks", context=context)
    again = len(bench.record(start=bench.at(hour=18)))
    expect(again == once, f"subscribed twice, what was told in {once} webhooks is told in {again}")


@case(
    "keeping.looks",
    Tier.PLATINUM,
    reason="webhooks get lost while the hub is down: whoever only listens never learns what was said",
    hint="add poll_deliveries, or request_backfill where the provider forbids polling",
    needs=(is_fed_by_the_cloud,),
)
async def _looks(bench: Bench) -> None:
    context = await bench.connect()
    bench.record()
    came = await _look(bench, context)
    records = [await bench.ingest(context, delivery) for delivery in came]
    names = {activity.name for one in records for activity in one.activities}
    eaten = {day.energy_kcal for one in records for day in one.nutrition}
    found = RECORDED.name in names if bench.subject.tells_activities else MEALS.energy_kcal in eaten
    expect(found, "what an athlete did, and whose webhook was lost, is not found by looking")


async def _look(bench: Bench, context: ProviderContext) -> list[Delivery]:
    """All of the last days, polled or sent again on request."""
    if Operation.POLL in bench.able.operations:
        return list(await bench.poll(context))
    expect(Operation.BACKFILL in bench.able.operations, "neither poll nor backfill is declared")
    before, start = len(bench.sandbox.outbox), bench.at() - dt.timedelta(days=1)
    window = Window(start, start + dt.timedelta(days=3))
    await bench.call("request_backfill", context=context, window=window)
    return [one for request in bench.sandbox.outbox[before:] for one in bench.receive(request)]
