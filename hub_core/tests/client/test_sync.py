"""The reference client: its queue survives anything, and in the end both sides hold the same."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub_core.client import KEPT_S, WAITS_S, NotAllowedError, SyncClient, screen
from hub_core.storage import generate_key
from hub_core.testing.processes import AthleteClient, HubProcesses

from .cut_line import Cut
from .phone import Phone


@pytest.fixture
def make_phone(athlete: AthleteClient, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    made: list[Phone] = []

    def make(name: str = "phone", **fields: Any) -> Phone:
        made.append(Phone(athlete, tmp_path / f"{name}.db", **fields))
        return made[-1]

    yield make
    for phone in made:
        phone.close()


def held_by_the_hub(athlete: AthleteClient) -> dict[str, dict[str, Any]]:
    """Days and workouts as their own paths show them."""
    span = {"from": "2031-01-01", "to": "2031-12-31"}
    call, path = athlete.platform.call, athlete.path
    days = call("GET", f"{path}/daily", params=span)
    workouts = call("GET", f"{path}/workouts", params=span)
    return {
        "daily": {one["date"]: one for one in days},
        "workouts": {one["id"]: one["workout"] for one in workouts},
    }


def held_by(phone: Phone) -> dict[str, dict[str, Any]]:
    return {
        "daily": {one["date"]: one for one in phone.store.entities("daily").values()},
        "workouts": {id_: one["workout"] for id_, one in phone.store.entities("workouts").items()},
    }


def test_what_waits_is_tried_after_2_4_8_16_32_seconds_and_then_has_failed(make_phone: Any) -> None:
    phone = make_phone()
    phone.line.is_down = True
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.4})
    phone.client.do("enter_daily", date="2031-04-08", fields={"weight_kg": 70.2})
    waits = []
    while waiting := phone.store.queued("waiting")[:1]:
        assert not phone.client.push()
        (head,) = [one for one in phone.store.queued() if one.id == waiting[0].id]
        if head.state == "failed":
            break
        assert not phone.client.push()  # too early: nothing is tried
        assert phone.store.queued("waiting")[0].tries == head.tries
        waits.append(head.next_try - phone.now)
        phone.now = head.next_try
    assert tuple(waits) == WAITS_S == (2, 4, 8, 16, 32)
    assert [(one.state, one.answer) for one in phone.store.queued()] == [
        ("failed", "RemoteProtocolError"),
        ("waiting", ""),
    ]
    phone.line.is_down = False
    phone.store.try_again()
    assert phone.client.sync()
    assert phone.store.queued() == []
    assert held_by(phone)["daily"]["2031-04-07"]["weight_kg"] == 70.4


def test_what_has_failed_is_not_overtaken_by_what_was_typed_later(make_phone: Any) -> None:
    phone = make_phone()
    phone.line.is_down = True
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.4})
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.2})
    for _ in range(6):
        phone.client.push()
        phone.now += WAITS_S[-1]
    assert [one.state for one in phone.store.queued()] == ["failed", "waiting"]
    phone.line.is_down = False
    assert not phone.client.sync()
    phone.store.try_again()
    assert phone.client.sync()
    assert phone.store.queued() == []
    assert held_by(phone)["daily"]["2031-04-07"]["weight_kg"] == 70.2


def test_a_clock_that_was_set_back_holds_nothing_up(make_phone: Any) -> None:
    phone = make_phone(cuts=[Cut.BEFORE])
    phone.now = 2_000_000.0
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.4})
    assert not phone.client.push()
    phone.now = 1_000.0
    assert phone.client.push()


def test_the_page_of_a_hotel_is_no_answer_of_the_hub(make_phone: Any) -> None:
    phone = make_phone()
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.4})
    pages = [
        httpx.Response(200, html="<h1>Welcome</h1>"),
        httpx.Response(302, headers={"Location": "http://10.0.0.1/"}),
        httpx.Response(511),
    ]
    for page in pages:
        hotel = httpx.MockTransport(lambda _, page=page: page)
        with httpx.Client(base_url="http://hub", transport=hotel) as http:
            assert not SyncClient(phone.store, http, "ath_1", lambda: phone.now).sync()
        phone.now += 40
    (one,) = phone.store.queued("waiting")
    assert (one.tries, one.answer) == (3, "HTTP 511")
    assert phone.store.cursor == ""
    assert phone.client.sync()


def test_what_is_changed_twice_offline_is_no_conflict_with_itself(
    make_phone: Any, athlete: AthleteClient, plan: dict[str, Any]
) -> None:
    phone, tablet = make_phone("phone"), make_phone("tablet")
    for name in ("twice", "gone"):
        phone.client.do("create_workout", entity=name, workout=plan)
    phone.client.do("update_workout", entity="gone", fields={"name": "Rewritten"})
    phone.client.do("delete_workout", entity="gone")
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.4})
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.2})
    phone.sync_to_the_end()
    (id_,) = phone.store.entities("workouts")
    tablet.sync_to_the_end()
    for name in ("First", "Second"):
        phone.client.do("update_workout", entity=id_, fields={"name": name})
    # Others change another field meanwhile, and the answer is lost.
    athlete.platform.call("PATCH", f"{athlete.path}/workouts/{id_}", json={"description": "Easy"})
    phone.line.cuts.append(Cut.BEFORE_ANSWER)
    assert not phone.client.sync()
    phone.client.do("update_workout", entity=id_, fields={"name": "Third"})
    assert screen.workouts(phone.store)[id_]["name"] == "Third"
    phone.sync_to_the_end()
    assert phone.store.queued() == []
    shown = held_by_the_hub(athlete)
    assert [(one["name"], one["description"]) for one in shown["workouts"].values()] == [("Third", "Easy")]
    assert shown["daily"]["2031-04-07"]["weight_kg"] == 70.2
    # Whoever hasn't seen it deletes nothing, and overwrites nothing.
    tablet.client.do("update_workout", entity=id_, fields={"name": "Tablet's"})
    tablet.client.do("delete_workout", entity=id_)
    tablet.sync_to_the_end()
    assert [one.body["op"] for one in tablet.store.queued("refused")] == ["update_workout", "delete_workout"]
    assert held_by_the_hub(athlete) == shown


def test_a_lost_answer_does_nothing_twice(
    make_phone: Any, athlete: AthleteClient, plan: dict[str, Any]
) -> None:
    phone = make_phone(cuts=random.Random(5).choices(list(Cut), k=30))
    for number in range(8):
        phone.client.do(
            "create_workout", entity=f"local-{number}", workout={**plan, "name": f"Ride {number}"}
        )
    phone.client.send_samples(
        records=[
            {"id": "S1", "startDate": "2031-04-07T06:00:00Z", "endDate": "2031-04-07T06:10:00Z", "value": 900}
        ]
    )
    phone.sync_to_the_end()
    assert phone.store.queued() == []
    there = held_by_the_hub(athlete)
    assert sorted(one["name"] for one in there["workouts"].values()) == [f"Ride {n}" for n in range(8)]
    assert there["daily"]["2031-04-07"]["steps"] == 900
    assert held_by(phone) == there


def test_what_the_hub_refuses_stays_with_its_reason(
    make_phone: Any, athlete: AthleteClient, plan: Any
) -> None:
    phone, tablet = make_phone("phone"), make_phone("tablet")
    phone.client.do("create_workout", entity="w", workout=plan)
    phone.sync_to_the_end()
    tablet.sync_to_the_end()
    for client, name in ((phone, "Mine"), (tablet, "Ours")):
        client.client.do("update_workout", entity="w", base_revision=1, fields={"name": name})
    phone.client.do("enter_daily", date="2031-04-07", fields={"mood": 3})
    phone.sync_to_the_end()
    tablet.sync_to_the_end()
    (bad,) = phone.store.queued()
    assert (bad.state, "people set" in bad.answer) == ("refused", True)
    (clash,) = tablet.store.queued()
    assert '"yours":"Ours","theirs":"Mine"' in clash.answer
    tablet.store.discard(clash.id)
    assert tablet.store.queued() == []
    phone.sync_to_the_end()
    assert held_by(phone)["workouts"] == held_by(tablet)["workouts"]


def test_an_expired_cursor_begins_anew_and_drops_what_is_gone(make_phone: Any, plan: Any) -> None:
    phone = make_phone()
    phone.client.do("create_workout", entity="w", workout=plan)
    phone.sync_to_the_end()
    here = held_by(phone)
    foreign = [{"collection": "workouts", "id": "wk_gone", "operation": "upsert", "entity": {"workout": {}}}]
    phone.store.keep_page(foreign, phone.store.cursor, is_last=True)
    # As after a restore: the hub doesn't know this place any more.
    phone.store.keep_page([], _of_other_collections(phone), is_last=True)
    assert phone.client.sync()
    assert held_by(phone) == here


def _of_other_collections(phone: Phone) -> str:
    answer = phone.http.get(f"{phone.client._path}/changes", params={"collections": "races"})
    return str(answer.json()["next_cursor"])


def test_a_backup_that_is_put_back_loses_nothing_that_the_phone_had_sent(tmp_path: Path, plan: Any) -> None:
    file, backup = tmp_path / "hub.db", tmp_path / "backup.db"
    environment = {"HUB_DATABASE_URL": f"sqlite:///{file}", "HUB_ENCRYPTION_KEYS": generate_key()}
    with HubProcesses({**environment, "HUB_BROKER_URL": ""}) as hub:
        athlete = hub.platform().athlete("runner")
        athlete.connect_phone("healthkit")
        phone = Phone(athlete, tmp_path / "phone.db")
        phone.client.do("create_workout", entity="before", workout={**plan, "name": "Before"})
        phone.sync_to_the_end()
        with closing(sqlite3.connect(file)) as live, closing(sqlite3.connect(backup)) as copy:
            live.backup(copy)
        phone.client.do("create_workout", entity="after", workout={**plan, "name": "After"})
        phone.client.do("update_workout", entity="before", base_revision=1, fields={"name": "Changed"})
        phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.4})
        steps = {"startDate": "2031-04-07T06:00:00Z", "endDate": "2031-04-07T06:10:00Z"}
        bad = {**steps, "id": "S2", "type": "HKQuantityTypeIdentifierBodyMass", "value": -70, "unit": "kg"}
        phone.client.send_samples(records=[{**steps, "id": "S1", "value": 900}, bad])
        phone.sync_to_the_end()
        here = held_by(phone)
        assert held_by_the_hub(athlete) == here
        assert [one.state for one in phone.store.queued()] == ["refused"]
        hub.stop()
        for left in tmp_path.glob("hub.db*"):
            left.unlink()
        shutil.copy(backup, file)
        hub.start()
        # By the time the phone asks, the feed is longer than it ever was.
        for number in range(8):
            athlete.platform.call(
                "POST", f"{athlete.path}/workouts", json={**plan, "name": f"Coach {number}"}
            )
        phone.sync_to_the_end()
        there = held_by_the_hub(athlete)
        assert held_by(phone) == there
        assert there["daily"] == here["daily"]
        names = sorted(one["name"] for one in there["workouts"].values())
        assert names == ["After", "Changed", *(f"Coach {number}" for number in range(8))]
        assert [one.state for one in phone.store.queued()] == ["refused"]
        phone.close()


def test_what_was_sent_is_kept_for_a_month(make_phone: Any, plan: Any) -> None:
    phone = make_phone()
    for _ in range(2):
        phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70.4})
        phone.sync_to_the_end()
        phone.now += KEPT_S + 1
    phone.store.begin_anew()
    assert [one.sequence for one in phone.store.queued("waiting")] == [2]


def test_a_key_that_is_not_taken_leaves_the_queue_as_it_is(make_phone: Any) -> None:
    phone = make_phone()
    phone.http.headers["Authorization"] = "Bearer hub_wrong"
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70})
    with pytest.raises(NotAllowedError):
        phone.client.sync()
    (one,) = phone.store.queued("waiting")
    assert one.tries == 0


def test_killed_at_any_moment_it_goes_on_and_does_nothing_twice(
    make_phone: Any, athlete: AthleteClient, plan: Any, tmp_path: Path
) -> None:
    file = tmp_path / "killed.db"
    phone = make_phone("killed")
    for number in range(80):
        phone.client.do(
            "create_workout", entity=f"local-{number}", workout={**plan, "name": f"Ride {number}"}
        )
    key = phone.http.headers["Authorization"].removeprefix("Bearer ")
    command = [sys.executable, "-m", "hub_core.client", str(file), "--hub", phone.hub]
    command += ["--athlete", athlete.path.split("/")[-1]]
    environment = {**os.environ, "HUB_API_KEY": key}
    rng = random.Random(7)
    kills = 0
    for _ in range(4):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        left = len(phone.store.queued())
        deadline = time.monotonic() + 20
        # Once it has begun to send: after the first answer that it has written down, or just before it.
        while process.poll() is None and time.monotonic() < deadline and kills < 3:
            if len(phone.store.queued()) < left or _some_are_there(athlete, 80 - left):
                time.sleep(rng.uniform(0, 0.02))
                process.send_signal(signal.SIGKILL)
                kills += process.wait() == -signal.SIGKILL
                break
        process.communicate(timeout=60)
        if process.returncode == 0:
            break
    assert process.returncode == 0
    assert kills
    assert phone.store.queued() == []
    there = held_by_the_hub(athlete)
    assert sorted(one["name"] for one in there["workouts"].values()) == sorted(f"Ride {n}" for n in range(80))
    assert held_by(phone) == there


def _some_are_there(athlete: AthleteClient, more_than: int) -> bool:
    span = {"from": "2031-01-01", "to": "2031-12-31"}
    return len(athlete.platform.call("GET", f"{athlete.path}/workouts", params=span)) > more_than
