"""A hub in a process of its own, as phones meet it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from hub_core.cli.serve import make_sandboxes
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.storage import generate_key
from hub_core.testing.processes import AthleteClient, HubProcesses, PlatformClient

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def provider() -> Iterator[SandboxServer]:
    """Where the hub's athletes may have a watch."""
    with serve_sandboxes(make_sandboxes(["fake"])) as servers:
        yield servers["fake"]


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory, provider: SandboxServer) -> Iterator[PlatformClient]:
    """A platform at a running hub."""
    path = tmp_path_factory.mktemp("hub") / "hub.db"
    environment = {
        "HUB_DATABASE_URL": f"sqlite:///{path}",
        "HUB_ENCRYPTION_KEYS": generate_key(),
        "HUB_BROKER_URL": "",
        "HUB_LOG_LEVEL": "WARNING",
        **provider.sandbox.environment(provider.origin),
    }
    with HubProcesses(environment) as hub:
        yield hub.platform()


@pytest.fixture
def athlete(platform: PlatformClient) -> AthleteClient:
    """A new athlete with a phone."""
    athlete = platform.athlete(f"runner-{next(_numbers)}")
    athlete.connect_phone("healthkit")
    return athlete


@pytest.fixture
def plan() -> dict[str, Any]:
    """A workout far ahead, which no phone fetches yet."""
    step = {
        "type": "step",
        "duration": {"type": "time", "duration_s": 600},
        "target": {"type": "range", "metric": "power", "low": 180, "high": 200},
    }
    return {"name": "Ten minutes", "sport": "ride", "date": "2031-04-07", "steps": [step]}
