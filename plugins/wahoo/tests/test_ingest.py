"""Webhooks, polls and files of Wahoo, against its sandbox over HTTP."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
import pytest

import hub_wahoo.plugin as plugin
from hub_core.sandbox import RecordedActivity
from hub_core.sdk import Activity, Delivery, ProviderContext, Rejected, Sport, Window
from hub_core.sdk.files import with_file
from hub_core.testing.harness import ProviderHarness
from hub_wahoo.sandbox import WahooSandbox

START = dt.datetime(2026, 11, 3, 6, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
RIDE = RecordedActivity("Morning ride", Sport.RIDE, START, 1800.0, 15_000.0, heart_rate_bpm=141)


@pytest.fixture
async def wahoo() -> AsyncIterator[ProviderHarness]:
    async with ProviderHarness(plugin) as harness:
        yield harness


def sandbox_of(wahoo: ProviderHarness) -> WahooSandbox:
    return cast(WahooSandbox, wahoo.sandbox)


def receive(wahoo: ProviderHarness) -> tuple[Delivery, ...]:
    return plugin.receive_webhook(wahoo.sandbox.outbox[-1], cast(Any, wahoo.settings))


async def ingest(context: ProviderContext, delivery: Delivery) -> Activity:
    records = await plugin.ingest_activity(context, await with_file(context.http, delivery))
    [activity] = records.activities
    return activity


def days(start: int, end: int) -> Window:
    return Window(START + dt.timedelta(days=start), START + dt.timedelta(days=end))


async def test_the_file_comes_from_the_cdn_without_the_token(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    sandbox_of(wahoo).record_activity("athlete-1", RIDE)
    [delivery] = receive(wahoo)
    assert (delivery.file_url or "").startswith(f"{cast(Any, wahoo.settings).cdn_url}/cdn/activities/")
    assert not delivery.file_needs_token
    told = await with_file(context.http, delivery)
    assert told.file
    assert told.file[8:12] == b".FIT"
    activity = await ingest(context, delivery)
    assert (activity.distance_m, activity.avg_heart_rate_bpm) == (15_000.0, 141.0)
    assert activity.series is not None
    assert "heart_rate_bpm" in activity.series.names()
    assert activity.file_digest
    broken = msgspec.structs.replace(told, file=b"no file of a device")
    [summary] = (await plugin.ingest_activity(context, broken)).activities
    assert (summary.series, summary.distance_m) == (None, 15_000.0)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        7,
        "http://127.0.0.1:1/x.fit",
        "https://cdn.wahooligan.com.elsewhere.example/x.fit",
        "https://cdn.wahooligan.com@elsewhere.example/x.fit",
        "https://169.254.169.254/x.fit",
        "//cdn.wahooligan.com/x.fit",
        "file:///etc/passwd",
    ],
    ids=repr,
)
async def test_without_a_file_of_the_cdn_the_summary_must_do(wahoo: ProviderHarness, url: Any) -> None:
    sandbox = sandbox_of(wahoo)
    sandbox.record_activity("athlete-1", RIDE)
    body = json.loads(sandbox.outbox[-1].body)
    body["workout_summary"]["file"]["url"] = url
    request = msgspec.structs.replace(sandbox.outbox[-1], body=json.dumps(body).encode())
    [delivery] = plugin.receive_webhook(request, cast(Any, wahoo.settings))
    assert delivery.file_url is None
    assert (await ingest(wahoo.context(), delivery)).duration_s == 1800.0


async def test_what_another_makers_app_recorded_is_dropped(wahoo: ProviderHarness) -> None:
    sandbox, context = sandbox_of(wahoo), await wahoo.connect()
    for app_id, count in ((1000, 1), (1001, 0), ("1002", 0)):
        sandbox.fitness_app_id = cast(int, app_id)
        sandbox.record_activity("athlete-1", msgspec.structs.replace(RIDE, name=f"By {app_id}"))
        assert len(receive(wahoo)) == count
    polled = await plugin.poll_deliveries(context, days(-1, 1))
    assert [(await ingest(context, one)).name for one in polled] == ["By 1000"]


async def test_a_poll_and_a_webhook_are_one_delivery(wahoo: ProviderHarness) -> None:
    context = await wahoo.connect()
    sandbox_of(wahoo).record_activity("athlete-1", RIDE)
    assert await plugin.poll_deliveries(context, days(-1, 1)) == receive(wahoo)


async def test_a_poll_passes_over_what_is_planned_and_stops_behind_its_window(wahoo: ProviderHarness) -> None:
    sandbox, context = sandbox_of(wahoo), await wahoo.connect()
    for back in range(130):
        start = START - dt.timedelta(days=back)
        done = msgspec.structs.replace(RIDE, name=f"{back} days ago", start=start)
        sandbox.record_activity("athlete-1", done)
    before = len(list(sandbox.journal))
    polled = await plugin.poll_deliveries(context, days(-3, 0))
    assert [(await ingest(context, one)).name for one in polled] == [f"{n} days ago" for n in (1, 2, 3)]
    pages = [entry for entry in list(sandbox.journal)[before:] if entry.path == "/v1/workouts"]
    assert len(pages) == 1
    assert len(await plugin.poll_deliveries(context, days(-200, 1))) == 130


async def test_an_edit_is_newer_and_the_same_activity(wahoo: ProviderHarness) -> None:
    context, sandbox = await wahoo.connect(), sandbox_of(wahoo)
    told = []
    for metres in (15_000.0, 14_000.0):
        sandbox.record_activity("athlete-1", msgspec.structs.replace(RIDE, distance_m=metres))
        told.append(await ingest(context, receive(wahoo)[0]))
    assert told[0].external_id == told[1].external_id
    assert told[1].version > told[0].version


async def test_a_planned_workout_that_was_done_names_our_reference(wahoo: ProviderHarness) -> None:
    from hub_core.sdk import Athlete, PlannedWorkout, Step, TimeDuration

    context = await wahoo.connect()
    plan = PlannedWorkout("Tempo", Sport.RIDE, (Step(TimeDuration(600)),), wahoo.sandbox.clock.today())
    receipt = await plugin.export_workout(context, plugin.compile_workout(plan, Athlete(ftp_w=250)))
    done = msgspec.structs.replace(RIDE, plan_id=receipt.external_ids["workout_id"])
    sandbox_of(wahoo).record_activity("athlete-1", done)
    assert (await ingest(context, receive(wahoo)[0])).planned_reference == context.reference


@pytest.mark.parametrize(
    "change", [{"webhook_token": "other"}, {"webhook_token": ""}, {"user": {"id": None}}]
)
async def test_what_isnt_wahoos_is_refused(wahoo: ProviderHarness, change: dict[str, Any]) -> None:
    sandbox_of(wahoo).record_activity("athlete-1", RIDE)
    request = wahoo.sandbox.outbox[-1]
    odd = msgspec.structs.replace(request, body=json.dumps(json.loads(request.body) | change).encode())
    with pytest.raises(Rejected):
        plugin.receive_webhook(odd, cast(Any, wahoo.settings))
