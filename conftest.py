"""Databases and a broker for every test of the workspace. One set of servers for each test process."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, settings

from hub_core.storage import close_engine, migrate, open_engine
from hub_core.testing.servers import create_database, drop_database, postgres_server, redis_server

# How long something takes is measured in benchmarks, and fails no test.
settings.register_profile("hub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hub")

_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Let the processes of the tests share what one of them has compiled.

    Where Python is told to write no bytecode, as containers often do, each of them would compile the hub and
    all its libraries again, which takes longer than most of what they are started for.
    """
    if sys.dont_write_bytecode and getattr(config, "cache", None) is not None:
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(config.cache.mkdir("bytecode"))
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """A PostgreSQL of our own, started when the first test needs it."""
    with postgres_server() as url:
        yield url


@pytest.fixture
def postgres_dsn(postgres_server_url: str) -> Iterator[str]:
    """An empty PostgreSQL database."""
    yield from _fresh_database(postgres_server_url, template="template1")


@pytest.fixture(scope="session")
def _redis_server_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def redis_url(_redis_server_url: str) -> str:
    """An empty Redis."""
    with redis.Redis.from_url(_redis_server_url) as client:
        client.flushall()
    return _redis_server_url


@pytest.fixture(scope="session")
def _migrated_postgres(postgres_server_url: str) -> str:
    """The name of a migrated database; copying it is faster than migrating."""
    _migrate(create_database(postgres_server_url, "migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "hub.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of its own."""
    return f"sqlite:///{shutil.copy(_migrated_sqlite, tmp_path / 'hub.db')}"


@pytest.fixture
def postgres_url(postgres_server_url: str, _migrated_postgres: str) -> Iterator[str]:
    """A migrated PostgreSQL database of its own."""
    yield from _fresh_database(postgres_server_url, template=_migrated_postgres)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database; the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def _fresh_database(server_url: str, *, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    yield create_database(server_url, name, template=template)
    drop_database(server_url, name)


def _migrate(url: str) -> None:
    async def run() -> None:
        engine = open_engine(url)
        await migrate(engine)
        await close_engine(engine)

    # In a thread: this must not touch the event loop of the tests.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(run())).result()
