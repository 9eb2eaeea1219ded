"""What phones send: taken item by item, once, and shown before it is answered."""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from hub_healthkit.sandbox_health import PHONE, HealthStore

ZONE = ZoneInfo("Europe/Zurich")
DAY = dt.date(2026, 11, 14)
SEVEN = dt.datetime(2026, 11, 14, 7, tzinfo=ZONE)
_keys = itertools.count(1)


@pytest.fixture
def phone(person: Any) -> Any:
    """An athlete whose phone is connected."""
    person.connect_phone("healthkit")
    return person


def send(phone: Any, body: Any, path: str = "batch", **headers: str) -> httpx.Response:
    answer: httpx.Response = phone.request("POST", f"/ingest/{path}", json=body, headers=headers)
    return answer


def taken(phone: Any, store: HealthStore) -> list[dict[str, Any]]:
    """Everything new is sent, and all of it is taken."""
    answers = [send(phone, batch) for batch in store.send_new()]
    assert {answer.status_code for answer in answers} == {200}, answers[0].text
    return [answer.json() for answer in answers]


def day(phone: Any, date: dt.date = DAY) -> dict[str, Any]:
    found: dict[str, Any] = phone.get(f"/daily/{date}")
    return found


def test_phone_and_watch_count_the_same_steps_once(phone: Any) -> None:
    store = HealthStore()
    store.walk(SEVEN, 30, 3_000)
    store.walk(SEVEN, 30, 2_800, PHONE)
    store.walk(SEVEN + dt.timedelta(hours=2), 10, 900, PHONE)
    (told,) = taken(phone, store)
    assert (told["new"], told["known"], told["errors"], told["remarks"]) == (3, 0, [], [])
    assert {"kind": "daily", "date": "2026-11-14"} in told["days"]
    assert day(phone)["steps"] == 3_900


def test_the_same_history_in_another_order_changes_nothing(phone: Any) -> None:
    store = HealthStore(seed=3)
    for hour in range(9):
        store.walk(SEVEN + dt.timedelta(hours=hour), 20, 500 + hour)
    store.measure(SEVEN, "BodyMass", 150.0, "lb")
    taken(phone, store)
    before = day(phone)
    assert before["weight_kg"] == pytest.approx(68.04, abs=0.01)
    for batch in store.send_again(size=4):
        # UUIDs come in either case.
        for item in batch["data"]["records"]:
            item["id"] = item["id"].lower()
        told = send(phone, batch).json()
        assert (told["new"], told["known"]) == (0, len(batch["data"]["records"]))
    assert day(phone) == before


def test_the_same_batch_has_the_same_answer_and_its_key_no_other_body(phone: Any) -> None:
    store = HealthStore(seed=4)
    store.walk(SEVEN, 30, 3_000)
    (batch,) = store.send_new()
    first, again = send(phone, batch), send(phone, batch)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.json()["new"] == 1
    assert send(phone, dict(reversed(batch.items()))).json() == first.json()  # written anew by the app
    batch["data"]["records"][0]["value"] = 9
    other = send(phone, batch)
    assert (other.status_code, "id of its own" in other.json()["detail"]) == (409, True)
    header = {"Idempotency-Key": "k-1"}
    assert send(phone, batch, **header).status_code == 200
    assert send(phone, {"records": []}, "steps", **header).status_code == 409
    (row,) = phone.running.rows(
        "SELECT COUNT(*) FROM delivery WHERE athlete_id = ? AND way = 'phone' AND state = 'done'", phone.id
    )
    assert row == (2,)


def test_deletions_are_followed_also_before_what_they_delete(phone: Any) -> None:
    store = HealthStore(seed=5)
    kept, gone = store.walk(SEVEN, 30, 3_000), store.walk(SEVEN + dt.timedelta(hours=1), 30, 1_000)
    run = store.train(SEVEN, 40, values=[{"type": "distance", "unit": "km", "value": 8}])
    store.delete(gone)
    store.delete(run)
    edited = store.edit(kept, value=2_500)
    for batch in store.send_backwards(size=1):
        assert send(phone, batch).status_code == 200
    assert day(phone)["steps"] == 2_500
    assert phone.get("/activities", params={"from": "2026-11-14"}) == []
    # Nor does an old batch bring it back.
    for batch in store.send_again():
        send(phone, batch)
    store.delete(edited)
    taken(phone, store)
    assert "steps" not in day(phone)


def test_one_invalid_item_costs_its_499_neighbours_nothing(phone: Any) -> None:
    store = HealthStore(seed=6)
    for minute in range(500):
        store.walk(SEVEN + dt.timedelta(minutes=minute), 1, 10)
    (batch,) = store.send_new()
    batch["data"]["records"][77]["endDate"] = "2026-11-14T00:00:00Z"
    answer = send(phone, batch)
    told = answer.json()
    assert (answer.status_code, told["new"], told["refused"]) == (207, 499, 1)
    assert told["errors"] == [
        {
            "index": 77,
            "external_id": batch["data"]["records"][77]["id"],
            "path": "data.records[77].endDate",
            "detail": "is before startDate",
        }
    ]
    assert day(phone)["steps"] == 4_990


def test_each_fault_has_its_place_and_what_is_unknown_is_no_fault(phone: Any) -> None:
    store = HealthStore(seed=7)
    store.walk(SEVEN, 30, 3_000)
    (batch,) = store.send_new()
    good = batch["data"]["records"][0]
    faulty = [
        {**good, "value": "many"},
        {**good, "unit": "furlong", "type": "HKQuantityTypeIdentifierDistanceWalkingRunning"},
        {**good, "value": -1},
        {**good, "zoneOffset": "+2"},
        {**good, "startDate": "2026-11-14T06:00:00"},
        {**good, "endDate": "2026-11-20T06:00:00Z"},
        {**good, "id": " "},
        {"id": "x"},
        7,
    ]
    news = {**good, "id": "NEW", "type": "HKQuantityTypeIdentifierAuraStrength"}
    asleep = {**good, "id": "S", "stage": "lucid"}
    dance = {**good, "id": "W", "type": 4711}
    body = {"data": {"records": [good, *faulty, news], "sleep": [asleep], "workouts": [dance], "later": 1}}
    answer = send(phone, body)
    told = answer.json()
    assert answer.status_code == 207
    assert [error["path"].removeprefix("data.records") for error in told["errors"]] == [
        "[1].value",
        "[2].unit",
        "[3].value",
        "[4].zoneOffset",
        "[5].startDate",
        "[6].endDate",
        "[7].id",
        "[8].startDate",
        "[9]",
    ]
    assert told["remarks"] == [
        "1 x HKQuantityTypeIdentifierAuraStrength left out",
        "1 x sleep stage lucid left out",
    ]
    assert told["new"] == 2
    (dance_shown,) = phone.get("/activities", params={"from": "2026-11-14"})
    assert dance_shown["activity"]["sport"] == "other"


def test_manual_wins_per_field_in_either_order_of_arrival(phone: Any) -> None:
    store = HealthStore(seed=8)
    phone.request("PUT", f"/daily/{DAY}", json={"steps": 8_000})
    store.walk(SEVEN, 60, 9_500)
    store.measure(SEVEN, "RestingHeartRate", 48, "count/min")
    store.measure(SEVEN, "BodyMass", 71, "kg")
    taken(phone, store)
    shown = day(phone)
    assert (shown["steps"], shown["resting_heart_rate_bpm"], shown["weight_kg"]) == (8_000, 48, 71)
    assert (shown["sources"]["steps"]["source"], shown["sources"]["weight_kg"]["source"]) == (
        "athlete",
        "healthkit",
    )
    phone.request("PUT", f"/daily/{DAY}", json={"weight_kg": 70.4})
    store.measure(SEVEN + dt.timedelta(hours=12), "BodyMass", 72, "kg")
    taken(phone, store)
    assert (day(phone)["weight_kg"], day(phone)["resting_heart_rate_bpm"]) == (70.4, 48)
    losers = phone.get(f"/daily/{DAY}/why")["fields"]
    assert "9500" in json.dumps(losers)


def test_a_sample_of_a_past_day_opens_it_again(phone: Any) -> None:
    store = HealthStore(seed=9)
    store.walk(SEVEN, 30, 3_000)
    taken(phone, store)
    store.walk(SEVEN - dt.timedelta(days=400), 30, 700)
    store.walk(SEVEN + dt.timedelta(hours=3), 30, 500)
    (told,) = taken(phone, store)
    assert {one["date"] for one in told["days"] if one["kind"] == "daily"} == {"2025-10-10", "2026-11-14"}
    assert day(phone, dt.date(2025, 10, 10))["steps"] == 700
    assert day(phone)["steps"] == 3_500


def test_a_night_over_the_change_of_clocks_with_two_sources(phone: Any) -> None:
    store = HealthStore(seed=10)
    ten = dt.datetime(2026, 10, 24, 22, tzinfo=ZONE).astimezone(dt.UTC)
    zone = {"metadata": {"HKTimeZone": "Europe/Zurich"}}
    for index, stage in enumerate(("core", "deep", "rem", "awake", "core")):
        store.sleep(ten + dt.timedelta(hours=2 * index), 120, stage)
    store.sleep(ten - dt.timedelta(minutes=30), 660, "in_bed", PHONE)
    for _, item in store.items.values():
        item |= zone
    taken(phone, store)
    night = phone.get("/sleep/2026-10-25")
    assert (night["asleep_s"], night["awake_s"]) == (8 * 3600, 2 * 3600)
    # 22:00 in summer time, and ten hours later it is 7:00 in winter time.
    assert (night["start"][-6:], night["end"][11:]) == ("+02:00", "07:00:00+01:00")


def _at(hour: str) -> dict[str, str]:
    return {"startDate": f"2026-11-14T{hour}:00:00Z", "endDate": f"2026-11-14T{hour}:10:00Z"}


def test_zones_by_item_then_by_the_athlete(phone: Any) -> None:
    phone.request("PATCH", "", json={"thresholds": {"time_zone": "Pacific/Auckland"}})
    base = {"value": 100, **_at("12")}
    records = [
        {**base, "id": "Z1", "zoneOffset": "-11:00"},
        {**base, "id": "Z2", "startDate": "2026-11-14T23:30:00+01:00", "endDate": "2026-11-14T22:40:00Z"},
        {**base, "id": "Z3"},
        {**base, "id": "Z4", "zoneOffset": "+00:00", **_at("13")},
    ]
    assert send(phone, {"records": records}, "steps").status_code == 200
    assert (day(phone)["steps"], day(phone, dt.date(2026, 11, 15))["steps"]) == (300, 100)


def test_a_workout_and_its_route_later(phone: Any) -> None:
    store = HealthStore(seed=11)
    run = store.train(
        SEVEN,
        40,
        title="Along the lake",
        metadata={"HKTimeZone": "Europe/Zurich", "HKIndoorWorkout": 0, "HKElevationAscended": "7420 cm"},
        values=[
            {"type": "duration", "unit": "s", "value": 2_300},
            {"type": "distance", "unit": "m", "value": 8_000},
            {"type": "averageHeartRate", "unit": "bpm", "value": 149.2},
        ],
    )
    plain = next(store.send_new())
    assert send(phone, plain).json()["new"] == 1
    (shown,) = phone.get("/activities", params={"from": "2026-11-14"})
    activity = shown["activity"]
    assert (activity["sport"], activity["moving_s"], activity["duration_s"]) == ("run", 2_300, 2_400)
    assert (activity["elevation_gain_m"], activity["start"]) == (74.2, "2026-11-14T07:00:00+01:00")

    points = [
        {"lat": 47.3, "lon": 8.5 + second / 1e4, "t": (SEVEN + dt.timedelta(seconds=second)).isoformat()}
        for second in range(0, 60, 2)
    ]
    _, item = store.items[run]
    later = {"workouts": [{**item, "routePoints": points}]}
    assert send(phone, later, "workouts").json()["new"] == 1
    # The history is sent again without the route: the fuller telling stands.
    for batch in store.send_again():
        assert send(phone, batch).json()["known"] == 1
    series = phone.get(f"/activities/{shown['id']}/series")
    assert series["length"] == 30


def test_gzip_limits_and_what_cannot_be_read(phone: Any) -> None:
    def post(content: bytes, path: str = "steps", **headers: str) -> int:
        return int(phone.request("POST", f"/ingest/{path}", content=content, headers=headers).status_code)

    packed = {"Content-Encoding": "gzip"}
    assert post(gzip.compress(b'{"records": []}'), **packed) == 200
    assert post(gzip.compress(b"0" * 21_000_000), **packed) == 413
    assert post(gzip.compress(b'{"records": []}')[:-9], **packed) == 422
    assert post(b"{}", **{"Content-Encoding": "br"}) == 415
    assert post(b" " * 5_000_001) == 413
    for nonsense in (b"", b"[]", b"\xff", b"[" * 100_000, b'{"records": 7}'):
        assert post(nonsense) == 422
    assert post(b'{"records": []}', "batch") == 422
    assert send(phone, {"records": [{}] * 5_001}, "steps").status_code == 422


def test_without_a_phone_the_way_to_connect_one_is_told(person: Any) -> None:
    answer = send(person, {"records": []}, "steps")
    assert (answer.status_code, "connections/healthkit/device" in answer.json()["detail"]) == (409, True)
    assert send(person, {"weight_kg": 70}, "profile").status_code == 409


def test_profile_takes_what_is_given_field_by_field(phone: Any) -> None:
    answer = send(
        phone, {"weight_kg": 70.4, "max_hr_bpm": 1900, "lthr_bpm": None, "shoe_size": 43}, "profile"
    )
    told = answer.json()
    assert (answer.status_code, told["changed"], told["remarks"]) == (
        207,
        ["weight_kg"],
        ["shoe_size left out"],
    )
    assert [error["path"] for error in told["errors"]] == ["max_hr_bpm", "lthr_bpm"]
    assert told["thresholds"]["ftp_w"] == 265  # nobody spoke of it
    again = send(phone, {"weight_kg": 70.4}, "profile")
    assert (again.status_code, again.json()["changed"]) == (200, [])
    assert phone.get()["thresholds"]["weight_kg"] == 70.4


def test_health_auto_export(phone: Any) -> None:
    points = [{"date": f"{DAY} 07:00:00 +0100", "qty": 4_000}, {"date": "yesterday", "qty": 1}]
    body = {"data": {"metrics": [{"name": "step_count", "units": "count", "data": points}]}}
    answer = send(phone, body, "auto-export")
    assert (answer.status_code, answer.json()["new"]) == (207, 1)
    assert answer.json()["errors"][0]["path"] == "data.metrics[0].data[1]"
    assert day(phone)["steps"] == 4_000


def sync_all(running: Any, phones: int) -> None:
    """So many phones sync at once, each batch twice."""
    platform = running.platform()
    people = []
    for number in range(phones):
        athlete = platform.athlete(f"crowd-{next(_keys)}")
        athlete.connect_phone("healthkit", device_id=f"device-{number}")
        people.append(athlete)

    def sync(athlete: Any) -> int:
        store = HealthStore(seed=hash(athlete.path))
        for hour in range(12):
            store.walk(SEVEN + dt.timedelta(hours=hour), 30, 100)
        for batch in itertools.chain(store.send_new(size=5), store.send_again(size=5)):
            answer = platform.http.post(f"{athlete.path}/ingest/batch", json=batch)
            assert answer.status_code == 200, answer.text
        return int(platform.call("GET", f"{athlete.path}/daily/{DAY}")["steps"])

    with ThreadPoolExecutor(phones) as pool:
        assert set(pool.map(sync, people)) == {1_200}


def test_twenty_phones_at_once_lose_nothing(running: Any) -> None:
    sync_all(running, 20)


@pytest.mark.chaos
def test_a_hundred_phones_at_once_lose_nothing(running: Any) -> None:
    sync_all(running, 100)
    print("\n100 phones, 6 batches each at the same time: all 12 samples of each are there once")  # noqa: T201 (its summary)
