"""The database as the rest of the hub sees it: open, transaction, execute, close.

Queries are written with the tables (`Job.select()...`), or by hand with `engine.execute`. Inside
`async with engine.transaction():` both use its connection. A transaction belongs to the task that
opened it: a task started inside does not take part.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from piccolo.querystring import QueryString

from hub_core.errors import ConfigurationError
from hub_core.storage.postgres_engine import PooledPostgresEngine
from hub_core.storage.sqlite_engine import PooledSQLiteEngine
from hub_core.storage.tables import TABLES

type Row = dict[str, Any]
type Kind = Literal["sqlite", "postgres"]

_SETTING = "HUB_DATABASE_URL"
_SYNCHRONOUS = ("NORMAL", "FULL")


class HubEngine:
    """One database, usable from several event loops and threads at the same time."""

    def __init__(self, piccolo: PooledSQLiteEngine | PooledPostgresEngine) -> None:
        self._piccolo = piccolo

    @property
    def kind(self) -> Kind:
        """Which database this is."""
        return "sqlite" if isinstance(self._piccolo, PooledSQLiteEngine) else "postgres"

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None]:
        """All or nothing. Inside another transaction of the same task it joins that one.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE).
        """
        async with self._piccolo.transaction():
            yield

    async def execute(self, sql: str, *arguments: object) -> list[Row]:
        """Run one statement written by hand, with `{}` where an argument goes.

        An argument can be a column or a `QueryString` as well. Literal braces are not possible.
        """
        if sql.count("{}") != len(arguments):
            raise ValueError(f"{sql.count('{}')} places but {len(arguments)} arguments in: {sql}")
        rows = await self._piccolo.run_querystring(QueryString(sql, *arguments))
        return [dict(row) for row in rows]

    async def execute_ddl(self, statement: str) -> None:
        """Run one statement as it stands, braces included: for migrations."""
        await self._piccolo.run_ddl(statement)

    def bind(self) -> None:
        """Let the tables use this database. `open_engine` does it; the last one bound wins."""
        for table in TABLES:
            table._meta.db = self._piccolo

    async def close(self) -> None:
        """Close the connections of the running event loop. Each loop closes its own."""
        await self._piccolo.close()


def open_engine(database_url: str) -> HubEngine:
    """Choose the database by its URL and bind the tables to it. Nothing connects yet.

    `sqlite:///relative.db`, `sqlite:////absolute.db` (with `?synchronous=full` to survive a power
    cut without losing the last commits) or `postgresql://user:password@host:port/name`.
    """
    scheme = urlsplit(database_url).scheme
    if scheme == "sqlite":
        engine = HubEngine(_sqlite(database_url))
    elif scheme in ("postgresql", "postgres"):
        engine = HubEngine(PooledPostgresEngine(database_url))
    else:
        raise ConfigurationError(
            f"{_SETTING} begins with {scheme or 'nothing'!r}: use sqlite:///file.db or postgresql://..."
        )
    engine.bind()
    return engine


async def close_engine(engine: HubEngine) -> None:
    """Close the connections that the running event loop has open."""
    await engine.close()


def _sqlite(database_url: str) -> PooledSQLiteEngine:
    parts = urlsplit(database_url)
    path = Path(unquote(parts.path.removeprefix("/")))
    if parts.netloc or path.name in ("", ":memory:"):
        raise ConfigurationError(
            f"{_SETTING} names no file: use sqlite:///file.db or sqlite:////folder/file.db"
        )
    synchronous = parse_qs(parts.query).get("synchronous", ["NORMAL"])[0].upper()
    if synchronous not in _SYNCHRONOUS:
        raise ConfigurationError(f"{_SETTING}: synchronous is one of {', '.join(_SYNCHRONOUS).lower()}")
    _create_private(path)
    return PooledSQLiteEngine(str(path), synchronous=synchronous)


def _create_private(path: Path) -> None:
    """Make a new file readable by its owner only; SQLite gives its side files the same mode.

    An existing file is left alone: to open and close it here would drop SQLite's locks on it.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise ConfigurationError(f"{_SETTING}: cannot create {path}: {error.strerror}") from error
