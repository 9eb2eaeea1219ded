"""What is told twice, late, changed or page by page arrives once, and as it is now."""

from __future__ import annotations

import datetime as dt

from hub_core.testing.conformance.arrivals import arrivals, listen
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import (
    ingests,
    polls,
    receives,
    takes_in,
    tells_activities,
)

#: More than any sandbox has on a page.
_MANY = 7
_LONG_AGO = dt.timedelta(days=20)


@case(
    "inbound.same_webhook",
    Tier.SILVER,
    reason="vendors repeat a webhook until it is answered: the third time must not be a third run",
    hint="make key and body of what the vendor says alone: no clock, no random id, no order of a set",
    needs=(ingests, receives),
)
async def _same_webhook(bench: Bench) -> None:
    context = await bench.connect()
    pushed = bench.record()
    expect(pushed, "the sandbox sent out no webhook")
    for request in pushed:
        first, *others = [bench.receive(request) for _ in range(3)]
        for again in others:
            keys = [[one.key for one in deliveries] for deliveries in (first, again)]
            expect(keys[0] == keys[1], f"one webhook twice gave the keys {keys[0]} and {keys[1]}")
            expect(first == again, "one webhook twice gave deliveries with equal keys that are not equal")
            for once, twice in zip(first, again, strict=True):
                same = await bench.ingest(context, once) == await bench.ingest(context, twice)
                expect(same, f"the records of {once.key!r} differ from time to time")


@case(
    "inbound.same_poll",
    Tier.SILVER,
    reason="a poll looks at the same days again and again: new keys each time would be work without end",
    hint="make key and body of what the vendor says alone; encode bodies with to_json()",
    needs=(ingests, polls),
)
async def _same_poll(bench: Bench) -> None:
    context = await bench.connect()
    bench.record()
    first = await bench.poll(context)
    bench.sandbox.clock.advance(60)
    again = await bench.poll(context)
    keys = [sorted(one.key for one in deliveries) for deliveries in (first, again)]
    expect(keys[0] == keys[1], f"nothing has changed, and two polls gave the keys {keys[0]} and {keys[1]}")
    bodies = [{one.key: one.body for one in deliveries} for deliveries in (first, again)]
    expect(bodies[0] == bodies[1], "nothing has changed, and two polls gave other bodies under the same keys")


@case(
    "inbound.webhook_and_poll",
    Tier.SILVER,
    # Equal keys are better, and can't be asked of all: some vendors push nothing but an id.
    reason="the hub drops what comes under a known key and merges the rest by external_id: where webhook and "
    "poll agree in neither each activity is there twice, and under one key they must say the same",
    hint="use one function for both, which takes the vendor's id for external_id and its version for the key",
    needs=(ingests, receives, polls, tells_activities),
)
async def _webhook_and_poll(bench: Bench) -> None:
    context = await bench.connect()
    webhook, poll = await arrivals(bench, context)
    ids = set(webhook.held()), set(poll.held())
    expect(ids[0] == ids[1], f"one activity is {ids[0]} by webhook and {ids[1]} by poll")
    told = {one.key: records for one, records in zip(webhook.deliveries, webhook.records, strict=True)}
    for delivery, records in zip(poll.deliveries, poll.records, strict=True):
        same = told.get(delivery.key, records) == records
        expect(same, f"the records under {delivery.key!r} are others by webhook than by poll")


@case(
    "inbound.changed",
    Tier.SILVER,
    reason="an edited activity that looks like the old one is dropped, and one with a new id is a second one",
    hint="keep external_id, or tell that the old one is gone; let the key change with the version, or "
    'name the activity alone and say news_by="content"',
    needs=(takes_in, tells_activities),
)
async def _changed(bench: Bench) -> None:
    context = await bench.connect()
    start = bench.at()
    before = {one.way: one for one in await arrivals(bench, context, start=start)}
    for arrival in await arrivals(bench, context, start=start, duration_s=2400.0):
        old, now = before[arrival.way], arrival.only()
        ids = list(old.held()), list(arrival.held())
        # HealthKit's objects never change: an edited one is another one, and the old one is told to be gone.
        is_kept = ids[0] == ids[1] or arrival.deleted.issuperset(ids[0])
        expect(is_kept, f"by {arrival.way} a change made {ids[1]} of {ids[0]}")
        heard = {(one.key, one.body) for one in old.deliveries}
        told = [one for one in arrival.deliveries if one.news_by == "content" or one.key not in old.keys]
        is_news = any((one.key, one.body) not in heard for one in told)
        expect(is_news, f"by {arrival.way} a change came under the keys {sorted(old.keys)}")
        expect(abs(now.duration_s - 2400) <= 1, f"by {arrival.way} 2400 s now are {now.duration_s} s")


@case(
    "inbound.pure",
    Tier.SILVER,
    reason="a worker dies, the hub moves, a mapping is repaired: records are then made again from what came",
    hint="make the records of context and delivery alone; keep nothing in the module",
    needs=(takes_in,),
)
async def _pure(bench: Bench) -> None:
    context = await bench.connect()
    one = (await bench.deliver(context, start=bench.at(hour=6), name="Kit one"))[0]
    first = await bench.ingest(context, one)
    day_before = bench.at(hour=18) - dt.timedelta(days=1)
    for delivery in await bench.deliver(context, start=day_before, name="Kit two", duration_s=60.0):
        await bench.ingest(context, delivery)
    again = await bench.ingest(context, one)
    expect(first == again, f"ingested again, {first} is {again}")


@case(
    "inbound.pages",
    Tier.SILVER,
    reason="whoever reads only the first page loses the long weekends",
    hint="ask for page after page until one is empty or the vendor says that it is the last",
    needs=(ingests, polls, tells_activities),
)
async def _pages(bench: Bench) -> None:
    context = await bench.connect()
    pushed = [
        one for i in range(_MANY) for one in bench.record(start=bench.at(hour=i), name=f"Kit activity {i}")
    ]
    for arrival in await listen(bench, context, pushed):
        held = len(arrival.held())
        expect(held == _MANY, f"by {arrival.way} {held} of {_MANY} activities arrived")


@case(
    "inbound.empty_poll",
    Tier.BRONZE,
    reason="most windows are empty: each would be a failed poll",
    hint="return () for an empty list, an absent one, and a 404 or 204 that means the same",
    needs=(ingests, polls),
)
async def _empty_poll(bench: Bench) -> None:
    deliveries = await bench.poll(await bench.connect())
    expect(deliveries == (), f"nothing was done, and a poll returned {deliveries}")


@case(
    "inbound.poll_window",
    Tier.SILVER,
    reason="a window that isn't kept fetches years where a day was asked for, or misses the day",
    hint="pass both ends of the window on, and leave out what starts outside of it",
    needs=(ingests, polls, tells_activities),
)
async def _poll_window(bench: Bench) -> None:
    context = await bench.connect()
    old = bench.at() - _LONG_AGO
    bench.record(name="Kit old", start=old)
    bench.record(name="Kit new")
    for around, wanted in ((None, "Kit new"), (old, "Kit old")):
        deliveries = await bench.poll(context, around=around)
        records = [await bench.ingest(context, delivery) for delivery in deliveries]
        names = sorted({activity.name for one in records for activity in one.activities})
        expect(names == [wanted], f"in a window with {wanted!r} alone a poll found {names}")
