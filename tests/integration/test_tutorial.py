"""docs/writing-a-provider.md, followed to the letter: its own code and commands, in an empty directory.

The reader has a Python environment of their own with the hub in it, an empty home, and no network.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from hub_core.sandbox import RecordedActivity
from hub_core.sandbox.server import serve_sandboxes
from hub_core.sdk import Sport
from hub_core.storage import generate_key
from hub_core.testing import processes
from hub_core.testing.environments import LoneEnvironment

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "writing-a-provider.md").read_text(encoding="utf-8")
CHAPTERS = dict(zip(("cairn", "strider"), PAGE.split("\n## A two-way provider: Strider\n"), strict=True))
#: What the reader has done before: the hub can't be fetched here.
BEFORE = """$ python3.12 -m venv .venv && . .venv/bin/activate
$ pip install '/path/to/the/hub/hub_core[server,testing]'
"""
#: The table at the top: name, lines of plugin.py and sandbox.py, tier.
STATED = {
    name.lower(): (int(plugin), int(sandbox), tier)
    for name, plugin, sandbox, tier in re.findall(
        r"^\| (\w+) \|.*\| (\d+) \| (\d+) \| (\w+) \|$", PAGE, re.MULTILINE
    )
}
MOST_LINES = {"cairn": 120, "strider": 350}
MOST_SECONDS = 60


class Block(NamedTuple):
    """A fenced block: its language, its file name if it is one, and its text."""

    language: str
    title: str
    text: str


def blocks(text: str) -> list[Block]:
    found = re.findall(r'^```(\w+)(?: title="(.+?)")?\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    return [Block(*one) for one in found]


def files(text: str) -> dict[str, str]:
    """The files that a chapter shows; several blocks of one file follow each other."""
    written: dict[str, str] = {}
    for block in blocks(text):
        if block.title:
            before = f"{written[block.title]}\n\n" if block.title in written else ""
            written[block.title] = before + block.text
    return written


class Reader:
    """Somebody who writes each file and types each command as they come."""

    def __init__(self, folder: Path) -> None:
        self.cwd = folder / "empty"
        self.venv = folder / "venv"
        self.home = folder / "home"
        self.printed: dict[str, str] = {}
        for own in (self.cwd, self.home):
            own.mkdir()
        self._install_hub()

    def _install_hub(self) -> None:
        """As `pip install hub-core` would leave it, from what is installed where this runs.

        `pip` is uv's: of all that can install `-e .` it alone needs no network for it, because the build
        backend that the page names is part of it.
        """
        lone = LoneEnvironment(self.venv)
        uv = shutil.which("uv")
        assert uv, "these tests run by `uv run pytest`"
        own = f"--offline --no-cache --no-deps --quiet --python {lone.python}"
        lone.write_script("pip", f'exec {uv} pip "$@" {own}', interpreter=Path("/bin/sh"))
        lone.write_script("pytest", "import sys\nfrom pytest import console_main\nsys.exit(console_main())")

    def follow(self, chapter: str, *, only: tuple[str, ...] = ("",)) -> None:
        """Do all that a chapter says, and see that it comes out as shown; `only` some of its commands."""
        for block in blocks(chapter):
            if block.title:
                self._write(block)
            elif block.language == "console":
                for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
                    if command.startswith(only):
                        self._type(command, shown)
            else:
                assert (block.language, block.text) == ("sh", BEFORE), "a block that nobody runs or writes"

    def _write(self, block: Block) -> None:
        path = self.cwd / block.title
        before = f"{path.read_text(encoding='utf-8')}\n\n" if path.exists() else ""
        assert path.parent.is_dir(), f"the page makes no folder for {block.title}"
        path.write_text(before + block.text, encoding="utf-8")

    def _type(self, command: str, shown: str) -> None:
        note = self.home / "cwd"
        done = subprocess.run(
            ["bash", "-c", f'{command}\ncode=$?; pwd > "{note}"; exit $code'],
            cwd=self.cwd,
            env={"HOME": str(self.home), "PATH": f"{self.venv / 'bin'}:/usr/bin:/bin", "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.cwd = Path(note.read_text().strip())
        self.printed[command] = done.stdout
        is_fine = done.returncode == 0 or (command.startswith("hub check ") and not done.stderr)
        assert is_fine, f"{command}\n{done.stdout}\n{done.stderr}"
        for line in shown.splitlines():
            form = ".*".join(re.escape(part) for part in line.split("…"))
            assert re.search(form, done.stdout), f"{command} did not print {line!r}:\n{done.stdout}"


def broken(printed: str) -> list[str]:
    """The promises that `hub check` found broken."""
    return re.findall(r"^✗ (\w+\.\w+)", printed, re.MULTILINE)


def check_result(reader: Reader, name: str) -> None:
    """`hub check` reached the tier that the page states, in the time that it states."""
    printed = reader.printed[f"hub check {name}"]
    found = re.search(r"^\w+: (\w+), .*?([\d.]+) s$", printed, re.MULTILINE)
    assert found, printed
    assert found[1] == STATED[name][2], printed
    assert "in under a minute" in " ".join(PAGE.split())
    assert float(found[2]) < MOST_SECONDS


@pytest.mark.parametrize("name", ["cairn", "strider"])
def test_the_lines_are_as_many_as_stated(name: str) -> None:
    written = files(CHAPTERS[name])
    plugin, sandbox = (
        len(written[f"src/hub_{name}/{file}.py"].splitlines()) for file in ("plugin", "sandbox")
    )
    assert (plugin, sandbox) == STATED[name][:2]
    assert plugin <= MOST_LINES[name]


@pytest.mark.parametrize("name", ["cairn", "strider"])
def test_the_code_is_in_the_house_style(name: str, tmp_path: Path) -> None:
    for title, text in files(CHAPTERS[name]).items():
        (tmp_path / title).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / title).write_text(text, encoding="utf-8")
    own = f"lint.isort.known-first-party = ['hub_core', 'hub_{name}']"
    style = ["--no-cache", "--config", str(ROOT / "pyproject.toml"), "--config", own]
    for command in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, *style, "."]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_the_read_only_provider(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.follow(CHAPTERS["cairn"])
    check_result(reader, "cairn")
    assert broken(reader.printed["hub check cairn"]) == []


def test_the_two_way_provider(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.follow(CHAPTERS["strider"])
    check_result(reader, "strider")
    assert broken(reader.printed["hub check strider"]) == []


def test_the_two_way_provider_in_a_whole_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of which not a line was changed."""
    reader = Reader(tmp_path)
    reader.follow(CHAPTERS["strider"], only=("mkdir", "pip"))
    monkeypatch.syspath_prepend(str(reader.cwd / "src"))
    monkeypatch.setattr(processes, "hub_command", lambda *words: [str(reader.venv / "bin" / "hub"), *words])
    plugin = importlib.import_module("hub_strider.plugin")
    with serve_sandboxes([plugin.provider_sandbox()]) as servers:
        sandbox, origin = servers["strider"].sandbox, servers["strider"].origin
        assert workout_on_the_watch(sandbox.environment(origin), tmp_path / "hub.db") == "SENT"
        (shown,) = sandbox.device("athlete-1").workouts
        assert (shown.title, shown.lines) == ("Threshold", ("WORK 1000 m, 3:58-4:10 /km",))

        start = dt.datetime.now(dt.timezone(dt.timedelta(hours=9)))
        sandbox.record_activity("athlete-1", RecordedActivity("Home", Sport.RUN, start, 1805.0, 5012.4))
        (delivery,) = plugin.receive_webhook(sandbox.outbox[-1], sandbox.settings(origin))
        (activity,) = asyncio.run(plugin.ingest_activity(delivery)).activities
        assert (activity.name, activity.start, activity.distance_m) == ("Home", start, 5012.4)


def workout_on_the_watch(environment: dict[str, str], database: Path) -> str:
    """A platform saves a workout for an athlete with a Strider; where its export ends."""
    own = {"HUB_DATABASE_URL": f"sqlite:///{database}", "HUB_ENCRYPTION_KEYS": generate_key()}
    target = {"type": "range", "metric": "pace", "low": 4.0, "high": 4.2}
    step = {"type": "step", "duration": {"type": "distance", "distance_m": 1000}, "target": target}
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    with processes.HubProcesses(environment | own | {"HUB_LOG_LEVEL": "WARNING"}) as hub:
        athlete = hub.platform().athlete()
        athlete.connect("strider")
        athlete.save({"name": "Threshold", "sport": "run", "date": str(tomorrow), "steps": [step]})
        (export,) = (row for row in athlete.settled() if row["provider"] == "strider")
    status: str = export["status"]
    return status
