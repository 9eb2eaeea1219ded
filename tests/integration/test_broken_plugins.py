"""A plugin that kills its process, hangs or blocks: what others send arrives all the same (F11, F41)."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.testing.processes import AthleteClient, HubProcesses, wait_until
from hub_core.testing.tally import rides, tell, titles
from hub_fake.sandbox import FakeSandbox

MOST_DEATHS = 5
#: Exports of others beside the one that kills, of so many athletes: a list shows 500 of each.
OTHERS, ATHLETES = 999, 3
#: An installed provider like `fake`, that does what a workout's name says.
_PLUGIN = """
import asyncio, ctypes, os, signal, time
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
        ctypes.string_at(0)  # at once; a signal to the process would let this thread go on for a while
    if wish == "Kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if wish == "Hang":
        await asyncio.sleep(3600)
    if wish == "Block":
        time.sleep(20)
    if wish == "Stall":
        time.sleep(3600)
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


def patiently[T](ask: Callable[[], T]) -> T:
    """Ask again while the API is away, because it is what was killed."""
    until = time.monotonic() + 180  # a new process takes its time on a busy machine
    while True:
        try:
            return ask()
        except httpx.TransportError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def connect(hub: HubProcesses, thresholds: dict[str, Any], count: int = 1) -> list[AthleteClient]:
    """One athlete at the provider whose plugin is broken, and so many at another."""
    platform = hub.platform()
    broken = platform.athlete("broken", thresholds=thresholds)
    broken.connect("shaky")
    athletes = [broken]
    for number in range(1, 1 + count):
        well = platform.athlete(f"well-{number}", thresholds=thresholds)
        well.connect("intervals", user=f"athlete-{number}")
        athletes.append(well)
    return athletes


def save_all(athletes: list[AthleteClient], wanted: list[dict[str, Any]]) -> dict[str, float]:
    """Each athlete's share, whatever happens to the API meanwhile; when each workout was saved, in epoch
    milliseconds."""
    saved = {}
    for number, plan in enumerate(wanted):
        athlete = athletes[number % len(athletes)]
        body = plan | {"external_id": plan["name"]}
        post = partial(athlete.platform.http.post, f"{athlete.path}/workouts", json=body)
        answer = patiently(post)
        assert answer.status_code in {201, 409}, answer.text  # 409: it was saved, and the answer got lost
        if answer.is_success:
            saved[answer.json()["id"]] = time.time() * 1000
    return saved


def settled(athletes: list[AthleteClient], patience_s: float = 400) -> list[dict[str, Any]]:
    """All their exports, once each has come to its end."""
    return [row for one in athletes for row in patiently(partial(one.settled, patience_s))]


def delays(found: list[dict[str, Any]], saved: dict[str, float]) -> str:
    """From saved to sent, in words."""
    seconds = [
        (row["sent_ms"] - saved[row["workout_id"]]) / 1000
        for row in found
        if row["sent_ms"] and row["workout_id"] in saved
    ]
    cuts = statistics.quantiles(seconds, n=100)
    return f"from saved to sent p50 {cuts[49]:.1f} s, p99 {cuts[98]:.1f} s"


def all_titles(sandboxes: dict[str, SandboxServer], count: int = 1) -> list[str]:
    """What the devices of the healthy athletes show."""
    return [
        title
        for number in range(1, 1 + count)
        for title in titles(sandboxes["intervals"], f"athlete-{number}")
    ]


@pytest.mark.chaos
@pytest.mark.parametrize("wish", ["Crash", "Kill"])
def test_f11_a_job_that_kills_its_worker_ends_as_dead(
    wish: str,
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    broken, *well = connect(hub, thresholds, ATHLETES)
    wanted = rides(plans, OTHERS)
    saved = save_all(well, wanted[: OTHERS // 2])
    normal = delays(settled(well), saved)
    with looked_after(hub) as deaths:
        (poison,) = rides(plans, 1, wish)
        save_all([broken], [poison])
        saved = save_all(well, wanted[OTHERS // 2 :])
        (dead,) = settled([broken])
        found = settled(well)
    print(f"F11 {wish}: {len(deaths)} deaths {sorted(set(deaths))}; {dead['reason']}")  # noqa: T201
    print(f"F11 {wish}: {normal}; beside the one that kills {delays(found, saved)}")  # noqa: T201
    assert (dead["status"], dead["reason_code"]) == ("FAILED", "gave_up")
    assert len(deaths) <= MOST_DEATHS
    assert [one["state"] for one in broken.platform.call("GET", "/queue?state=dead")] == ["dead"]
    wrong = [row for row in found if row["status"] != "SENT"]
    tell("F11", [plan["name"] for plan in wanted], all_titles(sandboxes, ATHLETES), wrong)


@pytest.mark.chaos
@pytest.mark.parametrize(("wish", "count"), [("Hang", 40), ("Block", 1)])
def test_f41_a_hook_that_hangs_or_blocks_holds_up_nobody_else(
    wish: str,
    count: int,
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    broken, well = connect(hub, thresholds)
    save_all([broken], rides(plans, count, wish))
    time.sleep(1)
    wanted = rides(plans, 40)
    begun_s = time.monotonic()
    saved = save_all([well], wanted[:20])
    answered_s = time.monotonic() - begun_s
    told = delays(settled([well]), saved)
    print(f"F41, {count} x {wish}: 20 saved in {answered_s:.1f} s; {told}")  # noqa: T201
    if wish == "Hang":
        # Its hooks run out of their time, and that is the provider's failure as any other.
        wait_until(lambda: "shaky" in held_back(broken), "the circuit", patience_s=150)
    saved = save_all([well], wanted[20:])
    found = settled([well])
    print(f"F41, {count} x {wish}: later {delays(found, saved)}")  # noqa: T201
    assert held_back(broken) <= {"shaky"}
    wrong = [row for row in found if row["status"] != "SENT"]
    tell("F41", [plan["name"] for plan in wanted], all_titles(sandboxes), wrong)
    assert [process.poll() for process in hub.processes] == [None] * len(hub.processes)


def held_back(athlete: AthleteClient) -> set[str]:
    """The providers whose circuit is open."""
    providers = athlete.platform.call("GET", "/providers")
    return {
        one["name"]
        for one in providers
        if any(circuit["state"] == "open" for circuit in one.get("circuits", ()))
    }


@pytest.mark.parametrize("hub", ["embedded"], indirect=True)
def test_f41_while_a_hook_blocks_others_are_saved_and_sent(
    hub: HubProcesses,
    sandboxes: dict[str, SandboxServer],
    thresholds: dict[str, Any],
    plans: list[dict[str, Any]],
) -> None:
    """The short form: API, workers and database in one process, and a hook in it that never comes back."""
    broken, well = connect(hub, thresholds)
    save_all([broken], rides(plans, 1, "Stall"))
    wait_until(lambda: broken.platform.call("GET", "/queue?state=running"), "the hook that blocks")
    wanted = rides(plans, 3)
    save_all([well], wanted)
    found = settled([well])
    (blocked,) = broken.exports()
    assert blocked["status"] == "PENDING"
    hub.kill()  # nothing is left to be seen, and to stop in good order would take until it is given up
    tell("F41", [plan["name"] for plan in wanted], all_titles(sandboxes), [])
    assert {row["status"] for row in found} == {"SENT"}
