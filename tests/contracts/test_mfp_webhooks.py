"""What MyFitnessPal tells: its sandbox as the sender, the plugin's webhook as the consumer."""

from __future__ import annotations

import datetime as dt

import pytest
from pact import match
from pydantic import SecretStr

import hub_mfp.plugin as plugin
from hub_core.sandbox import DEFAULT_USER
from hub_core.sdk import NutritionDay, WebhookRequest
from hub_mfp.sandbox import MfpSandbox, user_id
from hub_mfp.schemas import ChangedDay
from hub_mfp.settings import MfpSettings

from .contract import Contract
from .messages import Teller, Telling, check_messages, verify_teller

CONTRACT = Contract("hub-mfp", "mfp-webhooks")
SETTINGS = MfpSettings(webhook_secret=SecretStr("unguessable"))
PATH = "/v1/webhooks/mfp/unguessable"
#: As in the documentation, whose query has no value for `entry_date`.
URL = "https://api.myfitnesspal.com/v2/diary?types=diary_meal&entry_date&2031-04-07"


async def test_diary_meal(telling: Telling) -> None:
    hint = {
        "user_id": match.regex("7001", regex=r"\d+"),
        "item_type": "diary_meal",
        "item_url": match.regex(URL, regex=r"https?://[^/]+/v2/diary\?\S*\d{4}-\d{2}-\d{2}\S*"),
    }
    body = telling.says([hint])
    [told] = plugin.receive_webhook(WebhookRequest("POST", PATH, {}, {}, body), SETTINGS)
    # What was eaten has to be asked for.
    assert (told.provider_user_id, told.kind, told.news_by) == ("7001", "diary_meal", "change")
    assert told.decode(ChangedDay).date == dt.date(2031, 4, 7)


# -- the two sides ------------------------------------------------------------------------------------


def eaten(mfp: MfpSandbox) -> None:
    mfp.subscriptions.append({"user_id": user_id(DEFAULT_USER), "content_type": "diary_meal"})
    mfp.record_meals(DEFAULT_USER, NutritionDay(dt.date(2031, 4, 7), energy_kcal=2400.0))


TELLERS: dict[str, Teller] = {"diary meal": eaten}


def test_pact_tests_and_sandbox_are_about_the_same_messages(request: pytest.FixtureRequest) -> None:
    check_messages(CONTRACT, request.module, TELLERS)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_teller(CONTRACT, plugin, TELLERS)
