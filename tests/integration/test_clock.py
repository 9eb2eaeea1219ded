"""The hub's clock is set forward and back by an hour while exports are on their way (F22)."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Any

import pytest

from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer
from hub_core.testing.processes import AthleteClient, HubProcesses, wait_until
from hub_core.testing.tally import rides, tell, titles

HOUR_S = 3_600.0
#: Longer than a living worker lets its lease stand.
CALL_S = 4.0
#: What creates a workout, and what gives a new token.
DOORS = {
    "wahoo": ("/v1/plans", "/oauth/token"),
    "intervals": ("/api/v1/athlete/0/events", "/api/oauth/token"),
}


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """By how much it is wrong."""
    path = tmp_path / "clock"
    path.write_bytes(struct.pack("d", 0.0))
    return path


@pytest.fixture
def environment(environment: dict[str, str], clock: Path) -> dict[str, str]:
    """Processes with this clock. What was sent isn't looked at: that has its own hour."""
    found = str(Path(__file__).with_name("shifted_clock"))
    reads = {f"HUB_{name.upper()}_READ_BACK": "false" for name in DOORS}
    return environment | reads | {"PYTHONPATH": found, "HUB_TEST_CLOCK": str(clock)}


def send_over(
    shift_s: float,
    athlete: AthleteClient,
    sandboxes: dict[str, SandboxServer],
    plans: list[dict[str, Any]],
    clock: Path,
) -> None:
    """Save some, and set the clock while the providers take their time."""
    before = {name: sandboxes[name].sandbox.journal.count("POST", DOORS[name][1]) for name in DOORS}
    wanted = rides(plans, 2, f"Clock wrong by {shift_s:+.0f}")
    began = time.monotonic()
    ours, names = {athlete.save(plan) for plan in wanted}, {plan["name"] for plan in wanted}

    def on_their_way() -> bool:
        rows = [row for row in athlete.exports() if row["workout_id"] in ours]
        return all(athlete.export(row["id"])["attempts"] for row in rows)

    wait_until(on_their_way, "the calls")
    clock.write_bytes(struct.pack("d", shift_s))
    found = [row for row in athlete.settled(patience_s=90) if row["workout_id"] in ours]
    print(f"clock {shift_s:+.0f} s: settled after {time.monotonic() - began:.1f} s")  # noqa: T201
    wrong = [row for row in found if row["status"] != "SENT"]
    for name, server in sandboxes.items():
        if name in DOORS:
            shown = [title for title in titles(server) if title in names]
            tell(f"F22 {name} {shift_s:+.0f} s", sorted(names), shown, wrong)
            days = {one.date for one in server.sandbox.device("athlete-1").workouts if one.title in names}
            assert {str(day) for day in days} == {plans[0]["date"]}
            refreshes = server.sandbox.journal.count("POST", DOORS[name][1]) - before[name]
            assert refreshes <= 1, f"{refreshes} refreshes at {name}"


@pytest.mark.parametrize("hub", ["embedded", pytest.param("scaled", marks=pytest.mark.chaos)], indirect=True)
def test_f22_the_clock_is_set_while_exports_are_on_their_way(
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    plans: list[dict[str, Any]],
    thresholds: dict[str, Any],
    clock: Path,
) -> None:
    athlete = hub.platform().athlete(thresholds=thresholds)
    for name, (path, _) in DOORS.items():
        athlete.connect(name)
        sandboxes[name].sandbox.faults.add(Fault(FaultKind.LATENCY, path, "POST", value=CALL_S))
    for shift_s in (HOUR_S, -HOUR_S):
        send_over(shift_s, athlete, sandboxes, plans, clock)
