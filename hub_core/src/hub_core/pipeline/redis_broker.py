"""Dramatiq's Redis broker, whose idle workers are woken by a message instead of asking for one.

Dramatiq's own consumer asks again and again: often enough to begin soon, that is a tenth of a processor for
a worker with nothing to do.
"""

from __future__ import annotations

import time

import redis
from dramatiq import MessageProxy
from dramatiq.brokers.redis import RedisBroker, _RedisConsumer
from dramatiq.errors import ConnectionClosed

#: For so long a consumer waits for a message. Not longer, because it hears neither that it shall stop nor
#: tells Redis that it lives meanwhile.
WAIT_S = 0.5
#: redis-py gives a read up after five seconds by itself. It must be longer than `WAIT_S`.
_SOCKET_TIMEOUT_S = 30.0
#: A worker whose threads are all at work, with as much in stock, looks this often whether one is free.
_FULL_S = 0.02


class WakingBroker(RedisBroker):
    """Settings that bring back a dead worker's messages, and consumers that wait. Needs Redis 6.2."""

    def __init__(self, url: str) -> None:
        super().__init__(
            client=redis.Redis.from_url(url, socket_timeout=_SOCKET_TIMEOUT_S),
            middleware=[],
            # The defaults look for dead workers once in a thousand commands, and wait a minute.
            maintenance_chance=1_000_000,
            heartbeat_timeout=5_000,
        )

    @property
    def consumer_class(self) -> type[_RedisConsumer]:
        """What waits."""
        return _WaitingConsumer


class _WaitingConsumer(_RedisConsumer):
    def __init__(self, broker: WakingBroker, queue_name: str, prefetch: int, timeout: int) -> None:  # noqa: ARG002
        # Without a pause of its own after it found nothing.
        super().__init__(broker, queue_name, prefetch, timeout=0)
        self._list = f"{broker.namespace}:{queue_name}"

    def __next__(self) -> MessageProxy | None:
        message: MessageProxy | None = super().__next__()
        if message is None:
            self._wait()
        return message

    def _wait(self) -> None:
        if self.outstanding_message_count >= self.prefetch:
            time.sleep(_FULL_S)
            return
        try:
            # Puts the first message back to where it was: it comes back when there is one, and takes none.
            self.broker.client.blmove(self._list, self._list, WAIT_S, "LEFT", "LEFT")
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise ConnectionClosed(error) from None
