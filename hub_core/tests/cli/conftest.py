"""`hub` as a process, and the same entry point within this one where only words are looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub_core.cli import main
from hub_core.cli.show import console
from hub_core.storage import generate_key
from hub_core.testing.processes import hub_command


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def is_one_line(self) -> bool:
        """Refused as promised: exit code 2, one line on stderr, and nothing else."""
        return self.code == 2 and not self.out and self.err.startswith("hub: ") and self.err.count("\n") == 1


Run = Callable[..., Done]
# It would keep the width that xdist sets for its workers; this way each test's own COLUMNS counts.
console._width = None


def environment(folder: Path) -> dict[str, str]:
    """An environment without anyone's settings, and a database in this folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    own = {
        "HUB_DATABASE_URL": f"sqlite:///{folder / 'hub.db'}",
        "HUB_ENCRYPTION_KEYS": generate_key(),
        "COLUMNS": "120",
        "HOME": str(folder),
    }
    return kept | own


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Future[Done]]]:
    """Start a `hub` process; two at a time run, each in a folder and a session of its own."""

    def run(arguments: tuple[str, ...], own: dict[str, str | None], text: str) -> Done:
        folder = tmp_path_factory.mktemp("home")
        wanted = environment(folder) | own
        variables = {name: value for name, value in wanted.items() if value is not None}
        done = subprocess.run(
            hub_command(*arguments),
            env=variables,
            cwd=folder,
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            start_new_session=True,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    with ThreadPoolExecutor(2) as pool:
        yield lambda *arguments, text="", **own: pool.submit(run, arguments, own, text)


@pytest.fixture
def hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Run a command here: `main` with these arguments and variables, without a process of its own."""
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        monkeypatch.delenv(name)
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hub_core.cli.serve.set_up_logging", lambda *_: None)

    def run(*arguments: str, **own: str) -> Done:
        with monkeypatch.context() as context:
            for name, value in own.items():
                context.setenv(name, value)
            context.setattr(sys, "argv", ["hub", *arguments])
            code = 0
            try:
                main()
            except SystemExit as exit_:
                code = int(exit_.code or 0)
        written = capsys.readouterr()
        return Done(code, written.out, written.err)

    return run
