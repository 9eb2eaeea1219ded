"""The SQLite connections of one event loop: one that writes, a few that read.

SQLite has one writer. The tasks of a process queue for it first come, first served; between processes
SQLite's own busy handler decides.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress

import aiosqlite
from piccolo.engine.sqlite import dict_factory

from hub_core.storage.write_lock import WriteLock

BUSY_TIMEOUT_S = 30.0
_READERS = 4


class DaemonConnection(aiosqlite.Connection):
    """A connection whose thread does not keep the process alive when nobody closes it."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        self._thread.daemon = True


async def connect(path: str, *, synchronous: str, read_only: bool = False) -> DaemonConnection:
    """Open such a connection in a thread of its own."""
    connection = DaemonConnection(lambda: open_connection(path, synchronous, read_only=read_only))
    try:
        await connection
    except sqlite3.Error:
        # aiosqlite has told its thread to end but does not wait: its last word could find the loop closed.
        connection._thread.join(timeout=1)
        raise
    return connection


def open_connection(path: str, synchronous: str, *, read_only: bool) -> sqlite3.Connection:
    """Open a plain connection with the hub's pragmas set, waiting for others that do the same."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
    )
    connection.row_factory = dict_factory
    _switch_to_wal(connection)
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA foreign_keys = ON")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait its busy timeout for this switch, so several processes at once need us to."""
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                connection.close()
                raise
            time.sleep(0.005)
        else:
            return


class SqlitePool:
    """Connections, opened when first needed, for the event loop it is made in."""

    def __init__(self, path: str, write_lock: WriteLock, *, synchronous: str) -> None:
        self._path = path
        self._synchronous = synchronous
        self._write_lock = write_lock
        self._has_turn = False
        self._writer: DaemonConnection | None = None
        self._read_slots = asyncio.Semaphore(_READERS)
        self._idle_readers: list[DaemonConnection] = []
        self._settling: set[asyncio.Task[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def writer(self) -> AsyncGenerator[DaemonConnection]:
        """The writing connection, alone. Whatever happens inside, nothing stays open behind it."""
        await self._wait_for_turn()
        try:
            if self._writer is None:
                self._writer = await connect(self._path, synchronous=self._synchronous)
            yield self._writer
        except BaseException:
            await self._settle()
            raise
        self._give_turn_on()

    @asynccontextmanager
    async def reader(self) -> AsyncGenerator[DaemonConnection]:
        """A connection that can only read."""
        async with self._read_slots:
            reader = (
                self._idle_readers.pop()
                if self._idle_readers
                else await connect(self._path, synchronous=self._synchronous, read_only=True)
            )
            try:
                yield reader
            finally:
                await self._take_back(reader)

    async def close(self) -> None:
        """Close what is open; statements under way end first."""
        self._closed = True
        connections = [*self._idle_readers, *([self._writer] if self._writer else [])]
        self._idle_readers, self._writer = [], None
        for connection in connections:
            await connection.close()

    def abandon(self) -> None:
        """Let the threads end without an event loop: for a pool whose loop is gone."""
        for connection in [*self._idle_readers, *([self._writer] if self._writer else [])]:
            connection.stop()
        if self._has_turn:
            self._give_turn_on()

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(BUSY_TIMEOUT_S):
                await self._write_lock.acquire()
        except TimeoutError:
            raise sqlite3.OperationalError(
                f"database is locked: no turn to write within {BUSY_TIMEOUT_S:.0f} s. Does a task inside "
                "a transaction wait for another task that writes?"
            ) from None
        self._has_turn = True

    def _give_turn_on(self) -> None:
        self._has_turn = False
        self._write_lock.release()

    async def _take_back(self, reader: DaemonConnection) -> None:
        if self._closed:
            await reader.close()
        else:
            self._idle_readers.append(reader)

    async def _settle(self) -> None:
        """Roll back and give the turn on, even when the caller is cancelled meanwhile.

        A cancelled caller's statement still runs in the connection's thread: a BEGIN may succeed
        after nobody waits for it any more. The rollback queues behind it.
        """
        task = asyncio.ensure_future(self._roll_back_and_release())
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)
        await asyncio.shield(task)

    async def _roll_back_and_release(self) -> None:
        try:
            if self._writer is not None:
                await self._writer.rollback()
        except (sqlite3.Error, ValueError):
            # The connection is of no use any more; the next writer opens a new one.
            broken, self._writer = self._writer, None
            if broken is not None:
                with suppress(sqlite3.Error, ValueError):
                    await broken.close()
        finally:
            self._give_turn_on()
