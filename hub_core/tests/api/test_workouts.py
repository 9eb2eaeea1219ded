"""Planned workouts over the API: save, read, list, change, delete, preflight."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

TODAY = dt.datetime.now(dt.UTC).date()
EASY = {"type": "step", "duration": {"type": "time", "duration_s": 1200}}


def day(offset: int) -> str:
    return (TODAY + dt.timedelta(days=offset)).isoformat()


def test_a_workout_is_saved_and_read(person: Any, plan: dict[str, Any]) -> None:
    saved = person.post("/workouts", json=plan | {"external_id": "plan-1", "time": "06:30:00"})
    assert saved == person.get(f"/workouts/{saved['id']}")
    assert (saved["external_id"], saved["revision"]) == ("plan-1", 1)
    assert saved["workout"] == plan | {"time": "06:30:00"}
    assert [(row["status"], row["provider"], row["reason_code"]) for row in saved["exports"]] == [
        ("NOT_CONNECTED", None, "no_connection")
    ]


def test_the_list_is_by_default_today_and_the_next_14_days(person: Any, plan: dict[str, Any]) -> None:
    ids = {offset: person.save(plan | {"date": day(offset)}) for offset in (15, 14, 0, -1, 300)}
    assert [row["id"] for row in person.get("/workouts")] == [ids[0], ids[14]]
    window = {"from": day(-1), "to": day(15)}
    listed = [row["id"] for row in person.get("/workouts", params=window)]
    assert listed == [ids[-1], ids[0], ids[14], ids[15]]
    assert [row["id"] for row in person.get("/workouts", params={"from": day(1)})] == [ids[14], ids[15]]


def test_the_first_day_is_today_where_the_athlete_is(person: Any, plan: dict[str, Any]) -> None:
    # These two are never on the same date.
    seen = []
    for zone in ("Etc/GMT+12", "Etc/GMT-14"):
        person.request("PATCH", json={"thresholds": {"time_zone": zone}})
        hours = {"Etc/GMT+12": -12, "Etc/GMT-14": 14}[zone]
        local = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)).date()
        workout_id = person.save(plan | {"date": local.isoformat()})
        person.save(plan | {"date": (local - dt.timedelta(days=1)).isoformat()})
        seen.append(workout_id == person.get("/workouts")[0]["id"])
    assert seen == [True, True]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"from": "tomorrow"}, "from"),
        ({"from": "2026-02-30"}, "from"),
        ({"from": "9999-12-31"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"from": "2026-01-01", "to": "2025-12-31"}, "to"),
        ({"from": "2026-01-01", "to": "2028-01-01"}, "to"),
        ({"to": "9999-12-31"}, "to"),
        ({"to": ""}, "to"),
    ],
    ids=str,
)
def test_a_window_that_is_none_is_named(person: Any, query: dict[str, str], path: str) -> None:
    answer = person.request("GET", "/workouts", params=query)
    assert (answer.status_code, answer.json()["path"]) == (422, path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "New name"),
        ("sport", "gravel_ride"),
        ("steps", [EASY]),
        ("date", day(3)),
        ("time", "18:00:00"),
        ("description", "Take it easy."),
        ("pool_length_m", 25.0),
    ],
)
def test_any_field_can_be_changed(person: Any, plan: dict[str, Any], field: str, value: Any) -> None:
    workout_id = person.save(plan | {"external_id": "keep me"})
    changed = person.platform.call("PATCH", f"{person.path}/workouts/{workout_id}", json={field: value})
    assert changed["workout"] == plan | {field: value}
    assert (changed["revision"], changed["external_id"]) == (2, "keep me")
    assert changed == person.get(f"/workouts/{workout_id}")


def test_an_optional_field_can_be_taken_away(person: Any, plan: dict[str, Any]) -> None:
    path = f"/workouts/{person.save(plan | {'time': '06:30:00', 'pool_length_m': 25})}"
    assert person.request("PATCH", path, json={"time": None, "pool_length_m": None}).status_code == 200
    assert person.get(path)["workout"] == plan


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"date": None}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"sport": "golf"}, "sport"),
        ({"steps": []}, "steps"),
        ({"steps": [EASY, {"type": "repeat", "times": 0, "repeat": [EASY]}]}, "steps[1].times"),
        ({"external_id": "new"}, "external_id"),
        ({"providers": ["nosuch"]}, "providers"),
        ({"sport": "run", "steps": [EASY | {"cadence": {"low": 80, "high": 90}}]}, "steps[0].cadence"),
    ],
    ids=str,
)
def test_a_bad_change_changes_nothing(
    running: Any, person: Any, plan: dict[str, Any], body: dict[str, Any], path: str
) -> None:
    workout = f"/workouts/{person.save(plan)}"
    before = [person.get(workout), running.rows("SELECT count(*) FROM change")]
    answer = person.request("PATCH", workout, json=body)
    assert (answer.status_code, answer.json()["path"]) == (422, path)
    assert [person.get(workout), running.rows("SELECT count(*) FROM change")] == before


def test_an_external_id_is_free_again_after_deletion(person: Any, plan: dict[str, Any]) -> None:
    named = plan | {"external_id": "one of a kind"}
    workout_id = person.save(named)
    assert person.request("POST", "/workouts", json=named).status_code == 409
    assert person.request("DELETE", f"/workouts/{workout_id}").status_code == 204
    assert person.save(named) != workout_id


def test_a_deleted_workout_is_gone_here_and_on_the_device(connected: Any, plan: dict[str, Any]) -> None:
    path = f"/workouts/{connected.save(plan)}"
    connected.settled()
    assert connected.device("garmin") == [plan["name"]]
    deleted = connected.request("DELETE", path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert connected.get("/workouts") == []
    for method in ("GET", "PATCH", "DELETE"):
        answer = connected.request(method, path, json={} if method == "PATCH" else None)
        assert answer.status_code == 404
    connected.settled()
    assert connected.device("garmin") == []


def test_preflight_tells_of_the_connected_providers(connected: Any, plan: dict[str, Any]) -> None:
    reports = connected.post("/preflight", json=plan)
    assert [report["provider"] for report in reports] == ["garmin"]
    assert reports[0]["steps"][0]["path"] == "steps[0]"


def test_preflight_tells_of_all_when_none_is_connected(person: Any, plan: dict[str, Any]) -> None:
    plan = {key: value for key, value in plan.items() if key != "date"}
    reports = person.post("/preflight", json=plan)
    assert [report["provider"] for report in reports] == ["garmin", "healthkit", "intervals", "wahoo"]


def test_preflight_tells_of_those_named(connected: Any, plan: dict[str, Any]) -> None:
    names = {"provider": "wahoo, intervals"}
    reports = connected.post("/preflight", params=names, json=plan)
    saved = connected.get(f"/workouts/{connected.save(plan)}/preflight", params=names)
    assert [report["provider"] for report in reports] == ["wahoo", "intervals"]
    assert saved == reports


def test_preflight_saves_and_sends_nothing(running: Any, connected: Any, plan: dict[str, Any]) -> None:
    saved = f"/workouts/{connected.save(plan)}/preflight"
    connected.settled()
    before = [running.asked(), running.rows("SELECT count(*) FROM change"), connected.get("/workouts")]
    connected.post("/preflight", params={"provider": "garmin,wahoo,intervals"}, json=plan)
    connected.get(saved)
    after = [running.asked(), running.rows("SELECT count(*) FROM change"), connected.get("/workouts")]
    assert after == before


@pytest.mark.parametrize("name", ["nosuch", "garmin,nosuch", "Garmin", "\x00", "../garmin"])
def test_preflight_knows_no_other_providers(person: Any, plan: dict[str, Any], name: str) -> None:
    answer = person.request("POST", "/preflight", params={"provider": name}, json=plan)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:hub:problem:not_found")
