"""Ahotu's GraphQL API: each trap of it, and what the plugin makes of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from hub_ahotu.graphql import MAX_PAGES
from hub_core.sandbox import Answer, Call
from hub_core.sdk import Misconfigured, Place, RaceStatus, Rejected, RetryLater, Sport, TokenExpired

DAY = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=60)
BERLIN = Place(52.5, 13.4)
SEARCH = "query Q($c: searchCriteria) { events(criteria: $c) { totalCount } }"


def answering(ahotu: Any, monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """Ahotu's answers to queries, changed."""
    answered = ahotu.sandbox.answer

    def answer(mark: Any, method: Any, call: Call) -> Answer:
        given = answered(mark, method, call)
        return Answer(change(given.body)) if call.path == "/graphql" else given

    monkeypatch.setattr(ahotu.sandbox, "answer", answer)


def with_event(**fields: Any) -> Any:
    """The first event of an answer with other fields."""

    def change(body: Any) -> Any:
        body["data"]["events"]["data"][0] |= fields
        return body

    return change


async def test_a_race_is_read_whole(ahotu: Any) -> None:
    held = ahotu.hold()
    race = await ahotu.only(near=BERLIN)
    for name in ("event", "name", "date", "start_time", "city", "country", "distance_m", "elevation_gain_m"):
        assert getattr(race, name) == getattr(held, name)
    assert (race.sport, race.course, race.terrain) == (Sport.RUN, "flat", "road")
    assert (race.status, race.registration_open) == (RaceStatus.SCHEDULED, True)
    assert race.url == held.url
    assert race.external_id == "910001:920001"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "bad criteria", "path": ["events"], "extensions": {"code": "BAD_USER_INPUT"}}, Rejected),
        ({"message": "token expired", "extensions": {"code": "UNAUTHENTICATED"}}, TokenExpired),
        ({"message": "oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}, RetryLater),
        ({"message": "no extensions"}, Rejected),
        ("only words", Rejected),
    ],
)
@pytest.mark.parametrize("with_data", [True, False])
async def test_an_error_comes_with_status_200_with_or_without_data(
    ahotu: Any, monkeypatch: pytest.MonkeyPatch, error: Any, kind: type[Exception], with_data: bool
) -> None:
    ahotu.hold()
    answering(
        ahotu, monkeypatch, lambda body: {"data": body["data"] if with_data else None, "errors": [error]}
    )
    with pytest.raises(kind) as refused:
        await ahotu.search()
    assert type(refused.value) is kind


async def test_an_answer_without_data_and_errors_is_not_an_empty_calendar(
    ahotu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(ahotu, monkeypatch, lambda _: {"data": None})
    with pytest.raises(RetryLater, match="without data"):
        await ahotu.search()


async def test_lonlat_is_longitude_first_and_the_question_is_not(ahotu: Any) -> None:
    ahotu.hold()
    race = await ahotu.only(near=BERLIN, radius_km=40.0)
    assert race.place == Place(52.4, 13.06)
    assert await ahotu.search(near=Place(13.06, 52.4), radius_km=40.0) == ()


@pytest.mark.parametrize("lonlat", [None, [], [13.0], [200.0, 52.0], [13.0, 95.0], [0.0, 0.0]])
async def test_a_place_that_is_none_is_none(ahotu: Any, monkeypatch: pytest.MonkeyPatch, lonlat: Any) -> None:
    ahotu.hold()
    answering(ahotu, monkeypatch, with_event(lonlat=lonlat))
    race = await ahotu.only()
    assert (race.place, race.time_zone) == (None, "")


async def test_the_zone_is_that_of_the_place(ahotu: Any) -> None:
    """Ahotu names none, and its times are local."""
    ahotu.hold(place=Place(-33.87, 151.21))
    assert (await ahotu.only()).time_zone == "Australia/Sydney"


async def test_a_climb_in_feet_is_metres_and_in_another_unit_unknown(ahotu: Any) -> None:
    ahotu.hold()
    ahotu.sandbox.gain_unit = "ft"
    assert (await ahotu.only()).elevation_gain_m == pytest.approx(128.0, abs=0.1)
    ahotu.sandbox.gain_unit = "fathom"
    assert (await ahotu.only()).elevation_gain_m is None


async def test_distances_that_come_along_uninvited_are_left_out(ahotu: Any) -> None:
    ahotu.hold()
    ahotu.hold(external_id="2", name="10 km", distance_m=10_000.0)
    ahotu.hold(external_id="3", event="Other", name="5 km", distance_m=5_000.0)
    assert [race.name for race in await ahotu.search(distance_m=42_195.0)] == ["Marathon"]
    assert [race.name for race in await ahotu.search(text="river")] == ["Marathon", "10 km"]
    assert [race.name for race in await ahotu.search(distance_m=5_000.0)] == ["5 km"]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("ok", RaceStatus.SCHEDULED),
        ("canceled", RaceStatus.CANCELLED),
        ("postponed", RaceStatus.POSTPONED),
        ("to_be_confirmed", RaceStatus.UNKNOWN),
        (None, RaceStatus.UNKNOWN),
    ],
)
async def test_an_edition_s_status_is_honoured(
    ahotu: Any, monkeypatch: pytest.MonkeyPatch, word: str | None, status: RaceStatus
) -> None:
    ahotu.hold()
    answering(ahotu, monkeypatch, with_event(editionStatus=word))
    assert (await ahotu.only()).status is status


async def test_pages_count_from_zero_to_the_last(ahotu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ahotu.configure(page_size=2)
    for number in range(5):
        ahotu.hold(external_id=str(number), event=f"Race {number}")
    assert len(await ahotu.search()) == 5
    assert ahotu.asked().count("/graphql") == 3
    ahotu.sandbox.journal.clear()

    def endless(body: Any) -> Any:
        body["data"]["events"]["pageInfo"]["hasNextPage"] = True
        return body

    answering(ahotu, monkeypatch, endless)
    await ahotu.search()
    assert ahotu.asked().count("/graphql") == 4  # an empty page is the last one, whatever it says
    assert MAX_PAGES < 100


async def test_an_event_without_distances_is_not_lost(ahotu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ahotu.hold()
    answering(ahotu, monkeypatch, with_event(races=[]))
    race = await ahotu.only()
    assert (race.external_id, race.distance_m) == ("910001", None)


async def test_a_day_that_cannot_be_read_is_no_race(ahotu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ahotu.hold()

    def undated(body: Any) -> Any:
        event = body["data"]["events"]["data"][0]
        event["startDate"] = event["races"][0]["startDate"] = "spring"
        return body

    answering(ahotu, monkeypatch, undated)
    assert await ahotu.search() == ()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "http://", None])
async def test_only_a_web_address_is_a_link(
    ahotu: Any, monkeypatch: pytest.MonkeyPatch, url: str | None
) -> None:
    ahotu.hold()
    answering(ahotu, monkeypatch, with_event(eventPageUrl=url))
    assert (await ahotu.only()).url == ""


# -- the token --------------------------------------------------------------------------------------------


async def test_the_token_is_the_partner_s_for_an_hour(ahotu: Any) -> None:
    context = await ahotu.harness.app_context()
    assert context.tokens.refresh_token is None
    ahotu.sandbox.clock.advance(3599)
    assert await ahotu.search(context) == ()
    ahotu.sandbox.clock.advance(2)
    with pytest.raises(TokenExpired):
        await ahotu.search(context)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"client_id": ""}, Misconfigured, "set HUB_AHOTU_CLIENT_ID"),
        ({"client_secret": SecretStr("wrong-secret")}, Misconfigured, "invalid_client"),
        ({"scope": "all"}, RetryLater, "invalid_scope"),
    ],
)
async def test_wrong_credentials_are_named(
    ahotu: Any, change: dict[str, Any], kind: type, words: str
) -> None:
    ahotu.configure(**change)
    with pytest.raises(kind, match=words) as refused:
        await ahotu.harness.app_context()
    assert "wrong-secret" not in str(refused.value)


# -- the stand-in is as strict as the documentation -------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "variables", "words"),
    [
        ("{ events { data { nickname } } }", {}, "Cannot query field 'nickname'"),
        ("{ events(limit: 5) { totalCount } }", {}, "Unknown argument 'limit'"),
        (SEARCH, {"c": {"text": "x"}}, "text"),
        (SEARCH, {"c": {"distanceTypes": ["10k"]}}, "10k"),
        ('{ events(criteria: {distanceTypes: ["marathon"]}) { totalCount } }', {}, "cannot represent"),
        (SEARCH, {"c": {"around": {"point": {"lat": 1, "lon": 2}, "distance": "50"}}}, "bad criteria"),
        ('{ events(criteria: {dateRange: {dateFrom: "tomorrow"}}) { totalCount } }', {}, "bad criteria"),
        ("{ events(page: -1) { totalCount } }", {}, "page counts from 0"),
        ("nonsense", {}, "Syntax Error"),
    ],
)  # fmt: skip
async def test_the_sandbox_refuses_what_the_schema_does_not_have(
    ahotu: Any, query: str, variables: dict[str, Any], words: str
) -> None:
    ahotu.hold()
    token = (await ahotu.harness.app_context()).tokens.access_token
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        body = {"query": query, "variables": variables}
        answer = await client.post(f"{ahotu.harness.server.origin}/graphql", json=body)
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert words in answer.json()["errors"][0]["message"]
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_the_sandbox_asks_for_a_token(ahotu: Any) -> None:
    answer = httpx.post(f"{ahotu.harness.server.origin}/graphql", json={"query": "{ events { totalCount } }"})
    assert answer.status_code == 401
