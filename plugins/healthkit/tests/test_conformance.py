"""The promises of the conformance kit, and that it sees when what a phone sends is read wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace

import msgspec
import pytest

import hub_healthkit.plugin
from hub_core.sdk import Activity, Delivery, ProviderContext, Records
from hub_core.testing.conformance import CASES, conformance_tests
from hub_core.testing.conformance.bench import Bench, Subject
from hub_core.testing.conformance.case import Broken

test_conformance = conformance_tests(hub_healthkit.plugin)


def each(**fields: Callable[[Activity], object]) -> Callable[[Records], Records]:
    """All activities with some fields made anew."""

    def change(records: Records) -> Records:
        told = tuple(
            msgspec.structs.replace(one, **{name: make(one) for name, make in fields.items()})
            for one in records.activities
        )
        return msgspec.structs.replace(records, activities=told)

    return change


def without_deletions(records: Records) -> Records:
    return msgspec.structs.replace(records, deleted=())


@pytest.mark.parametrize(
    ("promise", "change"),
    [
        ("inbound.activity", each(distance_m=lambda one: (one.distance_m or 0) * 1.609)),
        ("inbound.no_distance", each(distance_m=lambda one: one.distance_m or 0.0)),
        ("inbound.names", each(name=lambda one: one.name.encode("ascii", "replace").decode())),
        ("inbound.external_id", each(external_id=lambda _: "")),
        ("inbound.deleted", without_deletions),
        ("inbound.changed", without_deletions),
        ("time.instant", each(start=lambda one: one.start + dt.timedelta(hours=1))),
        ("time.local_day", each(start=lambda one: one.start.astimezone(dt.UTC))),
    ],
)
async def test_a_phone_that_is_misread_breaks_a_promise(
    promise: str, change: Callable[[Records], Records]
) -> None:
    async def ingest_activity(context: ProviderContext, delivery: Delivery) -> Records:
        return change(await hub_healthkit.plugin.ingest_activity(context, delivery))

    broken = SimpleNamespace(**vars(hub_healthkit.plugin))
    broken.ingest_activity = ingest_activity
    assert CASES[promise].applies(Subject(broken))
    async with Bench(broken) as bench:
        with pytest.raises(Broken, match=r"by phone|was deleted"):
            await CASES[promise].check(bench)
