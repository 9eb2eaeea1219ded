"""Races over the API: found, put on the calendar, with their course."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from hub_core.sandbox import Fault, FaultKind
from hub_core.testing.processes import PlatformClient

SPRING = dt.date(dt.datetime.now(dt.UTC).year + 1, 4, 1)
OWN: dict[str, Any] = {
    "race": {"external_id": "mine", "event": "Club run", "date": "2027-05-01", "distance_m": 5000.0}
}


@pytest.fixture(autouse=True)
def _filled(running: Any) -> Iterator[None]:
    running.sandboxes["ahotu"].sandbox.fill()
    yield
    running.sandboxes["ahotu"].sandbox.races.clear()


def gpx(points: int) -> bytes:
    """So many points 111 m apart."""
    inside = "".join(f'<trkpt lat="{52 + n / 1000}" lon="13"><ele>{n}</ele></trkpt>' for n in range(points))
    return (
        f'<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>{inside}</trkseg></trk></gpx>'.encode()
    )


def test_races_are_found_around_a_place(platform: PlatformClient) -> None:
    params = {"query": "marathon", "near": "52.5,13.4", "radius_km": "60", "from": SPRING.isoformat()}
    told = platform.call("GET", "/races", params=params)
    assert [(one["race"]["event"], one["race"]["status"]) for one in told["races"]] == [
        ("Mockstadt River Marathon", "scheduled"),
        ("Musterberg Forest Marathon", "scheduled"),
        ("Beispielsee Lake Marathon", "cancelled"),
    ]
    first = told["races"][0]
    assert first["race"]["time_zone"] == "Europe/Berlin"
    assert first["race"]["elevation_gain_m"] == 128.0
    assert first["sources"][0]["attribution"] == "Races by Ahotu"
    assert (told["asked"], told["failed"]) == (["ahotu"], [])


def test_a_distance_may_be_asked_for(platform: PlatformClient) -> None:
    told = platform.call("GET", "/races", params={"distance_km": "21.1", "from": SPRING.isoformat()})
    assert {one["race"]["distance_m"] for one in told["races"]} == {21_097.5}


def test_who_failed_is_named(platform: PlatformClient, running: Any) -> None:
    running.sandboxes["ahotu"].sandbox.faults.add(Fault(FaultKind.STATUS, value=502))
    told = platform.call("GET", "/races")
    assert told["races"] == []
    assert [(one["provider"], one["code"]) for one in told["failed"]] == [("ahotu", "retry_later")]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"near": "Berlin"}, "near"),
        ({"near": "91,0"}, "near"),
        ({"near": "1,2,3"}, "near"),
        ({"near": "1,2", "radius_km": "100000"}, "radius_km"),
        ({"from": "spring"}, "from"),
        ({"distance_km": "0"}, "distance_km"),
    ],
)
def test_a_search_without_sense_is_refused_by_its_name(
    platform: PlatformClient, params: dict[str, str], path: str
) -> None:
    answer = platform.http.get("/races", params=params)
    assert (answer.status_code, answer.json()["path"]) == (422, path)


def test_a_race_that_was_found_goes_on_the_calendar_as_it_came(person: Any, platform: PlatformClient) -> None:
    (found,) = platform.call("GET", "/races", params={"query": "musterberg", "distance_km": "42.2"})["races"]
    saved = person.post("/races", json=found)
    assert saved["race"] == found["race"]
    assert saved["sources"] == found["sources"]
    assert (saved["course"], saved["remarks"]) == (None, [])
    assert person.get("/races") == [saved]
    assert person.get(f"/races/{saved['id']}") == saved


def test_the_same_race_again_is_brought_up_to_date(
    person: Any, platform: PlatformClient, running: Any
) -> None:
    (found,) = platform.call("GET", "/races", params={"query": "musterberg", "distance_km": "42.2"})["races"]
    first = person.post("/races", json=found)
    person.request("PUT", f"/races/{first['id']}/course", content=gpx(400))
    found["race"]["status"] = "cancelled"
    again = person.post("/races", json=found)
    assert (again["id"], again["race"]["status"]) == (first["id"], "cancelled")
    assert again["course"] is not None
    assert len(person.get("/races")) == 1
    changes = running.rows(
        "SELECT collection, entity_id, operation FROM change WHERE athlete_id = ? ORDER BY seq", person.id
    )
    assert [row for row in changes if row[0] == "races"] == [("races", first["id"], "upsert")] * 3


def test_a_race_of_one_s_own_and_one_without_a_name_for_it(person: Any) -> None:
    assert person.post("/races", json=OWN)["id"] == person.post("/races", json=OWN)["id"]
    unnamed = {"race": {name: value for name, value in OWN["race"].items() if name != "external_id"}}
    assert person.post("/races", json=unnamed)["id"] != person.post("/races", json=unnamed)["id"]
    assert len(person.get("/races")) == 3
    assert person.get("/races", params={"from": "2027-05-02"}) == []


def test_a_race_is_taken_off(person: Any, running: Any) -> None:
    race = person.post("/races", json=OWN)
    assert person.request("DELETE", f"/races/{race['id']}").status_code == 204
    assert person.get("/races") == []
    assert person.request("DELETE", f"/races/{race['id']}").status_code == 404
    rows = running.rows("SELECT operation FROM change WHERE entity_id = ? ORDER BY seq", race["id"])
    assert [row[0] for row in rows] == ["upsert", "delete"]


def test_a_course_is_measured_and_what_does_not_fit_is_said(person: Any) -> None:
    race = person.post("/races", json=OWN)
    answer = person.request(
        "PUT", f"/races/{race['id']}/course", content=gpx(46), headers={"Content-Type": "application/gpx+xml"}
    )
    assert answer.status_code == 200
    course = answer.json()["course"]
    assert course["distance_m"] == pytest.approx(5003.8, abs=0.5)
    assert course["gain_m"] == pytest.approx(45, abs=0.5)
    assert answer.json()["remarks"] == []
    longer = person.request("PUT", f"/races/{race['id']}/course", content=gpx(60)).json()
    assert longer["remarks"] == ["The course in the file is 6.6 km long, and the race 5.0 km."]


@pytest.mark.parametrize("body", [b"", b"nope", gpx(1), b"<!DOCTYPE a [<!ENTITY b 'c'>]><gpx/>"])
def test_a_file_that_is_no_course_changes_nothing(person: Any, body: bytes) -> None:
    race = person.post("/races", json=OWN)
    answer = person.request("PUT", f"/races/{race['id']}/course", content=body)
    assert answer.status_code == 422
    assert person.get(f"/races/{race['id']}")["course"] is None


def test_a_course_may_be_larger_than_other_bodies(person: Any) -> None:
    race = person.post("/races", json={"race": {"event": "Ultra", "date": "2027-05-01"}})
    large = gpx(400).replace(b"<ele>", b"<desc>" + b"x" * 6_000 + b"</desc><ele>")
    assert len(large) > 2_000_000
    assert person.request("PUT", f"/races/{race['id']}/course", content=large).status_code == 200
    assert person.request("PUT", f"/races/{race['id']}/course", content=b" " * 20_000_001).status_code == 413


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"event": " "}, "race.event"),
        ({"event": "x" * 201}, "race.event"),
        ({"date": "1900-01-01"}, "race.date"),
        ({"date": "someday"}, "race.date"),
        ({"distance_m": -5}, "race.distance_m"),
        ({"elevation_gain_m": 1e6}, "race.elevation_gain_m"),
        ({"place": {"latitude": 95, "longitude": 0}}, "race.place.latitude"),
        ({"time_zone": "Mars/Olympus"}, "race.time_zone"),
        ({"time_zone": "../../etc/passwd"}, "race.time_zone"),
        ({"url": "javascript:alert(1)"}, "race.url"),
        ({"start_time": "09:30:00+02:00"}, "race.start_time"),
        ({"status": "maybe"}, "race.status"),
        ({"distnace_m": 5}, "race.distnace_m"),
    ],
)
def test_what_is_wrong_with_a_race_is_said_by_its_place(
    person: Any, change: dict[str, Any], path: str
) -> None:
    answer = person.request("POST", "/races", json={"race": {**OWN["race"], **change}})
    assert answer.status_code == 422
    assert answer.json()["path"] == path


def test_another_athlete_s_race_is_not_there(person: Any, running: Any) -> None:
    race = person.post("/races", json=OWN)
    stranger = running.platform()
    other = stranger.call("POST", "/athletes", json={"external_id": "other"})["id"]
    for path in (f"/athletes/{person.id}/races", f"/athletes/{other}/races/{race['id']}"):
        assert stranger.http.get(path).status_code == 404
