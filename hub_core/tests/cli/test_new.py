"""`hub new`: every combination of answers makes a plugin that keeps every promise before any edit."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from hub_core.cli.new import Auth, Direction, Webhooks, render_plugin
from hub_core.sdk import Operation
from hub_core.testing.conformance import check_provider

COMBINATIONS = [
    (auth, direction, webhooks)
    for auth, direction, webhooks in product(Auth, Direction, Webhooks)
    if direction is not Direction.OUT or webhooks is Webhooks.NONE
]
#: The first of `MORE` has all code of the templates but that of a key and a token, and is put to the whole
#: kit; the second to all that a key and a token have a part in. The others only leave some of it out, and
#: show that what is left still works; `pytest -m chaos` puts all of them to all.
EVERYWHERE = ("manifest.", "compile.", "keeping.", "export.arrives", "inbound.activity")
MORE = {
    (Auth.OAUTH2, Direction.BOTH, Webhooks.SIGNATURE): ("",),
    (Auth.API_KEY, Direction.BOTH, Webhooks.TOKEN): (
        *EVERYWHERE[:3],
        *("export.", "inbound.", "tokens.", "life_cycle.", "limits.", "security."),
    ),
}


def name_of(combination: tuple[str, ...]) -> str:
    return "_".join(combination)


@pytest.mark.parametrize("combination", COMBINATIONS, ids=name_of)
def test_it_passes_the_kit_as_it_is(
    combination: tuple[Auth, Direction, Webhooks], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth, direction, webhooks = combination
    name = name_of(combination)
    answers = {"name": name, "auth": auth, "direction": direction, "webhooks": webhooks, "workspace": False}
    render_plugin(tmp_path, answers)
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    plugin = importlib.import_module(f"hub_{name}.plugin")

    manifest = plugin.provider_manifest()
    assert (Operation.EXPORT in manifest.capabilities.operations) is (direction is not Direction.IN)
    assert (Operation.INGEST in manifest.capabilities.operations) is (direction is not Direction.OUT)
    assert (manifest.webhook_proof or "none") == webhooks
    assert (manifest.oauth2 is not None) is (auth is Auth.OAUTH2)

    for only in MORE.get(combination, EVERYWHERE):
        assert_keeps(plugin, only)


@pytest.mark.chaos
@pytest.mark.parametrize("combination", COMBINATIONS, ids=name_of)
def test_it_passes_the_whole_kit(
    combination: tuple[Auth, Direction, Webhooks], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"whole_{name_of(combination)}"
    answers = dict(zip(("auth", "direction", "webhooks"), combination, strict=True))
    render_plugin(tmp_path, {"name": name, **answers, "workspace": False})
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    kept = assert_keeps(importlib.import_module(f"hub_{name}.plugin"))
    print(f"{name}: {kept} promises, 0 broken")  # noqa: T201


def assert_keeps(plugin: Any, only: str = "") -> int:
    """How many promises that begin so the plugin makes; it keeps them all."""
    report = asyncio.run(check_provider(plugin, only=only))
    assert [result.explain() for result in report.broken] == []
    return len(report.results)


def test_the_code_is_in_the_house_style(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    (tmp_path / "hub_core").symlink_to(root / "hub_core")  # by this ruff knows which imports are our own
    for index, combination in enumerate(COMBINATIONS):
        answers = dict(zip(("auth", "direction", "webhooks"), combination, strict=True))
        name = f"acme{index}"
        render_plugin(tmp_path / "plugins" / name, {"name": name, **answers, "workspace": True})
    (tmp_path / "pyproject.toml").write_text((root / "pyproject.toml").read_text())
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", "plugins"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def test_flags_answer_and_the_next_step_is_told(hub: Any, tmp_path: Path) -> None:
    done = hub("new", "acme", "--auth", "api_key", "--direction", "in", "--webhooks", "token", "--no-install")
    assert (done.code, done.err) == (0, "")
    assert "hub check acme" in done.out
    assert "pip install -e hub-acme" in done.out
    text = (tmp_path / "hub-acme" / "src" / "hub_acme" / "plugin.py").read_text()
    assert "verify_token" in text
    assert "export_workout" not in text


def test_nothing_is_overwritten(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "hub-acme").mkdir()
    (tmp_path / "hub-acme" / "notes.txt").write_text("mine")
    done = hub("new", "acme", "--no-install")
    assert done.is_one_line
    assert "hub-acme exists already" in done.err
    assert [path.name for path in (tmp_path / "hub-acme").iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["Acme", "9lives", "a-b", "import", "../acme", "a" * 40, ""])
def test_a_name_that_python_could_not_import_is_refused(hub: Any, tmp_path: Path, name: str) -> None:
    done = hub("new", name, "--no-install")
    assert done.is_one_line
    assert list(tmp_path.iterdir()) == []


def test_inside_a_workspace_it_goes_among_the_plugins(hub: Any, tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["plugins/*"]\n')
    assert hub("new", "acme", "--no-install").code == 0
    assert "workspace = true" in (tmp_path / "plugins" / "acme" / "pyproject.toml").read_text()
