"""Open engines for the tests of this floor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hub_core.storage import HubEngine, close_engine, open_engine
from hub_core.testing.servers import create_database, drop_database


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[HubEngine]:
    """A migrated database: the test runs on SQLite and on PostgreSQL."""
    opened = open_engine(database_url)
    yield opened
    await close_engine(opened)


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[HubEngine]:
    """A migrated SQLite database."""
    opened = open_engine(sqlite_url)
    yield opened
    await close_engine(opened)


@pytest.fixture
async def postgres(postgres_url: str) -> AsyncIterator[HubEngine]:
    """A migrated PostgreSQL database."""
    opened = open_engine(postgres_url)
    yield opened
    await close_engine(opened)


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    """An SQLite database that is not there yet."""
    return f"sqlite:///{tmp_path}/empty.db"


@pytest.fixture(params=["empty_sqlite", "postgres_dsn"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """An empty database of either kind."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture
def second_empty_url(empty_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another empty database of the same kind."""
    if empty_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/second.db"
        return
    server: str = request.getfixturevalue("postgres_server_url")
    yield create_database(server, "second")
    drop_database(server, "second")
