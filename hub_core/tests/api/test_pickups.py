"""Pickups: what a phone fetches and says, over a socket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest

from hub_core.domain.sport import Sport
from hub_core.sandbox import RecordedActivity, sync_phone
from hub_core.testing.processes import wait_until

PICKUPS = "/pickups/healthkit"


@pytest.fixture
def phone(person: Any) -> Any:
    """An athlete with a phone."""
    person.connect_phone("healthkit", person.user)
    return person


@pytest.fixture
def ready(phone: Any, plan: dict[str, Any]) -> dict[str, Any]:
    """A workout that lies ready for that phone."""
    phone.save(plan)
    return fetched(phone, lambda rows: rows)[0]


def fetched(phone: Any, is_so: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
    """The list, once it is as it will be."""
    wait_until(lambda: is_so(phone.get(PICKUPS)), "the pickup")
    rows: list[dict[str, Any]] = phone.get(PICKUPS)
    return rows


def say(phone: Any, pickup: dict[str, Any], **body: Any) -> httpx.Response:
    said = {"revision": pickup["revision"], "outcome": "scheduled", **body}
    answer: httpx.Response = phone.request("POST", f"{PICKUPS}/{pickup['id']}", json=said)
    return answer


def sync(running: Any, phone: Any) -> list[str]:
    """One round of the phone."""
    said = sync_phone(running.sandboxes["healthkit"].sandbox, phone.user, phone.ask)
    return [one.outcome for one in said]


def test_a_device_connects_by_the_word_of_the_app(person: Any) -> None:
    body = {"device_id": "phone-1", "name": "Anna's iPhone"}
    for _ in range(2):
        answer = person.request("PUT", "/connections/healthkit/device", json=body)
        assert answer.status_code == 200
    (row,) = person.get("/connections")
    assert (row["provider"], row["status"]) == ("healthkit", "connected")
    assert (row["provider_user_id"], row["display_name"]) == ("phone-1", "Anna's iPhone")


@pytest.mark.parametrize(
    ("provider", "body", "status", "path"),
    [
        ("garmin", {"device_id": "phone-1"}, 422, "provider"),
        ("healthkit", {"device_id": " "}, 422, "device_id"),
        ("healthkit", {"device_id": "x" * 201}, 422, "device_id"),
        ("healthkit", {"device_id": "phone-1", "name": "a\u0000"}, 422, "name"),
        ("healthkit", {"device_id": "phone-1", "token": "t"}, 422, ""),
        ("healthkit", {}, 422, ""),
        ("acme", {"device_id": "phone-1"}, 404, ""),
    ],
)
def test_a_device_is_refused_where_it_makes_no_sense(
    person: Any, provider: str, body: dict[str, str], status: int, path: str
) -> None:
    answer = person.request("PUT", f"/connections/{provider}/device", json=body)
    assert answer.status_code == status
    assert path in answer.json().get("path", "")
    assert person.get("/connections") == []


def test_the_ways_in_that_it_does_not_have_name_the_one_that_it_has(person: Any) -> None:
    for method, path, body in (
        ("POST", "authorize", {}),
        ("PUT", "api-key", {"api_key": "secret-key"}),
    ):
        answer = person.request(method, f"/connections/healthkit/{path}", json=body)
        assert answer.status_code == 422
        assert "the app on the athlete's phone" in answer.json()["detail"]


def test_the_list_says_what_to_schedule(ready: dict[str, Any], plan: dict[str, Any]) -> None:
    assert set(ready) == {
        *("id", "workout_id", "revision", "reference", "uuid", "is_confirmed", "schedule", "remove")
    }
    assert (ready["revision"], ready["is_confirmed"], ready["remove"]) == (1, False, None)
    schedule = ready["schedule"]
    assert (schedule["date"], schedule["time"], schedule["time_zone"]) == (plan["date"], None, "UTC")
    assert schedule["payload"]["workout"]["displayName"] == plan["name"]
    assert ready["reference"] == f"hub-{ready['id']}"


def test_asking_again_is_cheap(phone: Any, ready: dict[str, Any]) -> None:
    first = phone.request("GET", PICKUPS)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for asked in (etag, f"W/{etag}", f'"other", {etag}'):
        again = phone.request("GET", PICKUPS, headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    say(phone, ready)
    changed = phone.request("GET", PICKUPS, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag
    assert changed.json()[0]["is_confirmed"] is True


@pytest.mark.parametrize("room", ["0", "-1", "201", "many"])
def test_room_is_a_sensible_number(phone: Any, room: str) -> None:
    answer = phone.request("GET", PICKUPS, params={"room": room})
    assert (answer.status_code, answer.json()["path"]) == (422, "room")


def test_an_outcome_is_the_status_of_the_export(phone: Any, ready: dict[str, Any]) -> None:
    answer = say(phone, ready, external_id="PLAN-1")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["external_ids"]) == ("SENT", {"id": "PLAN-1"})
    assert answer.json() == phone.export(ready["id"])
    assert say(phone, ready, external_id="PLAN-1").json() == answer.json()


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"outcome": "lost"}, "outcome"),
        ({"revision": "1"}, "revision"),
        ({"revision": 7}, "revision"),
        ({"revision": 2**70}, "revision"),
        ({"reason": "x" * 501}, "reason"),
        ({"more": 1}, ""),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(
    phone: Any, ready: dict[str, Any], body: dict[str, Any], path: str
) -> None:
    answer = say(phone, ready, **body)
    assert answer.status_code == 422
    assert path in answer.json().get("path", "")
    assert phone.export(ready["id"])["status"] == "PENDING"


def test_nobody_else_can_fetch_or_answer(running: Any, phone: Any, ready: dict[str, Any]) -> None:
    said = {"revision": 1, "outcome": "scheduled"}
    stranger = running.platform().athlete("stranger")
    stranger.connect_phone("healthkit")
    assert stranger.ask("GET", PICKUPS) == []
    answers = [
        stranger.platform.http.post(f"{stranger.path}{PICKUPS}/{ready['id']}", json=said),
        stranger.platform.http.post(f"{phone.path}{PICKUPS}/{ready['id']}", json=said),
        stranger.platform.http.get(f"{phone.path}{PICKUPS}"),
        phone.request("POST", f"{PICKUPS}/exp_nosuch", json=said),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    assert running.client().get(f"/v1{phone.path}{PICKUPS}").status_code == 401
    assert phone.export(ready["id"])["status"] == "PENDING"


def test_a_phone_has_to_be_connected(person: Any) -> None:
    answer = person.request("GET", PICKUPS)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:hub:problem:conflict")
    assert person.request("GET", "/pickups/garmin").status_code == 422
    assert person.request("GET", "/pickups/acme").status_code == 404


def test_a_phone_follows_edits_and_deletions(running: Any, phone: Any, plan: dict[str, Any]) -> None:
    workout_id = phone.save(plan)
    fetched(phone, lambda rows: rows)
    assert sync(running, phone) == ["scheduled"]
    assert phone.device("healthkit") == [plan["name"]]
    assert sync(running, phone) == []

    phone.request("PATCH", f"/workouts/{workout_id}", json={"name": "Newer"})
    fetched(phone, lambda rows: rows[0]["revision"] == 2)
    assert sync(running, phone) == ["scheduled"]
    assert phone.device("healthkit") == ["Newer"]

    phone.request("DELETE", f"/workouts/{workout_id}")
    fetched(phone, lambda rows: rows and rows[0]["remove"])
    assert sync(running, phone) == ["removed"]
    assert phone.device("healthkit") == []
    (export,) = phone.exports()
    assert (export["status"], export["reason_code"]) == ("SENT", "withdrawn")


def test_the_documentation_tells_of_both_calls(running: Any) -> None:
    paths = running.client().get("/docs/openapi.json").json()["paths"]
    listed = paths["/v1/athletes/{athlete_id}/pickups/{provider}"]["get"]
    assert set(listed["responses"]) == {"200", "304", "default"}
    assert [one["name"] for one in listed["parameters"] if one["in"] == "query"] == ["room"]
    confirmed = paths["/v1/athletes/{athlete_id}/pickups/{provider}/{export_id}"]["post"]
    assert set(confirmed["responses"]) == {"200", "default"}


def test_what_a_phone_holds_or_waits_for_is_stale_when_thresholds_change(
    running: Any, phone: Any, plan: dict[str, Any]
) -> None:
    share = {"type": "percent", "metric": "power", "low": 90, "high": 100, "of": "ftp"}
    plan["steps"] = [{"type": "step", "duration": {"type": "time", "duration_s": 480}, "target": share}]
    phone.request("PATCH", json={"thresholds": {"ftp_w": 200}})
    phone.save(plan)
    fetched(phone, lambda rows: rows)
    assert sync(running, phone) == ["scheduled"]
    phone.save({**plan, "name": "Not fetched yet"})
    fetched(phone, lambda rows: len(rows) == 2)
    assert phone.get("/exports/stale") == []

    changed = phone.request("PATCH", json={"thresholds": {"ftp_w": 250}}).json()
    assert changed["stale_exports"] == 2
    told = {"path": "steps[0]", "feature": "target", "sent": "180–200 W", "now": "225–250 W"}
    for stale in phone.get("/exports/stale"):
        assert (stale["provider"], stale["changes"]) == ("healthkit", [told])

    queued = phone.request("POST", "/exports/stale").json()
    assert [(one["provider"], one["status"]) for one in queued] == [("healthkit", "PENDING")] * 2
    fetched(phone, lambda rows: [one["is_confirmed"] for one in rows] == [False, False])
    wait_until(lambda: {one["reason_code"] for one in phone.exports()} == {"waits_for_phone"}, "the pickups")
    assert phone.get("/exports/stale") == []
    assert sync(running, phone) == ["scheduled", "scheduled"]
    assert [one["status"] for one in phone.exports()] == ["SENT", "SENT"]
    held = running.sandboxes["healthkit"].sandbox.device(phone.user).workouts
    assert [list(one.lines) for one in held] == [["Work: 8 min, 225–250 W"]] * 2


def test_what_was_done_with_a_workout_from_here_comes_back_as_done(
    running: Any, phone: Any, ready: dict[str, Any]
) -> None:
    """Recorded, edited and deleted on the phone, each time sent with its next round."""
    sandbox, date = running.sandboxes["healthkit"].sandbox, ready["schedule"]["date"]
    assert sync(running, phone) == ["scheduled"]
    (shown,) = sandbox.device(phone.user).workouts
    start = dt.datetime.fromisoformat(f"{date}T07:00:00+02:00")
    done = RecordedActivity("Before work", Sport.RIDE, start, 3600.0, 30_000.0, 140.0, shown.external_id)
    for seconds in (3600.0, 3000.0):
        sandbox.record_activity(phone.user, msgspec.structs.replace(done, duration_s=seconds))
        assert sync(running, phone) == []
        (one,) = phone.get("/activities", params={"from": date, "to": date})
        told = one["activity"]
        assert (told["name"], told["duration_s"], told["distance_m"]) == ("Before work", seconds, 30_000)
        assert one["workout_id"] == ready["workout_id"]
    sandbox.delete_activity(phone.user, "Before work")
    sync(running, phone)
    assert phone.get("/activities", params={"from": date, "to": date}) == []
