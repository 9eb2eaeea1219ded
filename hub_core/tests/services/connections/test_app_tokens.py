"""The hub's own token: one fetch for all who wait, a new one when it ends, and no harm by who gives up."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub_core.sdk import RetryLater, TokenSet
from hub_core.services.connections.app_tokens import AppTokens


class Source:
    """Fetches tokens as slowly and as badly as it is told to."""

    def __init__(self, life_s: float | None = 3600) -> None:
        self.life_s = life_s
        self.fetched = 0
        self.fails = False
        self.go = asyncio.Event()

    async def __call__(self) -> TokenSet:
        self.fetched += 1
        number = self.fetched
        await self.go.wait()
        if self.fails:
            raise RetryLater("down")
        return TokenSet(f"token-{number}", expires_at=self.life_s and time.time() + self.life_s)


async def soon() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_all_who_wait_get_the_one_that_is_fetched() -> None:
    tokens, source = AppTokens(), Source()
    waiting = [asyncio.ensure_future(tokens.get("acme", source)) for _ in range(10)]
    await soon()
    source.go.set()
    assert {one.access_token for one in await asyncio.gather(*waiting)} == {"token-1"}
    assert (await tokens.get("acme", source)).access_token == "token-1"
    assert source.fetched == 1


@pytest.mark.parametrize(("life_s", "fetched"), [(None, 1), (3600, 1), (30, 3)])
async def test_one_that_ends_within_the_minute_counts_as_ended(life_s: float | None, fetched: int) -> None:
    tokens, source = AppTokens(), Source(life_s)
    source.go.set()
    for _ in range(3):
        await tokens.get("acme", source)
    assert source.fetched == fetched


async def test_a_refused_one_is_forgotten_and_a_newer_one_is_not() -> None:
    tokens, source = AppTokens(), Source()
    source.go.set()
    first = await tokens.get("acme", source)
    tokens.forget("acme", first)
    second = await tokens.get("acme", source)
    tokens.forget("acme", first)  # who comes late must not end what came after
    assert await tokens.get("acme", source) == second != first


async def test_a_failure_is_told_to_all_who_wait_and_is_not_kept() -> None:
    tokens, source = AppTokens(), Source()
    source.fails = True
    waiting = [asyncio.ensure_future(tokens.get("acme", source)) for _ in range(3)]
    await soon()
    source.go.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in answers] == [RetryLater] * 3
    source.fails = False
    assert (await tokens.get("acme", source)).access_token == "token-2"


async def test_who_gives_up_while_waiting_takes_nobody_along() -> None:
    tokens, source = AppTokens(), Source()
    leader, follower, other = (asyncio.ensure_future(tokens.get("acme", source)) for _ in range(3))
    await soon()
    follower.cancel()
    await soon()
    source.go.set()
    assert (await leader).access_token == (await other).access_token == "token-1"
    assert follower.cancelled()


async def test_another_takes_over_from_a_leader_who_gives_up() -> None:
    tokens, source = AppTokens(), Source()
    leader, follower = (asyncio.ensure_future(tokens.get("acme", source)) for _ in range(2))
    await soon()
    leader.cancel()
    await soon()
    source.go.set()
    assert (await follower).access_token == "token-2"
    assert leader.cancelled()


def test_threads_with_loops_of_their_own_share_it() -> None:
    tokens, fetched = AppTokens(), []

    async def fetch() -> TokenSet:
        fetched.append(1)
        await asyncio.sleep(0.05)
        return TokenSet("token")

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: asyncio.run(tokens.get("acme", fetch)), range(4)))
    assert results == [TokenSet("token")] * 4
    assert len(fetched) == 1


async def test_each_provider_has_its_own() -> None:
    tokens, source = AppTokens(), Source()
    source.go.set()
    assert await tokens.get("acme", source) != await tokens.get("other", source)
