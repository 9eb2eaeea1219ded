"""What intervals.icu tells: its sandbox as the sender, the plugin's webhooks and ingest as the consumer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pact import match
from pydantic import SecretStr

import hub_intervals.plugin as plugin
from hub_core.sandbox import DEFAULT_USER, RecordedActivity
from hub_core.sdk import DailyHealth, Sport, WebhookRequest
from hub_intervals.sandbox import IntervalsSandbox
from hub_intervals.settings import IntervalsSettings

from .contract import Contract
from .messages import Teller, Telling, check_messages, hear, verify_teller

CONTRACT = Contract("hub-intervals", "intervals-webhooks")
SECRET = "wh-secret"
SETTINGS = IntervalsSettings(webhook_secret=SecretStr(SECRET))
MOMENT = match.regex("2031-04-07T06:41:10.020+00:00", regex=r"\d{4}-\d{2}-\d{2}T[\d:.]+\+00:00")
LOCAL = match.regex("2031-04-07T06:31:00", regex=r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
UTC = match.regex("2031-04-07T04:31:00Z", regex=r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
ACTIVITY_ID = match.regex("i900000001", regex=r"i?\d+")
USER = "i700001"

START = dt.datetime(2031, 4, 7, 6, 31, tzinfo=dt.timezone(dt.timedelta(hours=2)))
RIDE = RecordedActivity("Morning ride", Sport.RIDE, START, 3481.0, 29_870.5)


def event(kind: str, **fields: Any) -> dict[str, Any]:
    """A body with one event."""
    whose = {"athlete_id": match.regex(USER, regex=r"i?\d+"), "type": kind, "timestamp": MOMENT}
    return {"secret": match.str(SECRET), "events": [{**whose, **fields}]}


async def test_activity_uploaded(telling: Telling) -> None:
    activity = {
        "id": ACTIVITY_ID,
        "type": match.str("Ride"),
        "name": match.str("Morning ride"),
        "start_date": UTC,
        "start_date_local": LOCAL,
        "elapsed_time": match.int(3481),
        "moving_time": match.int(3420),
        "distance": match.number(29_870.5),
        "source": "GARMIN_CONNECT",
        "external_id": match.str("88001"),
    }
    body = telling.says(event("ACTIVITY_UPLOADED", activity=activity))
    [(delivery, records)] = await hear(plugin, SETTINGS, body)
    [told] = records.activities
    assert (delivery.provider_user_id, told.external_id, told.sport) == (USER, "i900000001", Sport.RIDE)
    assert (told.start, told.start.utcoffset()) == (START, dt.timedelta(hours=2))
    assert (told.duration_s, told.moving_s) == (3481.0, 3420.0)
    assert (told.origin, told.origin_id) == ("garmin", "88001")


async def test_activity_updated_sparsely(telling: Telling) -> None:
    body = telling.says(event("ACTIVITY_UPDATED", activity={"id": ACTIVITY_ID}))
    [delivery] = plugin.receive_webhook(WebhookRequest("POST", "", {}, {}, body), SETTINGS)
    assert (delivery.provider_user_id, delivery.kind) == (USER, "activity")


async def test_activity_deleted(telling: Telling) -> None:
    stub = {"id": ACTIVITY_ID, "distance": match.number(0), "moving_time": match.int(0)}
    [(_, records)] = await hear(plugin, SETTINGS, telling.says(event("ACTIVITY_DELETED", activity=stub)))
    assert [gone.external_id for gone in records.deleted] == ["i900000001"]
    assert not records.activities


async def test_wellness_updated(telling: Telling) -> None:
    day = {
        "id": match.regex("2031-04-06", regex=r"\d{4}-\d{2}-\d{2}"),
        "hrv": match.number(41.5),
        "hrvSDNN": match.number(58),
        "steps": match.int(9120),
    }
    [(_, records)] = await hear(plugin, SETTINGS, telling.says(event("WELLNESS_UPDATED", records=[day])))
    [told] = records.daily
    assert (told.date, told.steps) == (dt.date(2031, 4, 6), 9120)
    assert (told.hrv_rmssd_ms, told.hrv_sdnn_ms) == (41.5, 58.0)


async def test_app_scope_changed(telling: Telling) -> None:
    body = telling.says(event("APP_SCOPE_CHANGED", scope=match.str("CALENDAR:WRITE"), deauthorized=False))
    [(_, records)] = await hear(plugin, SETTINGS, body)
    assert (records.scopes, records.revoked) == (("CALENDAR:WRITE",), False)


async def test_app_scope_changed_to_nothing(telling: Telling) -> None:
    body = telling.says(event("APP_SCOPE_CHANGED", scope="", deauthorized=True))
    [(_, records)] = await hear(plugin, SETTINGS, body)
    assert records.revoked


# -- the two sides ------------------------------------------------------------------------------------


def sparsely(intervals: IntervalsSandbox) -> None:
    intervals.tells_sparsely = True
    intervals.record_activity(DEFAULT_USER, RIDE)
    intervals.record_activity(DEFAULT_USER, RIDE)


def deleted(intervals: IntervalsSandbox) -> None:
    intervals.record_activity(DEFAULT_USER, RIDE)
    intervals.delete_activity(DEFAULT_USER, RIDE.name)


DAY = DailyHealth(START.date(), steps=9120, hrv_rmssd_ms=41.5, hrv_sdnn_ms=58.0)
TELLERS: dict[str, Teller] = {
    "activity uploaded": lambda intervals: intervals.record_activity(DEFAULT_USER, RIDE),
    "activity updated sparsely": sparsely,
    "activity deleted": deleted,
    "wellness updated": lambda intervals: intervals.record_day(DEFAULT_USER, DAY),
    "app scope changed": lambda intervals: intervals.change_scopes(DEFAULT_USER, ("CALENDAR:WRITE",)),
    "app scope changed to nothing": lambda intervals: intervals.end_consent(DEFAULT_USER),
}


def test_pact_tests_and_sandbox_are_about_the_same_messages(request: pytest.FixtureRequest) -> None:
    check_messages(CONTRACT, request.module, TELLERS)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_teller(CONTRACT, plugin, TELLERS)
