"""Rate budgets in Redis: the same as in memory, over all clients, and nothing goes out without Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hub_core.pipeline.redis_budgets import RedisBudgets
from hub_core.sdk.errors import HeldBack
from hub_core.services.connections.rate_budgets import Window
from hub_core.testing.programs import free_port


@pytest.fixture
async def both(redis_url: str) -> AsyncIterator[tuple[RedisBudgets, RedisBudgets]]:
    """Two workers."""
    workers = RedisBudgets(redis_url), RedisBudgets(redis_url)
    yield workers
    for worker in workers:
        await worker.close()


async def test_two_workers_share_a_window(both: tuple[RedisBudgets, RedisBudgets]) -> None:
    window = Window("acme", 20, 60)
    waits = await asyncio.gather(*(worker.take((window,)) for _ in range(30) for worker in both))
    assert waits.count(0) == 20
    assert all(59 < wait <= 60 for wait in waits if wait)


async def test_all_windows_or_none(both: tuple[RedisBudgets, RedisBudgets]) -> None:
    app, anna, ben = Window("acme", 2, 60), Window("acme:anna", 1, 60), Window("acme:ben", 5, 60)
    assert await both[0].take((app, anna)) == 0
    assert await both[1].take((app, anna)) > 0
    assert await both[1].take((app, ben)) == 0
    assert await both[0].take((app, ben)) > 0


async def test_windows_of_different_length_under_one_key(both: tuple[RedisBudgets, RedisBudgets]) -> None:
    windows = Window("acme", 1, 0.05), Window("acme", 2, 60)
    assert await both[0].take(windows) == 0
    wait_s = await both[0].take(windows)
    assert 0 < wait_s <= 0.05
    await asyncio.sleep(wait_s + 0.005)
    assert await both[1].take(windows) == 0
    await asyncio.sleep(0.06)
    assert 58 < await both[0].take(windows) <= 60


async def test_a_pause_is_known_to_all(both: tuple[RedisBudgets, RedisBudgets]) -> None:
    await both[0].pause("acme", 60)
    await both[0].pause("acme", 5)
    assert 59 < await both[1].take((Window("acme", 100, 1),)) <= 60


async def test_without_redis_nothing_goes_out() -> None:
    budgets = RedisBudgets(f"redis://127.0.0.1:{free_port()}/0")
    with pytest.raises(HeldBack, match="Redis is away"):
        await budgets.take((Window("acme", 1, 1),))
    await budgets.close()
