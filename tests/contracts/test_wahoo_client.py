"""Wahoo's client as the consumer, Wahoo's sandbox as the provider."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from pact import match

import hub_wahoo.plugin as plugin
from hub_core.sdk import NotFound, ReconnectNeeded, Rejected, RetryLater, TokenExpired, compare_steps
from hub_core.testing.harness import REDIRECT_URI
from hub_wahoo.client import PAGE_SIZE, WahooClient
from hub_wahoo.read_back import from_plan
from hub_wahoo.schemas import PlanFile, User

from .contract import Exchange, at
from .plugin_contract import (
    BEARER,
    CODE,
    PKCE_FORM,
    REFERENCE,
    REFRESH_FORM,
    VERIFIER,
    speaking,
    verify_sandbox,
)
from .wahoo_exchanges import (
    A_PLAN,
    A_WORKOUT,
    CONTRACT,
    NEW_PLAN_FIELDS,
    PLAN,
    PLAN_FIELDS,
    PLAN_FORM,
    PLAN_ID,
    TOKEN_PAIR,
    TOO_MANY_TOKENS,
    WORKOUT,
    WORKOUT_FIELDS,
    WORKOUT_FORM,
    WORKOUT_ID,
    wahoo,
)
from .wahoo_states import COMPILED, STARTS, STATES, data_uri

# -- plans --------------------------------------------------------------------------------------------


async def test_find_plans(exchange: Exchange) -> None:
    exchange.given("a plan is stored")
    exchange.sends("GET", "/v1/plans", headers=BEARER, query={"external_id": REFERENCE}).gets(200, [PLAN])
    async with wahoo(exchange) as client:
        [found] = await client.find_plans(REFERENCE)
    assert (found.id, found.external_id, found.deleted) == (PLAN_ID, REFERENCE, False)


async def test_find_plans_with_an_id_that_is_free(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("GET", "/v1/plans", headers=BEARER, query={"external_id": REFERENCE}).gets(200, [])
    async with wahoo(exchange) as client:
        assert await client.find_plans(REFERENCE) == []


async def test_find_plans_that_were_deleted(exchange: Exchange) -> None:
    exchange.given("a plan was deleted, and is still listed")
    exchange.sends("GET", "/v1/plans", headers=BEARER, query={"external_id": REFERENCE})
    exchange.gets(200, [{"id": match.int(PLAN_ID), "deleted": True}])
    async with wahoo(exchange) as client:
        [found] = await client.find_plans(REFERENCE)
    assert found.deleted


async def test_get_plan(exchange: Exchange) -> None:
    exchange.given("a plan is stored").sends("GET", A_PLAN, headers=BEARER).gets(200, PLAN)
    async with wahoo(exchange) as client:
        assert (await client.get_plan(str(PLAN_ID))).id == PLAN_ID


async def test_get_plan_file(exchange: Exchange) -> None:
    """From the CDN, which is asked for no token and given none."""
    exchange.given("a plan is stored")
    exchange.sends("GET", at("/cdn/plans/{plan_id}.json", plan_id=PLAN_ID)).gets(
        200, COMPILED.payload["plan"]
    )
    async with wahoo(exchange) as client:
        held = from_plan(await client.get_plan_file(f"{client.http.base_url}/cdn/plans/{PLAN_ID}.json"))
    assert held
    assert COMPILED.meant
    assert compare_steps(COMPILED.meant, held.steps, held.sport) == ()


async def test_get_plan_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a plan was deleted").sends("GET", A_PLAN, headers=BEARER).gets(404)
    async with wahoo(exchange) as client:
        with pytest.raises(NotFound):
            await client.get_plan(str(PLAN_ID))


async def test_create_plan(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("POST", "/v1/plans", headers=BEARER, form=NEW_PLAN_FIELDS).gets(201, PLAN)
    async with wahoo(exchange) as client:
        plan = await client.create_plan(PLAN_FORM)
    assert (plan.id, plan.file) == (PLAN_ID, PlanFile("https://cdn.example/90017.json"))


async def test_create_plan_that_is_invalid(exchange: Exchange) -> None:
    document = msgspec.json.encode({"header": {"author": "hub"}, "intervals": []})
    exchange.given("an athlete is connected")
    fields = {**NEW_PLAN_FIELDS, "plan[file]": data_uri(document)}
    exchange.sends("POST", "/v1/plans", headers=BEARER, form=fields)
    exchange.gets(422, {"error": match.str("field 'author' is not an allowed field")})
    async with wahoo(exchange) as client:
        with pytest.raises(Rejected, match="wahoo: field 'author' is not an allowed field"):
            await client.create_plan(msgspec.structs.replace(PLAN_FORM, document=document))


async def test_create_plan_of_an_app_that_is_not_approved(exchange: Exchange) -> None:
    exchange.given("the app is not approved")
    exchange.sends("POST", "/v1/plans", headers=BEARER, form=NEW_PLAN_FIELDS)
    exchange.gets(422, {"error": match.str("This app is not approved for plans")})
    async with wahoo(exchange) as client:
        with pytest.raises(Rejected, match="not approved"):
            await client.create_plan(PLAN_FORM)


async def test_create_plan_without_the_scope(exchange: Exchange) -> None:
    exchange.given("an athlete has allowed reading only")
    exchange.sends("POST", "/v1/plans", headers=BEARER, form=NEW_PLAN_FIELDS).gets(403)
    async with wahoo(exchange) as client:
        with pytest.raises(ReconnectNeeded, match="allow everything that is asked for"):
            await client.create_plan(PLAN_FORM)


async def test_create_plan_beyond_the_quota(exchange: Exchange) -> None:
    exchange.given("the app's quota is spent")
    exchange.sends("POST", "/v1/plans", headers=BEARER, form=NEW_PLAN_FIELDS)
    exchange.gets(429, headers={"X-RateLimit-Reset": match.regex("120", regex=r"[1-9]\d*")})
    async with wahoo(exchange) as client:
        with pytest.raises(RetryLater) as refused:
            await client.create_plan(PLAN_FORM)
    assert (refused.value.after_s, refused.value.outcome_unknown) == (120, False)


async def test_update_plan(exchange: Exchange) -> None:
    exchange.given("a plan is stored").sends("PUT", A_PLAN, headers=BEARER, form=PLAN_FIELDS).gets(200, PLAN)
    async with wahoo(exchange) as client:
        assert (await client.update_plan(str(PLAN_ID), PLAN_FORM)).id == PLAN_ID


async def test_update_plan_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a plan was deleted").sends("PUT", A_PLAN, headers=BEARER, form=PLAN_FIELDS).gets(404)
    async with wahoo(exchange) as client:
        with pytest.raises(NotFound):
            await client.update_plan(str(PLAN_ID), PLAN_FORM)


async def test_delete_plan(exchange: Exchange) -> None:
    exchange.given("a plan is stored").sends("DELETE", A_PLAN, headers=BEARER).gets(204)
    async with wahoo(exchange) as client:
        await client.delete_plan(str(PLAN_ID))


async def test_delete_plan_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a plan was deleted").sends("DELETE", A_PLAN, headers=BEARER).gets(404)
    async with wahoo(exchange) as client:
        await client.delete_plan(str(PLAN_ID))


# -- workouts -----------------------------------------------------------------------------------------


async def test_list_workouts(exchange: Exchange) -> None:
    exchange.given("a workout is stored")
    query = {"page": "1", "per_page": str(PAGE_SIZE)}
    exchange.sends("GET", "/v1/workouts", headers=BEARER, query=query)
    exchange.gets(200, {"workouts": [WORKOUT], "total": match.int(1)})
    async with wahoo(exchange) as client:
        page = await client.list_workouts(1)
    assert page.total == 1
    [found] = page.workouts
    assert (found.id, found.workout_token, found.plan_id) == (WORKOUT_ID, REFERENCE, PLAN_ID)
    assert found.starts == dt.datetime.fromisoformat(STARTS)


async def test_list_done(exchange: Exchange) -> None:
    exchange.given("a workout was done")
    query = {"page": "1", "per_page": str(PAGE_SIZE)}
    summary = {
        "duration_total_accum": match.regex("4405.0", regex=r"\d+\.\d+"),
        "updated_at": match.str("2031-04-07T13:20:00.000Z"),
        "file": {"url": match.regex("https://cdn.wahooligan.com/77001.fit", regex=r"https?://\S+\.fit")},
    }
    done = {"id": match.int(WORKOUT_ID), "starts": match.str(STARTS), "workout_summary": summary}
    exchange.sends("GET", "/v1/workouts", headers=BEARER, query=query)
    exchange.gets(200, {"workouts": [done], "total": match.int(1)})
    async with wahoo(exchange) as client:
        page = await client.list_done(1)
    assert page.total == 1
    [found] = page.workouts
    assert found["workout_summary"]["duration_total_accum"] == "4405.0"


async def test_get_workout(exchange: Exchange) -> None:
    exchange.given("a workout is stored").sends("GET", A_WORKOUT, headers=BEARER).gets(200, WORKOUT)
    async with wahoo(exchange) as client:
        assert (await client.get_workout(str(WORKOUT_ID))).plan_id == PLAN_ID


async def test_get_workout_that_has_lost_its_plan(exchange: Exchange) -> None:
    exchange.given("a workout is stored, and its plan was deleted")
    exchange.sends("GET", A_WORKOUT, headers=BEARER).gets(200, {"id": match.int(WORKOUT_ID), "plan_id": None})
    async with wahoo(exchange) as client:
        assert (await client.get_workout(str(WORKOUT_ID))).plan_id is None


async def test_get_workout_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was deleted").sends("GET", A_WORKOUT, headers=BEARER).gets(404)
    async with wahoo(exchange) as client:
        with pytest.raises(NotFound):
            await client.get_workout(str(WORKOUT_ID))


async def test_create_workout(exchange: Exchange) -> None:
    exchange.given("a plan is stored")
    exchange.sends("POST", "/v1/workouts", headers=BEARER, form=WORKOUT_FIELDS).gets(201, WORKOUT)
    async with wahoo(exchange) as client:
        workout = await client.create_workout(WORKOUT_FORM)
    assert (workout.id, workout.workout_token) == (WORKOUT_ID, REFERENCE)


async def test_create_workout_without_a_name(exchange: Exchange) -> None:
    exchange.given("a plan is stored")
    exchange.sends("POST", "/v1/workouts", headers=BEARER, form={**WORKOUT_FIELDS, "workout[name]": ""})
    exchange.gets(422, {"error": match.str("workout[name] is missing")})
    async with wahoo(exchange) as client:
        with pytest.raises(Rejected, match="is missing"):
            await client.create_workout(msgspec.structs.replace(WORKOUT_FORM, name=""))


async def test_update_workout(exchange: Exchange) -> None:
    exchange.given("a workout is stored")
    exchange.sends("PUT", A_WORKOUT, headers=BEARER, form=WORKOUT_FIELDS).gets(200, WORKOUT)
    async with wahoo(exchange) as client:
        assert (await client.update_workout(str(WORKOUT_ID), WORKOUT_FORM)).id == WORKOUT_ID


async def test_update_workout_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was deleted")
    exchange.sends("PUT", A_WORKOUT, headers=BEARER, form=WORKOUT_FIELDS).gets(404)
    async with wahoo(exchange) as client:
        with pytest.raises(NotFound):
            await client.update_workout(str(WORKOUT_ID), WORKOUT_FORM)


async def test_delete_workout(exchange: Exchange) -> None:
    exchange.given("a workout is stored").sends("DELETE", A_WORKOUT, headers=BEARER).gets(204)
    async with wahoo(exchange) as client:
        await client.delete_workout(str(WORKOUT_ID))


async def test_delete_workout_that_is_gone(exchange: Exchange) -> None:
    exchange.given("a workout was deleted").sends("DELETE", A_WORKOUT, headers=BEARER).gets(404)
    async with wahoo(exchange) as client:
        await client.delete_workout(str(WORKOUT_ID))


# -- the athlete --------------------------------------------------------------------------------------


async def test_get_user(exchange: Exchange) -> None:
    exchange.given("an athlete is connected").sends("GET", "/v1/user", headers=BEARER)
    exchange.gets(200, {"id": match.int(4101), "first": match.str("Ada"), "last": match.str("Rider")})
    async with wahoo(exchange) as client:
        assert await client.get_user() == User(4101, "Ada", "Rider")


async def test_get_user_without_the_scope(exchange: Exchange) -> None:
    exchange.given("an athlete has not allowed user_read")
    exchange.sends("GET", "/v1/user", headers=BEARER).gets(403)
    async with wahoo(exchange) as client:
        with pytest.raises(ReconnectNeeded):
            await client.get_user()


async def test_get_user_with_an_expired_token(exchange: Exchange) -> None:
    exchange.given("an athlete's access token has expired")
    exchange.sends("GET", "/v1/user", headers=BEARER).gets(401)
    async with wahoo(exchange) as client:
        with pytest.raises(TokenExpired):
            await client.get_user()


async def test_delete_permissions(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("DELETE", "/v1/permissions", headers=BEARER).gets(204)
    async with wahoo(exchange) as client:
        await client.delete_permissions()


async def test_delete_permissions_that_have_ended(exchange: Exchange) -> None:
    exchange.given("an athlete has ended the consent")
    exchange.sends("DELETE", "/v1/permissions", headers=BEARER).gets(401)
    async with wahoo(exchange) as client:
        await client.delete_permissions()


# -- tokens -------------------------------------------------------------------------------------------


async def test_exchange_code(exchange: Exchange) -> None:
    exchange.given("an athlete has just consented").sends("POST", "/oauth/token", form=PKCE_FORM)
    exchange.gets(200, TOKEN_PAIR)
    async with speaking(plugin, exchange, tokens=None) as context:
        tokens = await context.oauth().exchange_code(code=CODE, redirect_uri=REDIRECT_URI, verifier=VERIFIER)
    assert (tokens.access_token, tokens.refresh_token) == ("access-token-2", "refresh-token-2")


async def test_exchange_code_that_was_used_before(exchange: Exchange) -> None:
    exchange.given("an athlete's code was used before").sends("POST", "/oauth/token", form=PKCE_FORM)
    exchange.gets(400, {"error": "invalid_grant"})
    async with speaking(plugin, exchange, tokens=None) as context:
        with pytest.raises(ReconnectNeeded):
            await context.oauth().exchange_code(code=CODE, redirect_uri=REDIRECT_URI, verifier=VERIFIER)


async def test_exchange_code_with_ten_live_tokens(exchange: Exchange) -> None:
    exchange.given("an athlete has ten live tokens and consents again")
    exchange.sends("POST", "/oauth/token", form=PKCE_FORM)
    exchange.gets(400, {"error": match.regex(f"{TOO_MANY_TOKENS} ...", regex=f"{TOO_MANY_TOKENS}.*")})
    async with speaking(plugin, exchange, tokens=None) as context:
        with pytest.raises(ReconnectNeeded, match="Too many unrevoked access tokens"):
            await context.oauth().exchange_code(code=CODE, redirect_uri=REDIRECT_URI, verifier=VERIFIER)


async def test_refresh_token(exchange: Exchange) -> None:
    exchange.given("an athlete has a refresh token").sends("POST", "/oauth/token", form=REFRESH_FORM)
    exchange.gets(200, TOKEN_PAIR)
    async with speaking(plugin, exchange) as context:
        tokens = await plugin.refresh_token(context)
    assert (tokens.access_token, tokens.refresh_token) == ("access-token-2", "refresh-token-2")


async def test_refresh_token_again_after_a_lost_answer(exchange: Exchange) -> None:
    exchange.given("an athlete's refresh token was used, but not the new access token")
    exchange.sends("POST", "/oauth/token", form=REFRESH_FORM).gets(200, TOKEN_PAIR)
    async with speaking(plugin, exchange) as context:
        assert (await plugin.refresh_token(context)).refresh_token == "refresh-token-2"


async def test_refresh_token_that_is_dead(exchange: Exchange) -> None:
    exchange.given("an athlete's refresh token was used, and the new access token too")
    exchange.sends("POST", "/oauth/token", form=REFRESH_FORM).gets(400, {"error": "invalid_grant"})
    async with speaking(plugin, exchange) as context:
        with pytest.raises(ReconnectNeeded):
            await plugin.refresh_token(context)


# -- the two sides ------------------------------------------------------------------------------------


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, WahooClient, STATES)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_sandbox(CONTRACT, plugin, STATES)
