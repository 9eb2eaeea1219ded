"""The command as a process: what people type, and what they get for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hub_core.cli.demo import example_files
from hub_core.testing.processes import hub_command


def hub(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        hub_command(*arguments),
        cwd=folder,
        env={**os.environ, "COLUMNS": "140", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_demo_does_the_main_job(tmp_path: Path) -> None:
    done = hub(tmp_path, "demo")
    assert done.returncode == 0, done.stderr
    for words in ("SENT", "FAILED", "not possible", "ELEMNT ROAM", "Look further"):
        assert words in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_demo_takes_a_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "my.zwo").write_text(
        "<workout_file><name>Mine</name><sportType>bike</sportType><workout>"
        '<SteadyState Duration="600" Power="0.8"/></workout></workout_file>'
    )
    done = hub(tmp_path, "demo", "my.zwo")
    assert done.returncode == 0, done.stderr
    assert "Mine" in done.stdout


BAD = {
    "missing.json": None,
    "half.json": b'{"name": "x", "sport": ',
    "nan.json": b'{"name": "x", "sport": "run", "steps": [{"type": "step",'
    b' "duration": {"type": "time", "duration_s": NaN}}]}',
    "golf.json": b'{"name": "x", "sport": "golf", "steps": []}',
    "deep.json": b'{"name": "x", "sport": "run", "steps": ['
    + b'{"type":"repeat","times":1,"repeat":[' * 50
    + b'{"type":"step","duration":{"type":"open"}}'
    + b"]}" * 50
    + b"]}",
    "large.json": b" " * 10_000_000,
    "note.txt": b"hello",
    "half.zwo": b"<workout_file><workout>",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_line_and_exit_code_2(tmp_path: Path, name: str) -> None:
    content = BAD[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = hub(tmp_path, "preflight", name)
    assert done.returncode == 2
    assert done.stderr.startswith("hub: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_preflight_tells_what_is_lost(tmp_path: Path) -> None:
    done = hub(
        tmp_path, "preflight", str(example_files()[3]), "--for", "wahoo", "--ftp", "250", "--lthr", "168"
    )
    assert done.returncode == 0, done.stderr
    assert "steps[0]" in done.stdout
    assert "degraded" in done.stdout


def test_outside_development_there_is_no_made_up_key(tmp_path: Path) -> None:
    done = hub(tmp_path, "serve", HUB_ENVIRONMENT="production")
    assert done.returncode == 2
    assert "HUB_ENCRYPTION_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_worker_without_a_broker_says_what_to_set(tmp_path: Path) -> None:
    done = hub(tmp_path, "worker")
    assert done.returncode == 2
    assert "HUB_BROKER_URL" in done.stderr


def test_migrate_and_keys(tmp_path: Path) -> None:
    assert "m0001" in hub(tmp_path, "migrate").stdout
    assert "up to date" in hub(tmp_path, "migrate").stdout
    assert hub(tmp_path, "keys", "create", "coach").stdout.startswith("hub_")
    assert "coach" in hub(tmp_path, "keys", "list").stdout
