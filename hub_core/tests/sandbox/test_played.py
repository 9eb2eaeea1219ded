"""Whoever plays the athlete at a sandbox does it over HTTP; the provider then tells the hub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hub_core.sandbox import DEFAULT_USER
from hub_core.sandbox.server import SandboxServer
from hub_fake.sandbox import FakeSandbox

RUN = {"name": "Run", "sport": "run", "start": "2026-11-03T06:30:00+02:00", "duration_s": 1800}
NIGHT = {
    "date": "2026-11-03",
    "external_id": "n",
    "start": "2026-11-02T23:00:00+02:00",
    "end": "2026-11-03T06:00:00+02:00",
}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    running = SandboxServer(FakeSandbox())
    running.start()
    yield running
    running.stop()


@pytest.mark.parametrize(
    ("door", "body", "told"),
    [
        ("activities", RUN, {"seconds": 1800.0}),
        ("days", {"date": "2026-11-03", "steps": 9120}, {"steps": 9120}),
        ("nights", NIGHT, {"asleep_until": "2026-11-03T06:00:00+02:00"}),
        ("meals", {"date": "2026-11-03", "energy_kcal": 2450}, {"kcal": 2450.0}),
    ],
)
def test_what_is_done_is_told(server: SandboxServer, door: str, body: Any, told: dict[str, Any]) -> None:
    address = f"{server.origin}/sandbox/{door}?user=athlete-7"
    assert httpx.post(address, json=body).status_code == 204
    [event] = json.loads(server.sandbox.outbox[-1].body)["events"]
    assert event["user"] == "athlete-7"
    assert told.items() <= (event.get("activity") or event["day"]).items()


@pytest.mark.parametrize("door", ["activities", "days", "nights", "meals"])
def test_what_cant_be_read_is_refused(server: SandboxServer, door: str) -> None:
    before = len(server.sandbox.outbox)
    answer = httpx.post(f"{server.origin}/sandbox/{door}", content=b'{"date": 7}')
    assert (answer.status_code, len(server.sandbox.outbox)) == (400, before)
    assert DEFAULT_USER not in answer.text
