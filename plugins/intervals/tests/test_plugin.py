"""All hooks against the sandbox, over real HTTP."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import msgspec
import pytest

from hub_core.sandbox import FaultKind, Refusal
from hub_core.sdk import (
    DistanceDuration,
    Misconfigured,
    NotFound,
    PlannedWorkout,
    ProviderContext,
    RateBudget,
    Receipt,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    Sport,
    Step,
    TimeDuration,
    TokenExpired,
    TokenSet,
    Unsupported,
    compare_steps,
)
from hub_core.testing.harness import ProviderHarness
from hub_intervals import plugin

from .calls import ATHLETE, DAY, events, hills, with_text

BULK = "/api/v1/athlete/0/events/bulk"
EVENTS = "/api/v1/athlete/0/events"
KEY = plugin.tokens_from_api_key("sandbox-api-key")


@pytest.fixture(params=["oauth", "api_key"])
async def context(request: pytest.FixtureRequest, icu: ProviderHarness) -> ProviderContext:
    """A connection of each kind."""
    return await icu.connect() if request.param == "oauth" else icu.context(KEY)


# -- there and back ---------------------------------------------------------------------------------------


async def test_export_shows_on_the_calendar(icu: ProviderHarness, context: ProviderContext) -> None:
    receipt = await plugin.export_workout(context, hills())
    [workout] = icu.device().workouts
    assert workout.date == DAY
    assert workout.title == "Hills"
    assert workout.external_id == receipt.external_id == receipt.external_ids["event_id"]
    assert workout.lines == (
        "Warm up: 10 min, 120–140 bpm",
        "4 times:",
        "  Hill: 400 m, 155–163 bpm",
        "  Jog down: 2 min",
    )
    assert icu.checkpoints == [{"event_id": receipt.external_id}]
    assert events(icu)[0]["external_id"] == "hub-wk-1"
    assert events(icu)[0]["start_date_local"] == "2031-04-07T00:00:00"


async def test_update_replaces_in_place(icu: ProviderHarness, context: ProviderContext) -> None:
    receipt = await plugin.export_workout(context, hills())
    changed = await plugin.update_workout(
        context, hills("Long hills", 20, DAY + dt.timedelta(days=1)), receipt
    )
    assert changed.external_id == receipt.external_id
    [workout] = icu.device().workouts
    assert (workout.title, workout.date) == ("Long hills", dt.date(2031, 4, 8))
    assert workout.lines[0] == "Warm up: 20 min, 120–140 bpm"


async def test_update_of_a_deleted_event_is_not_found(icu: ProviderHarness, context: ProviderContext) -> None:
    receipt = await plugin.export_workout(context, hills())
    icu.sandbox.calendar.events.clear()
    with pytest.raises(NotFound):
        await plugin.update_workout(context, hills(), receipt)


async def test_update_clears_the_time_that_an_earlier_version_sent(icu: ProviderHarness) -> None:
    context = await icu.connect()
    yoga = PlannedWorkout("Yoga", Sport.YOGA, (Step(TimeDuration(1800)),), DAY)
    receipt = await plugin.export_workout(context, plugin.compile_workout(yoga, ATHLETE))
    assert events(icu)[0]["moving_time"] == 1800
    metres = msgspec.structs.replace(yoga, steps=(Step(DistanceDuration(500)),))
    await plugin.update_workout(context, plugin.compile_workout(metres, ATHLETE), receipt)
    assert events(icu)[0]["moving_time"] is None


async def test_withdraw_removes_and_tolerates_what_is_gone(
    icu: ProviderHarness, context: ProviderContext
) -> None:
    receipt = await plugin.export_workout(context, hills())
    await plugin.withdraw_workout(context, receipt)
    assert icu.device().workouts == ()
    await plugin.withdraw_workout(context, receipt)


async def test_read_back(icu: ProviderHarness, context: ProviderContext) -> None:
    receipt = await plugin.export_workout(context, hills())
    copy = await plugin.read_back_workout(context, receipt)
    assert copy.exists
    assert copy.payload["uid"]
    assert copy.payload["workout_doc"]["steps"][1]["reps"] == 4
    icu.sandbox.calendar.events.clear()
    assert not (await plugin.read_back_workout(context, receipt)).exists


async def test_find_by_reference(icu: ProviderHarness, context: ProviderContext) -> None:
    assert await plugin.find_workout(context, hills()) is None
    receipt = await plugin.export_workout(context, hills())
    assert await plugin.find_workout(context, hills()) == receipt
    assert await plugin.find_workout(dataclasses.replace(context, reference="other"), hills()) is None


async def test_strength_arrives_as_prose(icu: ProviderHarness, context: ProviderContext) -> None:
    workout = PlannedWorkout("Gym", Sport.STRENGTH, (Step(TimeDuration(300), name="Plank"),), DAY)
    receipt = await plugin.export_workout(context, plugin.compile_workout(workout, ATHLETE))
    assert receipt.notes == ()
    assert icu.device().workouts[0].lines == ("About 5 min", "Plank: five minutes")


# -- lost answers -----------------------------------------------------------------------------------------


async def test_upsert_makes_a_lost_answer_harmless(icu: ProviderHarness) -> None:
    context = await icu.connect()
    icu.fault(FaultKind.DROP_AFTER, BULK, times=1)
    with pytest.raises(RetryLater) as lost:
        await plugin.export_workout(context, hills())
    assert lost.value.outcome_unknown
    found = await plugin.find_workout(context, hills())
    again = await plugin.export_workout(icu.again(context, outcome_unknown=True), hills())
    assert found
    assert found.external_id == again.external_id
    assert len(events(icu)) == 1


async def test_post_never_dedupes_so_an_api_key_looks_first(icu: ProviderHarness) -> None:
    context = icu.context(KEY)
    icu.fault(FaultKind.DROP_AFTER, EVENTS, method="POST", times=1)
    with pytest.raises(RetryLater) as lost:
        await plugin.export_workout(context, hills())
    assert lost.value.outcome_unknown
    assert len(events(icu)) == 1
    await plugin.export_workout(icu.again(context, outcome_unknown=True), hills())
    assert len(events(icu)) == 1


async def test_api_key_creates_when_the_lost_create_had_no_effect(icu: ProviderHarness) -> None:
    context = icu.context(KEY, outcome_unknown=True)
    await plugin.export_workout(context, hills())
    assert len(events(icu)) == 1


async def test_resumes_after_the_checkpoint(icu: ProviderHarness, context: ProviderContext) -> None:
    await plugin.export_workout(context, hills())
    receipt = await plugin.export_workout(icu.again(context), hills("Newer"))
    assert [receipt.external_ids] == icu.checkpoints[:1]
    assert [event["name"] for event in events(icu)] == ["Newer"]


async def test_resumes_when_the_athlete_deleted_the_event_meanwhile(icu: ProviderHarness) -> None:
    context = icu.context(KEY)
    await plugin.export_workout(context, hills())
    icu.sandbox.calendar.events.clear()
    await plugin.export_workout(icu.again(context), hills())
    assert len(events(icu)) == 1


# -- always read back -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ("- 10 min 120 bpm", "workout: the workout was to be of 9 steps and is without any steps"),
        ("- 400m\n- 2m", "workout: the workout was to be of 9 steps and is of 2 steps"),
    ],
)
async def test_misread_text_is_seen_in_what_is_held(
    icu: ProviderHarness, context: ProviderContext, description: str, words: str
) -> None:
    receipt = await plugin.export_workout(context, with_text(description))
    copy = await plugin.read_back_workout(context, receipt)
    sent = hills().meant
    assert copy.workout
    assert sent
    assert compare_steps(sent, copy.workout.steps, Sport.RUN)[0].words() == words


async def test_what_was_understood_is_what_was_meant(icu: ProviderHarness, context: ProviderContext) -> None:
    receipt = await plugin.export_workout(context, hills())
    copy = await plugin.read_back_workout(context, receipt)
    sent = hills().meant
    assert copy.workout
    assert sent
    assert compare_steps(sent, copy.workout.steps, Sport.RUN) == ()
    assert copy.workout.date == DAY


async def test_receipt_tells_of_thresholds_and_push_errors(icu: ProviderHarness) -> None:
    context = await icu.connect()
    icu.sandbox.athlete.lthr = 172
    icu.sandbox.calendar.push_errors = [{"service": "GARMIN", "message": "not connected", "date": "x"}]
    receipt = await plugin.export_workout(context, hills())
    assert receipt.notes == (
        "GARMIN: not connected",
        "LTHR is 172 at intervals.icu and 168 here: heart rates will differ",
    )
    icu.sandbox.athlete.lthr = None
    receipt = await plugin.export_workout(context, hills())
    assert "no LTHR is set at intervals.icu" in receipt.notes[1]


# -- errors -----------------------------------------------------------------------------------------------


async def test_rate_limit_says_when(icu: ProviderHarness) -> None:
    context = await icu.connect()
    icu.fault(FaultKind.RATE_LIMIT, value=7, times=1)
    with pytest.raises(RetryLater) as limited:
        await plugin.export_workout(context, hills())
    assert (limited.value.after_s, limited.value.outcome_unknown) == (7, False)


@pytest.mark.parametrize(
    ("budgets", "low", "high"),
    [
        ((RateBudget(1, 900), RateBudget(9, 86_400)), 900, 900),
        ((RateBudget(9, 900), RateBudget(1, 86_400)), 0, 86_400),
    ],
)
async def test_rate_limit_without_retry_after(
    icu: ProviderHarness, budgets: tuple[RateBudget, ...], low: int, high: int
) -> None:
    context = await icu.connect()
    icu.sandbox.limits.budgets = budgets
    icu.sandbox.sends_retry_after = False
    await plugin.describe_account(context)
    with pytest.raises(RetryLater) as limited:
        await plugin.describe_account(context)
    assert limited.value.after_s is not None
    assert low <= limited.value.after_s <= high


async def test_ip_limit_answers_without_headers(icu: ProviderHarness) -> None:
    context = await icu.connect()
    icu.sandbox.clock.freeze()
    icu.sandbox.per_ip_burst = 1
    await plugin.describe_account(context)
    with pytest.raises(RetryLater) as limited:
        await plugin.describe_account(context)
    assert limited.value.after_s is None


async def test_server_error_leaves_a_create_unknown(icu: ProviderHarness, context: ProviderContext) -> None:
    icu.fault(FaultKind.STATUS, EVENTS, value=502, times=1)
    with pytest.raises(RetryLater) as failed:
        await plugin.export_workout(context, hills())
    assert failed.value.outcome_unknown


async def test_malformed_answer_is_a_lost_one(icu: ProviderHarness, context: ProviderContext) -> None:
    icu.fault(FaultKind.MALFORMED, EVENTS, method="POST", times=1)
    with pytest.raises(RetryLater) as lost:
        await plugin.export_workout(context, hills())
    assert lost.value.outcome_unknown
    assert len(events(icu)) == 1


async def test_refused_body_is_rejected_in_their_words(
    icu: ProviderHarness, context: ProviderContext
) -> None:
    sent = hills()
    broken = msgspec.structs.replace(sent, payload=sent.payload | {"event": {"category": "PARTY"}})
    with pytest.raises(Rejected, match="Unknown category: PARTY"):
        await plugin.export_workout(context, broken)


async def test_a_404_for_the_path_is_no_deleted_event(icu: ProviderHarness) -> None:
    context = await icu.connect()

    def spring(refusal: Refusal) -> dict[str, Any]:
        return {"timestamp": "t", "status": refusal.status, "error": "Not Found", "path": "/nowhere"}

    icu.sandbox.refusal_body = spring  # type: ignore[method-assign]
    with pytest.raises(Misconfigured, match="HUB_INTERVALS_API_URL"):
        await plugin.withdraw_workout(context, Receipt({"event_id": "1"}))


async def test_dead_token(icu: ProviderHarness) -> None:
    context = await icu.connect()
    icu.sandbox.oauth.revoke("athlete-1")
    with pytest.raises(TokenExpired):
        await plugin.export_workout(context, hills())


async def test_missing_scope(icu: ProviderHarness) -> None:
    tokens = await icu.authorize(granted=["CALENDAR:READ"])
    with pytest.raises(ReconnectNeeded):
        await plugin.export_workout(icu.context(tokens), hills())


# -- accounts ---------------------------------------------------------------------------------------------


async def test_token_has_no_end_and_the_scopes_that_were_granted(icu: ProviderHarness) -> None:
    tokens = await icu.authorize(granted=["CALENDAR:WRITE", "WELLNESS:READ"])
    assert tokens.scopes == ("CALENDAR:WRITE", "WELLNESS:READ")
    assert (tokens.expires_at, tokens.refresh_token) == (None, None)
    account = await plugin.describe_account(icu.context(tokens))
    assert (account.provider_user_id, account.display_name) == ("i700001", "Athlete 1")
    assert account.scopes == tokens.scopes


@pytest.mark.parametrize("granted", [[], ["CALENDAR:READ"], ["WELLNESS:WRITE"]])
async def test_granted_is_not_asked(icu: ProviderHarness, granted: list[str]) -> None:
    tokens = await icu.authorize(granted=granted)
    with pytest.raises(ReconnectNeeded, match="calendar"):
        await plugin.describe_account(icu.context(tokens))


async def test_api_key_account(icu: ProviderHarness) -> None:
    assert (await plugin.describe_account(icu.context(KEY))).provider_user_id == "i700001"
    with pytest.raises(ReconnectNeeded):
        await plugin.describe_account(icu.context(plugin.tokens_from_api_key("wrong")))


def test_api_key_is_secret_with_and_without_its_user() -> None:
    tokens = plugin.tokens_from_api_key("  k3y-of-athlete\n")
    assert tokens == TokenSet(access_token="API_KEY:k3y-of-athlete", kind="basic")
    assert set(tokens.secrets()) == {"API_KEY:k3y-of-athlete", "k3y-of-athlete"}
    assert plugin.tokens_from_api_key("API_KEY:abc") == plugin.tokens_from_api_key("abc")


@pytest.mark.parametrize("key", ["", "  ", "two words", "schlüssel", "a\nb"])
def test_what_cannot_be_an_api_key(key: str) -> None:
    with pytest.raises(Rejected):
        plugin.tokens_from_api_key(key)


async def test_refresh_validates_and_keeps_the_token(icu: ProviderHarness, context: ProviderContext) -> None:
    assert await plugin.refresh_token(context) == context.tokens


async def test_refresh_of_a_dead_token_asks_to_reconnect(icu: ProviderHarness) -> None:
    context = await icu.connect()
    await icu.authorize()  # a newer authorization ends the older token
    with pytest.raises(ReconnectNeeded) as dead:
        await plugin.refresh_token(context)
    assert not isinstance(dead.value, TokenExpired)


@pytest.mark.parametrize("status", [404, 422, 500, 503])
async def test_refresh_that_gets_no_clear_answer_is_tried_later(icu: ProviderHarness, status: int) -> None:
    context = await icu.connect()
    icu.fault(FaultKind.STATUS, "/api/v1/athlete", value=status)
    with pytest.raises(RetryLater):
        await plugin.refresh_token(context)


async def test_revoke_ends_the_token_and_may_be_repeated(icu: ProviderHarness) -> None:
    context = await icu.connect()
    await plugin.revoke_token(context)
    await plugin.revoke_token(context)
    with pytest.raises(TokenExpired):
        await plugin.export_workout(context, hills())


async def test_an_api_key_is_left_alone_and_not_said_to_have_ended(icu: ProviderHarness) -> None:
    with pytest.raises(Unsupported, match="make a new one there"):
        await plugin.revoke_token(icu.context(KEY))
    assert icu.sandbox.journal.count("DELETE", "/api/v1/disconnect-app") == 0
