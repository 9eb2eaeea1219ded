"""Webhooks, polls and series of intervals.icu, against its sandbox over HTTP."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
import pytest

import hub_intervals.plugin as plugin
from hub_core.sandbox import RecordedActivity
from hub_core.sdk import (
    Athlete,
    DailyHealth,
    Delivery,
    NutritionDay,
    PlannedWorkout,
    ProviderContext,
    Records,
    Rejected,
    Sport,
    Step,
    TimeDuration,
    WebhookRequest,
    Window,
)
from hub_core.testing.harness import ProviderHarness
from hub_intervals.ingest_streams import to_series
from hub_intervals.sandbox import IntervalsSandbox
from hub_intervals.schemas import Stream

START = dt.datetime(2026, 11, 3, 6, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
RIDE = RecordedActivity("Morning ride", Sport.RIDE, START, 60.0, 400.0)
WINDOW = Window(START - dt.timedelta(days=1), START + dt.timedelta(days=1))


@pytest.fixture
async def icu() -> AsyncIterator[ProviderHarness]:
    async with ProviderHarness(plugin) as harness:
        cast(IntervalsSandbox, harness.sandbox).per_ip_rate = None
        yield harness


def sandbox_of(icu: ProviderHarness) -> IntervalsSandbox:
    return cast(IntervalsSandbox, icu.sandbox)


def receive(icu: ProviderHarness, request: WebhookRequest | None = None) -> tuple[Delivery, ...]:
    return plugin.receive_webhook(request or icu.sandbox.outbox[-1], cast(Any, icu.settings))


async def hear(icu: ProviderHarness, context: ProviderContext | None = None) -> Records:
    [delivery] = receive(icu)
    return await plugin.ingest_activity(context or await icu.connect(everything=True), delivery)


def with_events(icu: ProviderHarness, *events: Any, secret: str | None = None) -> WebhookRequest:
    known = cast(Any, icu.settings).webhook_secret.get_secret_value()
    body = {"secret": known if secret is None else secret, "events": list(events)}
    return WebhookRequest("POST", "/v1/webhooks/intervals", {}, {}, json.dumps(body).encode())


@pytest.mark.parametrize("places", ["two", "pairs", "flat"])
async def test_series_with_places_in_each_shape(icu: ProviderHarness, places: str) -> None:
    sandbox_of(icu).places = places
    sandbox_of(icu).record_activity("athlete-1", msgspec.structs.replace(RIDE, heart_rate_bpm=141.0))
    [activity] = (await hear(icu)).activities
    assert activity.series is not None
    columns = {name: list(activity.series.column(name)) for name in activity.series.names()}  # type: ignore[arg-type]
    assert columns["time_s"] == [0, 10, 20, 30, 40, 50, 60]
    assert columns["latitude_deg"][:2] == [47.1, 47.1001]
    assert set(columns["longitude_deg"]) == {8.2}
    assert columns["heart_rate_bpm"][0] == 141
    assert columns["heart_rate_bpm"][1] != columns["heart_rate_bpm"][1]  # the strap slipped: no value


def test_gaps_stay_gaps_and_columns_of_another_length_are_left_out() -> None:
    streams = [
        Stream("time", [0, 1, 2, 2, 60]),
        Stream("heartrate", [96, 97, None, 99, 101]),
        Stream("watts", [0, 100, 200]),
        Stream("temp", [-5, -5, -5, -5, -5]),
    ]
    series = to_series(streams)
    assert series is not None
    assert series.names() == ("time_s", "heart_rate_bpm", "temperature_c")
    assert list(series.column("time_s")) == [0, 1, 2, 60]  # type: ignore[arg-type]
    assert to_series([Stream("heartrate", [96])]) is None


async def test_an_activity_without_series_has_none(icu: ProviderHarness) -> None:
    sandbox = sandbox_of(icu)
    sandbox.record_activity("athlete-1", RIDE)
    body = json.loads(sandbox.outbox[-1].body)["events"][0]
    body["activity"]["stream_types"] = ["time"]  # they were lost meanwhile: 404
    [delivery] = receive(icu, with_events(icu, body))
    [activity] = (await plugin.ingest_activity(await icu.connect(everything=True), delivery)).activities
    assert activity.series is None


async def test_a_sparse_webhook_is_completed_by_a_question(icu: ProviderHarness) -> None:
    sandbox = sandbox_of(icu)
    sandbox.tells_sparsely = True
    sandbox.record_activity("athlete-1", RIDE)
    [activity] = (await hear(icu)).activities
    assert (activity.name, activity.start, activity.duration_s) == ("Morning ride", START, 60.0)
    assert activity.version  # of the webhook


async def test_a_sparse_webhook_of_what_is_gone_says_nothing(icu: ProviderHarness) -> None:
    sandbox = sandbox_of(icu)
    sandbox.tells_sparsely = True
    sandbox.record_activity("athlete-1", RIDE)
    sandbox.activities.clear()
    assert await hear(icu) == Records()


async def test_stravas_stubs_are_skipped_by_webhook_and_poll(icu: ProviderHarness) -> None:
    sandbox, context = sandbox_of(icu), await icu.connect(everything=True)
    sandbox.source = "STRAVA"
    sandbox.record_activity("athlete-1", RIDE)
    assert receive(icu) == ()
    assert await plugin.poll_deliveries(context, WINDOW) == ()


async def test_a_later_event_is_newer_whatever_comes_first(icu: ProviderHarness) -> None:
    sandbox = sandbox_of(icu)
    sandbox.record_activity("athlete-1", RIDE)
    [first] = (await hear(icu)).activities
    sandbox.record_activity("athlete-1", msgspec.structs.replace(RIDE, distance_m=390.0))
    [second] = (await hear(icu)).activities
    sandbox.delete_activity("athlete-1", "Morning ride")
    [gone] = (await hear(icu)).deleted
    assert first.external_id == second.external_id == gone.external_id
    assert first.version < second.version < gone.version


async def test_a_planned_workout_that_was_done_names_our_reference(icu: ProviderHarness) -> None:
    context = await icu.connect(everything=True)
    plan = PlannedWorkout("Tempo", Sport.RIDE, (Step(TimeDuration(600)),), START.date())
    receipt = await plugin.export_workout(context, plugin.compile_workout(plan, Athlete(ftp_w=250)))
    event_id = receipt.external_ids["event_id"]
    sandbox_of(icu).record_activity("athlete-1", msgspec.structs.replace(RIDE, plan_id=event_id))
    [activity] = (await plugin.ingest_activity(context, receive(icu)[0])).activities
    assert activity.planned_reference == context.reference
    await plugin.withdraw_workout(context, receipt)
    [again] = (await plugin.ingest_activity(context, receive(icu)[0])).activities
    assert again.planned_reference == ""


async def test_days_and_meals_arrive_by_webhook_and_poll(icu: ProviderHarness) -> None:
    sandbox, context, date = sandbox_of(icu), await icu.connect(everything=True), START.date()
    sandbox.record_day("athlete-1", DailyHealth(date, steps=9120, hrv_rmssd_ms=41.0, hrv_sdnn_ms=63.0))
    sandbox.record_meals("athlete-1", NutritionDay(date, energy_kcal=2450.0))
    heard = await hear(icu, context)
    [polled] = [
        await plugin.ingest_activity(context, one) for one in await plugin.poll_deliveries(context, WINDOW)
    ]
    assert heard == polled
    [day], [meals] = heard.daily, heard.nutrition
    assert (day.date, day.steps, day.hrv_rmssd_ms, day.hrv_sdnn_ms) == (date, 9120, 41.0, 63.0)
    assert (meals.date, meals.energy_kcal) == (date, 2450.0)


@pytest.mark.parametrize(
    ("granted", "kinds"),
    [
        (["CALENDAR:WRITE"], set()),
        (["CALENDAR:WRITE", "ACTIVITY:WRITE"], {"activity"}),
        (["CALENDAR:WRITE", "WELLNESS:READ"], {"wellness"}),
    ],
)
async def test_a_poll_asks_for_what_the_athlete_allows(
    icu: ProviderHarness, granted: list[str], kinds: set[str]
) -> None:
    context = await icu.connect(granted=granted)
    sandbox_of(icu).record_activity("athlete-1", RIDE)
    sandbox_of(icu).record_day("athlete-1", DailyHealth(START.date(), steps=1))
    assert {one.kind for one in await plugin.poll_deliveries(context, WINDOW)} == kinds


async def test_what_was_unticked_later_is_passed_over(icu: ProviderHarness) -> None:
    context, sandbox = await icu.connect(everything=True), sandbox_of(icu)
    sandbox.record_activity("athlete-1", RIDE)
    sandbox.record_day("athlete-1", DailyHealth(START.date(), steps=1))
    sandbox.change_scopes("athlete-1", ("CALENDAR:WRITE", "WELLNESS:READ"))
    assert {one.kind for one in await plugin.poll_deliveries(context, WINDOW)} == {"wellness"}


async def test_a_key_opens_everything(icu: ProviderHarness) -> None:
    tokens = plugin.tokens_from_api_key(icu.sandbox.api_key("athlete-1"))
    sandbox_of(icu).record_activity("athlete-1", RIDE)
    context = icu.context(tokens, provider_user_id="i700001")
    assert [one.kind for one in await plugin.poll_deliveries(context, WINDOW)] == ["activity"]


async def test_other_boxes_and_the_end_of_the_consent(icu: ProviderHarness) -> None:
    sandbox = sandbox_of(icu)
    sandbox.change_scopes("athlete-1", ("ACTIVITY:READ", "CALENDAR:WRITE"))
    assert (await hear(icu)).scopes == ("ACTIVITY:READ", "CALENDAR:WRITE")
    sandbox.end_consent("athlete-1")
    assert (await hear(icu)).revoked


def test_what_says_nothing_to_us_is_acknowledged(icu: ProviderHarness) -> None:
    events = [
        {"type": "TEST"},
        {"athlete_id": "i700001", "type": "CALENDAR_UPDATED", "events": [{"id": 1}], "deleted_events": []},
        {"athlete_id": "i700001", "type": "CALENDAR_UPDATED", "records": []},
        {"athlete_id": "i700001", "type": "FITNESS_UPDATED", "records": [{"id": "2031-04-06", "ctl": 4}]},
        {"athlete_id": "i700001", "type": "SPORT_SETTINGS_UPDATED", "sportSettings": []},
        {"athlete_id": "i700001", "type": "CHAT_UPDATE"},
        {"athlete_id": "", "type": "WELLNESS_UPDATED", "records": [{"id": "2031-04-06"}]},
        {"athlete_id": "i700001", "type": "ACTIVITY_UPDATED", "activity": {"id": ""}},
        {"athlete_id": 7, "type": ["x"]},
    ]
    assert receive(icu, with_events(icu, *events)) == ()


def test_one_odd_event_takes_nothing_else_with_it(icu: ProviderHarness) -> None:
    odd = {"athlete_id": "i700001", "type": "ACTIVITY_UPDATED", "activity": 7}
    good = {"athlete_id": "i700002", "type": "ACTIVITY_UPDATED", "activity": {"id": "i9"}}
    assert [one.provider_user_id for one in receive(icu, with_events(icu, odd, good))] == ["i700002"]


@pytest.mark.parametrize("secret", ["", "other"])
def test_another_secret_is_refused(icu: ProviderHarness, secret: str) -> None:
    with pytest.raises(Rejected):
        receive(icu, with_events(icu, secret=secret))
