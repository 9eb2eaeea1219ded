"""Runs a hub as its users do: real processes, a real socket, a platform that calls the API.

with HubProcesses(environment) as hub:
    platform = hub.platform("coach")
    athlete = platform.athlete()
    athlete.connect("garmin")
    workout = athlete.save(plan)
    assert athlete.settled()[0]["status"] == "SENT"
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from hub_core.sdk.client_pool import tls_context
from hub_core.testing.harness import give_consent
from hub_core.testing.programs import free_port

PATIENCE_S = 60.0


def hub_command(*arguments: str) -> list[str]:
    """The command line of `hub`, of the environment that runs the tests."""
    beside = Path(sys.executable).with_name("hub")
    return [str(beside) if beside.exists() else str(shutil.which("hub")), *arguments]


def wait_until(is_so: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
    """Look again and again, at first soon and later four times a second, until something is so; an
    `AssertionError` says what never came."""
    start = time.monotonic()
    while not is_so():
        waited_s = time.monotonic() - start
        if waited_s > patience_s:
            raise AssertionError(f"{what} did not come within {patience_s:g} s")
        time.sleep(min(0.03 + waited_s / 10, 0.25))


class HubProcesses:
    """`hub serve` and any number of `hub worker`, with the environment that they are given."""

    def __init__(self, environment: Mapping[str, str], *, workers: int = 0, log: Path | None = None) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        own = {"HUB_PORT": str(self.port), "HUB_PUBLIC_URL": self.origin}
        self.environment = {**os.environ, **environment, **own}
        self.workers = workers
        self._log = log
        self._is_migrated = False
        self.processes: list[subprocess.Popen[bytes]] = []
        self._platforms: list[PlatformClient] = []

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()  # nobody leaves a block that was never entered
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for platform in self._platforms:
            platform.http.close()
        self.stop()

    def run(self, *arguments: str) -> str:
        """Run one `hub` command to its end and return what it printed."""
        done = subprocess.run(  # noqa: S603
            hub_command(*arguments), env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def start(self) -> None:
        """Start everything, and return once the API answers.

        The server brings its database up to date by itself; workers want to find it so.
        """
        if self.workers and not self._is_migrated:
            self.run("migrate")
            self._is_migrated = True
        commands = [("serve",), *[("worker",)] * self.workers]
        self.processes = [self._spawn(*command) for command in commands]
        wait_until(self._answers, "the API")

    def _spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one process; what it writes goes to the log, if there is one."""
        command = hub_command(*arguments)
        if self._log is None:
            return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL)  # noqa: S603
        with self._log.open("ab") as log:
            return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)  # noqa: S603

    def kill(self) -> None:
        """SIGKILL to all, at once."""
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
        for process in self.processes:
            process.wait()

    def stop(self) -> None:
        """SIGTERM to all, and wait."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []

    def replace(self, number: int) -> None:
        """A rolling restart's one step: SIGTERM to one process, and a new one when it has ended."""
        old = self.processes[number]
        old.terminate()
        old.wait(timeout=20)
        self._start_again(number)

    def revive(self) -> list[int]:
        """Start again what has died, as whoever looks after processes does; returns how they ended."""
        ends = [(number, one.poll()) for number, one in enumerate(self.processes)]
        dead = [(number, code) for number, code in ends if code is not None]
        for number, _ in dead:
            self._start_again(number)
        return [code for _, code in dead]

    def _start_again(self, number: int) -> None:
        self.processes[number] = self._spawn("serve" if number == 0 else "worker")

    def platform(self, name: str = "coach") -> PlatformClient:
        """A platform with a key of its own."""
        platform = PlatformClient(self.origin, self.run("keys", "create", name))
        self._platforms.append(platform)
        return platform

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.origin}/v1/health", verify=tls_context()).is_success
        except httpx.TransportError:
            return False


class PlatformClient:
    """What a platform does over the API."""

    def __init__(self, origin: str, key: str) -> None:
        self.http = httpx.Client(
            base_url=f"{origin}/v1",
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
            verify=tls_context(),
        )

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        """The answer's JSON; an `AssertionError` for an error."""
        answer = self.http.request(method, path, **arguments)
        if answer.is_error:
            raise AssertionError(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

    def athlete(self, external_id: str = "athlete", **fields: Any) -> AthleteClient:
        """A new athlete, whose workouts go everywhere unless said otherwise."""
        body = {"external_id": external_id, "export_to": "all", **fields}
        return AthleteClient(self, self.call("POST", "/athletes", json=body)["id"])


def _is_settled(export: dict[str, Any]) -> bool:
    if export["reason_code"] == "outcome_unknown" and export["next_try_ms"] is None:
        return True  # it waits for a person
    seen = export["verification"]
    is_looked_at = seen is None or seen["state"] != "pending" or export["status"] != "SENT"
    return bool(export["status"] != "PENDING" and is_looked_at)


class AthleteClient:
    """One athlete, as the platform sees them."""

    def __init__(self, platform: PlatformClient, athlete_id: str) -> None:
        self.platform = platform
        self.path = f"/athletes/{athlete_id}"

    def connect(self, provider: str, user: str = "athlete-1", granted: list[str] | None = None) -> None:
        """Consent on the sandbox's page and follow the browser back to the hub."""
        path = f"{self.path}/connections/{provider}/authorize"
        url = self.platform.call("POST", path, json={})["authorize_url"]
        page = asyncio.run(give_consent(url, user=user, granted=granted))
        back = httpx.get(page, timeout=30, verify=tls_context())
        if "is connected" not in back.text:
            raise AssertionError(f"{provider} could not be connected: {back.text}")

    def connect_phone(self, provider: str, device_id: str = "athlete-1", name: str = "Phone") -> None:
        """The app on the athlete's phone says that it may hold workouts."""
        body = {"device_id": device_id, "name": name}
        self.platform.call("PUT", f"{self.path}/connections/{provider}/device", json=body)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """What the app on the athlete's phone asks for: see `hub_core.sandbox.sync_phone`."""
        return self.platform.call(method, f"{self.path}{path}", **({"json": body} if body else {}))

    def save(self, workout: Mapping[str, Any]) -> str:
        """Save a workout and return its id."""
        saved: str = self.platform.call("POST", f"{self.path}/workouts", json=workout)["id"]
        return saved

    def exports(self) -> list[dict[str, Any]]:
        """All exports, newest first."""
        rows: list[dict[str, Any]] = self.platform.call("GET", f"{self.path}/exports")
        return rows

    def export(self, export_id: str) -> dict[str, Any]:
        """One export with its attempts."""
        row: dict[str, Any] = self.platform.call("GET", f"{self.path}/exports/{export_id}")
        return row

    def settled(self, patience_s: float = PATIENCE_S) -> list[dict[str, Any]]:
        """All exports, once none of them is PENDING and what was sent has been looked at."""
        wait_until(
            lambda: all(_is_settled(row) for row in self.exports()),
            "the end of all exports",
            patience_s,
        )
        return self.exports()
