"""PostgreSQL: the pool under first use, failure and many tasks."""

from __future__ import annotations

import asyncio

import asyncpg  # type: ignore[import-untyped]  # it has no types
import pytest

from hub_core.storage import HubEngine, close_engine, new_id, open_engine
from hub_core.storage.tables import Platform


async def test_many_tasks_may_be_the_first_to_use_it(postgres: HubEngine) -> None:
    await asyncio.gather(*(Platform.insert(Platform(id=new_id("p"))) for _ in range(100)))

    assert await Platform.count() == 100


async def test_100_transactions_share_ten_connections(postgres: HubEngine) -> None:
    await Platform.insert(Platform(id="p", created_ms=0))

    async def add_one() -> None:
        async with postgres.transaction():
            await postgres.execute("UPDATE platform SET created_ms = created_ms + {} WHERE id = {}", 1, "p")

    await asyncio.gather(*(add_one() for _ in range(100)))

    [row] = await postgres.execute("SELECT created_ms FROM platform")
    [sessions] = await postgres.execute(
        "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database()"
    )
    assert row["created_ms"] == 100
    assert sessions["number"] <= 10


async def test_failed_transactions_give_their_connections_back(postgres: HubEngine) -> None:
    for _ in range(30):
        with pytest.raises(asyncpg.UndefinedTableError):
            async with postgres.transaction():
                await postgres.execute("DELETE FROM no_such_thing")

    async with asyncio.timeout(5), postgres.transaction():
        await Platform.insert(Platform(id="p"))
    assert await Platform.count() == 1


async def test_a_failed_commit_is_raised_and_gives_its_connection_back(postgres: HubEngine) -> None:
    await postgres.execute_ddl(
        "ALTER TABLE platform ADD CONSTRAINT one_name UNIQUE (name) DEFERRABLE INITIALLY DEFERRED"
    )
    for _ in range(12):
        with pytest.raises(asyncpg.UniqueViolationError):  # noqa: PT012
            async with postgres.transaction():
                for _ in range(2):
                    await Platform.insert(Platform(id=new_id("p"), name="same"))

    async with asyncio.timeout(5):
        assert await Platform.count() == 0


async def test_a_server_that_is_not_there_is_an_error_only_when_it_is_used() -> None:
    engine = open_engine("postgresql://hub@127.0.0.1:1/none")

    for _ in range(2):
        with pytest.raises(OSError, match="Connect call failed"):
            await engine.execute("SELECT 1")
    with pytest.raises(OSError, match="Connect call failed"):
        async with engine.transaction():
            pytest.fail("there is no transaction")
    await close_engine(engine)
