"""SIGKILL in the middle of exports: nothing is lost, and no device shows a workout twice."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.server import SandboxServer
from hub_core.testing.processes import HubProcesses

PROVIDERS = ("garmin", "wahoo", "intervals")


@pytest.mark.parametrize("seed", range(1))
def test_killed_in_mid_export_every_workout_arrives_once(
    seed: int,
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    kill_and_restart(seed, hub, sandboxes, thresholds, plans)


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(100, 120))
def test_killed_in_mid_export_many_times(
    seed: int,
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    kill_and_restart(seed, hub, sandboxes, thresholds, plans)


def kill_and_restart(
    seed: int,
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    chance = random.Random(seed)
    platform = hub.platform()
    athlete = platform.athlete(thresholds=thresholds)
    for provider in PROVIDERS:
        athlete.connect(provider)
        # Slow enough that a kill meets requests on their way, and effects whose answer nobody hears.
        sandboxes[provider].sandbox.faults.add(Fault(FaultKind.LATENCY, value=0.15))
    # The swim stays out: Wahoo takes none.
    saved = [plan for plan in plans if plan["sport"] != "pool_swim"]
    for plan in saved:
        athlete.save(plan)
    time.sleep(chance.uniform(0.0, 0.8))
    hub.kill()
    hub.start()

    exports = athlete.settled()
    wrong = [row for row in exports if row["status"] != "SENT"]
    names = [plan["name"] for plan in saved]
    shown = {
        name: [workout.title for workout in sandboxes[name].sandbox.device("athlete-1").workouts]
        for name in PROVIDERS
    }
    lost = [(name, title) for name in PROVIDERS for title in names if title not in shown[name]]
    doubled = [(name, title) for name in PROVIDERS for title in names if shown[name].count(title) > 1]
    print(f"seed {seed}: {len(lost)} lost, {len(doubled)} doubled, {len(wrong)} wrong")  # noqa: T201
    assert (lost, doubled, wrong) == ([], [], [])
