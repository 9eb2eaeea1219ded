"""What Garmin tells: its sandbox as the sender, the plugin's webhooks and ingest as the consumer."""

from __future__ import annotations

import datetime as dt

import pytest
from pact import match
from pydantic import SecretStr

import hub_garmin.plugin as plugin
from hub_core.sandbox import DEFAULT_USER, RecordedActivity
from hub_core.sdk import DailyHealth, SleepNight, Sport
from hub_garmin.sandbox import GarminSandbox
from hub_garmin.settings import GarminSettings

from .contract import Contract
from .messages import Teller, Telling, check_messages, hear, verify_teller

CONTRACT = Contract("hub-garmin", "garmin-webhooks")
API = "https://apis.garmin.com"
SETTINGS = GarminSettings(webhook_secret=SecretStr("unguessable"))
PATH = "/v1/webhooks/garmin/unguessable"
USER = "d3315b1072421d0dd7c8f6b8e1de4df8"
WHOSE = {"userId": match.regex(USER, regex=r"\S{1,64}")}
SECONDS = match.int(1_790_000_000)
OFFSET = match.int(7200)
DATE = match.regex("2026-09-21", regex=r"\d{4}-\d{2}-\d{2}")
ACTIVITY_ID = match.int(190_000_001)
CALLBACK = r"https://[^/]+/wellness-api/rest/{}\?\S+"

START = dt.datetime(2026, 9, 21, 16, 13, 20, tzinfo=dt.timezone(dt.timedelta(hours=2)))
RUN = RecordedActivity("Evening run", Sport.RUN, START, 5400.0, 15_210.0)
DAY = DailyHealth(START.date(), steps=11_250, resting_heart_rate_bpm=47.0, hrv_rmssd_ms=46.0)
NIGHT = SleepNight(
    START.date(), "", START - dt.timedelta(hours=17), START - dt.timedelta(hours=9, minutes=30)
)


async def test_activities(telling: Telling) -> None:
    summary = {
        **WHOSE,
        "activityId": ACTIVITY_ID,
        "activityType": match.str("RUNNING"),
        "activityName": match.str("Evening run"),
        "startTimeInSeconds": SECONDS,
        "startTimeOffsetInSeconds": OFFSET,
        "durationInSeconds": match.number(5400),
        "distanceInMeters": match.number(15_210),
    }
    body = telling.says({"activities": [summary]})
    [(delivery, records)] = await hear(plugin, SETTINGS, body, PATH)
    [activity] = records.activities
    assert (delivery.provider_user_id, activity.external_id) == (USER, "190000001")
    assert (activity.sport, activity.start, activity.duration_s) == (Sport.RUN, START, 5400.0)


async def test_activities_pinged(telling: Telling) -> None:
    url = f"{API}/wellness-api/rest/activities?uploadStartTimeInSeconds=1&uploadEndTimeInSeconds=2&token=cb-1"
    body = telling.says(
        {"activities": [{**WHOSE, "callbackURL": match.regex(url, regex=CALLBACK.format("activities"))}]}
    )
    [(delivery, records)] = await hear(plugin, SETTINGS, body, PATH)
    assert (delivery.file_url, delivery.file_needs_token) == (url, True)
    assert not records.activities  # they have to be fetched first


async def test_activity_files(telling: Telling) -> None:
    url = f"{API}/wellness-api/rest/activityFile?id=190000001&token=cb-2"
    pointer = {
        **WHOSE,
        "activityId": ACTIVITY_ID,
        "fileType": match.regex("FIT", regex="FIT|TCX|GPX"),
        "activityType": match.str("RUNNING"),
        "startTimeInSeconds": SECONDS,
        "callbackURL": match.regex(url, regex=CALLBACK.format("activityFile")),
    }
    [(delivery, _)] = await hear(plugin, SETTINGS, telling.says({"activityFiles": [pointer]}), PATH)
    assert (delivery.file_url, delivery.file_needs_token) == (url, True)


async def test_dailies(telling: Telling) -> None:
    day = {
        **WHOSE,
        "calendarDate": DATE,
        "startTimeInSeconds": SECONDS,
        "startTimeOffsetInSeconds": match.int(0),
        "durationInSeconds": match.int(86_400),
        "steps": match.int(11_250),
        "restingHeartRateInBeatsPerMinute": match.number(47),
        "averageStressLevel": -1,  # no data
    }
    [(_, records)] = await hear(plugin, SETTINGS, telling.says({"dailies": [day]}), PATH)
    [told] = records.daily
    assert (told.date, told.steps, told.resting_heart_rate_bpm) == (START.date(), 11_250, 47.0)
    assert told.stress_avg is None


async def test_sleeps(telling: Telling) -> None:
    night = {
        **WHOSE,
        "calendarDate": DATE,
        "startTimeInSeconds": match.int(1_789_938_800),
        "startTimeOffsetInSeconds": OFFSET,
        "durationInSeconds": match.int(25_200),
        "awakeDurationInSeconds": match.number(1200),
        "unmeasurableSleepInSeconds": match.int(600),
        "validation": match.str("ENHANCED_FINAL"),
    }
    [(_, records)] = await hear(plugin, SETTINGS, telling.says({"sleeps": [night]}), PATH)
    [slept] = records.sleep
    assert (slept.date, slept.asleep_s, slept.end - slept.start) == (
        START.date(),
        25_200.0,
        dt.timedelta(seconds=27_000),
    )


async def test_hrv(telling: Telling) -> None:
    night = {**WHOSE, "calendarDate": DATE, "lastNightAvg": match.number(46)}
    [(_, records)] = await hear(plugin, SETTINGS, telling.says({"hrv": [night]}), PATH)
    [told] = records.daily
    assert (told.hrv_rmssd_ms, told.hrv_sdnn_ms) == (46.0, None)


async def test_deregistrations(telling: Telling) -> None:
    body = telling.says({"deregistrations": [WHOSE]})
    [(delivery, records)] = await hear(plugin, SETTINGS, body, PATH)
    assert delivery.provider_user_id == USER
    assert records.revoked


async def test_user_permissions_change(telling: Telling) -> None:
    change = {**WHOSE, "permissions": match.each_like("ACTIVITY_EXPORT"), "changeTimeInSeconds": SECONDS}
    [(_, records)] = await hear(plugin, SETTINGS, telling.says({"userPermissionsChange": [change]}), PATH)
    assert records.scopes == ("ACTIVITY_EXPORT",)


async def test_user_permissions_change_as_a_map(telling: Telling) -> None:
    granted = {"ACTIVITY_EXPORT": match.bool(True), "HEALTH_EXPORT": match.bool(False)}
    change = {**WHOSE, "permissions": granted, "changeTimeInSeconds": SECONDS}
    [(_, records)] = await hear(plugin, SETTINGS, telling.says({"userPermissionsChange": [change]}), PATH)
    assert records.scopes == ("ACTIVITY_EXPORT",)


# -- the two sides ------------------------------------------------------------------------------------


def pinged(garmin: GarminSandbox) -> None:
    garmin.tell_by_address()
    garmin.record_activity(DEFAULT_USER, RUN)


def with_file(garmin: GarminSandbox) -> None:
    garmin.sends_files = True
    garmin.record_activity(DEFAULT_USER, RUN)


def as_a_map(garmin: GarminSandbox) -> None:
    garmin.change_shape = "map"
    garmin.set_permissions(DEFAULT_USER, ("ACTIVITY_EXPORT",))


TELLERS: dict[str, Teller] = {
    "activities": lambda garmin: garmin.record_activity(DEFAULT_USER, RUN),
    "activities pinged": pinged,
    "activity files": with_file,
    "dailies": lambda garmin: garmin.record_day(
        DEFAULT_USER, DailyHealth(DAY.date, steps=DAY.steps, resting_heart_rate_bpm=47.0)
    ),
    "sleeps": lambda garmin: garmin.record_night(DEFAULT_USER, NIGHT),
    "hrv": lambda garmin: garmin.record_day(DEFAULT_USER, DAY),
    "deregistrations": lambda garmin: garmin.end_consent(DEFAULT_USER),
    "user permissions change": lambda garmin: garmin.set_permissions(DEFAULT_USER, ("ACTIVITY_EXPORT",)),
    "user permissions change as a map": as_a_map,
}


def test_pact_tests_and_sandbox_are_about_the_same_messages(request: pytest.FixtureRequest) -> None:
    check_messages(CONTRACT, request.module, TELLERS)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_teller(CONTRACT, plugin, TELLERS)
