"""The clients of Ahotu and RunSignup as the consumers, their sandbox as the provider."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest
from pact import match

import hub_ahotu.plugin as plugin
from hub_ahotu.graphql import QUERY, AhotuCalendar
from hub_ahotu.rest import RestCalendar
from hub_ahotu.sandbox import SCOPE, AhotuSandbox
from hub_ahotu.sandbox_rest import KEY, SECRET
from hub_ahotu.settings import AhotuSettings
from hub_core.sandbox import CLIENT_ID, CLIENT_SECRET
from hub_core.sdk import Misconfigured, Place, RaceQuery, RaceStatus, RetryLater, TokenExpired

from .contract import Contract, Exchange
from .plugin_contract import BEARER, CREDENTIALS, TOKENS, speaking, verify_sandbox
from .world_states import AHOTU_STATES, RACE

CONTRACT = Contract("hub-ahotu", "ahotu")
GRAPHQL, TOKEN, RUNSIGNUP = "/graphql", "/oauth2/token", "/runsignup/races"
FIRST, LAST = dt.date(2031, 4, 1), dt.date(2031, 4, 30)
SEARCH = RaceQuery(near=Place(52.52, 13.41), radius_km=150, start=FIRST, end=LAST, distance_m=42_195.0)
CRITERIA: dict[str, Any] = {
    "dateRange": {"dateFrom": "2031-04-01", "dateTo": "2031-04-30"},
    "around": {"point": {"lat": 52.52, "lon": 13.41}, "distance": "150km"},
    "distanceTypes": ["marathon"],
}
ASKED = {"query": QUERY, "variables": {"criteria": CRITERIA, "page": 0, "size": 50}}
CLIENT_FORM = {"grant_type": "client_credentials", "scope": SCOPE, **CREDENTIALS}


def event(status: str = "ok") -> dict[str, Any]:
    return {
        "id": match.int(910001),
        "name": {"en": RACE.event},
        "startDate": "2031-04-20",
        "city": {"en": "Mockstadt"},
        "country": {"isoCode": "DE"},
        "lonlat": [13.06, 52.4],
        "editionStatus": status,
        "isRegistrationOpen": True,
        "races": [
            {
                "id": match.int(920001),
                "raceName": "Marathon",
                "distanceKm": 42.195,
                "distanceType": {"code": "marathon"},
                "startDate": "2031-04-20",
                "startTime": "09:30",
                "activities": [{"elevationGain": match.number(128), "elevationGainUnit": {"code": "m"}}],
            }
        ],
    }


def page(*events: dict[str, Any]) -> dict[str, Any]:
    told = {"data": list(events), "pageInfo": {"currentPage": 0, "hasNextPage": False}}
    return {"data": {"events": {"totalCount": len(events), **told}}}


@asynccontextmanager
async def ahotu(exchange: Exchange) -> AsyncIterator[AhotuCalendar]:
    async with speaking(plugin, exchange, TOKENS) as context:
        assert isinstance(context.settings, AhotuSettings)
        yield AhotuCalendar(context.http, context.settings)


@asynccontextmanager
async def runsignup(exchange: Exchange) -> AsyncIterator[RestCalendar]:
    rest = ModuleType("hub_ahotu_plugin_of_rest")
    vars(rest).update(vars(plugin))
    vars(rest)["provider_sandbox"] = lambda: AhotuSandbox(source="rest")
    async with speaking(rest, exchange, None) as context:
        assert isinstance(context.settings, AhotuSettings)
        yield RestCalendar(context.http, context.settings)


async def test_search(exchange: Exchange) -> None:
    exchange.given("races exist near 52.52,13.41").sends("POST", GRAPHQL, headers=BEARER, json=ASKED)
    exchange.gets(200, page(event()))
    async with ahotu(exchange) as client:
        (race,) = await client.search(SEARCH, FIRST)
    assert (race.event, race.place, race.elevation_gain_m) == (RACE.event, Place(52.4, 13.06), 128.0)


async def test_search_that_finds_nothing(exchange: Exchange) -> None:
    exchange.given("no races match").sends("POST", GRAPHQL, headers=BEARER, json=ASKED).gets(200, page())
    async with ahotu(exchange) as client:
        assert await client.search(SEARCH, FIRST) == []


async def test_search_that_finds_a_cancelled_edition(exchange: Exchange) -> None:
    exchange.given("the edition is cancelled").sends("POST", GRAPHQL, headers=BEARER, json=ASKED)
    exchange.gets(200, page(event("canceled")))
    async with ahotu(exchange) as client:
        (race,) = await client.search(SEARCH, FIRST)
    assert race.status is RaceStatus.CANCELLED


async def test_search_with_an_expired_token(exchange: Exchange) -> None:
    exchange.given("the token has expired").sends("POST", GRAPHQL, headers=BEARER, json=ASKED).gets(401)
    async with ahotu(exchange) as client:
        with pytest.raises(TokenExpired):
            await client.search(SEARCH, FIRST)


async def test_search_while_the_services_behind_are_down(exchange: Exchange) -> None:
    exchange.given("the services behind the API are down")
    exchange.sends("POST", GRAPHQL, headers=BEARER, json=ASKED)
    error = {"message": match.str("upstream"), "extensions": {"code": "INTERNAL_SERVER_ERROR"}}
    exchange.gets(200, {"data": None, "errors": [error]})
    async with ahotu(exchange) as client:
        with pytest.raises(RetryLater, match="INTERNAL_SERVER_ERROR"):
            await client.search(SEARCH, FIRST)


async def test_fetch_app_token(exchange: Exchange) -> None:
    exchange.given("no races match").sends("POST", TOKEN, form=CLIENT_FORM)
    exchange.gets(200, {"access_token": match.str("jwt-1"), "expires_in": 3600, "token_type": "Bearer"})
    async with speaking(plugin, exchange, None) as context:
        tokens = await plugin.fetch_app_token(context)
    assert tokens is not None
    assert (tokens.access_token, tokens.refresh_token) == ("jwt-1", None)


async def test_fetch_app_token_with_a_wrong_secret(exchange: Exchange) -> None:
    wrong = {**CLIENT_FORM, "client_secret": "another"}
    exchange.given("no races match").sends("POST", TOKEN, form=wrong).gets(400, {"error": "invalid_client"})
    async with speaking(plugin, exchange, None) as context:
        settings = context.settings.model_copy(
            update={"client_secret": type(context.settings.client_secret)("another")}
        )
        client = type(context.oauth())(context.oauth().scheme, settings, context.http)
        with pytest.raises(Misconfigured):
            await client.fetch_app_token(SCOPE)
    assert CREDENTIALS == {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


async def test_search_at_runsignup(exchange: Exchange) -> None:
    dates = {"start_date": "04/01/2031", "end_date": "04/30/2031"}
    fixed = {"format": "json", "events": "T", "sort": "date ASC", "name": "River", "page": "1"}
    exchange.given("races exist near 52.52,13.41")
    exchange.sends(
        "GET",
        RUNSIGNUP,
        headers={"X-RSU-API-SECRET": SECRET},
        query={**fixed, **dates, "results_per_page": "50", "rsu_api_key": KEY},
    )
    leg = {
        "event_id": match.int(5000),
        "name": "Marathon",
        "start_time": "4/20/2031 09:30",
        "distance": "26.2 Miles",
        "event_type": "running_race",
    }
    race = {
        "race_id": match.int(1000),
        "name": RACE.event,
        "next_date": "04/20/2031",
        "is_registration_open": "T",
        "address": {"city": "Mockstadt", "country_code": "DE"},
        "timezone": "Europe/Berlin",
        "events": [leg],
    }
    exchange.gets(200, {"races": [{"race": race}]})
    async with runsignup(exchange) as client:
        (found,) = await client.search(RaceQuery("River", start=FIRST, end=LAST), FIRST)
    assert (found.date, found.start_time, found.distance_m) == (RACE.date, RACE.start_time, 42_195.0)


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, AhotuCalendar, AHOTU_STATES)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_sandbox(CONTRACT, plugin, AHOTU_STATES)
