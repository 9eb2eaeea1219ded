"""The client of intervals.icu as the consumer, its sandbox as the provider."""

from __future__ import annotations

import dataclasses

import pytest
from pact import match

import hub_intervals.plugin as plugin
from hub_core.sdk import (
    Misconfigured,
    NotFound,
    ReconnectNeeded,
    Rejected,
    Repeat,
    RetryLater,
    TokenExpired,
)
from hub_core.testing.harness import REDIRECT_URI
from hub_intervals.client import IntervalsClient
from hub_intervals.read_back import from_event
from hub_intervals.schemas import AthleteProfile, PushError

from .contract import Exchange, at, injected
from .intervals_exchanges import (
    AN_EVENT,
    BASIC,
    CONTRACT,
    DAY,
    EVENT_ID,
    EVENTS,
    FOUND,
    ON_THE_DAY,
    STORED,
    UPSERT,
    intervals,
    refusal,
)
from .intervals_states import EVENT, STATES
from .plugin_contract import (
    BEARER,
    CODE,
    CODE_FORM,
    DATE,
    REFERENCE,
    VERIFIER,
    speaking,
    verify_sandbox,
)

# -- writing ------------------------------------------------------------------------------------------


async def test_upsert_event(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("POST", f"{EVENTS}/bulk", headers=BEARER, query=UPSERT, json=[EVENT]).gets(200, [STORED])
    async with intervals(exchange) as client:
        event = await client.upsert_event(EVENT)
    assert (event.id, event.external_id, event.description) == (EVENT_ID, REFERENCE, EVENT["description"])


async def test_upsert_event_that_is_there(exchange: Exchange) -> None:
    exchange.given("an event is stored")
    longer = {**EVENT, "name": "Over-unders, again"}
    exchange.sends("POST", f"{EVENTS}/bulk", headers=BEARER, query=UPSERT, json=[longer])
    # The id is the stored event's, to the digit: the second one would have the next.
    exchange.gets(200, [{"id": EVENT_ID, "external_id": REFERENCE, "name": "Over-unders, again"}])
    async with intervals(exchange) as client:
        assert (await client.upsert_event(longer)).id == EVENT_ID


async def test_upsert_event_without_the_scope(exchange: Exchange) -> None:
    exchange.given("an athlete has allowed the wellness data only")
    exchange.sends("POST", f"{EVENTS}/bulk", headers=BEARER, query=UPSERT, json=[EVENT])
    exchange.gets(403, refusal(403, "Access denied"))
    async with intervals(exchange) as client:
        with pytest.raises(ReconnectNeeded, match="Access denied"):
            await client.upsert_event(EVENT)


async def test_create_event_with_an_api_key(exchange: Exchange) -> None:
    exchange.given("an athlete has an API key")
    exchange.sends("POST", EVENTS, headers=BASIC, json=EVENT).gets(200, STORED)
    async with intervals(exchange, plugin.tokens_from_api_key("key-1")) as client:
        event = await client.create_event(EVENT)
    assert (event.id, event.external_id) == (EVENT_ID, REFERENCE)


async def test_create_event_on_a_bare_date(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    bare = {**EVENT, "start_date_local": DAY}
    exchange.sends("POST", EVENTS, headers=BEARER, json=bare)
    exchange.gets(422, refusal(422, match.str(f"Invalid start_date_local: {DAY}")))
    async with intervals(exchange) as client:
        with pytest.raises(Rejected, match="Invalid start_date_local"):
            await client.create_event(bare)


async def test_create_event_beyond_the_limits(exchange: Exchange) -> None:
    exchange.given("the app's calls of the quarter of an hour are spent")
    exchange.sends("POST", EVENTS, headers=BEARER, json=EVENT)
    exchange.gets(429, headers={"Retry-After": match.regex("240", regex=r"\d+")})
    async with intervals(exchange) as client:
        with pytest.raises(RetryLater) as refused:
            await client.create_event(EVENT)
    assert (refused.value.after_s, refused.value.outcome_unknown) == (240, False)


async def test_create_event_beyond_the_limits_without_being_told_until_when(exchange: Exchange) -> None:
    exchange.given("the app's calls of the quarter of an hour are spent, and nobody says until when")
    exchange.sends("POST", EVENTS, headers=BEARER, json=EVENT)
    exchange.gets(429, headers={"x-ratelimit-remaining": match.regex("0,5500", regex=r"0,[1-9]\d*")})
    async with intervals(exchange) as client:
        with pytest.raises(RetryLater) as refused:
            await client.create_event(EVENT)
    assert refused.value.after_s == 15 * 60


async def test_create_event_in_a_hurry(exchange: Exchange) -> None:
    exchange.given("the hub has just made many calls")
    exchange.sends("POST", EVENTS, headers=BEARER, json=EVENT).gets(429)
    async with intervals(exchange) as client:
        with pytest.raises(RetryLater) as refused:
            await client.create_event(EVENT)
    assert refused.value.after_s is None


async def test_update_event(exchange: Exchange) -> None:
    exchange.given("an event is stored").sends("PUT", AN_EVENT, headers=BEARER, json=EVENT).gets(200, STORED)
    async with intervals(exchange) as client:
        assert (await client.update_event(str(EVENT_ID), EVENT)).id == EVENT_ID


async def test_update_event_that_was_not_handed_on(exchange: Exchange) -> None:
    exchange.given("an event is stored, and could not be handed on to Garmin")
    exchange.sends("PUT", AN_EVENT, headers=BEARER, json=EVENT)
    error = {"service": match.str("GARMIN"), "message": match.str("Token expired")}
    exchange.gets(200, {"id": match.int(EVENT_ID), "push_errors": [error]})
    async with intervals(exchange) as client:
        event = await client.update_event(str(EVENT_ID), EVENT)
    assert event.push_errors == [PushError("GARMIN", "Token expired")]


async def test_update_event_and_clear_its_time(exchange: Exchange) -> None:
    exchange.given("an event is stored")
    change = {"description": "Ride as you like.", "moving_time": -1}
    exchange.sends("PUT", AN_EVENT, headers=BEARER, json=change)
    exchange.gets(200, {"id": match.int(EVENT_ID), "external_id": REFERENCE})
    async with intervals(exchange) as client:
        event = await client.update_event(str(EVENT_ID), change)
    assert event.id == EVENT_ID


async def test_update_event_that_is_gone(exchange: Exchange) -> None:
    exchange.given("an event was deleted").sends("PUT", AN_EVENT, headers=BEARER, json=EVENT)
    exchange.gets(404, refusal(404, match.str("Event not found")))
    async with intervals(exchange) as client:
        with pytest.raises(NotFound):
            await client.update_event(str(EVENT_ID), EVENT)


async def test_delete_event(exchange: Exchange) -> None:
    exchange.given("an event is stored").sends("DELETE", AN_EVENT, headers=BEARER).gets(200)
    async with intervals(exchange) as client:
        await client.delete_event(str(EVENT_ID))


async def test_delete_event_that_is_gone(exchange: Exchange) -> None:
    exchange.given("an event was deleted").sends("DELETE", AN_EVENT, headers=BEARER)
    exchange.gets(404, refusal(404, match.str("Event not found")))
    async with intervals(exchange) as client:
        with pytest.raises(NotFound):
            await client.delete_event(str(EVENT_ID))


async def test_delete_event_under_a_wrong_base_url(exchange: Exchange) -> None:
    path = at("/api/v1/api/v1/athlete/0/events/{event_id}", event_id=EVENT_ID)
    exchange.given("an event was deleted").sends("DELETE", path, headers=BEARER)
    # The web framework's own 404, which says nothing about the event.
    told = {
        "timestamp": match.str("2031-04-07T06:30:00.000Z"),
        "path": match.regex("/api/v1", regex="/api/v1.*"),
    }
    exchange.gets(404, told)
    async with intervals(exchange) as client:
        elsewhere = dataclasses.replace(client.http, base_url=f"{client.http.base_url}/api/v1")
        with pytest.raises(Misconfigured, match="HUB_INTERVALS_API_URL"):
            await IntervalsClient(elsewhere).delete_event(str(EVENT_ID))


# -- reading ------------------------------------------------------------------------------------------


async def test_get_event(exchange: Exchange) -> None:
    exchange.given("an event is stored").sends("GET", AN_EVENT, headers=BEARER).gets(200, STORED)
    async with intervals(exchange) as client:
        held = from_event(await client.get_event(str(EVENT_ID)))
    assert held
    assert [isinstance(step, Repeat) for step in held.steps] == [False, True, False]
    assert isinstance(held.steps[1], Repeat)
    assert (held.steps[1].times, len(held.steps[1].steps)) == (3, 2)


async def test_get_event_whose_text_was_not_understood(exchange: Exchange) -> None:
    exchange.given("an event is stored whose text is not understood")
    exchange.sends("GET", AN_EVENT, headers=BEARER)
    exchange.gets(200, {"id": match.int(EVENT_ID), "workout_doc": {"steps": []}})
    async with intervals(exchange) as client:
        held = from_event(await client.get_event(str(EVENT_ID)))
    assert held
    assert held.steps == ()


async def test_get_event_that_is_gone(exchange: Exchange) -> None:
    exchange.given("an event was deleted").sends("GET", AN_EVENT, headers=BEARER)
    exchange.gets(404, refusal(404, match.str("Event not found")))
    async with intervals(exchange) as client:
        with pytest.raises(NotFound):
            await client.get_event(str(EVENT_ID))


async def test_list_workouts(exchange: Exchange) -> None:
    exchange.given("an event is stored")
    exchange.sends("GET", EVENTS, headers=BEARER, query=ON_THE_DAY).gets(200, [FOUND])
    async with intervals(exchange) as client:
        [event] = await client.list_workouts(DATE)
    assert (event.id, event.external_id) == (EVENT_ID, REFERENCE)


async def test_list_workouts_of_a_free_day(exchange: Exchange) -> None:
    exchange.given("an event was deleted")
    exchange.sends("GET", EVENTS, headers=BEARER, query=ON_THE_DAY).gets(200, [])
    async with intervals(exchange) as client:
        assert await client.list_workouts(DATE) == []


# -- what was done ------------------------------------------------------------------------------------

ACTIVITY_ID = "i900000001"
AN_ACTIVITY = at("/api/v1/activity/{activity_id}", activity_id=ACTIVITY_ID)
STREAMS = at("/api/v1/activity/{activity_id}/streams", activity_id=ACTIVITY_ID)
LOCAL = match.regex("2031-04-07T06:31:00", regex=r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
DONE = {
    "id": injected(ACTIVITY_ID, "${activity_id}"),
    "start_date": match.regex("2031-04-07T04:31:00Z", regex=r"\S+Z"),
    "start_date_local": LOCAL,
    "elapsed_time": match.int(3481),
    "type": match.str("Ride"),
    "source": match.str("GARMIN_CONNECT"),
}
OF_THE_DAY = {"oldest": DATE.isoformat(), "newest": DATE.isoformat()}


async def test_list_activities(exchange: Exchange) -> None:
    exchange.given("a ride with a heart rate was done")
    exchange.sends("GET", "/api/v1/athlete/0/activities", headers=BEARER, query=OF_THE_DAY).gets(200, [DONE])
    async with intervals(exchange) as client:
        [found] = await client.list_activities(DATE, DATE)
    assert (found["id"], found["elapsed_time"]) == (ACTIVITY_ID, 3481)


async def test_get_activity(exchange: Exchange) -> None:
    exchange.given("a ride with a heart rate was done")
    exchange.sends("GET", AN_ACTIVITY, headers=BEARER).gets(200, DONE)
    async with intervals(exchange) as client:
        assert (await client.get_activity(ACTIVITY_ID))["type"] == "Ride"


async def test_get_activity_of_strava(exchange: Exchange) -> None:
    stub = {
        "id": match.str(ACTIVITY_ID),
        "start_date_local": LOCAL,
        "source": "STRAVA",
        "_note": match.str("-"),
    }
    exchange.given("an activity came from Strava").sends("GET", AN_ACTIVITY, headers=BEARER).gets(200, stub)
    async with intervals(exchange) as client:
        assert (await client.get_activity(ACTIVITY_ID))["source"] == "STRAVA"


async def test_get_streams(exchange: Exchange) -> None:
    numbers = match.each_like(match.number(0))
    time, places = {"type": "time", "data": numbers}, {"type": "latlng", "data": numbers, "data2": numbers}
    exchange.given("a ride with a heart rate was done")
    exchange.sends("GET", STREAMS, headers=BEARER, query={"types": "time,latlng"}).gets(200, [time, places])
    async with intervals(exchange) as client:
        first, second = await client.get_streams(ACTIVITY_ID, ("time", "latlng"))
    assert (first.type, first.data, second.data2) == ("time", [0], [0])


async def test_get_streams_of_an_activity_without(exchange: Exchange) -> None:
    exchange.given("an activity came from Strava")
    exchange.sends("GET", STREAMS, headers=BEARER, query={"types": "time"}).gets(404)
    async with intervals(exchange) as client:
        assert await client.get_streams(ACTIVITY_ID, ("time",)) == []


async def test_list_wellness(exchange: Exchange) -> None:
    day = {
        "id": DATE.isoformat(),
        "hrv": match.number(41.5),
        "hrvSDNN": match.number(58),
        "steps": match.int(9),
    }
    exchange.given("a day was measured")
    exchange.sends("GET", "/api/v1/athlete/0/wellness", headers=BEARER, query=OF_THE_DAY).gets(200, [day])
    async with intervals(exchange) as client:
        [found] = await client.list_wellness(DATE, DATE)
    assert (found["hrv"], found["hrvSDNN"]) == (41.5, 58)


# -- the athlete --------------------------------------------------------------------------------------


async def test_get_athlete(exchange: Exchange) -> None:
    exchange.given("an athlete is connected").sends("GET", "/api/v1/athlete/0", headers=BEARER)
    exchange.gets(200, {"id": match.regex("i700001", regex=r"i?\d+"), "name": match.str("Ada Rider")})
    async with intervals(exchange) as client:
        assert await client.get_athlete() == AthleteProfile("i700001", "Ada Rider")


async def test_get_athlete_with_an_api_key(exchange: Exchange) -> None:
    exchange.given("an athlete has an API key").sends("GET", "/api/v1/athlete/0", headers=BASIC)
    exchange.gets(200, {"id": match.regex("i700001", regex=r"i?\d+")})
    async with intervals(exchange, plugin.tokens_from_api_key("key-1")) as client:
        assert (await client.get_athlete()).id == "i700001"


async def test_get_athlete_with_an_api_key_of_before(exchange: Exchange) -> None:
    exchange.given("an athlete has renewed the API key")
    exchange.sends("GET", "/api/v1/athlete/0", headers=BASIC).gets(401, refusal(401, "Unauthorized"))
    async with intervals(exchange, plugin.tokens_from_api_key("key-1")) as client:
        with pytest.raises(TokenExpired):
            await client.get_athlete()


async def test_get_athlete_who_has_left(exchange: Exchange) -> None:
    exchange.given("an athlete has ended the consent")
    exchange.sends("GET", "/api/v1/athlete/0", headers=BEARER).gets(401, refusal(401, "Unauthorized"))
    async with intervals(exchange) as client:
        with pytest.raises(TokenExpired):
            await client.get_athlete()


async def test_disconnect_app(exchange: Exchange) -> None:
    exchange.given("an athlete is connected")
    exchange.sends("DELETE", "/api/v1/disconnect-app", headers=BEARER).gets(200)
    async with intervals(exchange) as client:
        await client.disconnect_app()


async def test_disconnect_app_that_is_disconnected(exchange: Exchange) -> None:
    exchange.given("an athlete has ended the consent")
    exchange.sends("DELETE", "/api/v1/disconnect-app", headers=BEARER).gets(401)
    async with intervals(exchange) as client:
        await client.disconnect_app()


# -- tokens -------------------------------------------------------------------------------------------


async def test_exchange_code(exchange: Exchange) -> None:
    exchange.given("an athlete has just consented").sends("POST", "/api/oauth/token", form=CODE_FORM)
    exchange.gets(200, {"access_token": match.str("access-token-2"), "scope": "CALENDAR:WRITE"})
    async with speaking(plugin, exchange, tokens=None) as context:
        tokens = await context.oauth().exchange_code(code=CODE, redirect_uri=REDIRECT_URI, verifier=VERIFIER)
    assert (tokens.access_token, tokens.scopes) == ("access-token-2", ("CALENDAR:WRITE",))
    assert (tokens.refresh_token, tokens.expires_at) == (None, None)


async def test_exchange_code_that_has_expired(exchange: Exchange) -> None:
    exchange.given("an athlete has consented two minutes ago").sends(
        "POST", "/api/oauth/token", form=CODE_FORM
    )
    exchange.gets(404, refusal(404, match.str("Code not found (expired?)")))
    async with speaking(plugin, exchange, tokens=None) as context:
        with pytest.raises(ReconnectNeeded, match=r"Code not found \(expired\?\)"):
            await context.oauth().exchange_code(code=CODE, redirect_uri=REDIRECT_URI, verifier=VERIFIER)


# -- the two sides ------------------------------------------------------------------------------------


def test_the_pact_has_these_exchanges_and_no_others(request: pytest.FixtureRequest) -> None:
    CONTRACT.check(request.module, IntervalsClient, STATES)


def test_the_sandbox_keeps_the_pact() -> None:
    verify_sandbox(CONTRACT, plugin, STATES)
