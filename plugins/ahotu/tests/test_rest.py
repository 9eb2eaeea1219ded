"""REST calendars: RunSignup's ways, those of one that differs in all it can, and mappings that are wrong."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr, ValidationError

from hub_ahotu.mapping import RUNSIGNUP, RestMapping, read_path, walk
from hub_ahotu.plugin import provider_manifest
from hub_ahotu.sandbox_rest import KEY, SECRET
from hub_ahotu.settings import AhotuSettings
from hub_core.sandbox import Answer
from hub_core.sdk import Place, RaceStatus, Rejected, RetryLater, Unsupported

DAY = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=60)


# -- RunSignup --------------------------------------------------------------------------------------------


async def test_a_race_is_one_for_each_of_its_events(runsignup: Any) -> None:
    runsignup.hold(time_zone="America/Chicago")
    runsignup.hold(external_id="2", name="10 Miles", distance_m=16_093.44, time_zone="America/Chicago")
    races = await runsignup.search(text="mockstadt")
    assert [(race.name, race.distance_m) for race in races] == [
        ("Marathon", 42_195.0),
        ("10 Miles", 16_093.44),
    ]
    race = races[0]
    assert (race.external_id, race.date, race.start_time) == ("1000:5000", DAY, dt.time(9, 30))
    assert (race.time_zone, race.city, race.country) == ("America/Chicago", "Mockstadt", "DE")
    assert (race.registration_open, race.place, race.status) == (True, None, RaceStatus.SCHEDULED)


async def test_dates_are_asked_for_in_the_american_way(runsignup: Any) -> None:
    runsignup.hold()
    assert len(await runsignup.search(start=DAY, end=DAY)) == 1
    assert await runsignup.search(start=DAY + dt.timedelta(days=1)) == ()


async def test_pages_are_followed_until_one_is_not_full(runsignup: Any) -> None:
    runsignup.configure(page_size=2)
    for number in range(5):
        runsignup.hold(external_id=str(number), event=f"Race {number}")
    assert len(await runsignup.search()) == 5
    assert len(runsignup.asked()) == 3


async def test_an_error_comes_with_status_200(runsignup: Any) -> None:
    runsignup.configure(api_secret=SecretStr("half-a-secret"))
    with pytest.raises(Rejected, match="Invalid API key or secret") as refused:
        await runsignup.search()
    assert "half-a-secret" not in refused.value.message


async def test_it_is_open_without_a_key_too(runsignup: Any) -> None:
    runsignup.hold()
    runsignup.configure(api_key=SecretStr(""), api_secret=SecretStr(""))
    assert len(await runsignup.search()) == 1


async def test_what_is_around_a_place_cannot_be_asked_and_is_said_so(runsignup: Any) -> None:
    """Its addresses have no coordinates; no races would be a lie."""
    runsignup.hold()
    with pytest.raises(Unsupported, match="around a place"):
        await runsignup.search(near=Place(52.5, 13.4))
    assert runsignup.asked() == []


async def test_no_token_is_fetched(runsignup: Any) -> None:
    assert (await runsignup.harness.app_context()).tokens is None


def test_the_sandbox_answers_in_xml_unless_asked_otherwise(runsignup: Any) -> None:
    assert runsignup.get("/runsignup/races").headers["content-type"].startswith("application/xml")
    too_many = {"format": "json", "results_per_page": 1001}
    assert "at most 1000" in runsignup.get("/runsignup/races", params=too_many).text
    keyed = {"params": {"format": "json", "rsu_api_key": KEY}, "headers": {"X-RSU-API-SECRET": SECRET}}
    assert runsignup.get("/runsignup/races", **keyed).json() == {"races": []}


# -- a calendar of its own kind ---------------------------------------------------------------------------


async def test_pages_are_followed_by_the_link_header(club: Any) -> None:
    for number in range(45):
        club.hold(external_id=str(number), event=f"Race {number}")
    assert len(await club.search()) == 45
    assert len(club.asked()) == 3


async def test_a_link_to_elsewhere_is_not_followed(club: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {"Link": '<https://elsewhere.example/races>; rel="next"'}
    monkeypatch.setattr(club.sandbox, "answer", lambda *_: Answer([], headers=elsewhere))
    with pytest.raises(Rejected, match="not among the hosts"):
        await club.search()


async def test_coordinates_may_be_texts_and_words_their_own(club: Any) -> None:
    club.hold(status=RaceStatus.CANCELLED)
    race = await club.only(near=Place(52.5, 13.4), radius_km=50.0)
    assert (race.place, race.time_zone, race.country) == (Place(52.4, 13.06), "Europe/Berlin", "DE")
    assert (race.status, race.date, race.distance_m) == (RaceStatus.CANCELLED, DAY, 42_195.0)


@pytest.mark.parametrize("body", ["{}", '{"races": 5}', "null", '"sorry"'])
async def test_what_has_no_list_is_not_an_empty_calendar(
    runsignup: Any, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr(runsignup.sandbox, "answer", lambda *_: Answer(body))
    with pytest.raises(RetryLater, match="no list of races"):
        await runsignup.search()


async def test_one_odd_record_does_not_lose_the_others(club: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = {"no": "1", "title": "Sound", "day": f"{DAY:%d.%m.%Y}", "length": 10, "length_unit": "km"}
    odd = [{**sound, "day": "32.13.2027"}, {**sound, "no": None}, {}, None, 5, "text", [sound]]
    monkeypatch.setattr(club.sandbox, "answer", lambda *_: Answer([*odd, sound]))
    assert [race.event for race in await club.search()] == ["Sound"]


# -- mappings ---------------------------------------------------------------------------------------------


def test_a_path_reads_what_is_there() -> None:
    data = {"races": [{"race": {"name": "A", "address": {"city": "B"}}}, {"race": None}, 5]}
    assert list(walk(data, "races[].race.address.city")) == ["B"]
    assert read_path(data, "races[].race.name") == "A"
    assert read_path(data, "races.name") is None
    assert list(walk([1, 2], "[]")) == [1, 2]


def test_a_mapping_is_checked_when_the_hub_starts() -> None:
    text = msgspec.json.encode(RUNSIGNUP).decode()
    assert AhotuSettings(source="rest", mapping=text).rest_mapping() == RUNSIGNUP
    for wrong in (
        "{",
        '{"path": "/races"}',
        text.replace('"races[].race"', "5"),
        text.replace('"fixed"', '"fixd"'),
    ):
        with pytest.raises(ValidationError, match="no mapping"):
            AhotuSettings(mapping=wrong)


def test_the_manifest_names_whose_races_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_AHOTU_SOURCE", "rest")
    assert provider_manifest().attribution == "Races by RunSignup"
    monkeypatch.setenv("HUB_AHOTU_REST_URL", "https://calendar.example/v2")
    assert provider_manifest().attribution == "Races by calendar.example"
    monkeypatch.setenv("HUB_AHOTU_SOURCE", "ahotu")
    assert provider_manifest().attribution == "Races by Ahotu"
    assert isinstance(RUNSIGNUP, RestMapping)
