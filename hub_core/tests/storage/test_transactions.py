"""Transactions: all or nothing, of one task, in any number of event loops."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub_core.storage import HubEngine, close_engine, new_id, open_engine
from hub_core.storage.tables import Platform


async def add_platform(name: str) -> None:
    await Platform.insert(Platform(id=new_id("pl"), name=name, created_ms=1))


async def names() -> list[str]:
    return [row["name"] for row in await Platform.select(Platform.name).order_by(Platform.name)]


async def test_a_transaction_keeps_all_or_nothing(engine: HubEngine) -> None:
    async with engine.transaction():
        await add_platform("kept")
        await engine.execute("UPDATE platform SET created_ms = {}", 7)

    with pytest.raises(RuntimeError, match="stop"):  # noqa: PT012
        async with engine.transaction():
            await add_platform("lost")
            raise RuntimeError("stop")

    assert await names() == ["kept"]


async def test_a_nested_transaction_joins_the_outer_one(engine: HubEngine) -> None:
    with pytest.raises(RuntimeError, match="stop"):  # noqa: PT012
        async with engine.transaction():
            async with engine.transaction():
                await add_platform("inner")
            assert await names() == ["inner"]
            raise RuntimeError("stop")

    assert await names() == []


async def test_an_error_inside_a_nested_transaction_comes_out(engine: HubEngine) -> None:
    with pytest.raises(KeyError):
        async with engine.transaction(), engine.transaction():
            raise KeyError("inner")


async def test_a_task_from_inside_a_transaction_takes_no_part_in_it(engine: HubEngine) -> None:
    looked, may_write = asyncio.Event(), asyncio.Event()

    async def background() -> list[str]:
        seen = await names()
        looked.set()
        await may_write.wait()
        await add_platform("from the task")
        return seen

    with pytest.raises(RuntimeError, match="stop"):  # noqa: PT012
        async with engine.transaction():
            await add_platform("lost")
            task = asyncio.create_task(background())
            await looked.wait()
            raise RuntimeError("stop")
    # The connection of the finished transaction may be another one's by now.
    async with engine.transaction():
        await add_platform("of another transaction")
    may_write.set()

    assert await task == []
    assert await names() == ["from the task", "of another transaction"]


async def test_a_cancelled_transaction_leaves_nothing_behind(engine: HubEngine) -> None:
    inside = asyncio.Event()

    async def stuck() -> None:
        async with engine.transaction():
            await add_platform("lost")
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(stuck())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await add_platform("next")

    assert await names() == ["next"]


async def test_cancelling_at_any_moment_never_jams_the_engine(engine: HubEngine) -> None:
    async def work() -> None:
        async with engine.transaction():
            await names()
            await add_platform("x")

    for round_ in range(60):
        tasks = [asyncio.create_task(work()) for _ in range(3)]
        await asyncio.sleep(round_ / 20_000)
        tasks[0].cancel()
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async with asyncio.timeout(5):
        async with engine.transaction():
            await add_platform("last")
        assert "last" in await names()


def test_two_event_loops_use_one_engine_at_the_same_time(database_url: str) -> None:
    engine = open_engine(database_url)

    async def work(label: str) -> None:
        async def one(number: int) -> None:
            async with engine.transaction():
                await Platform.count()
                await add_platform(f"{label}{number}")

        await asyncio.gather(*(one(number) for number in range(50)))
        await asyncio.gather(*(add_platform(f"{label}{number}") for number in range(50)))
        await close_engine(engine)

    with ThreadPoolExecutor(2) as threads:
        for finished in [threads.submit(asyncio.run, work(label)) for label in "ab"]:
            finished.result()

    async def left() -> int:
        found = await names()
        await close_engine(engine)
        return len(found)

    assert asyncio.run(left()) == 200
