"""The database as the rest of the hub sees it: open, transaction, execute, close.

Queries are written with the tables (`Job.select()...`), or by hand with `engine.execute`. Inside
`async with engine.transaction():` both use its connection. A transaction belongs to the task that
opened it: a task started inside does not take part.
"""

from __future__ import annotations

import functools
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

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
        self._kind: Kind = "sqlite" if isinstance(piccolo, PooledSQLiteEngine) else "postgres"

    @property
    def kind(self) -> Kind:
        """Which database this is."""
        return self._kind

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[None]:
        """All or nothing. Inside another transaction of the same task it joins that one.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE).
        """
        async with self._piccolo.transaction():
            yield

    async def execute(self, sql: str, *arguments: object) -> list[Row]:
        """Run one statement written by hand, with `{}` where an argument goes. It holds no other braces."""
        return await self._execute(sql, arguments)

    async def look_up(self, sql: str, *arguments: object) -> list[Row]:
        """The same for a statement that finds its rows by a key: on SQLite it costs a tenth.

        Not for what may have to read through much: nothing else goes on meanwhile.
        """
        return await self._execute(sql, arguments, by_key=True)

    async def _execute(self, sql: str, arguments: tuple[object, ...], *, by_key: bool = False) -> list[Row]:
        query, places = _spoken(self.kind, sql)
        if places != len(arguments):
            raise ValueError(f"{places} places but {len(arguments)} arguments in: {sql}")
        rows: list[Any] = await self._piccolo.run_plain(query, arguments, by_key=by_key)
        return rows if self.kind == "sqlite" else [dict(row) for row in rows]

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
            f"{_SETTING} is no URL of a database: use sqlite:///file.db or postgresql://..."
        )
    engine.bind()
    return engine


@functools.lru_cache(4096)
def _spoken(kind: Kind, sql: str) -> tuple[str, int]:
    """A statement as its driver takes it, and how many arguments it has."""
    first, *others = sql.split("{}")
    places = (f"{'?' if kind == 'sqlite' else f'${number}'}{part}" for number, part in enumerate(others, 1))
    return first + "".join(places), len(others)


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
