"""The commands as processes of their own, as they are installed."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub_core.cli.demo import example_files
from hub_core.domain.athlete import Athlete
from hub_core.formats import read_workout_file, write_workout_file
from hub_core.storage import generate_key
from hub_core.testing.harness import give_consent
from hub_core.testing.processes import hub_command
from hub_core.testing.programs import free_port

ZWO = """<workout_file><name>My own [/ride]</name><workout>
<Warmup Duration="600" PowerLow="0.5" PowerHigh="0.7"/>
<IntervalsT Repeat="3" OnDuration="120" OffDuration="60" OnPower="1.1" OffPower="0.5"/>
</workout></workout_file>"""
#: What the devices of the demo are titled.
DEVICES = ("Garmin Forerunner 965", "ELEMNT ROAM", "intervals.icu calendar", "Apple Watch")

Started = dict[str, Future[Any]]


@pytest.fixture(scope="module")
def started(start: Callable[..., Future[Any]], tmp_path_factory: pytest.TempPathFactory) -> Started:
    """All at once, since each takes seconds: two run at a time."""
    folder = tmp_path_factory.mktemp("files")
    zwo, bad = folder / "mine.zwo", folder / "bad.json"
    zwo.write_text(ZWO)
    bad.write_text('{"name": "Bad", "sport": "ride", "steps": [{"type": "step"}]}')
    fit = folder / "mine.fit"
    fit.write_bytes(write_workout_file(read_workout_file(zwo), Athlete(), "fit").data)
    _broken_plugin(folder)
    nothing: dict[str, Any] = {"HUB_ENCRYPTION_KEYS": None}
    return {
        "demo": start("demo", **nothing),
        "demo zwo": start("demo", str(zwo), **nothing),
        "convert": start("convert", str(zwo), "mine.mrc"),
        "draw": start("draw", str(fit), COLUMNS="80"),
        "bad file": start("preflight", str(bad)),
        "providers": start("providers", PYTHONPATH=str(folder)),
        "no keys": start("serve", HUB_ENVIRONMENT="production", **nothing),
    }


def _broken_plugin(folder: Path) -> None:
    """As pip would leave it behind."""
    (folder / "hub_broken.py").write_text("raise RuntimeError('[/bold] the moon is full')")
    info = folder / "hub_broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hub-broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[hub_core.providers]\nbroken = hub_broken\n")


def test_the_demo_does_its_main_job(started: Started) -> None:
    done = started["demo"].result()
    assert (done.code, done.err) == (0, "")
    assert "SENT" in done.out
    assert "PENDING" not in done.out
    for title in (*DEVICES, "Threshold 4 x 6 min", "VO2max 5 x 3 min", "CSS 8 x 50"):
        assert title in done.out
    moved = re.search(r"→ Long run: (\w{3}) 13:00 → (\w{3}) \d\d .*WBGT \d\d\.\d °C at 13:00", done.out)
    assert moved
    assert moved[1] != moved[2]
    assert "accepted: the long run is on" in done.out
    assert "Weather data by Open-Meteo.com" in done.out


def test_the_demo_takes_a_file(started: Started) -> None:
    done = started["demo zwo"].result()
    assert (done.code, done.err) == (0, "")
    # In the matrix, with its losses, and on three devices.
    assert done.out.count("My own [/ride]") >= 5
    assert done.out.count("SENT") >= 3


def test_a_workout_is_converted(started: Started) -> None:
    done = started["convert"].result()
    assert (done.code, done.err) == (0, "")
    assert "Written: mine.mrc, " in done.out


def test_a_workout_is_drawn(started: Started) -> None:
    done = started["draw"].result()
    assert (done.code, done.err) == (0, "")
    assert "My own [/ride] · ride · 19 min" in done.out
    assert "zone 5: 6 min" in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())


def test_a_bad_file_is_one_line(started: Started) -> None:
    done = started["bad file"].result()
    assert done.is_one_line
    assert done.err == "hub: steps[0].duration: is missing\n"


def test_a_broken_plugin_is_named_and_the_others_are_listed(started: Started) -> None:
    done = started["providers"].result()
    assert (done.code, done.err) == (0, "")
    assert "left out broken: RuntimeError: [/bold] the moon is full" in done.out
    for name in ("garmin", "wahoo", "intervals"):
        assert name in done.out


def test_production_does_not_start_without_keys(started: Started) -> None:
    done = started["no keys"].result()
    assert done.is_one_line
    assert "HUB_ENCRYPTION_KEYS" in done.err


@pytest.fixture
def sandbox() -> Iterator[dict[str, str]]:
    """`hub sandbox intervals`, and the variables that it prints."""
    port = free_port()
    process = subprocess.Popen(
        hub_command("sandbox", "intervals", "--first-port", str(port)), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    printed: dict[str, str] = {}
    for line in process.stdout:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").strip().partition("=")
            printed[name] = value
        if len(printed) == 5:
            break
    yield printed
    process.terminate()
    process.communicate(timeout=10)


def test_connecting_in_the_browser_waits_for_its_answer(sandbox: dict[str, str], tmp_path: Path) -> None:
    own = {**os.environ, **sandbox, "HUB_DATABASE_URL": f"sqlite:///{tmp_path / 'hub.db'}"}
    own |= {"HUB_ENCRYPTION_KEYS": generate_key(), "HUB_PORT": str(free_port())}
    own |= {"BROWSER": "true"}  # a browser that only says that it is one
    said = _connect(own, allow=True, looks_s=1.5)  # by then it has looked whether somebody has answered
    assert said == (0, "intervals.icu is connected", "Connected to intervals.", "")

    # They were connected, and still are; and yet it waits for what they say now.
    code, page, out, err = _connect(own, allow=False)
    assert (code, page, out) == (2, "intervals.icu is not connected", "")
    assert err == "hub: intervals was not connected; the page in your browser says why\n"


def _connect(own: dict[str, str], *, allow: bool, looks_s: float = 0) -> tuple[int, str, str, str]:
    """`hub connect intervals`, answered in the browser: exit code, the page's title, what it then says."""
    piped: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": own}
    with subprocess.Popen(hub_command("connect", "intervals"), **piped) as process:
        assert process.stdout is not None
        url = next(line.strip() for line in process.stdout if "/oauth/authorize" in line)
        time.sleep(looks_s)
        back = asyncio.run(give_consent(url, user="athlete-1", allow=allow))
        page = httpx.get(back, timeout=30).text
        out, err = process.communicate(timeout=60)
    return process.returncode, page.split("<title>")[1].split("</title>")[0], out.strip(), err


def test_a_workout_goes_from_a_file_to_the_calendar(
    sandbox: dict[str, str], start: Callable[..., Future[Any]], tmp_path: Path
) -> None:
    origin = sandbox["HUB_INTERVALS_API_URL"]
    own: dict[str, Any] = {**sandbox, "HUB_DATABASE_URL": f"sqlite:///{tmp_path / 'hub.db'}"}
    own["HUB_ENCRYPTION_KEYS"] = None
    early = start("export", str(example_files()[1]), "--to", "intervals", **own).result()
    assert (early.code, early.out) == (2, "")
    assert "run `hub connect intervals` first" in early.err

    wrong = start("connect", "intervals", "--api-key", text="wrong-api-key\n", **own).result()
    assert wrong.code == 2
    assert wrong.err.count("\n") == 1
    assert "wrong-api-key" not in wrong.err

    right = start("connect", "intervals", "--api-key", text="sandbox-api-key\n", **own).result()
    assert (right.code, right.err) == (0, "")
    assert "Connected to intervals as " in right.out
    assert "sandbox-api-key" not in right.out

    sent = start("export", str(example_files()[1]), "--to", "intervals", **own).result()
    assert (sent.code, sent.err) == (0, "")
    assert "SENT Sent to intervals.icu." in sent.out
    screen = httpx.get(f"{origin}/device", headers={"Accept": "application/json"}).json()
    # The early one wasn't kept: connecting would have sent it as well.
    assert [workout["title"] for workout in screen["workouts"]] == ["VO2max 5 x 3 min"]
