"""The SQLite connections of one event loop: one that writes, and a few that read.

SQLite has one writer. The tasks of a process queue for it first come, first served; between processes
whoever looks first while it is free has it.

What a transaction does runs on the event loop's own thread: a statement takes some 20 µs, and to hand it to
another thread and back ten times that. What reads outside of one may be a long list, and goes to a thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from piccolo.columns import Boolean

from hub_core.storage.tables import TABLES
from hub_core.storage.write_lock import WriteLock

type Rows = list[dict[str, Any]]

BUSY_TIMEOUT_S = 30.0
#: How soon it is looked again whether another process has ended its transaction.
_BUSY_LOOK_S = 0.002
_READERS = 4
#: After so long on the event loop's thread, others have it between two statements.
_LONGEST_STRETCH_S = 0.005
#: So many changed rows are moved from the log into the file at a time, in a thread: it waits for the disk.
_CHANGES_PER_CHECKPOINT = 2_000
#: SQLite would do that itself in the midst of a commit, after so many pages. Here it is the last resort.
_LONGEST_LOG_PAGES = 20_000


def open_connection(path: str, synchronous: str, *, read_only: bool, timeout_s: float) -> sqlite3.Connection:
    """Open a connection with the hub's pragmas set, waiting for others that do the same.

    Any thread may use it, one at a time.
    """
    connection = sqlite3.connect(
        path,
        timeout=timeout_s,
        isolation_level=None,
        check_same_thread=False,
    )
    _switch_to_wal(connection)
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA foreign_keys = ON")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
    else:
        connection.execute(f"PRAGMA wal_autocheckpoint = {_LONGEST_LOG_PAGES}")
    return connection


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait its busy timeout for this switch, so several processes at once need us to."""
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() > give_up:
                connection.close()
                raise
            time.sleep(0.005)
        else:
            return


def _is_busy(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF == sqlite3.SQLITE_BUSY


#: What SQLite keeps as numbers. All else comes as what it is: Piccolo's converters, which are called for each
#: value, took as long as the queries.
_FLAGS = frozenset(
    column._meta.name for table in TABLES for column in table._meta.columns if isinstance(column, Boolean)
)


def _fetch(connection: sqlite3.Connection, query: str, arguments: Sequence[Any] = ()) -> Rows:
    cursor = connection.execute(query, arguments)
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    for flag in _FLAGS.intersection(names):
        for row in rows:
            if isinstance(row[flag], int):  # in another table the name may stand for something else
                row[flag] = bool(row[flag])
    return rows


class SqlitePool:
    """Connections, opened when first needed, for the event loop it is made in."""

    def __init__(self, path: str, write_lock: WriteLock, *, synchronous: str) -> None:
        self._path = path
        self._synchronous = synchronous
        self._write_lock = write_lock
        self._has_turn = False
        self._writer: sqlite3.Connection | None = None
        self._looker: sqlite3.Connection | None = None
        self._opening = asyncio.Lock()
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="sqlite")
        self._idle_readers: deque[sqlite3.Connection] = deque()
        self._let_others_s = 0.0
        self._checkpointed = 0
        self._checkpoint: asyncio.Task[None] | None = None
        self._closed = False

    # -- writing: who raises has given the turn on -----------------------------------------------------------

    async def begin(self) -> None:
        """Have the writing connection alone, in a transaction that `commit` or `roll_back` ends."""
        await self._let_others()
        await self._wait_for_turn()
        try:
            writer = self._writer or await self._open_writer()
            await self._when_free(lambda: writer.execute("BEGIN IMMEDIATE"))
        except BaseException:
            self.roll_back()
            raise

    async def run(self, query: str, arguments: Sequence[Any]) -> Rows:
        """One statement in the transaction."""
        await self._let_others()
        return _fetch(self._writing(), query, arguments)

    async def commit(self) -> None:
        """End the transaction, and keep what it did."""
        writer = self._writing()
        try:
            if self._synchronous == "FULL":  # it waits for the disk
                await self._in_thread(lambda: writer.execute("COMMIT"))
            else:
                writer.execute("COMMIT")
        except BaseException:
            self.roll_back()
            raise
        self._end()

    def roll_back(self) -> None:
        """End the transaction, whatever became of it, as if it had never been."""
        try:
            if self._writer is not None and self._writer.in_transaction:
                self._writer.rollback()
        except sqlite3.Error:
            # The connection is of no use any more; the next writer opens a new one.
            broken, self._writer = self._writer, None
            if broken is not None:
                with suppress(sqlite3.Error):
                    broken.close()
        finally:
            self._give_turn_on()

    async def write(self, query: str, arguments: Sequence[Any]) -> Rows:
        """One statement that is a transaction by itself."""
        await self.begin()
        try:
            rows = await self.run(query, arguments)
        except BaseException:
            self.roll_back()
            raise
        await self.commit()
        return rows

    # -- reading -------------------------------------------------------------------------------------------

    async def read(self, query: str, arguments: Sequence[Any]) -> Rows:
        """What may take a while, in a thread."""
        return await self._in_thread(lambda: self._read(query, arguments))

    async def look_up(self, query: str, arguments: Sequence[Any]) -> Rows:
        """What is found by a key, at once."""
        await self._let_others()
        if self._looker is None:
            async with self._opening:
                if self._looker is None:
                    self._looker = await self._in_thread(lambda: self._open(read_only=True))
        return _fetch(self._looker, query, arguments)

    def _read(self, query: str, arguments: Sequence[Any]) -> Rows:
        try:
            reader = self._idle_readers.pop()
        except IndexError:
            reader = self._open(read_only=True)
        try:
            return _fetch(reader, query, arguments)
        finally:
            # Here, since whoever asked may be gone before the answer comes.
            if self._closed:
                reader.close()
            else:
                self._idle_readers.append(reader)

    # -- the ends ------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Close what is open; statements under way end first."""
        if self._checkpoint:
            await asyncio.wait({self._checkpoint})
        self._close()

    def abandon(self) -> None:
        """The same for a pool whose loop is gone."""
        self._close()
        if self._has_turn:
            self._give_turn_on()

    def _close(self) -> None:
        self._closed = True
        self._threads.shutdown(wait=True)
        for connection in (self._writer, self._looker, *self._idle_readers):
            if connection is not None:
                connection.close()
        self._writer = self._looker = None
        self._idle_readers.clear()

    # -- how -----------------------------------------------------------------------------------------------

    def _open(self, *, read_only: bool) -> sqlite3.Connection:
        # On the loop's thread nothing may wait: `_when_free` does.
        timeout_s = BUSY_TIMEOUT_S if read_only else 0.0
        return open_connection(self._path, self._synchronous, read_only=read_only, timeout_s=timeout_s)

    def _writing(self) -> sqlite3.Connection:
        if self._writer is None:
            raise sqlite3.ProgrammingError("the database was closed in the midst of a transaction")
        return self._writer

    async def _open_writer(self) -> sqlite3.Connection:
        self._writer = await self._in_thread(lambda: self._open(read_only=False))
        return self._writer

    async def _in_thread[T](self, work: Callable[[], T]) -> T:
        """Runs to its end even when the caller is cancelled, who is told of it only then."""
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            while not future.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({future})
            future.exception()
            raise

    async def _let_others(self) -> None:
        if time.monotonic() - self._let_others_s > _LONGEST_STRETCH_S:
            await asyncio.sleep(0)
            self._let_others_s = time.monotonic()

    async def _when_free(self, begin: Callable[[], object]) -> None:
        """Do this as soon as no other process is writing."""
        give_up = time.monotonic() + BUSY_TIMEOUT_S
        while True:
            try:
                begin()
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > give_up:
                    raise
            else:
                return
            await asyncio.sleep(_BUSY_LOOK_S)

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

    def _end(self) -> None:
        changes = self._writing().total_changes
        self._give_turn_on()
        if changes - self._checkpointed > _CHANGES_PER_CHECKPOINT:
            self._checkpointed = changes
            self._checkpoint = asyncio.create_task(self._make_checkpoint())

    async def _make_checkpoint(self) -> None:
        """Between two transactions, so that the log is free to begin anew. Readers don't notice."""
        with suppress(sqlite3.Error):  # SQLite does it itself, at last
            await self._wait_for_turn()
            try:
                if writer := self._writer:
                    await self._in_thread(lambda: writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall())
            finally:
                self._give_turn_on()
