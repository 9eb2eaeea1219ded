"""F42: whatever is sent by the API's own description is answered as described, never by a fault of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def bombard(running: Any, folder: Path, examples: int) -> str:
    """Run Schemathesis against the running hub; returns what it printed."""
    key = running.key("fuzz")
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "run", f"{running.origin}/docs/openapi.json"]
    options = ["--header", f"Authorization: Bearer {key}", "--checks", CHECKS, "--seed", "42"]
    options += ["--max-examples", str(examples), "--phases", "fuzzing", "--workers", "2", "--no-color"]
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, timeout=900)
    said = (done.stdout + done.stderr).replace(key, "...")
    assert done.returncode == 0, said[-6000:]
    return said


def test_f42_a_few_requests_of_every_kind(running: Any, tmp_path: Path) -> None:
    assert "operations" in bombard(running, tmp_path, 1).lower()


@pytest.mark.chaos
def test_f42_many_requests_of_every_kind(running: Any, tmp_path: Path) -> None:
    print(bombard(running, tmp_path, 100)[-2000:])  # noqa: T201
