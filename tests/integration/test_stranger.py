"""A package from outside, where only hub-core is installed: found, checked, sent through, ingested from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from hub_core.testing.environments import LoneEnvironment

STORY = Path(__file__).with_name("stranger_story.py")


def test_a_stranger_adds_a_provider(tmp_path: Path) -> None:
    lone = LoneEnvironment(tmp_path / "venv")
    assert "Garmin" not in lone.run("hub", "providers").stdout

    made = lone.run("hub", "new", "stranger", "--no-install", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    lone.install(tmp_path / "hub-stranger")

    listed = lone.run("hub", "providers")
    assert "Stranger" in listed.stdout, listed.stdout + listed.stderr
    assert "Garmin" not in listed.stdout

    checked = lone.run("hub", "check", "stranger", "--only", "export")
    assert checked.returncode == 0, checked.stdout + checked.stderr

    shutil.copy(STORY, tmp_path)
    told = lone.run("python", str(tmp_path / STORY.name), "stranger", cwd=tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert json.loads(told.stdout) == {
        "on the device": ["VO2max 5 x 3 min"],
        "activities": ["Morning run"],
    }
