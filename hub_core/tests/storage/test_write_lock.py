"""The lock that several event loops share."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub_core.storage.write_lock import WriteLock


async def test_first_come_first_served() -> None:
    lock, order = WriteLock(), []
    await lock.acquire()

    async def take(number: int) -> None:
        await lock.acquire()
        order.append(number)
        lock.release()

    tasks = [asyncio.create_task(take(number)) for number in range(20)]
    await asyncio.sleep(0)
    lock.release()
    await asyncio.gather(*tasks)
    assert order == list(range(20))


def test_one_at_a_time_over_several_loops() -> None:
    lock, inside, most = WriteLock(), 0, 0
    counts = [0, 0, 0]
    together = threading.Barrier(3)

    async def work(loop_number: int) -> None:
        nonlocal inside, most
        together.wait()
        for _ in range(200):
            await lock.acquire()
            inside += 1
            most = max(most, inside)
            counts[loop_number] += 1
            await asyncio.sleep(0)
            inside -= 1
            lock.release()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda number: asyncio.run(work(number)), range(3)))
    assert (most, counts) == (1, [200, 200, 200])


@pytest.mark.parametrize("given_meanwhile", [False, True])
async def test_who_is_cancelled_while_waiting_holds_nothing(given_meanwhile: bool) -> None:
    lock = WriteLock()
    await lock.acquire()
    waiting = asyncio.create_task(lock.acquire())
    await asyncio.sleep(0)
    if given_meanwhile:
        lock.release()
        waiting.cancel()
    else:
        waiting.cancel()
        await asyncio.wait([waiting])
        lock.release()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(lock.acquire(), 5)
