"""Many phones sync at once while processes are killed and started: nothing is lost or doubled (C7)."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hub_core.services.sync.read_changes import COLLECTIONS
from hub_core.testing.processes import AthleteClient, HubProcesses, wait_until
from hub_core.testing.tally import tell

from .phones import FIELDS, STEPS, Copy, Counter, Phone


@pytest.mark.parametrize(
    ("hub", "count", "turns", "seed"),
    [
        ("embedded", 8, 3, 1),  # with two kills
        pytest.param("embedded", 100, 20, 100, marks=pytest.mark.chaos),
        pytest.param("scaled", 100, 20, 101, marks=pytest.mark.chaos),
    ],
    indirect=["hub"],
)
def test_many_phones_sync_at_once_while_processes_are_killed(
    hub: HubProcesses, tmp_path: Path, count: int, turns: int, seed: int
) -> None:
    chance = random.Random(seed)
    platform = hub.platform()
    athletes = [platform.athlete(f"runner-{number}") for number in range(count // 2)]
    for athlete in athletes:
        athlete.connect_phone("healthkit")
    phones = [
        Phone(athlete, number, tmp_path / f"{index}-{number}.db", hub.origin)
        for index, athlete in enumerate(athletes)
        for number in range(2)
    ]
    kills = 0
    with ThreadPoolExecutor(count) as pool:
        for turn in range(turns):
            strikes = chance.choice((1, 2)) if count == 100 else int(turn > 0)
            kills += sync_at_once(hub, pool, phones, turn, strikes, chance)
        # In the end everybody hears of everybody.
        for _ in range(2):
            list(pool.map(lambda phone: wake_and_sync(phone, Counter()), phones))
        wrong = [
            fault for one in pool.map(lambda pair: find_faults(*pair), in_pairs(phones)) for fault in one
        ]
        found = [one for copy in pool.map(Copy, athletes) for one in copy.statements()]
    for phone in phones:
        phone.http.close()
    unanswered = sum(phone.unanswered for phone in phones)
    print(f"\n{count} phones, {turns} times, {kills} kills, {unanswered} syncs without an end")  # noqa: T201
    wanted = [one for phone in phones for one in (*phone.names, *phone.samples)]
    tell("phones", wanted, found, wrong, seed)
    assert kills


def sync_at_once(
    hub: HubProcesses,
    pool: ThreadPoolExecutor,
    phones: list[Phone],
    turn: int,
    strikes: int,
    chance: random.Random,
) -> int:
    """All phones do something, and begin to sync at the same moment. Returns how many processes were killed
    meanwhile."""
    begin, answered, killed = threading.Barrier(len(phones) + 1), Counter(), 0

    def run(phone: Phone) -> None:
        with phone.awake() as client:
            phone.live(client, turn)
            begin.wait()
            phone.sync(client, answered)

    running = [pool.submit(run, phone) for phone in phones]
    begin.wait()
    for _ in range(strikes):
        # Some have been answered by then, or none; and others are in the middle.
        share, later_s = chance.uniform(-0.2, 0.7), chance.uniform(0, 0.3)
        victims = chance.choice((hub.processes, hub.processes[:1], hub.processes[-1:]))
        wait_until(lambda share=share: answered.count >= share * len(phones), "some answers")  # type: ignore[misc]
        time.sleep(later_s)
        for process in victims:
            process.kill()
        for process in victims:
            process.wait()
        killed += len(hub.revive())
    for one in running:
        one.result()
    return killed


def wake_and_sync(phone: Phone, answered: Counter) -> None:
    with phone.awake() as client:
        phone.sync(client, answered)


def in_pairs(phones: list[Phone]) -> list[tuple[Phone, Phone]]:
    return list(zip(phones[::2], phones[1::2], strict=True))


def find_faults(one: Phone, other: Phone) -> list[Any]:
    """Where an athlete's phones, and what the hub shows and holds of them, aren't what they should be."""
    athlete = one.athlete
    faults: list[Any] = [fault for phone in (one, other) for fault in phone.left_over()]
    named = {name for phone in (one, other) for name in set(phone.names) - phone.deleted}
    days = {
        date: {FIELDS[0]: one.days[date], FIELDS[1]: other.days[date], "steps": 2 * STEPS * 100}
        for date in one.days
    }

    def settled() -> bool:
        for phone in (one, other):
            wake_and_sync(phone, Counter())
        return held_by_the_hub(athlete) == one.held() == other.held()

    wait_until(settled, "the same on both phones and at the hub", patience_s=300)
    shown = one.held()
    last = {workout["workout"]["name"] for workout in shown["workouts"].values()}
    faults += [f"shown as {name}" for name in last - named]
    for day in shown["daily"].values():
        seen = {name: day[name] for name in days[day["date"]]}
        faults += [(day["date"], seen)] if seen != days.pop(day["date"]) else []
    faults += sorted(days)
    copy = Copy(athlete)
    counts = {
        "mutation": one.operations + other.operations,
        "delivery": len(one.samples + other.samples) // STEPS,
        "observation": len(one.samples + other.samples) + len(one.days) + len(other.days),
        "workout_revision": len(one.names + other.names),
    }
    counted = {table: len(copy.rows(table)) for table in counts}
    return faults + ([(counts, counted)] if counts != counted else [])


def held_by_the_hub(athlete: AthleteClient) -> dict[str, dict[str, Any]]:
    """All that is told to somebody who begins without a cursor."""
    held: dict[str, dict[str, Any]] = {name: {} for name in COLLECTIONS}
    cursor = ""
    while True:
        query = {"cursor": cursor, "limit": "500"}
        page = athlete.platform.call("GET", f"{athlete.path}/changes", params=query)
        for change in page["changes"]:
            if change["operation"] == "upsert":
                held[change["collection"]][change["id"]] = change["entity"]
            else:
                held[change["collection"]].pop(change["id"], None)
        if not page["has_more"]:
            return held
        cursor = page["next_cursor"]
