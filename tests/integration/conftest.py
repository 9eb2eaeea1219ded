"""Stories with real processes: sandboxes here, the hub in processes of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hub_core.cli.demo import DEMO_ATHLETE, example_files
from hub_core.cli.serve import make_sandboxes
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.storage import generate_key
from hub_core.testing.processes import HubProcesses

PROVIDERS = ("garmin", "wahoo", "intervals")


@pytest.fixture
def sandboxes() -> Iterator[dict[str, SandboxServer]]:
    """Fresh sandboxes of the shipped plugins, which outlive the hub's processes."""
    with serve_sandboxes(make_sandboxes(list(PROVIDERS))) as servers:
        yield servers


@pytest.fixture
def environment(sandboxes: dict[str, SandboxServer]) -> dict[str, str]:
    """What points a hub at the sandboxes."""
    variables = {"HUB_ENCRYPTION_KEYS": generate_key(), "HUB_LOG_LEVEL": "WARNING"}
    for server in sandboxes.values():
        variables |= server.sandbox.environment(server.origin)
    return variables


@pytest.fixture(params=["embedded", "scaled"])
def hub(
    request: pytest.FixtureRequest, tmp_path: Path, environment: dict[str, str]
) -> Iterator[HubProcesses]:
    """A running hub: SQLite and the broker inside, or PostgreSQL, Redis and two workers."""
    if request.param == "embedded":
        own = {"HUB_DATABASE_URL": f"sqlite:///{tmp_path / 'hub.db'}"}
        workers = 0
    else:
        own = {
            "HUB_DATABASE_URL": request.getfixturevalue("postgres_dsn"),
            "HUB_BROKER_URL": request.getfixturevalue("redis_url"),
        }
        workers = 2
    with HubProcesses(environment | own, workers=workers) as running:
        yield running


@pytest.fixture
def thresholds() -> dict[str, Any]:
    """The demo's athlete."""
    built: dict[str, Any] = msgspec.to_builtins(DEMO_ATHLETE)
    return built


@pytest.fixture
def plans() -> list[dict[str, Any]]:
    """The four examples, on the days from tomorrow on."""
    today = dt.datetime.now(dt.UTC).date()
    loaded = [msgspec.json.decode(path.read_bytes()) for path in example_files()]
    return [plan | {"date": str(today + dt.timedelta(days=1 + n))} for n, plan in enumerate(loaded)]
