"""What Wahoo tells: its sandbox as the sender, the plugin's webhooks and ingest as the consumer."""

from __future__ import annotations

import datetime as dt

import pytest
from pact import match
from pydantic import SecretStr

import hub_wahoo.plugin as plugin
from hub_core.sandbox import DEFAULT_USER, RecordedActivity
from hub_core.sdk import Sport
from hub_wahoo.sandbox import WahooSandbox
from hub_wahoo.settings import WahooSettings

from .contract import Contract
from .messages import Teller, Telling, check_messages, hear, verify_teller

CONTRACT = Contract("hub-wahoo", "wahoo-webhooks")
TOKEN = "hook-secret"
SETTINGS = WahooSettings(webhook_token=SecretStr(TOKEN))
INSTANT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z"
STARTED_AT = match.regex("2026-11-03T16:02:11.000Z", regex=INSTANT)

START = dt.datetime(2026, 11, 3, 17, 2, 11, tzinfo=dt.timezone(dt.timedelta(hours=1)))
RIDE = RecordedActivity("Cycling", Sport.RIDE, START, 4405.0, 31_240.55)


def decimal(text: str) -> object:
    """Decimals are strings."""
    return match.regex(text, regex=r"\d+\.\d+")


def summary(url: object) -> dict[str, object]:
    return {
        "event_type": "workout_summary",
        "webhook_token": match.str(TOKEN),
        "user": {"id": match.int(4101)},
        "workout_summary": {
            "id": match.int(77_001),
            "started_at": STARTED_AT,
            "duration_active_accum": decimal("4405.0"),
            "duration_paused_accum": decimal("0.0"),
            "duration_total_accum": decimal("4405.0"),
            "distance_accum": decimal("31240.55"),
            "heart_rate_avg": None,  # no strap
            "fitness_app_id": match.int(1),
            "updated_at": STARTED_AT,
            "file": {"url": url},
            "workout": {
                "id": match.int(66_001),
                "starts": STARTED_AT,
                "name": match.str("Cycling"),
                "workout_token": match.str("ELEMNT ROAM 5C21"),
                "workout_type_id": match.int(0),
            },
        },
    }


async def test_workout_summary(telling: Telling) -> None:
    url = "https://cdn.wahooligan.com/example/77001.fit"
    body = telling.says(summary(match.regex(url, regex=r"https://\S+\.fit")))
    [(delivery, records)] = await hear(plugin, SETTINGS, body)
    [activity] = records.activities
    assert (delivery.provider_user_id, delivery.file_url, delivery.file_needs_token) == ("4101", url, False)
    assert (activity.external_id, activity.sport, activity.start) == ("66001", Sport.RIDE, START)
    assert (activity.duration_s, activity.distance_m, activity.avg_heart_rate_bpm) == (
        4405.0,
        31_240.55,
        None,
    )
    assert not activity.planned_reference  # a device's text


async def test_workout_summary_without_a_file(telling: Telling) -> None:
    [(delivery, records)] = await hear(plugin, SETTINGS, telling.says(summary(None)))
    assert delivery.file_url is None
    assert len(records.activities) == 1


# -- the two sides ------------------------------------------------------------------------------------


def without_file(wahoo: WahooSandbox) -> None:
    wahoo.has_files = False
    wahoo.record_activity(DEFAULT_USER, RIDE)


TELLERS: dict[str, Teller] = {
    "workout summary": lambda wahoo: wahoo.record_activity(DEFAULT_USER, RIDE),
    "workout summary without a file": without_file,
}


def test_pact_tests_and_sandbox_are_about_the_same_messages(request: pytest.FixtureRequest) -> None:
    check_messages(CONTRACT, request.module, TELLERS)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_teller(CONTRACT, plugin, TELLERS)
