"""Event loops for hooks, each in a thread of its own: two for a provider, begun when they are first needed.

A hook that blocks (a sleep, a synchronous request, heavy arithmetic) holds up its own provider and nothing
else. Hooks that are not async have the second loop: a webhook must not wait for a file that is being
read.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Coroutine
from typing import Any

from hub_core.sdk.hub_side import start_on

_LOOK_AGAIN_S = 0.1


class HookLoops:
    """The loops of one process, by name."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._loops: dict[str, asyncio.AbstractEventLoop] = {}
        weakref.finalize(self, _close, self._loops)  # for those who have no hub to close

    def start[T](self, name: str, work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        """Start `work` on the loop of that name, with the caller's context variables."""
        with self._guard:
            loop = self._loops.get(name)
            if loop is None:
                loop = self._loops[name] = asyncio.new_event_loop()
                # A daemon: whoever blocks for ever must not keep the process from ending.
                threading.Thread(target=_serve, args=(loop,), name=f"hooks of {name}", daemon=True).start()
            return start_on(loop, work)

    def close(self) -> None:
        """Let each loop end as soon as nothing runs there. Waits for none; later calls get new ones."""
        with self._guard:
            _close(self._loops)


def _close(loops: dict[str, asyncio.AbstractEventLoop]) -> None:
    while loops:
        _, loop = loops.popitem()
        loop.call_soon_threadsafe(_stop_when_idle, loop)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.get_loop().run_forever()


def _stop_when_idle(loop: asyncio.AbstractEventLoop) -> None:
    if asyncio.all_tasks(loop):
        loop.call_later(_LOOK_AGAIN_S, _stop_when_idle, loop)
    else:
        loop.stop()
