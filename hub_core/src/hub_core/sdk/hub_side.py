"""The hub's half of a hook: its requests, its checkpoints, whatever touches the database.

A hook runs on an event loop of its provider's own, so that one that blocks holds up nobody else. The hub's
half is carried to the loop of the job or request that called the hook: there, nothing that a plugin does can
stop it in the middle of a transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from hub_core.errors import HubError, LeaseLostError
from hub_core.sdk.errors import ProviderError


def start_on[T](loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
    """Start `work` on the loop of another thread, with this task's context variables; what comes of it is
    told here.

    Cancelling the future cancels the work, and waits for nothing. asyncio's own `run_coroutine_threadsafe`
    does the same at twice the cost, which is paid several times for each export.
    """
    here = asyncio.get_running_loop()
    answer: asyncio.Future[T] = here.create_future()
    begun: list[asyncio.Task[T]] = []

    def begin() -> None:
        begun.append(loop.create_task(work))
        begun[0].add_done_callback(tell)

    def tell(task: asyncio.Task[T]) -> None:
        with suppress(RuntimeError):  # who asked has closed their loop
            here.call_soon_threadsafe(settle, task)

    def settle(task: asyncio.Task[T]) -> None:
        error = None if task.cancelled() else task.exception()
        if answer.done():
            return
        if task.cancelled():
            answer.cancel()
        elif error:
            answer.set_exception(error)
        else:
            answer.set_result(task.result())

    def watch(answer: asyncio.Future[T]) -> None:
        if answer.cancelled():
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(lambda: begun[0].cancel())

    try:
        loop.call_soon_threadsafe(begin)
    except RuntimeError:  # that loop is closed
        work.close()
        raise
    answer.add_done_callback(watch)
    return answer


class HubSideError(HubError):
    """The hub's half has failed, `__cause__` says how: nothing that a plugin could do about, or is to blame
    for."""

    code = "hub_side"


class HookCall:
    """One call of a hook, on the loop that it is made from."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._is_over = False

    @contextmanager
    def made(self) -> Iterator[None]:
        """What is started inside belongs to this call, until the end of the block."""
        token = _CALL.set(self)
        try:
            yield
        finally:
            _CALL.reset(token)
            self._is_over = True

    async def carry[T](self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` on the loop of the call."""
        return await start_on(self._loop, self._run(work))

    async def _run[T](self, work: Callable[[], Awaitable[T]]) -> T:
        if self._is_over:
            # It ran out of its time, or left something behind that goes on: others may have the job by now.
            raise HubSideError("the call that this context was made for is over")
        return await work()


_CALL: ContextVar[HookCall | None] = ContextVar("hub_hook_call", default=None)


async def on_hub_side[T](work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run the hub's half; right here where no hub has called, as in a plugin's own tests."""
    call = _CALL.get()
    return await (call.carry(work) if call else work())


@contextmanager
def no_fault_of_plugins() -> Iterator[None]:
    """Tells what fails in the hub from what a plugin does: a database that is away is no fault of it."""
    try:
        yield
    except (ProviderError, LeaseLostError, HubSideError):
        raise
    except Exception as error:
        if _CALL.get() is None:
            raise
        raise HubSideError(f"the hub failed meanwhile ({type(error).__name__})") from error
