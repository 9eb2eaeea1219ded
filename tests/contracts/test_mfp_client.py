"""MyFitnessPal's client as the consumer, its sandbox as the provider."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from pact import match

import hub_mfp.plugin as plugin
from hub_core.sandbox import CLIENT_ID, CLIENT_SECRET
from hub_core.sdk import Rejected, RetryLater, TokenExpired
from hub_core.testing.harness import REDIRECT_URI
from hub_mfp.client import MfpClient, client_of
from hub_mfp.ingest import to_day
from hub_mfp.schemas import Subscription

from .contract import Contract, Exchange, Matched, at, injected
from .mfp_states import STATES
from .plugin_contract import (
    BEARER,
    CODE,
    CODE_FORM,
    DATE,
    REFRESH_FORM,
    REFRESH_TOKEN,
    TOKENS,
    VERIFIER,
    speaking,
    verify_sandbox,
)

CONTRACT = Contract("hub-mfp", "mfp")
USER = "7001"
OWNER = msgspec.structs.replace(TOKENS, user_id=USER)
#: Token, client and user travel together.
HEADERS: dict[str, Matched] = {
    **BEARER,
    "Accept": "application/json",
    "mfp-client-id": CLIENT_ID,
    "mfp-user-id": injected(USER, "${user_id}"),
}
OF_THE_DAY: dict[str, Matched] = {
    "entry_date": DATE.isoformat(),
    "types": "diary_meal",
    "fields[]": "nutritional_contents",
}
REVOKED = {
    "error": match.str("invalid_grant"),
    "error_description": match.str("unknown token"),
}


@asynccontextmanager
async def mfp(exchange: Exchange) -> AsyncIterator[MfpClient]:
    async with speaking(plugin, exchange, OWNER) as context:
        yield client_of(context)


def meal(energy: float, unit: str = "calories") -> dict[str, Any]:
    contents = {
        "energy": {"unit": unit, "value": match.number(energy)},
        "carbohydrates": match.number(150),
        "protein": match.number(60),
        "fat": match.number(40),
    }
    # Their names are the athlete's own, and nobody asks for them.
    return {"type": "diary_meal", "date": DATE.isoformat(), "nutritional_contents": contents}


def refusal(error: str) -> dict[str, Any]:
    return {"error": match.str(error), "error_description": match.str("why")}


# -- reading ------------------------------------------------------------------------------------------


async def test_get_user(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("GET", at("/v2/users/{user_id}", user_id=USER), headers=HEADERS)
    exchange.gets(200, {"item": {"id": match.str(USER), "username": match.str("anna")}})
    async with mfp(exchange) as client:
        user = await client.get_user()
    assert (user.id, user.username) == (USER, "anna")


async def test_get_user_after_the_end_of_the_consent(exchange: Exchange) -> None:
    exchange.given("an athlete has ended the consent")
    exchange.sends("GET", at("/v2/users/{user_id}", user_id=USER), headers=HEADERS)
    exchange.gets(401, refusal("unauthorized"))
    async with mfp(exchange) as client:
        with pytest.raises(TokenExpired):
            await client.get_user()


async def test_list_meals(exchange: Exchange) -> None:
    exchange.given("two meals were logged").sends("GET", "/v2/diary", headers=HEADERS, query=OF_THE_DAY)
    exchange.gets(200, {"items": [meal(1200), meal(1200)]})
    async with mfp(exchange) as client:
        day = to_day(DATE, await client.list_meals(DATE))
    assert (day.energy_kcal, day.carbohydrate_g, day.protein_g, day.fat_g) == (2400, 300, 120, 80)


async def test_list_meals_in_kilojoules(exchange: Exchange) -> None:
    exchange.given("two meals were logged in kilojoules")
    exchange.sends("GET", "/v2/diary", headers=HEADERS, query=OF_THE_DAY)
    exchange.gets(200, {"items": [meal(5020.8, "kilojoules"), meal(5020.8, "kilojoules")]})
    async with mfp(exchange) as client:
        assert to_day(DATE, await client.list_meals(DATE)).energy_kcal == 2400


async def test_list_meals_of_an_empty_day(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("GET", "/v2/diary", headers=HEADERS, query=OF_THE_DAY).gets(200, {"items": []})
    async with mfp(exchange) as client:
        assert await client.list_meals(DATE) == []


async def test_list_meals_on_two_pages(exchange: Exchange) -> None:
    """An exchange is one request. That the next page is asked for shows where its address is foreign."""
    elsewhere = "https://elsewhere.example/v2/diary?page_token=p1"
    following = match.regex(
        f"<{elsewhere}>; rel=next", regex=r"<https?://\S+/v2/diary\?\S*page_token=\S+>; rel=next"
    )
    exchange.given("two meals were logged, and come on two pages")
    exchange.sends("GET", "/v2/diary", headers=HEADERS, query=OF_THE_DAY)
    exchange.gets(200, {"items": [meal(1200)]}, headers={"Link": following})
    async with mfp(exchange) as client:
        with pytest.raises(Rejected, match=r"elsewhere\.example is not among the hosts"):
            await client.list_meals(DATE)


async def test_list_meals_too_often(exchange: Exchange) -> None:
    exchange.given("the app's calls are spent")
    exchange.sends("GET", "/v2/diary", headers=HEADERS, query=OF_THE_DAY)
    exchange.gets(429, refusal("rate-limited"), headers={"Retry-After": match.regex("60", regex=r"\d+")})
    async with mfp(exchange) as client:
        with pytest.raises(RetryLater) as caught:
            await client.list_meals(DATE)
    assert caught.value.after_s == 60


# -- subscriptions ------------------------------------------------------------------------------------


async def test_list_subscriptions(exchange: Exchange) -> None:
    exchange.given("an athlete is subscribed").sends("GET", "/v2/subscriptions", headers=HEADERS)
    exchange.gets(200, {"items": [{"content_type": "diary_meal"}]})
    async with mfp(exchange) as client:
        assert await client.list_subscriptions() == [Subscription("diary_meal")]


async def test_subscribe(exchange: Exchange) -> None:
    exchange.given("an athlete is connected").sends("POST", "/v2/subscriptions", headers=HEADERS).gets(201)
    async with mfp(exchange) as client:
        await client.subscribe()


# -- tokens -------------------------------------------------------------------------------------------


async def test_exchange_code(exchange: Exchange) -> None:
    exchange.given("an athlete has just consented").sends("POST", "/v2/oauth2/token", form=CODE_FORM)
    exchange.gets(200, {**TOKEN_ANSWER, "access_token": match.str("access-token-2")})
    async with speaking(plugin, exchange, tokens=None) as context:
        tokens = await context.oauth().exchange_code(code=CODE, redirect_uri=REDIRECT_URI, verifier=VERIFIER)
    assert (tokens.access_token, tokens.refresh_token) == ("access-token-2", "refresh-token-2")
    assert (tokens.user_id, tokens.expires_at is not None) == (USER, True)


async def test_refresh(exchange: Exchange) -> None:
    form = {**REFRESH_FORM, "user_id": injected(USER, "${user_id}")}
    exchange.given("an athlete is connected").sends("POST", "/v2/oauth2/token", form=form)
    exchange.gets(200, {**TOKEN_ANSWER, "access_token": match.str("access-token-2")})
    async with speaking(plugin, exchange, OWNER) as context:
        fresh = await plugin.refresh_token(context)
    assert (fresh.access_token, fresh.refresh_token, fresh.user_id) == (
        "access-token-2",
        "refresh-token-2",
        USER,
    )


TOKEN_ANSWER = {
    "refresh_token": match.str("refresh-token-2"),
    "token_type": "Bearer",
    "expires_in": match.int(3600),
    "user_id": match.str(USER),
}
LOGIN = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
REVOKE_FORM: dict[str, Matched] = {
    "token": injected(REFRESH_TOKEN, "${refresh_token}"),
    "token_type_hint": "refresh_token",
}


async def test_revoke(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("POST", "/v2/oauth2/revoke", headers={"Authorization": f"Basic {LOGIN}"}, form=REVOKE_FORM)
    exchange.gets(200, {})
    async with speaking(plugin, exchange, OWNER) as context:
        await plugin.revoke_token(context)


async def test_revoke_what_has_ended(exchange: Exchange) -> None:
    exchange.given("an athlete has ended the consent")
    exchange.sends("POST", "/v2/oauth2/revoke", headers={"Authorization": f"Basic {LOGIN}"}, form=REVOKE_FORM)
    exchange.gets(400, REVOKED)
    async with speaking(plugin, exchange, OWNER) as context:
        await plugin.revoke_token(context)


# -- the two sides ------------------------------------------------------------------------------------


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, MfpClient, STATES)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_sandbox(CONTRACT, plugin, STATES)
