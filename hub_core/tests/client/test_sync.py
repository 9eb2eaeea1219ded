"""The reference client: its queue survives anything, and in the end both sides hold the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub_core.client import WAITS_S, NotAllowedError, Store, SyncClient
from hub_core.testing.processes import AthleteClient


class Network(httpx.BaseTransport):
    """A network that is cut before a request has gone out, or after it, when nobody hears the answer."""

    def __init__(self, rng: random.Random, cut: float = 0.0) -> None:
        self._line = httpx.HTTPTransport()
        self._rng = rng
        self.cut = cut
        self.is_down = False
        self.sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_down or self._rng.random() < self.cut:
            raise httpx.ConnectError("no network")
        self.sent += 1
        answer = self._line.handle_request(request)
        if self._rng.random() < self.cut:
            answer.read()
            answer.close()
            raise httpx.ReadError("the answer was lost")
        return answer

    def close(self) -> None:
        self._line.close()


class Phone:
    """A client with its file, its network and a clock that is set by hand."""

    def __init__(self, athlete: AthleteClient, file: Path, seed: int = 1, cut: float = 0.0) -> None:
        self.network = Network(random.Random(seed), cut)
        self.now = 1_000.0
        http = athlete.platform.http
        headers = {"Authorization": http.headers["Authorization"]}
        # A platform's client has the version in its address.
        origin = str(http.base_url).removesuffix("/").removesuffix("/v1")
        self.http = httpx.Client(base_url=origin, headers=headers, transport=self.network, timeout=30)
        self.store = Store(file)
        self.client = SyncClient(self.store, self.http, athlete.path.split("/")[-1], lambda: self.now)

    def sync_to_the_end(self) -> None:
        """As long as it takes: the person presses the button after the last try."""
        for _ in range(2_000):
            if self.client.sync():
                return
            self.now += 40
            self.store.try_again()
        raise AssertionError("it never came in step")

    def close(self) -> None:
        self.http.close()
        self.store.close()


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
    phone.network.is_down = True
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
        ("failed", "ConnectError"),
        ("waiting", ""),
    ]
    phone.network.is_down = False
    phone.store.try_again()
    assert phone.client.sync()
    assert phone.store.queued() == []
    assert held_by(phone)["daily"]["2031-04-07"]["weight_kg"] == 70.4


def test_a_lost_answer_does_nothing_twice(
    make_phone: Any, athlete: AthleteClient, plan: dict[str, Any]
) -> None:
    phone = make_phone(seed=5, cut=0.4)
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


def test_a_key_that_is_not_taken_leaves_the_queue_as_it_is(make_phone: Any) -> None:
    phone = make_phone()
    phone.http.headers["Authorization"] = "Bearer hub_wrong"
    phone.client.do("enter_daily", date="2031-04-07", fields={"weight_kg": 70})
    with pytest.raises(NotAllowedError):
        phone.client.sync()
    (one,) = phone.store.queued("waiting")
    assert one.tries == 0


@pytest.mark.parametrize("seed", [1])
def test_two_offline_clients_and_the_platform_end_equal_and_nothing_typed_is_lost(
    make_phone: Any, athlete: AthleteClient, plan: Any, seed: int
) -> None:
    walk(make_phone, athlete, plan, seed, steps=40)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(100, 130))
def test_two_offline_clients_many_times(
    make_phone: Any, athlete: AthleteClient, plan: Any, seed: int
) -> None:
    walk(make_phone, athlete, plan, seed, steps=80)


def walk(make_phone: Any, athlete: AthleteClient, plan: Any, seed: int, *, steps: int) -> None:
    """Two people's devices and a platform do things at random, over a network that is often cut."""
    rng = random.Random(seed)
    phones = [
        make_phone(name, seed=seed + number, cut=0.25) for number, name in enumerate(("phone", "tablet"))
    ]
    path = athlete.path
    typed: dict[str, list[float]] = {}
    for number in range(steps):
        phone = rng.choice(phones)
        date = f"2031-04-{rng.randint(1, 5):02}"
        act = rng.choice(
            ("enter", "enter", "create", "update", "delete", "samples", "platform", "sync", "sync")
        )
        known = phone.store.entities("workouts")
        if act == "enter":
            seen = next((one for one in phone.store.entities("daily").values() if one["date"] == date), {})
            base = {"weight_kg": seen.get("weight_kg")}
            weight = 60 + number / 10
            typed.setdefault(date, []).append(weight)
            phone.client.do("enter_daily", date=date, fields={"weight_kg": weight}, base=base)
        elif act == "create":
            phone.client.do("create_workout", entity=f"{seed}-{number}", workout={**plan, "date": date})
        elif act == "update" and known:
            id_, one = rng.choice(sorted(known.items()))
            fields = {rng.choice(("name", "description")): f"by {number}"}
            phone.client.do("update_workout", entity=id_, base_revision=one["revision"], fields=fields)
        elif act == "delete" and known:
            id_, one = rng.choice(sorted(known.items()))
            phone.client.do("delete_workout", entity=id_, base_revision=one["revision"])
        elif act == "samples":
            at = f"{date}T06:00:00Z"
            phone.client.send_samples(
                records=[
                    {"id": f"S{seed}-{number}", "startDate": at, "endDate": at[:-3] + "30Z", "value": 100}
                ]
            )
        elif act == "platform" and known:
            id_ = rng.choice(sorted(known))
            athlete.platform.http.patch(f"{path}/workouts/{id_}", json={"name": f"coach {number}"})
        elif act == "sync":
            phone.client.sync()
            phone.now += rng.choice((1, 40))
    for phone in (*phones, *phones):
        phone.sync_to_the_end()
    there = held_by_the_hub(athlete)
    for phone in phones:
        assert held_by(phone) == there
        assert phone.store.queued("waiting", "failed") == []
    # What was typed was taken by the hub, or waits on its device for the person to choose.
    for date, values in typed.items():
        kept = {
            one.body["fields"]["weight_kg"]
            for phone in phones
            for one in phone.store.queued("refused")
            if one.body["op"] == "enter_daily" and one.body["date"] == date
        }
        assert there["daily"][date]["weight_kg"] in set(values) - kept


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
    command = [sys.executable, "-m", "hub_core.client", str(file), "--hub", str(phone.http.base_url)]
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
