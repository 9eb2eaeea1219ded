"""The ways by which an activity comes to the hub, and what a plugin makes of what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hub_core.domain.records import Activity, Records
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.inbound import Delivery, WebhookRequest
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import expect
from hub_core.testing.conformance.needs import is_fed_by_phones, polls, receives


@dataclass(frozen=True)
class Arrival:
    """What came by one way (`webhook`, `poll`, `phone`), and the records of each delivery."""

    way: str
    deliveries: tuple[Delivery, ...]
    records: tuple[Records, ...]

    @property
    def keys(self) -> set[str]:
        """The keys of all deliveries."""
        return {delivery.key for delivery in self.deliveries}

    @property
    def deleted(self) -> set[str]:
        """The external ids of all that is told to be gone."""
        return {gone.external_id for records in self.records for gone in records.deleted}

    def held(self) -> dict[str, Activity]:
        """What the hub then has: the newest of each external id, without those that are gone."""
        held: dict[str, Activity] = {}
        for records in self.records:
            held |= {activity.external_id: activity for activity in records.activities}
            for gone in records.deleted:
                held.pop(gone.external_id, None)
        return held

    def only(self) -> Activity:
        """The one activity that came."""
        held = list(self.held().values())
        expect(len(held) == 1, f"by {self.way} {len(held)} activities arrived, and the athlete did one")
        return held[0]


async def arrivals(
    bench: Bench, context: ProviderContext, user: str = DEFAULT_USER, **fields: Any
) -> list[Arrival]:
    """The athlete does something, and it comes by each way that the plugin has."""
    pushed = bench.record(user, **fields)
    return await listen(bench, context, pushed, around=fields.get("start"))


async def listen(
    bench: Bench,
    context: ProviderContext,
    pushed: Iterable[WebhookRequest],
    around: dt.datetime | None = None,
) -> list[Arrival]:
    """What comes by webhook, which is what was pushed, by a poll of the days around a moment, and from the
    athlete's phone."""
    found = []
    if receives(bench.subject):
        heard = [delivery for request in pushed for delivery in bench.receive(request)]
        found.append(await _ingested(bench, context, "webhook", heard))
    if polls(bench.subject):
        found.append(await _ingested(bench, context, "poll", await bench.poll(context, around=around)))
    if is_fed_by_phones(bench.subject):
        found.append(await _ingested(bench, context, "phone", bench.fetch_from_phone(context)))
    return found


async def _ingested(
    bench: Bench, context: ProviderContext, way: str, deliveries: Iterable[Delivery]
) -> Arrival:
    told = tuple(deliveries)
    return Arrival(way, told, tuple([await bench.ingest(context, delivery) for delivery in told]))
