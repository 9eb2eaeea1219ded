"""What comes in changes without notice, too: one odd value must not lose an athlete's day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from hub_core.domain.records import Records
from hub_core.domain.sport import Sport
from hub_core.sandbox.faulty import add_fields, numbers_to_strings
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.errors import ProviderError, Rejected
from hub_core.sdk.inbound import Delivery
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import (
    connects,
    ingests,
    receives,
    tells_activities,
)
from hub_core.testing.conformance.promises.security import pushed
from hub_core.testing.conformance.tamper import GONE, leaves, look, name_of, places, put, read_json
from hub_core.testing.conformance.watch import believing

_UNKNOWN = "zz_unknown"
#: The largest of 64 bits, and one that is odd beyond 2^53.
_LARGE = (2**63 - 1, 2**53 + 1)


async def _arrived(bench: Bench) -> tuple[ProviderContext, Delivery, Records]:
    """One delivery, and what it says as it is."""
    context = await bench.connect()
    deliveries = await bench.deliver(context)
    expect(deliveries, "an athlete did something, and no delivery came")
    delivery = deliveries[-1]
    return context, delivery, await bench.ingest(context, delivery)


def _with_body(delivery: Delivery, data: Any) -> Delivery:
    return msgspec.structs.replace(delivery, body=msgspec.json.encode(data))


def _variants(delivery: Delivery, value: Any, kind: type = object) -> Iterator[tuple[str, Delivery]]:
    """The delivery with each field of a kind replaced, one at a time."""
    data = read_json(delivery.body)
    for path in places(data) if kind is object else leaves(data, kind):
        yield name_of(path), _with_body(delivery, put(data, path, value))


async def _vary(
    bench: Bench, value: Any, word: str, kind: type = object, *, keeps_sport: bool = True
) -> None:
    context, delivery, usual = await _arrived(bench)
    for place, odd in _variants(delivery, value, kind):
        with bench.surviving(ProviderError, during=f"the ingestion of a delivery with {place} {word}"):
            records = await bench.ingest(context, odd)
            expect(isinstance(records, Records), f"with {place} {word} the ingestion returned {records!r}")
            _expect_sane(records, usual, f"{place} {word}", keeps_sport=keeps_sport)


def _expect_sane(records: Records, usual: Records, what: str, *, keeps_sport: bool = True) -> None:
    """No field may turn an activity into the end of a consent, or into one without a name or a zone."""
    expect(usual.revoked or not records.revoked, f"with {what} the consent counts as ended")
    for activity in records.activities:
        expect(activity.external_id not in {"", "None", "null"}, f"with {what} an activity has no id")
        expect(activity.start.tzinfo, f"with {what} the start has no time zone")
    sports = {activity.sport for activity in usual.activities} | {Sport.OTHER}
    for activity in records.activities if keeps_sport else ():
        expect(activity.sport in sports, f"with {what} the sport became {activity.sport}")


@case(
    "surprises.delivery_unknown_words",
    Tier.GOLD,
    reason="a new sport or kind is told before it is documented; it must not stop what else there is",
    hint="type the provider's enumerations as str; to_sport() makes the unknown OTHER",
    needs=(ingests, connects),
)
async def _delivery_unknown_words(bench: Bench) -> None:
    await _vary(bench, _UNKNOWN, f"as {_UNKNOWN}", str)


@case(
    "surprises.delivery_missing_fields",
    Tier.GOLD,
    reason="a watch without GPS sends no distance, one without a name no name",
    hint="give every field but id, start and duration a default, and decode with delivery.decode",
    needs=(ingests, connects),
)
async def _delivery_missing_fields(bench: Bench) -> None:
    await _vary(bench, GONE, "missing")


@case(
    "surprises.delivery_null_fields",
    Tier.GOLD,
    reason="null where a number was is a vendor's way to say that there is none",
    hint="type every field that may be empty as `... | None`",
    needs=(ingests, connects),
)
async def _delivery_null_fields(bench: Bench) -> None:
    await _vary(bench, None, "null")


@case(
    "surprises.delivery_empty_texts",
    Tier.GOLD,
    reason="an empty text is neither a date nor an id nor a sport",
    hint="decode into a struct with types: what can't be read becomes Rejected; refuse an empty id",
    needs=(ingests, connects),
)
async def _delivery_empty_texts(bench: Bench) -> None:
    await _vary(bench, "", "empty", str)


@case(
    "surprises.delivery_odd_numbers",
    Tier.GOLD,
    reason="watches send minus one, zero and years of seconds; a database refuses what has no bounds",
    hint="decode into a struct with types, and let what can't be be Rejected",
    needs=(ingests, connects),
)
async def _delivery_odd_numbers(bench: Bench) -> None:
    for value in (-1, 0, 2**63 - 1, 10**30, 1e300):
        # Some vendors have numbers for their sports, and 0 is one of them.
        await _vary(bench, value, f"as {value:g}", keeps_sport=False)


@case(
    "surprises.delivery_new_fields",
    Tier.GOLD,
    reason="vendors add fields to webhooks without a word",
    hint="decode into structs that don't forbid unknown fields",
    needs=(ingests, connects),
)
async def _delivery_new_fields(bench: Bench) -> None:
    await _expect_same(bench, add_fields, "a new field in every object")


@case(
    "surprises.delivery_numbers_as_texts",
    Tier.GOLD,
    reason="a number in quotes is the same number",
    hint="decode with delivery.decode, which takes numbers in quotes",
    needs=(ingests, connects),
)
async def _delivery_numbers_as_texts(bench: Bench) -> None:
    await _expect_same(bench, numbers_to_strings, "its numbers in quotes")


async def _expect_same(bench: Bench, change: Callable[[Any], Any], what: str) -> None:
    context, delivery, usual = await _arrived(bench)
    data = read_json(delivery.body)
    if data is not None:
        records = await bench.ingest(context, _with_body(delivery, change(data)))
        expect(records == usual, f"a delivery with {what} says something else: {records}")


@case(
    "surprises.delivery_large_ids",
    Tier.GOLD,
    reason="ids have 64 bits: two activities whose ids went through a float become one",
    hint="type ids as int or str, never as float, and keep them as text",
    needs=(ingests, connects, tells_activities),
)
async def _delivery_large_ids(bench: Bench) -> None:
    context, delivery, usual = await _arrived(bench)
    data = read_json(delivery.body)
    for known in {activity.external_id for activity in usual.activities}:
        # A vendor may tell one id in several places, here as a number and there as a text.
        paths = [path for path in leaves(data, (int, str)) if str(look(data, path)) == known]
        for large in _LARGE if paths else ():
            odd = data
            for path in paths:
                odd = put(odd, path, str(large) if isinstance(look(data, path), str) else large)
            with bench.surviving(ProviderError, during=f"the ingestion of the id {large}"):
                came = await bench.ingest(context, _with_body(delivery, odd))
                got = [activity.external_id for activity in came.activities]
                expect(str(large) in got, f"{name_of(paths[0])} was {large}, and became {', '.join(got)}")


@case(
    "surprises.unknown_sport",
    Tier.GOLD,
    reason="a kitesurfing session is an activity all the same",
    hint="map sports with to_sport(), which makes the unknown Sport.OTHER",
    needs=(ingests, connects, tells_activities),
)
async def _unknown_sport(bench: Bench) -> None:
    context = await bench.connect()
    for sport in Sport:
        done = await bench.deliver(context, name=f"Kit {sport}", sport=sport)
        expect(done, f"an activity of {sport} brought no delivery")
        activities = [one for delivery in done for one in (await bench.ingest(context, delivery)).activities]
        expect(activities, f"an activity of {sport} brought no record")
        named = [one for one in activities if one.name == f"Kit {sport}"] or activities[-1:]
        got = named[-1].sport
        expect(got is Sport.OTHER or got.family is sport.family, f"{sport} came in as {got}")


@case(
    "surprises.unknown_kind",
    Tier.GOLD,
    reason="a vendor switches new kinds of webhooks on for everybody",
    hint="return Records() for a kind that you don't know",
    needs=(ingests, connects),
)
async def _unknown_kind(bench: Bench) -> None:
    context, delivery, usual = await _arrived(bench)
    odd = msgspec.structs.replace(delivery, kind=_UNKNOWN)
    records = await bench.ingest(context, odd)
    expect(isinstance(records, Records), f"an unknown kind made the ingestion return {records!r}")
    _expect_sane(records, usual, "an unknown kind")
    expect(not records.deleted, "an unknown kind deletes an activity")


@case(
    "surprises.webhook_fields",
    Tier.GOLD,
    reason="one odd statement in a signed webhook must not be an error in the log for days of repeats",
    hint="decode the body into structs with request.decode, which raises Rejected for what can't be read",
    needs=(receives,),
)
async def _webhook_fields(bench: Bench) -> None:
    request = await pushed(bench)
    data = read_json(request.body)
    for value, word in (
        (None, "null"),
        (GONE, "missing"),
        (_UNKNOWN, _UNKNOWN),
        ([], "a list"),
        (2**63, "big"),
    ):
        for path in places(data):
            odd = msgspec.structs.replace(request, body=msgspec.json.encode(put(data, path, value)))
            what = f"a signed webhook in which {name_of(path)} is {word}"
            with believing(), bench.surviving(Rejected, during=what):
                for delivery in bench.receive(odd):
                    nobody = delivery.provider_user_id in {"", "None", "null"}
                    expect(not nobody, f"{what} became a delivery for {delivery.provider_user_id!r}")
