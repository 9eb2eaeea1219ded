"""SQLite under contention and with failures."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hub_core.storage import HubEngine, Row, close_engine, new_id, open_engine, sqlite_pool
from hub_core.storage.tables import Platform


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Hold the write lock of the file from a foreign connection."""
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_400_transactions_that_read_then_write_all_succeed(sqlite: HubEngine) -> None:
    await Platform.insert(Platform(id="p", created_ms=0))

    async def add_one() -> None:
        async with sqlite.transaction():
            row = await Platform.select(Platform.created_ms).where(Platform.id == "p").first()
            assert row is not None
            await Platform.update({Platform.created_ms: row["created_ms"] + 1}).where(Platform.id == "p")

    await asyncio.gather(*(add_one() for _ in range(400)))

    assert await sqlite.execute("SELECT created_ms FROM platform") == [{"created_ms": 400}]


async def test_reading_goes_on_while_a_transaction_writes(sqlite: HubEngine) -> None:
    reading = asyncio.Event()

    async def read() -> list[Row]:
        await reading.wait()
        return await sqlite.execute("SELECT id FROM platform")

    task = asyncio.create_task(read())
    async with sqlite.transaction():
        await Platform.insert(Platform(id="p"))
        reading.set()
        async with asyncio.timeout(5):
            assert await task == []


async def test_a_begin_that_fails_gives_its_turn_on(
    sqlite: HubEngine, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_pool, "BUSY_TIMEOUT_S", 0.05)
    with locked(sqlite_url):
        for _ in range(3):
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                async with sqlite.transaction():
                    pytest.fail("there is no transaction")

    async with asyncio.timeout(5), sqlite.transaction():
        await Platform.insert(Platform(id="p"))
    assert await Platform.count() == 1


async def test_a_begin_cancelled_while_it_waits_gives_its_turn_on(sqlite: HubEngine, sqlite_url: str) -> None:
    await Platform.count()
    with locked(sqlite_url):
        task = asyncio.create_task(sqlite.transaction().__aenter__())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.sleep(0.05)
    with pytest.raises(asyncio.CancelledError):
        await task

    async with asyncio.timeout(5), sqlite.transaction():
        await Platform.insert(Platform(id="p"))
    assert await Platform.count() == 1


async def test_waiting_for_a_task_that_writes_inside_a_transaction_ends_with_an_explanation(
    sqlite: HubEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_pool, "BUSY_TIMEOUT_S", 0.05)

    with pytest.raises(sqlite3.OperationalError, match="inside a transaction"):
        async with sqlite.transaction():
            await asyncio.create_task(sqlite.execute("DELETE FROM platform"))


async def test_a_statement_that_fails_leaves_the_engine_usable(sqlite: HubEngine) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await sqlite.execute("DELETE FROM no_such_thing")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await sqlite.execute("SELECT 1 FROM no_such_thing")

    await Platform.insert(Platform(id="p"))
    assert await Platform.count() == 1


@pytest.mark.parametrize(("suffix", "level"), [("", 1), ("?synchronous=full", 2)])
async def test_the_pragmas_are_set(sqlite_url: str, suffix: str, level: int) -> None:
    engine = open_engine(sqlite_url + suffix)
    found = {}
    async with engine.transaction():
        for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout"):
            [row] = await engine.execute(f"PRAGMA {name}")
            [found[name]] = row.values()
    await close_engine(engine)

    assert found["journal_mode"] == "wal"
    assert found["foreign_keys"] == 1
    assert found["synchronous"] == level
    assert found["busy_timeout"] == 0  # on the event loop's thread nothing may wait: the pool looks again


def test_connections_of_a_loop_that_is_gone_are_let_go(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)

    async def leave_open() -> int:
        await Platform.insert(Platform(id=new_id("p")))
        return len(await engine.execute("SELECT id FROM platform"))

    async def leave_clean() -> int:
        count = await leave_open()
        await close_engine(engine)
        return count

    assert asyncio.run(leave_open()) == 1
    assert asyncio.run(leave_clean()) == 2


async def test_the_loop_goes_on_while_another_process_writes(sqlite: HubEngine, sqlite_url: str) -> None:
    turns = 0
    with locked(sqlite_url):
        task = asyncio.create_task(sqlite.execute("DELETE FROM platform"))
        while turns < 20:
            await asyncio.sleep(0.001)
            turns += 1
        assert not task.done()
    await task


async def test_a_long_transaction_lets_others_have_the_loop(sqlite: HubEngine) -> None:
    turns, done = 0, False

    async def others() -> None:
        nonlocal turns
        while not done:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(others())
    async with sqlite.transaction():
        for number in range(5_000):
            await Platform.insert(Platform(id=str(number)))
        done = True
    await task
    assert turns > 5


async def test_the_log_does_not_grow_for_ever(sqlite: HubEngine, sqlite_url: str) -> None:
    for _ in range(12):
        async with sqlite.transaction():
            await sqlite.execute("DELETE FROM platform")
            await sqlite.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                " INSERT INTO platform (id, name, created_ms) SELECT i, '" + "x" * 200 + "', 0 FROM n"
            )
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})  # the checkpoint

    log = sqlite_url.removeprefix("sqlite:///") + "-wal"
    assert os.stat(log).st_size < 12 * 3_000 * 200 / 3
