"""F32 and F33: bombs and attacks in files go through `hub import` as a process, which has to survive them."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.integration.hostile_files import GOOD_GPX, hostile_xml, hostile_zips

from hub_core.storage import generate_key
from hub_core.testing.processes import hub_command

#: What `hub import` of one small file takes, and then 200 MB.
MOST_MB = 300
CANARY = "canary-that-nobody-may-read"


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server that writes down who asks it."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


class Imported:
    """How a run of `hub import` ended: exit code, what it wrote, and its largest memory in MB."""

    def __init__(self, home: Path, *paths: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        own = {
            "HUB_DATABASE_URL": f"sqlite:///{home / 'hub.db'}",
            "HUB_ENCRYPTION_KEYS": generate_key(),
            "COLUMNS": "500",
        }
        process = subprocess.Popen(
            hub_command("import", *map(str, paths)),
            env=kept | own,
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout
        self.text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = self.code = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        # Linux counts the memory of whoever started a process as its own, until it has had more.
        starter_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        peak_mb = usage.ru_maxrss // 1024
        self.memory_mb = peak_mb if peak_mb > starter_mb else 0

    def refused(self) -> set[str]:
        """The names of the files that were refused, each on one line."""
        lines = [line for line in self.text.splitlines() if line.startswith("✗ ")]
        return {Path(line[2:].partition(": ")[0]).name for line in lines}


def run(tmp_path: Path, make: Callable[[Path], None]) -> tuple[Imported, set[str]]:
    """Import a folder of hostile files, and look that nothing was written beside the database."""
    folder, home = tmp_path / "files", tmp_path / "home" / "deep" / "inside"
    folder.mkdir()
    home.mkdir(parents=True)
    make(folder)
    names = {path.name for path in folder.iterdir()}
    done = Imported(home, folder)
    assert "Traceback" not in done.text
    assert {path.name for path in folder.iterdir()} == names
    written = {path.name for path in tmp_path.rglob("*") if path.is_file()} - names
    assert {name for name in written if not name.startswith("hub.db")} <= {"canary.txt"}
    return done, names


@pytest.mark.parametrize(
    ("entries", "bomb_gb"),
    [(210_000, 1), pytest.param(1_000_000, 10, marks=pytest.mark.chaos)],
)
def test_f32_zip_bombs_and_broken_archives(tmp_path: Path, entries: int, bomb_gb: int) -> None:
    done, names = run(tmp_path, lambda folder: hostile_zips(folder, entries=entries, bomb_gb=bomb_gb))
    print(f"\nF32: {len(done.refused())} of {len(names)} refused, {done.memory_mb} MB at most")  # noqa: T201
    assert done.refused() == names
    assert done.code == 2
    assert done.memory_mb < MOST_MB


def test_f33_attacks_in_xml(tmp_path: Path, canary: tuple[str, list[str]]) -> None:
    url, asked = canary
    secret = tmp_path / "canary.txt"
    secret.write_text(CANARY)
    done, names = run(tmp_path, lambda folder: hostile_xml(folder, url, secret))
    print(f"\nF33: {len(done.refused())} of {len(names)} refused, {done.memory_mb} MB at most")  # noqa: T201
    assert done.refused() == names
    assert done.code == 2
    assert done.memory_mb < MOST_MB
    assert asked == []
    assert CANARY not in done.text


def test_a_good_file_among_bad_ones_is_kept(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.gpx", tmp_path / "bad.gpx"
    good.write_bytes(GOOD_GPX)
    bad.write_bytes(GOOD_GPX[:500])
    done = Imported(tmp_path, good, bad)
    assert (done.code, done.refused()) == (2, {"bad.gpx"})
    assert "1 of 2 files read: 1 statements are new" in done.text
