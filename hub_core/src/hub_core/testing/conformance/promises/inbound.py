"""What an athlete did arrives as it was done, and as theirs."""

from __future__ import annotations

import datetime as dt
import inspect

from hub_core.domain.records import Activity
from hub_core.domain.sport import Sport
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.testing.conformance.arrivals import arrivals, listen
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import (
    deletes,
    ends_consent,
    ingests,
    receives,
    takes_in,
    tells_activities,
)
from hub_core.testing.conformance.plans import RECORDED
from hub_core.testing.conformance.watch import watching

_OTHER = "athlete-2"
#: Vendors round to whole seconds and metres.
_SLACK = 1.0
#: What an id becomes that was not told.
_NO_IDS = {"", "None", "null", "0"}


def _near(told: float | None, wanted: float) -> bool:
    return told is not None and abs(told - wanted) <= _SLACK


@case(
    "inbound.activity",
    Tier.BRONZE,
    reason="training load is computed from these: a mistaken unit makes it wrong for weeks",
    hint="give Activity the vendor's start with a zone, seconds, metres, and its name as it is",
    needs=(takes_in, tells_activities),
)
async def _activity(bench: Bench) -> None:
    start = bench.at(hour=6, minute=7, second=8)
    for arrival in await arrivals(bench, await bench.connect(), start=start):
        told = arrival.only()
        wanted = (RECORDED.sport, RECORDED.name)
        expect((told.sport, told.name) == wanted, f"by {arrival.way} {wanted} is {(told.sport, told.name)}")
        expect(told.start == start, f"by {arrival.way} the start {start} is {told.start}")
        length = f"{RECORDED.duration_s} s and {RECORDED.distance_m} m"
        near = _near(told.duration_s, RECORDED.duration_s) and _near(told.distance_m, 5000.0)
        expect(near, f"by {arrival.way} {length} are {told.duration_s} s and {told.distance_m} m")


@case(
    "inbound.sports",
    Tier.BRONZE,
    reason="a swim that counts as a run is worse than one of an unknown sport",
    hint="to_sport(value, table): the same sport or one of its family, and OTHER for what the table has not",
    needs=(takes_in, tells_activities),
)
async def _sports(bench: Bench) -> None:
    context = await bench.connect()
    starts = {bench.at(hour=index): sport for index, sport in enumerate(Sport)}
    pushed = [
        one
        for start, sport in starts.items()
        for one in bench.record(start=start, sport=sport, name=f"Kit {sport}")
    ]
    for arrival in await listen(bench, context, pushed):
        told = {activity.start: activity.sport for activity in arrival.held().values()}
        for start, sport in starts.items():
            expect(start in told, f"by {arrival.way} an activity in {sport} did not arrive")
            plain = sport in {Sport.RUN, Sport.RIDE}
            known = told[start].family is sport.family or (told[start] is Sport.OTHER and not plain)
            expect(known, f"by {arrival.way} {sport} arrived as {told[start]}")


@case(
    "inbound.no_distance",
    Tier.BRONZE,
    reason="an hour of strength training is no run of 0 m: zeros spoil every average",
    hint="leave distance_m None when the vendor tells no distance",
    needs=(takes_in, tells_activities),
)
async def _no_distance(bench: Bench) -> None:
    for arrival in await arrivals(bench, await bench.connect(), distance_m=None):
        told = arrival.only().distance_m
        expect(told is None, f"by {arrival.way} an activity without a distance has {told} m")


@case(
    "inbound.lengths",
    Tier.BRONZE,
    reason="a watch started by mistake and a day-long race are both real, and must not stop what follows",
    hint="take any duration from 0 s on; let no check of plausibility raise",
    needs=(takes_in, tells_activities),
)
async def _lengths(bench: Bench) -> None:
    context = await bench.connect()
    begin = bench.at() - dt.timedelta(days=1)
    lengths = {begin + dt.timedelta(minutes=index): s for index, s in enumerate((0.0, 1.0, 108_000.0))}
    pushed = [
        one
        for start, length in lengths.items()
        for one in bench.record(start=start, duration_s=length, distance_m=None, name=f"Kit {length:g}")
    ]
    for arrival in await listen(bench, context, pushed):
        told = {activity.start: activity.duration_s for activity in arrival.held().values()}
        for start, length in lengths.items():
            near = _near(told.get(start), length)
            expect(near, f"by {arrival.way} an activity of {length:g} s arrived as {told.get(start)}")


@case(
    "inbound.names",
    Tier.BRONZE,
    reason="people name their runs as they talk: with accents, emoji, quotes, from right to left",
    hint="decode bodies as UTF-8 JSON with request.decode() and delivery.decode()",
    needs=(takes_in, tells_activities),
)
async def _names(bench: Bench) -> None:
    context = await bench.connect()
    names = ('Été 🏃 "5×1\'" <b>&</b> \\', "ריצת בוקר 👩‍🦽")
    pushed = [one for i, name in enumerate(names) for one in bench.record(start=bench.at(hour=i), name=name)]
    for arrival in await listen(bench, context, pushed):
        told = {activity.name for activity in arrival.held().values()}
        expect(told == set(names), f"by {arrival.way} the names {names} arrived as {sorted(told)}")


@case(
    "inbound.external_id",
    Tier.BRONZE,
    reason="the id is by which a later change, a deletion and the other provider's copy are matched",
    hint="put the vendor's own id of the activity into external_id, as text",
    needs=(takes_in, tells_activities),
)
async def _external_id(bench: Bench) -> None:
    context = await bench.connect()
    pushed = [one for i in (6, 18) for one in bench.record(start=bench.at(hour=i), name=f"Kit at {i}")]
    for arrival in await listen(bench, context, pushed):
        ids = list(arrival.held())
        expect(len(ids) == 2, f"by {arrival.way} two activities have the external ids {ids}")
        for external_id in ids:
            real = isinstance(external_id, str) and external_id.strip() not in _NO_IDS
            expect(real, f"by {arrival.way} an external id is {external_id!r}")


@case(
    "inbound.keys",
    Tier.SILVER,
    reason="what comes under a known key is dropped: two activities under one key are one too few",
    hint="make the key of the athlete, the vendor's id and what changes with every version",
    needs=(takes_in, tells_activities),
)
async def _keys(bench: Bench) -> None:
    people = {user: await bench.connect(user) for user in (DEFAULT_USER, _OTHER)}
    seen: dict[tuple[str, str], str] = {}
    for user, context in people.items():
        for hour in (6, 18):
            for arrival in await arrivals(
                bench, context, user, start=bench.at(hour=hour), name=f"Kit at {hour}"
            ):
                for delivery, records in zip(arrival.deliveries, arrival.records, strict=True):
                    ids = sorted(activity.external_id for activity in records.activities)
                    told = f"{user}'s {', '.join(ids)}"
                    first = seen.setdefault((arrival.way, delivery.key), told) if ids else told
                    expect(delivery.key.strip(), f"by {arrival.way} the key of {told} is empty")
                    expect(first == told, f"by {arrival.way} {delivery.key!r} is {first} and {told}")


@case(
    "inbound.athlete",
    Tier.SILVER,
    reason="one athlete's training in another's diary is a breach of privacy",
    hint="name in each delivery the athlete that describe_account names, and poll with their token",
    needs=(takes_in, tells_activities),
)
async def _athlete(bench: Bench) -> None:
    people = {user: await bench.connect(user) for user in (DEFAULT_USER, _OTHER)}
    pushed = {user: bench.record(user, name=f"Kit of {user}") for user in people}
    for user, context in people.items():
        for arrival in await listen(bench, context, pushed[user]):
            named = {delivery.provider_user_id for delivery in arrival.deliveries}
            wanted = {context.provider_user_id}
            expect(named == wanted, f"by {arrival.way} came something of {named}, and it was {wanted}'s")
            name = arrival.only().name
            expect(name == f"Kit of {user}", f"by {arrival.way} {user} got {name!r}")


@case(
    "inbound.webhook_only_reads",
    Tier.SILVER,
    reason="the vendor waits for the answer and resends, or turns the webhook off, if it takes long",
    hint="no await, no network in receive_webhook: what must be fetched is fetched in ingest_activity",
    needs=(ingests, receives),
)
async def _webhook_only_reads(bench: Bench) -> None:
    await bench.connect()
    for request in bench.record():
        before = len(list(bench.sandbox.journal))
        with watching(bench) as strangers:
            deliveries: object = bench.receive(request)
        if inspect.iscoroutine(deliveries):
            deliveries.close()
        expect(isinstance(deliveries, tuple), f"receive_webhook returned {type(deliveries).__name__}")
        calls = [f"{entry.method} {entry.path}" for entry in list(bench.sandbox.journal)[before:]]
        called = ", ".join([*calls, *strangers])
        expect(not called, f"receive_webhook called {called}")


@case(
    "inbound.deleted",
    Tier.SILVER,
    reason="an activity that the athlete deleted, and that is kept, is counted and shown against their will",
    hint="return Records(deleted=(Deleted(external_id),)); a deletion's zeros are no activity",
    needs=(takes_in, deletes, tells_activities),
)
async def _deleted(bench: Bench) -> None:
    context = await bench.connect()
    known = {one.way: one.only().external_id for one in await arrivals(bench, context)}
    before = len(bench.sandbox.outbox)
    bench.sandbox.delete_activity(DEFAULT_USER, RECORDED.name)
    pushed = bench.sandbox.outbox[before:]
    for arrival in await listen(bench, context, pushed):
        if arrival.way == "webhook" and not pushed:
            continue  # this provider does not tell
        # A poll says nothing of what isn't there any more.
        expect(not arrival.held(), f"by {arrival.way} what was deleted came as {list(arrival.held())}")
        if arrival.way != "poll":
            gone = known[arrival.way]
            expect(
                gone in arrival.deleted, f"{gone} was deleted, and {arrival.deleted or 'nothing'} was told"
            )


@case(
    "inbound.revoked",
    Tier.GOLD,
    reason="after the end of a consent nothing may be asked or kept, and the athlete must see that it ended",
    hint="return Records(revoked=True) for the vendor's word that the consent has ended, without a call",
    needs=(ingests, receives, ends_consent),
)
async def _revoked(bench: Bench) -> None:
    context = await bench.connect()
    for arrival in await arrivals(bench, context):
        early = any(records.revoked for records in arrival.records)
        expect(not early, f"by {arrival.way} an activity came as the end of the consent")
    before = len(bench.sandbox.outbox)
    bench.sandbox.end_consent(DEFAULT_USER)
    deliveries = [one for request in bench.sandbox.outbox[before:] for one in bench.receive(request)]
    records = [await bench.ingest(context, delivery) for delivery in deliveries]
    expect(any(one.revoked for one in records), "the athlete ended the consent, and no record says so")
    named = {delivery.provider_user_id for delivery in deliveries}
    expect(named == {context.provider_user_id}, f"the end of {context.provider_user_id}'s came for {named}")
    came: list[Activity] = [activity for one in records for activity in one.activities]
    expect(not came, f"the end of a consent came as {came}")
