"""The story of an athlete, on both ways to run the hub: plans go out, change and leave; a ride comes in."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from hub_core.sandbox import RecordedActivity
from hub_core.sandbox.server import SandboxServer
from hub_core.sdk import Sport
from hub_core.testing.processes import AthleteClient, HubProcesses, wait_until
from hub_garmin.sandbox import GarminSandbox

PROVIDERS = ("garmin", "wahoo", "intervals")


def titles(server: SandboxServer, user: str = "athlete-1") -> list[str]:
    return [workout.title for workout in server.sandbox.device(user).workouts]


# One test, since the hub's processes take longer to start than all of this takes.
def test_saved_workouts_wait_arrive_change_and_leave(
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    platform = hub.platform()
    they_wait_for_a_connection(platform.athlete("late", thresholds=thresholds), sandboxes["garmin"], plans)

    athlete = platform.athlete(thresholds=thresholds)
    for name in PROVIDERS:
        athlete.connect(name)
    ids = [athlete.save(plan) for plan in plans]
    statuses = {(row["workout_id"], row["provider"]): row["status"] for row in athlete.settled()}
    swim = (ids[2], "wahoo")
    assert statuses.pop(swim) == "FAILED"
    assert set(statuses.values()) == {"SENT"}
    names = [plan["name"] for plan in plans]
    assert titles(sandboxes["garmin"]) == names
    assert titles(sandboxes["intervals"]) == names
    assert titles(sandboxes["wahoo"]) == [names[0], names[1], names[3]]

    # A change replaces every copy: the watch never shows two.
    athlete.platform.call("PATCH", f"{athlete.path}/workouts/{ids[0]}", json={"name": "Shorter now"})
    assert all(row["status"] == "SENT" for row in athlete.settled() if row["workout_id"] == ids[0])
    for name in PROVIDERS:
        assert titles(sandboxes[name]).count("Shorter now") == 1
        assert names[0] not in titles(sandboxes[name])

    athlete.platform.call("DELETE", f"{athlete.path}/workouts/{ids[0]}")
    for name in PROVIDERS:
        wait_until(lambda name=name: "Shorter now" not in titles(sandboxes[name]), f"the removal from {name}")
    gone = [row for row in athlete.settled() if row["workout_id"] == ids[0]]
    assert {row["reason_code"] for row in gone} == {"withdrawn"}

    a_ride_comes_in_as_one(athlete, sandboxes)


def a_ride_comes_in_as_one(athlete: AthleteClient, sandboxes: dict[str, SandboxServer]) -> None:
    """Watch, bike computer and intervals.icu tell of one ride by webhooks, the first two with their files."""
    start = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=5)
    ride = RecordedActivity("Lunch ride", Sport.RIDE, start, 3600.0, 30_000.0, heart_rate_bpm=140.0)
    cast(GarminSandbox, sandboxes["garmin"].sandbox).sends_files = True
    for name in PROVIDERS:
        sandbox = sandboxes[name].sandbox
        before = len(sandbox.outbox)
        sandbox.record_activity("athlete-1", ride)
        for told in sandbox.outbox[before:]:
            path = told.path.removeprefix("/v1")
            athlete.platform.http.post(path, content=told.body, headers=told.headers).raise_for_status()

    def sources() -> list[list[str]]:
        listed = athlete.ask("GET", f"/activities?from={start.date()}&to={start.date()}")
        return [[member["source"] for member in one["activity"]["members"]] for one in listed]

    wait_until(lambda: sources() == [sorted(PROVIDERS)], "one ride of three sources")
    [shown] = athlete.ask("GET", f"/activities?from={start.date()}&to={start.date()}")
    series = athlete.ask("GET", f"/activities/{shown['id']}/series")
    assert {"heart_rate_bpm", "distance_m"} <= set(series["columns"])


def they_wait_for_a_connection(
    athlete: AthleteClient, garmin: SandboxServer, plans: list[dict[str, Any]]
) -> None:
    athlete.save(plans[0])
    past = athlete.save(plans[1] | {"date": "2026-01-01"})
    assert {row["status"] for row in athlete.exports()} == {"NOT_CONNECTED"}

    athlete.connect("garmin", user="athlete-2")
    wait_until(lambda: titles(garmin, "athlete-2") == [plans[0]["name"]], "the waiting workout")
    left = [row for row in athlete.settled() if row["workout_id"] == past]
    assert [row["status"] for row in left] == ["NOT_CONNECTED"]
