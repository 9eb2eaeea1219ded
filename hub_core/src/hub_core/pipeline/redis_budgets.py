"""Rate budgets that all workers share, counted in Redis as `rate_budgets` counts them in memory."""

from __future__ import annotations

import asyncio
import secrets
import weakref

from redis.asyncio import Redis
from redis.exceptions import RedisError

from hub_core.sdk.errors import HeldBack
from hub_core.services.connections.rate_budgets import Window

# KEYS come in pairs: the calls of a window's key by their moments, and until when it is paused. ARGV: a name
# for this call, then the calls and microseconds of each window. The moments are Redis's own, so that the
# clocks of the workers don't matter. Returns the microseconds to wait.
_TAKE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local wait = 0
local kept = {}
for i = 1, #KEYS / 2 do
  local key, calls, per = KEYS[2 * i - 1], tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  kept[key] = math.max(kept[key] or 0, per)
  local used = redis.call('ZCOUNT', key, '(' .. string.format('%.0f', now - per), '+inf')
  if used >= calls then
    local first = redis.call('ZRANGE', key, -calls, -calls, 'WITHSCORES')
    wait = math.max(wait, first[2] + per - now)
  end
  local paused = tonumber(redis.call('GET', KEYS[2 * i]) or 0)
  wait = math.max(wait, paused - now)
end
for key, per in pairs(kept) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - per))
  if wait <= 0 then
    redis.call('ZADD', key, string.format('%.0f', now), ARGV[1])
    redis.call('PEXPIRE', key, math.ceil(per / 1000))
  end
end
return string.format('%.0f', math.max(0, wait))
"""

# Of two pauses the longer one lasts. ARGV: microseconds.
_PAUSE = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local till = now + tonumber(ARGV[1])
if till > tonumber(redis.call('GET', KEYS[1]) or 0) then
  redis.call('SET', KEYS[1], string.format('%.0f', till), 'PX', math.ceil(ARGV[1] / 1000) + 1)
end
return 0
"""

#: What is counted must not be forgotten, so that nothing goes out while Redis is away.
_LOOK_AGAIN_S = 2.0


class RedisBudgets:
    """For any number of processes. Raises `HeldBack` while Redis can't be asked."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Redis] = (
            weakref.WeakKeyDictionary()
        )

    async def take(self, windows: tuple[Window, ...]) -> float:
        """Count one call in all windows, or in none."""
        if not windows:
            return 0.0
        keys = [name for window in windows for name in (_calls(window.key), _pause(window.key))]
        numbers = [number for window in windows for number in (window.calls, int(window.per_s * 1e6))]
        return await self._run(_TAKE, keys, secrets.token_hex(8), *numbers) / 1e6

    async def pause(self, key: str, seconds: float) -> None:
        """Let nothing through under a key for a while."""
        await self._run(_PAUSE, [_pause(key)], int(seconds * 1e6))

    async def _run(self, script: str, keys: list[str], *arguments: str | int) -> float:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = Redis.from_url(self._url)
        try:
            return float(await client.eval(script, len(keys), *keys, *map(str, arguments)))
        except (RedisError, OSError) as error:
            raise HeldBack(
                "the shared rate budgets cannot be asked for: Redis is away", after_s=_LOOK_AGAIN_S
            ) from error

    async def close(self) -> None:
        """Close the connection of the running loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client:
            await client.aclose()


def _calls(key: str) -> str:
    return f"hub:budget:{key}"


def _pause(key: str) -> str:
    return f"hub:pause:{key}"
