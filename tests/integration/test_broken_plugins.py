"""A plugin that kills its process, hangs or blocks: what others send arrives all the same (F11, F41)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.testing.processes import AthleteClient, HubProcesses, wait_until
from hub_core.testing.tally import rides, tell, titles
from hub_fake.sandbox import FakeSandbox

MOST_DEATHS = 5
#: An installed provider like `fake`, that does what a workout's name says.
_PLUGIN = """
import asyncio, os, signal, time
import msgspec
from hub_core.sdk import hookimpl
from hub_fake import plugin as fake
from hub_fake.plugin import *

MANIFEST = msgspec.structs.replace(fake.MANIFEST, name="shaky", title="Shaky", is_example=False)

class ShakySettings(fake.FakeSettings):
    model_config = {**fake.FakeSettings.model_config, "env_prefix": "HUB_SHAKY_"}

@hookimpl
def provider_manifest():
    return MANIFEST

@hookimpl
def provider_settings():
    return ShakySettings()

@hookimpl
async def export_workout(context, compiled):
    wish = compiled.payload["title"].split()[0]
    if wish == "Crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if wish == "Kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if wish == "Hang":
        await asyncio.sleep(3600)
    if wish == "Block":
        time.sleep(20)
    return await fake.export_workout(context=context, compiled=compiled)
"""


@pytest.fixture
def shaky() -> Iterator[SandboxServer]:
    """The other side of the plugin."""
    with serve_sandboxes([FakeSandbox()]) as servers:
        yield servers["fake"]


@pytest.fixture
def environment(
    environment: dict[str, str], sandboxes: dict[str, SandboxServer], shaky: SandboxServer, tmp_path: Path
) -> dict[str, str]:
    """With the plugin on the path, as `pip install` leaves it. Nothing but the plugin holds anything up."""
    sandboxes["intervals"].sandbox.limits.budgets = ()
    folder = tmp_path / "installed"
    about = folder / "hub_shaky-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "hub_shaky.py").write_text(_PLUGIN)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: hub-shaky\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[hub_core.providers]\nshaky = hub_shaky\n")
    own = shaky.sandbox.environment(shaky.origin)
    pointed = {name.replace("HUB_FAKE_", "HUB_SHAKY_"): value for name, value in own.items()}
    none = {"HUB_SHAKY_RATE_BUDGETS": "none", "HUB_INTERVALS_RATE_BUDGETS": "none"}
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return environment | pointed | none | {"PYTHONPATH": path}


@contextmanager
def looked_after(hub: HubProcesses) -> Iterator[list[int]]:
    """Whatever dies is started again, as systemd would; yields how they ended."""
    deaths: list[int] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.2):
            deaths.extend(hub.revive())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield deaths
    finally:
        is_over.set()
        thread.join()


def two_athletes(hub: HubProcesses, thresholds: dict[str, Any]) -> tuple[AthleteClient, AthleteClient]:
    """One at the provider whose plugin is broken, and one at another."""
    platform = hub.platform()
    broken = platform.athlete("broken", thresholds=thresholds)
    broken.connect("shaky")
    well = platform.athlete("well", thresholds=thresholds)
    well.connect("intervals")
    return broken, well


@pytest.mark.chaos
@pytest.mark.parametrize("wish", ["Crash", "Kill"])
@pytest.mark.parametrize("hub", ["scaled"], indirect=True)
def test_f11_a_job_that_kills_its_worker_ends_as_dead(
    wish: str,
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    broken, well = two_athletes(hub, thresholds)
    wanted = rides(plans, 40)
    with looked_after(hub) as deaths:
        (poison,) = rides(plans, 1, wish)
        broken.save(poison)
        for plan in wanted:
            well.save(plan)
        (dead,) = broken.settled(patience_s=180)
        found = well.settled(patience_s=90)
    print(f"F11 {wish}: {len(deaths)} deaths {sorted(set(deaths))}; {dead['reason']}")  # noqa: T201
    assert (dead["status"], dead["reason_code"]) == ("FAILED", "gave_up")
    assert len(deaths) <= MOST_DEATHS
    assert [one["state"] for one in broken.platform.call("GET", "/queue?state=dead")] == ["dead"]
    wrong = [row for row in found if row["status"] != "SENT"]
    tell("F11", [plan["name"] for plan in wanted], titles(sandboxes["intervals"]), wrong)


@pytest.mark.chaos
@pytest.mark.parametrize(("wish", "count"), [("Hang", 4), ("Block", 1)])
@pytest.mark.parametrize("hub", ["embedded"], indirect=True)
def test_f41_a_hook_that_hangs_or_blocks_loses_nothing_of_others(
    wish: str,
    count: int,
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    broken, well = two_athletes(hub, thresholds)
    for plan in rides(plans, count, wish):
        broken.save(plan)
    time.sleep(1)
    began = time.monotonic()
    wanted = rides(plans, 20)
    for plan in wanted:
        well.save(plan)
    answered_s = time.monotonic() - began
    found = well.settled(patience_s=120)
    took_s = time.monotonic() - began
    print(  # noqa: T201
        f"F41, {count} x {wish}: 20 saved in {answered_s:.1f} s, and sent elsewhere after {took_s:.1f} s"
    )
    wrong = [row for row in found if row["status"] != "SENT"]
    tell("F41", [plan["name"] for plan in wanted], titles(sandboxes["intervals"]), wrong)
    wait_until(lambda: hub.processes[0].poll() is None, "the hub")
