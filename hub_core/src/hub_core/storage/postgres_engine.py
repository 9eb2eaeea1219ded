"""Piccolo's PostgreSQL engine with one asyncpg pool for each event loop.

One pool used from two event loops breaks or hangs, and the hub has two: the API's and Dramatiq's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any, cast

import asyncpg  # type: ignore[import-untyped]  # it has no types
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from hub_core.storage.own_task import OwnTask

_POOL_SIZE = 10
_CONNECT_TIMEOUT_S = 10


async def _reset(connection: asyncpg.Connection) -> None:
    """What asyncpg does to a connection that comes back (locks, cursors, settings) is a round trip for each
    statement, and the hub leaves nothing behind but a transaction whose commit failed."""
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")


class PooledTransaction(PostgresTransaction):
    """A transaction on a pooled connection, which goes back to the pool whatever happens."""

    engine: PooledPostgresEngine
    _pool: asyncpg.Pool

    async def __aenter__(self) -> PostgresTransaction:
        if self._parent is not None:
            return self._parent
        self._pool = await self.engine.loop_pool()
        self.connection = await self._pool.acquire()
        try:
            self.transaction = self.connection.transaction()
            await self.transaction.start()
        except BaseException:
            await self._pool.release(self.connection)
            raise
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
        try:
            if self._committed or self._rolled_back:
                return False
            await (self.transaction.commit() if exception is None else self.transaction.rollback())
        finally:
            # The pool resets a connection that comes back, so nothing stays open behind a failed commit.
            await self._pool.release(self.connection)
        return False


class PooledPostgresEngine(PostgresEngine):
    """One object for any number of event loops and threads; each loop has its own pool."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pools: dict[asyncio.AbstractEventLoop, asyncpg.Pool] = {}
        super().__init__(config={"dsn": dsn}, extensions=())
        own: OwnTask[PostgresTransaction] = OwnTask("postgres_transaction")
        self.current_transaction = cast("ContextVar[PostgresTransaction | None]", own)

    async def check_version(self) -> None:
        """Ask nothing while being made: the server may be not there yet."""

    async def loop_pool(self) -> asyncpg.Pool:
        """The pool of the running event loop; it connects when first used."""
        loop = asyncio.get_running_loop()
        pool = self._pools.get(loop)
        if pool is None:
            self._forget_dead_loops()
            # With min_size=0 this makes no connection and so gives no other task the turn half way.
            pool = asyncpg.create_pool(
                self._dsn, min_size=0, max_size=_POOL_SIZE, timeout=_CONNECT_TIMEOUT_S, reset=_reset
            )
            self._pools[loop] = pool
            await pool
        return pool

    def _forget_dead_loops(self) -> None:
        for loop in [loop for loop in list(self._pools) if loop.is_closed()]:
            self._pools.pop(loop, None)

    async def close(self) -> None:
        """Close the pool of the running event loop."""
        self._forget_dead_loops()
        if pool := self._pools.pop(asyncio.get_running_loop(), None):
            await pool.close()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:  # noqa: ARG002
        """Run one statement: in this task's transaction, or by itself."""
        query, arguments = querystring.compile_string(engine_type=self.engine_type)
        return await self.run_plain(query, arguments)

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:  # noqa: ARG002
        """Run one statement that has no arguments."""
        return await self.run_plain(ddl, ())

    async def run_plain(self, query: str, arguments: Sequence[Any], *, by_key: bool = False) -> Any:  # noqa: ARG002
        """Run one statement as PostgreSQL takes it."""
        transaction = self.current_transaction.get()
        if transaction is not None:
            return await transaction.connection.fetch(query, *arguments)
        pool = await self.loop_pool()
        return await pool.fetch(query, *arguments)

    def transaction(self, allow_nested: bool = True) -> PooledTransaction:
        """Begin a transaction, or join the one this task has open."""
        return PooledTransaction(self, allow_nested=allow_nested)
