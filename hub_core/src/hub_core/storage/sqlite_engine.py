"""Piccolo's SQLite engine with kept connections, WAL and immediate transactions.

The stock engine opens a connection for each query and begins transactions DEFERRED, which fails
with "database is locked" as soon as two of them read and then write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any, cast

from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType
from piccolo.querystring import QueryString

from hub_core.storage.own_task import OwnTask
from hub_core.storage.sqlite_pool import Rows, SqlitePool
from hub_core.storage.write_lock import WriteLock


class ImmediateTransaction(SQLiteTransaction):
    """A transaction that takes the write lock when it begins and gives everything back when it ends.

    Always immediate, so that reading and then writing cannot lose the race.
    """

    engine: PooledSQLiteEngine
    pool: SqlitePool

    async def __aenter__(self) -> SQLiteTransaction:
        if self._parent is not None:
            return self._parent
        self.pool = self.engine.pool
        await self.pool.begin()
        self.context = self.engine.current_transaction.set(self)
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if self._parent is not None:
            return False
        self.engine.current_transaction.reset(self.context)
        if exception is None:
            await self.pool.commit()
        else:
            self.pool.roll_back()
        return False


class PooledSQLiteEngine(SQLiteEngine):
    """One object for any number of event loops and threads; each loop has its own connections."""

    def __init__(self, path: str, *, synchronous: str = "NORMAL") -> None:
        self._synchronous = synchronous
        self._write_lock = WriteLock()
        self._pools: dict[asyncio.AbstractEventLoop, SqlitePool] = {}
        super().__init__(path=path)
        own: OwnTask[SQLiteTransaction] = OwnTask("sqlite_transaction")
        self.current_transaction = cast("ContextVar[SQLiteTransaction | None]", own)

    async def check_version(self) -> None:
        """Nothing to ask: the version of SQLite comes with Python."""

    @property
    def pool(self) -> SqlitePool:
        """The connections of the running event loop."""
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            self._abandon_dead_loops()
            pool = self._pools[loop] = SqlitePool(self.path, self._write_lock, synchronous=self._synchronous)
        return pool

    def _abandon_dead_loops(self) -> None:
        for loop in [loop for loop in list(self._pools) if loop.is_closed()]:
            if pool := self._pools.pop(loop, None):
                pool.abandon()

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        self._abandon_dead_loops()
        if pool := self._pools.pop(asyncio.get_running_loop(), None):
            await pool.close()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Any:  # noqa: ARG002
        """Run one statement: in this task's transaction, or by itself."""
        query, arguments = querystring.compile_string(engine_type=self.engine_type)
        return await self.run_plain(query, arguments)

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Any:  # noqa: ARG002
        """Run one statement that has no arguments."""
        return await self.run_plain(ddl, ())

    async def run_plain(self, query: str, arguments: Sequence[Any], *, by_key: bool = False) -> Rows:
        """Run one statement as SQLite takes it. `by_key`: it finds its row at once."""
        transaction = cast("ImmediateTransaction | None", self.current_transaction.get())
        if transaction is not None:
            return await transaction.pool.run(query, arguments)
        if by_key:
            return await self.pool.look_up(query, arguments)
        if query.lstrip()[:6].upper() == "SELECT":
            return await self.pool.read(query, arguments)
        return await self.pool.write(query, arguments)

    def transaction(
        self,
        transaction_type: TransactionType = TransactionType.immediate,
        allow_nested: bool = True,
    ) -> ImmediateTransaction:
        """Begin a transaction, or join the one this task has open."""
        return ImmediateTransaction(self, transaction_type=transaction_type, allow_nested=allow_nested)
