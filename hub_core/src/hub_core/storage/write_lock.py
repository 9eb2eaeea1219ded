"""One lock for all event loops of a process: first come, first served.

SQLite has one writer. Its busy handler polls, with longer and longer pauses, so that of two loops that
both write a lot one goes hungry for a second at a time. A queue of our own keeps the order.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from concurrent.futures import Future


class WriteLock:
    """Like `asyncio.Lock`, but its waiters may live in different event loops."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[Future[None]] = deque()

    async def acquire(self) -> None:
        """Wait for the turn. A caller that is cancelled while it waits holds nothing."""
        turn: Future[None] = Future()
        with self._guard:
            if not self._held:
                self._held = True
                return
            self._waiting.append(turn)
        try:
            await asyncio.wrap_future(turn)
        except BaseException:
            # Not to be cancelled any more: the turn was given to us in the meantime.
            if not turn.cancel():
                self.release()
            raise

    def release(self) -> None:
        """Give the turn to the one who has waited longest, in whichever loop."""
        with self._guard:
            while self._waiting:
                turn = self._waiting.popleft()
                if turn.set_running_or_notify_cancel():
                    turn.set_result(None)
                    return
            self._held = False
