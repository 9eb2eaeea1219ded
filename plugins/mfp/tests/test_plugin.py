"""The plugin against its sandbox: each thing that a simple adapter gets wrong, and the rest of its life."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

import hub_mfp.plugin as plugin
from hub_core.sandbox import Answer, FaultKind
from hub_core.sdk import (
    Delivery,
    Misconfigured,
    NutritionDay,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenExpired,
    WebhookRequest,
    Window,
)
from hub_core.testing.harness import ProviderHarness
from hub_mfp.manifest import MANIFEST
from hub_mfp.sandbox import WEBHOOK_SECRET, MfpSandbox, user_id
from hub_mfp.settings import MfpSettings
from hub_mfp.webhooks import DAY

USER = "athlete-1"
DATE = dt.date(2026, 11, 20)
EATEN = NutritionDay(DATE, "", 0, 2450.0, 310.5, 128.25, 70.75)
WINDOW = Window(dt.datetime(2026, 11, 19, 12, tzinfo=dt.UTC), dt.datetime(2026, 11, 20, 20, tzinfo=dt.UTC))


@pytest.fixture
async def mfp() -> AsyncIterator[ProviderHarness]:
    async with ProviderHarness(plugin) as harness:  # type: ignore[arg-type]
        yield harness


@pytest.fixture
def sandbox(mfp: ProviderHarness) -> MfpSandbox:
    assert isinstance(mfp.sandbox, MfpSandbox)
    return mfp.sandbox


def meal(name: str, **contents: Any) -> dict[str, Any]:
    entry = {"type": "diary_meal", "date": DATE.isoformat(), "diary_meal": name}
    return {**entry, "nutritional_contents": contents}


def hint(url: str, user: object = "7001", kind: str = "diary_meal") -> dict[str, Any]:
    return {"user_id": user, "item_type": kind, "item_url": url}


def receive(items: Any, secret: str = WEBHOOK_SECRET) -> tuple[Delivery, ...]:
    """A notification as it comes to a hub that is set up for the real host."""
    settings = MfpSettings(webhook_secret=WEBHOOK_SECRET)  # type: ignore[arg-type]
    body = msgspec.json.encode(items)
    request = WebhookRequest("POST", f"/v1/webhooks/mfp/{secret}", {}, {}, body)
    return plugin.receive_webhook(request, settings)


async def polled(mfp: ProviderHarness, window: Window = WINDOW) -> list[NutritionDay]:
    context = await mfp.connect(USER)
    found = await plugin.poll_deliveries(context, window)
    records = [await plugin.ingest_activity(context, one) for one in found]
    return [day for one in records for day in one.nutrition]


# -- what a simple adapter gets wrong ---------------------------------------------------------------------


async def test_1_the_numbers_have_to_be_asked_for(mfp: ProviderHarness, sandbox: MfpSandbox) -> None:
    sandbox.record_meals(USER, EATEN)
    context = await mfp.connect(USER)
    headers = {
        "Accept": "application/json",
        "mfp-client-id": context.settings.client_id,
        "mfp-user-id": context.provider_user_id,
    }
    params = {"entry_date": DATE.isoformat(), "types": "diary_meal"}
    answer = await context.http.request("GET", "/v2/diary", params=params, headers=headers)
    assert "nutritional_contents" not in answer.json()["items"][0]  # and no error
    assert (await polled(mfp))[0].energy_kcal == 2450.0


async def test_2_calories_are_kilocalories_and_kilojoules_are_converted(
    mfp: ProviderHarness, sandbox: MfpSandbox
) -> None:
    sandbox.energy_unit = "kilojoules"
    sandbox.record_meals(USER, EATEN)
    stored = sandbox.diary[user_id(USER), DATE.isoformat()][0]["nutritional_contents"]["energy"]
    assert stored == {"unit": "kilojoules", "value": pytest.approx(2450 * 4.184 / 4)}
    assert (await polled(mfp))[0].energy_kcal == 2450.0


async def test_3_an_empty_day_is_not_logged_and_never_zero(mfp: ProviderHarness, sandbox: MfpSandbox) -> None:
    sandbox.record_meals(USER, NutritionDay(DATE, energy_kcal=900.0))
    (day,) = await polled(mfp)  # of four dates one
    assert (day.carbohydrate_g, day.protein_g, day.fat_g) == (None, None, None)


async def test_3_a_day_that_was_emptied_takes_its_numbers_back(
    mfp: ProviderHarness, sandbox: MfpSandbox
) -> None:
    context = await mfp.connect(USER)
    await plugin.subscribe_webhooks(context)
    sandbox.record_meals(USER, EATEN)
    sandbox.record_meals(USER, NutritionDay(DATE))
    (told,) = plugin.receive_webhook(sandbox.outbox[-1], mfp.settings)  # type: ignore[arg-type]
    records = await plugin.ingest_activity(context, told)
    assert records.nutrition == (NutritionDay(DATE, f"diary-{DATE}"),)


async def test_4_and_5_steps_and_exercise_of_the_diary_are_not_asked_for(
    mfp: ProviderHarness, sandbox: MfpSandbox
) -> None:
    exercise = {"type": "exercise", "date": DATE.isoformat(), "energy": {"unit": "calories", "value": 720}}
    steps = {**exercise, "type": "steps_aggregate", "steps": 9120, "primary": True}
    eaten = meal("Lunch", energy={"unit": "calories", "value": 640})
    sandbox.change_day(USER, DATE, [eaten, exercise, steps])
    assert [day.energy_kcal for day in await polled(mfp)] == [640.0]


async def test_6_other_entries_are_passed_over_whatever_their_ids_are(
    mfp: ProviderHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vendor's default would send them; in one documented answer the id is a bare number."""
    entries = [
        {"type": "exercise", "exercise": {"id": 134026223316461}, "energy": {"value": 720}},
        meal("Lunch", energy={"unit": "calories", "value": 640}),
        {"type": "novelty", "nutritional_contents": {"energy": {"unit": "calories", "value": 1}}},
        {**meal("Supper", energy={"unit": "calories", "value": 5}), "date": "2026-11-19"},
    ]
    context = await mfp.connect(USER)

    monkeypatch.setattr(mfp.sandbox, "answer", lambda *_: Answer({"items": entries}))
    told = Delivery(context.provider_user_id, "diary_meal", b'{"date": "2026-11-20"}', "key")
    records = await plugin.ingest_activity(context, told)
    assert [day.energy_kcal for day in records.nutrition] == [640.0]


async def test_7_the_day_is_the_diarys_own_date(mfp: ProviderHarness, sandbox: MfpSandbox) -> None:
    """At 11:00 UTC of the 21st it is the 20th in the far west, and the 22nd in the far east."""
    for date in (DATE, DATE + dt.timedelta(days=1), DATE + dt.timedelta(days=2)):
        sandbox.record_meals(USER, msgspec.structs.replace(EATEN, date=date))
    at = dt.datetime(2026, 11, 21, 11, tzinfo=dt.UTC)
    days = await polled(mfp, Window(at - dt.timedelta(minutes=1), at))
    assert [day.date.day for day in days] == [20, 21, 22]


async def test_8_a_refresh_names_the_user(mfp: ProviderHarness) -> None:
    context = await mfp.connect(USER)
    tokens = context.token()
    assert tokens.user_id == user_id(USER)
    with pytest.raises(RetryLater, match="user_id"):
        await context.oauth().refresh(tokens)  # as a library does it
    fresh = await plugin.refresh_token(context)
    assert (fresh.user_id, fresh.refresh_token != tokens.refresh_token) == (tokens.user_id, True)
    assert await plugin.describe_account(mfp.context(fresh))


async def test_9_the_users_id_travels_with_every_call_and_has_to_match(mfp: ProviderHarness) -> None:
    mine, other = await mfp.connect(USER), await mfp.connect("athlete-2")
    swapped = msgspec.structs.replace(mine.token(), user_id=other.token().user_id)
    with pytest.raises(TokenExpired):
        await plugin.describe_account(mfp.context(swapped))
    nameless = msgspec.structs.replace(mine.token(), user_id="")
    with pytest.raises(ReconnectNeeded, match="connect again"):
        await plugin.describe_account(mfp.context(nameless))


async def test_10_meals_have_any_names_and_none_of_them_is_kept(
    mfp: ProviderHarness, sandbox: MfpSandbox
) -> None:
    sandbox.meal_names = ("🍜 nach dem Lauf", "ארוחה", "", "Lunch", "lunch", "7", "7th")
    sandbox.record_meals(USER, EATEN)
    (found,) = await plugin.poll_deliveries(await mfp.connect(USER), WINDOW)
    day = (await plugin.ingest_activity(mfp.context(), found)).nutrition[0]
    assert (day.energy_kcal, day.carbohydrate_g) == (2450.0, 310.5)
    body = msgspec.json.decode(found.body)
    assert set(body) == {"date", "meals"}
    assert {name for one in body["meals"] for name in one} == {"energy", "carbohydrates", "protein", "fat"}


async def test_11_the_next_page_is_in_a_header(mfp: ProviderHarness, sandbox: MfpSandbox) -> None:
    sandbox.meal_names, sandbox.page_size = tuple("abcdefg"), 2
    sandbox.record_meals(USER, EATEN)
    context = await mfp.connect(USER)
    before = len(list(sandbox.journal))
    (found,) = await plugin.poll_deliveries(context, Window(WINDOW.end, WINDOW.end))
    assert len(msgspec.json.decode(found.body)["meals"]) == 7
    assert len(list(sandbox.journal)) - before == 1 + 4  # an empty day, and four pages


async def test_12_a_hint_of_a_foreign_host_is_left_out_and_no_address_is_called(
    mfp: ProviderHarness, sandbox: MfpSandbox
) -> None:
    for url in (
        "https://evil.example/v2/diary?entry_date=2026-11-20",
        "https://api.myfitnesspal.com@evil.example/v2/diary?entry_date=2026-11-20",
        "http://169.254.169.254/?api.myfitnesspal.com/2026-11-20",
        "//[/2026-11-20",
        None,
    ):
        assert receive([hint(url)]) == ()  # type: ignore[arg-type]
    with pytest.raises(Rejected, match="token is wrong"):
        receive([hint("https://api.myfitnesspal.com/v2/diary?entry_date=2026-11-20")], secret="guessed")


# -- what is pushed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["types=diary_meal&entry_date=2026-11-20", "types=diary_meal&entry_date&2026-11-20", "date=2026-11-20"],
)
def test_a_date_is_found_in_any_address_of_theirs(query: str) -> None:
    (told,) = receive([hint(f"http://api.myfitnesspal.com/v2/diary?{query}")])
    assert (told.provider_user_id, told.kind, told.news_by) == ("7001", "diary_meal", "change")
    assert msgspec.json.decode(told.body) == {"date": "2026-11-20"}


def test_one_notification_tells_of_many_and_of_much_that_is_not_ours() -> None:
    url = "https://api.myfitnesspal.com/v2/diary?entry_date=2026-11-20"
    told = receive(
        [
            hint(url),
            hint(url),
            hint(url, user=7002),
            hint(url, kind="diary_steps"),
            hint("https://api.myfitnesspal.com/v2/measurements/m9", kind="measurements"),
            hint("https://api.myfitnesspal.com/v2/diary?entry_date=2026-02-30"),
            hint(url, user=" "),
            hint(url, user=True),
            None,
            [],
        ]
    )
    assert [one.provider_user_id for one in told] == ["7001", "7002"]


def test_a_thousand_athletes_fit_into_one_notification() -> None:
    url = "https://api.myfitnesspal.com/v2/diary?entry_date=2026-11-20"
    assert len(receive([hint(url, user=number) for number in range(1000, 5000)])) == 4000


async def test_subscribed_once_however_often_it_is_asked(mfp: ProviderHarness, sandbox: MfpSandbox) -> None:
    context, other = await mfp.connect(USER), await mfp.connect("athlete-2")
    for one in (context, context, other):
        await plugin.subscribe_webhooks(one)
    assert [one["user_id"] for one in sandbox.subscriptions] == [user_id(USER), user_id("athlete-2")]
    sandbox.record_meals(USER, EATEN)
    assert len(sandbox.outbox) == 1


# -- the rest of its life ---------------------------------------------------------------------------------


async def test_a_poll_finds_the_same_words_again_and_a_hint_stands_under_the_same_key(
    mfp: ProviderHarness, sandbox: MfpSandbox
) -> None:
    context = await mfp.connect(USER)
    await plugin.subscribe_webhooks(context)
    sandbox.record_meals(USER, EATEN)
    (told,) = plugin.receive_webhook(sandbox.outbox[-1], mfp.settings)  # type: ignore[arg-type]
    first, again = [await plugin.poll_deliveries(context, WINDOW) for _ in range(2)]
    assert first == again
    assert (first[0].key, first[0].kind, first[0].news_by) == (told.key, DAY, "content")
    records = [await plugin.ingest_activity(context, one) for one in (told, first[0])]
    assert records[0] == records[1]


async def test_the_service_names_no_time_and_is_left_alone_for_two_minutes(mfp: ProviderHarness) -> None:
    context = await mfp.connect(USER)
    mfp.fault(FaultKind.STATUS, value=503)
    with pytest.raises(RetryLater) as caught:
        await plugin.poll_deliveries(context, WINDOW)
    assert caught.value.after_s == 120


async def test_a_diary_without_end_is_given_up(mfp: ProviderHarness, sandbox: MfpSandbox) -> None:
    context = await mfp.connect(USER)
    sandbox.meal_names, sandbox.page_size = ("a",) * 60, 1
    sandbox.record_meals(USER, EATEN)
    with pytest.raises(Rejected, match="no end"):
        await plugin.poll_deliveries(context, WINDOW)


async def test_disconnecting_kills_both_tokens_and_twice_is_fine(mfp: ProviderHarness) -> None:
    context = await mfp.connect(USER)
    await plugin.revoke_token(context)
    await plugin.revoke_token(context)
    with pytest.raises(TokenExpired):
        await plugin.describe_account(context)
    with pytest.raises(ReconnectNeeded):
        await plugin.refresh_token(context)


async def test_without_client_credentials_the_athlete_is_told_what_to_set(mfp: ProviderHarness) -> None:
    bare = MfpSettings(client_id="")
    oauth = mfp.context().oauth()
    with pytest.raises(Misconfigured, match="HUB_MFP_CLIENT_ID"):
        type(oauth)(oauth.scheme, bare, oauth.http).authorize_url(redirect_uri="r", state="s", verifier="v")


def test_the_least_is_asked_for_and_nothing_is_sent() -> None:
    assert MANIFEST.oauth2
    assert MANIFEST.oauth2.scopes == ("diary", "subscriptions")
    assert MANIFEST.purposes() == ("days in",)
    assert not MANIFEST.capabilities.sports
