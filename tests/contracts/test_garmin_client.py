"""Garmin's client as the consumer, Garmin's sandbox as the provider."""

from __future__ import annotations

import pytest
from pact import match

import hub_garmin.plugin as plugin
from hub_core.sdk import NotFound, ReconnectNeeded, Rejected, RetryLater, TokenExpired
from hub_core.testing.harness import REDIRECT_URI
from hub_garmin.client import GarminClient
from hub_garmin.schemas import PermissionsObject, WorkoutAnswer

from .contract import Exchange, injected
from .garmin_exchanges import (
    CONTRACT,
    DAY,
    IDS,
    OWNER_ID,
    SCHEDULE,
    SCHEDULE_ID,
    TOKEN_PAIR,
    TOKENS,
    WORKOUT,
    WORKOUT_ID,
    garmin,
    refusal,
)
from .garmin_states import RECIPE, STATES
from .plugin_contract import BEARER, CODE, DATE, PKCE_FORM, REFRESH_FORM, VERIFIER, speaking, verify_sandbox

# -- workouts -----------------------------------------------------------------------------------------


async def test_create_workout(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("POST", "/workoutportal/workout/v2", headers=BEARER, json=RECIPE)
    exchange.gets(200, {"workoutId": match.int(WORKOUT_ID), "ownerId": match.int(OWNER_ID)})
    async with garmin(exchange) as client:
        assert await client.create_workout(RECIPE) == WorkoutAnswer(WORKOUT_ID, OWNER_ID)


async def test_create_workout_without_the_permission(exchange: Exchange) -> None:
    exchange.given("an athlete has not granted WORKOUT_IMPORT")
    exchange.sends("POST", "/workoutportal/workout/v2", headers=BEARER, json=RECIPE).gets(412)
    async with garmin(exchange) as client:
        with pytest.raises(ReconnectNeeded, match="leave WORKOUT_IMPORT ticked"):
            await client.create_workout(RECIPE)


async def test_create_workout_that_is_invalid(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    nameless = {**RECIPE, "workoutName": None}
    exchange.sends("POST", "/workoutportal/workout/v2", headers=BEARER, json=nameless)
    exchange.gets(400, refusal("workoutName: is required"))
    async with garmin(exchange) as client:
        with pytest.raises(Rejected, match="workoutName: is required"):
            await client.create_workout(nameless)


async def test_create_workout_beyond_the_limits(exchange: Exchange) -> None:
    exchange.given("an athlete has spent the calls of the day")
    exchange.sends("POST", "/workoutportal/workout/v2", headers=BEARER, json=RECIPE)
    exchange.gets(429, headers={"Retry-After": match.regex("3600", regex=r"\d+")})
    async with garmin(exchange) as client:
        with pytest.raises(RetryLater) as refused:
            await client.create_workout(RECIPE)
    assert (refused.value.after_s, refused.value.outcome_unknown) == (3600, False)


async def test_get_workout(exchange: Exchange) -> None:
    exchange.given("a workout is stored").sends("GET", WORKOUT, headers=BEARER)
    exchange.gets(200, {"workoutId": match.int(WORKOUT_ID), "workoutName": match.str("Over-unders")})
    async with garmin(exchange) as client:
        found = await client.get_workout(WORKOUT_ID)
    assert found == {"workoutId": WORKOUT_ID, "workoutName": "Over-unders"}


async def test_get_workout_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was deleted").sends("GET", WORKOUT, headers=BEARER).gets(404)
    async with garmin(exchange) as client:
        assert await client.get_workout(WORKOUT_ID) is None


async def test_get_owner_id(exchange: Exchange) -> None:
    exchange.given("a workout is stored").sends("GET", WORKOUT, headers=BEARER)
    exchange.gets(200, {"workoutId": match.int(WORKOUT_ID), "ownerId": match.int(OWNER_ID)})
    async with garmin(exchange) as client:
        assert await client.get_owner_id(WORKOUT_ID) == OWNER_ID


async def test_get_owner_id_of_a_workout_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was deleted").sends("GET", WORKOUT, headers=BEARER).gets(404)
    async with garmin(exchange) as client:
        with pytest.raises(NotFound):
            await client.get_owner_id(WORKOUT_ID)


async def test_update_workout(exchange: Exchange) -> None:
    exchange.given("a workout is stored").sends("PUT", WORKOUT, headers=BEARER, json={**RECIPE, **IDS})
    exchange.gets(200, {"workoutId": match.int(WORKOUT_ID)})
    async with garmin(exchange) as client:
        await client.update_workout(WORKOUT_ID, {**RECIPE, "workoutId": WORKOUT_ID, "ownerId": OWNER_ID})


async def test_update_workout_answered_without_a_body(exchange: Exchange) -> None:
    exchange.given("a workout is stored, and updates are answered without a body")
    exchange.sends("PUT", WORKOUT, headers=BEARER, json={**RECIPE, **IDS}).gets(204)
    async with garmin(exchange) as client:
        await client.update_workout(WORKOUT_ID, {**RECIPE, "workoutId": WORKOUT_ID, "ownerId": OWNER_ID})


async def test_update_workout_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was deleted")
    exchange.sends("PUT", WORKOUT, headers=BEARER, json={**RECIPE, **IDS}).gets(404)
    async with garmin(exchange) as client:
        with pytest.raises(NotFound):
            await client.update_workout(WORKOUT_ID, {**RECIPE, "workoutId": WORKOUT_ID, "ownerId": OWNER_ID})


async def test_delete_workout(exchange: Exchange) -> None:
    exchange.given("a workout is stored").sends("DELETE", WORKOUT, headers=BEARER).gets(204)
    async with garmin(exchange) as client:
        await client.delete_workout(WORKOUT_ID)


async def test_delete_workout_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was deleted").sends("DELETE", WORKOUT, headers=BEARER).gets(404)
    async with garmin(exchange) as client:
        await client.delete_workout(WORKOUT_ID)


# -- schedules ----------------------------------------------------------------------------------------


async def test_create_schedule(exchange: Exchange) -> None:
    plan = {"workoutId": IDS["workoutId"], "date": DAY}
    exchange.given("a workout is stored")
    exchange.sends("POST", "/training-api/schedule/", headers=BEARER, json=plan)
    exchange.gets(200, {"scheduleId": match.int(SCHEDULE_ID)})
    async with garmin(exchange) as client:
        assert await client.create_schedule(WORKOUT_ID, DATE) == SCHEDULE_ID


async def test_create_schedule_answered_without_a_body(exchange: Exchange) -> None:
    plan = {"workoutId": IDS["workoutId"], "date": DAY}
    exchange.given("a workout is stored, and schedules are answered without a body")
    exchange.sends("POST", "/training-api/schedule/", headers=BEARER, json=plan).gets(204)
    async with garmin(exchange) as client:
        assert await client.create_schedule(WORKOUT_ID, DATE) is None


async def test_create_schedule_of_a_workout_that_is_gone(exchange: Exchange) -> None:
    plan = {"workoutId": IDS["workoutId"], "date": DAY}
    exchange.given("a workout was deleted")
    exchange.sends("POST", "/training-api/schedule/", headers=BEARER, json=plan).gets(404)
    async with garmin(exchange) as client:
        with pytest.raises(NotFound):
            await client.create_schedule(WORKOUT_ID, DATE)


async def test_get_schedule(exchange: Exchange) -> None:
    exchange.given("a workout is scheduled").sends("GET", SCHEDULE, headers=BEARER)
    exchange.gets(
        200, {"scheduleId": match.int(SCHEDULE_ID), "workoutId": match.int(WORKOUT_ID), "date": DAY}
    )
    async with garmin(exchange) as client:
        found = await client.get_schedule(SCHEDULE_ID)
    assert found == {"scheduleId": SCHEDULE_ID, "workoutId": WORKOUT_ID, "date": DAY}


async def test_get_schedule_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was taken off its date").sends("GET", SCHEDULE, headers=BEARER).gets(404)
    async with garmin(exchange) as client:
        assert await client.get_schedule(SCHEDULE_ID) is None


async def test_find_schedule(exchange: Exchange) -> None:
    exchange.given("a workout is scheduled")
    exchange.sends("GET", "/training-api/schedule", headers=BEARER, query={"startDate": DAY, "endDate": DAY})
    exchange.gets(200, [{"scheduleId": match.int(SCHEDULE_ID), "workoutId": match.int(WORKOUT_ID)}])
    async with garmin(exchange) as client:
        assert await client.find_schedule(WORKOUT_ID, DATE) == SCHEDULE_ID


async def test_find_schedule_with_the_id_by_its_other_name(exchange: Exchange) -> None:
    exchange.given("a workout is scheduled, and the id is called workoutScheduleId")
    exchange.sends("GET", "/training-api/schedule", headers=BEARER, query={"startDate": DAY, "endDate": DAY})
    exchange.gets(200, [{"workoutScheduleId": match.int(SCHEDULE_ID), "workoutId": match.int(WORKOUT_ID)}])
    async with garmin(exchange) as client:
        assert await client.find_schedule(WORKOUT_ID, DATE) == SCHEDULE_ID


async def test_find_schedule_on_a_free_day(exchange: Exchange) -> None:
    exchange.given("a workout was taken off its date")
    exchange.sends(
        "GET", "/training-api/schedule", headers=BEARER, query={"startDate": DAY, "endDate": DAY}
    ).gets(200, [])
    async with garmin(exchange) as client:
        assert await client.find_schedule(WORKOUT_ID, DATE) is None


async def test_update_schedule(exchange: Exchange) -> None:
    moved = {
        "scheduleId": injected(SCHEDULE_ID, "${schedule_id}"),
        "workoutId": IDS["workoutId"],
        "date": DAY,
    }
    exchange.given("a workout is scheduled").sends("PUT", SCHEDULE, headers=BEARER, json=moved).gets(200)
    async with garmin(exchange) as client:
        await client.update_schedule(SCHEDULE_ID, WORKOUT_ID, DATE)


async def test_update_schedule_that_is_gone(exchange: Exchange) -> None:
    moved = {
        "scheduleId": injected(SCHEDULE_ID, "${schedule_id}"),
        "workoutId": IDS["workoutId"],
        "date": DAY,
    }
    exchange.given("a workout was taken off its date")
    exchange.sends("PUT", SCHEDULE, headers=BEARER, json=moved).gets(404)
    async with garmin(exchange) as client:
        with pytest.raises(NotFound):
            await client.update_schedule(SCHEDULE_ID, WORKOUT_ID, DATE)


async def test_delete_schedule(exchange: Exchange) -> None:
    exchange.given("a workout is scheduled").sends("DELETE", SCHEDULE, headers=BEARER).gets(204)
    async with garmin(exchange) as client:
        await client.delete_schedule(SCHEDULE_ID)


async def test_delete_schedule_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was taken off its date").sends("DELETE", SCHEDULE, headers=BEARER).gets(404)
    async with garmin(exchange) as client:
        await client.delete_schedule(SCHEDULE_ID)


# -- the athlete --------------------------------------------------------------------------------------


async def test_get_user_id(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("GET", "/wellness-api/rest/user/id", headers=BEARER)
    exchange.gets(200, {"userId": match.regex("d3315b10", regex=r".{1,64}")})
    async with garmin(exchange) as client:
        assert await client.get_user_id() == "d3315b10"


async def test_get_user_id_with_an_expired_token(exchange: Exchange) -> None:
    exchange.given("an athlete's access token has expired")
    exchange.sends("GET", "/wellness-api/rest/user/id", headers=BEARER)
    exchange.gets(401, {"errorMessage": match.includes("Token is not active")})
    async with garmin(exchange) as client:
        with pytest.raises(TokenExpired):
            await client.get_user_id()


async def test_get_user_id_with_an_unknown_token(exchange: Exchange) -> None:
    exchange.given("an athlete has ended the registration")
    exchange.sends("GET", "/wellness-api/rest/user/id", headers=BEARER).gets(403, refusal("Unknown token"))
    async with garmin(exchange) as client:
        with pytest.raises(ReconnectNeeded, match="Unknown token") as refused:
            await client.get_user_id()
    assert not isinstance(refused.value, TokenExpired)


async def test_get_permissions(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("GET", "/wellness-api/rest/user/permissions", headers=BEARER)
    exchange.gets(200, {"permissions": match.each_like("WORKOUT_IMPORT", min=1)})
    async with garmin(exchange) as client:
        assert await client.get_permissions() == PermissionsObject(["WORKOUT_IMPORT"])


async def test_get_permissions_as_a_bare_list(exchange: Exchange) -> None:
    exchange.given("an athlete is connected, and permissions come as a bare list")
    exchange.sends("GET", "/wellness-api/rest/user/permissions", headers=BEARER)
    exchange.gets(200, match.each_like("WORKOUT_IMPORT", min=1))
    async with garmin(exchange) as client:
        assert await client.get_permissions() == ["WORKOUT_IMPORT"]


async def test_delete_registration(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("DELETE", "/wellness-api/rest/user/registration", headers=BEARER).gets(204)
    async with garmin(exchange) as client:
        await client.delete_registration()


async def test_delete_registration_that_has_ended(exchange: Exchange) -> None:
    exchange.given("an athlete has ended the registration")
    exchange.sends("DELETE", "/wellness-api/rest/user/registration", headers=BEARER).gets(403)
    async with garmin(exchange) as client:
        await client.delete_registration()


# -- history ------------------------------------------------------------------------------------------

BACKFILL = "/wellness-api/rest/backfill/dailies"
SPAN = (1_790_000_000, 1_790_086_400)
OF_THE_SPAN = {"summaryStartTimeInSeconds": str(SPAN[0]), "summaryEndTimeInSeconds": str(SPAN[1])}


async def test_request_backfill(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("GET", BACKFILL, headers=BEARER, query=OF_THE_SPAN).gets(202)
    async with garmin(exchange) as client:
        assert await client.request_backfill("dailies", *SPAN)


async def test_request_backfill_that_was_asked_for(exchange: Exchange) -> None:
    exchange.given("an athlete's history was asked for")
    exchange.sends("GET", BACKFILL, headers=BEARER, query=OF_THE_SPAN).gets(409)
    async with garmin(exchange) as client:
        assert await client.request_backfill("dailies", *SPAN)


async def test_request_backfill_of_what_is_not_shared(exchange: Exchange) -> None:
    exchange.given("an athlete shares the history of activities alone")
    exchange.sends("GET", BACKFILL, headers=BEARER, query=OF_THE_SPAN).gets(412)
    async with garmin(exchange) as client:
        assert not await client.request_backfill("dailies", *SPAN)


async def test_request_backfill_without_the_permission(exchange: Exchange) -> None:
    exchange.given("an athlete has not granted WORKOUT_IMPORT")
    exchange.sends("GET", BACKFILL, headers=BEARER, query=OF_THE_SPAN).gets(403)
    async with garmin(exchange) as client:
        with pytest.raises(ReconnectNeeded, match="HISTORICAL_DATA_EXPORT"):
            await client.request_backfill("dailies", *SPAN)


async def test_request_backfill_that_begins_too_early(exchange: Exchange) -> None:
    exchange.given("an athlete's history begins at 1790040000")
    exchange.sends("GET", BACKFILL, headers=BEARER, query=OF_THE_SPAN)
    exchange.gets(400, {"errorMessage": match.regex("min start time of 1790040000", regex=".*1790040000.*")})
    async with garmin(exchange) as client:
        with pytest.raises(Rejected, match="1790040000"):
            await client.request_backfill("dailies", *SPAN)


# -- tokens -------------------------------------------------------------------------------------------


async def test_exchange_code(exchange: Exchange) -> None:
    exchange.given("an athlete has just consented").sends("POST", TOKENS, form=PKCE_FORM)
    exchange.gets(200, TOKEN_PAIR)
    async with speaking(plugin, exchange, tokens=None) as context:
        tokens = await context.oauth().exchange_code(code=CODE, redirect_uri=REDIRECT_URI, verifier=VERIFIER)
    assert (tokens.access_token, tokens.refresh_token) == ("access-token-2", "refresh-token-2")
    assert tokens.expires_at
    assert tokens.refresh_expires_at


async def test_exchange_code_that_has_expired(exchange: Exchange) -> None:
    exchange.given("an athlete has consented ten minutes ago").sends("POST", TOKENS, form=PKCE_FORM)
    exchange.gets(400, {"error": "invalid_grant"})
    async with speaking(plugin, exchange, tokens=None) as context:
        with pytest.raises(ReconnectNeeded):
            await context.oauth().exchange_code(code=CODE, redirect_uri=REDIRECT_URI, verifier=VERIFIER)


async def test_refresh_token(exchange: Exchange) -> None:
    exchange.given("an athlete has a refresh token").sends("POST", TOKENS, form=REFRESH_FORM)
    exchange.gets(200, TOKEN_PAIR)
    async with speaking(plugin, exchange) as context:
        tokens = await plugin.refresh_token(context)
    assert (tokens.access_token, tokens.refresh_token) == ("access-token-2", "refresh-token-2")


async def test_refresh_token_that_was_used_before(exchange: Exchange) -> None:
    exchange.given("an athlete's refresh token was used before").sends("POST", TOKENS, form=REFRESH_FORM)
    exchange.gets(400, {"error": "invalid_grant"})
    async with speaking(plugin, exchange) as context:
        with pytest.raises(ReconnectNeeded):
            await plugin.refresh_token(context)


# -- the two sides ------------------------------------------------------------------------------------


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, GarminClient, STATES)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_sandbox(CONTRACT, plugin, STATES)
