"""Which transaction is mine: the one this very task opened, and only while it is open.

A task copies the context of the one that creates it, and with it a plain context variable that
names a transaction. Whoever starts a task inside a transaction would hand it a connection that
soon belongs to somebody else. So the variable notes its task, and ends with the transaction.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Opened[T]:
    """A transaction, the task that opened it, and whether it is still open."""

    transaction: T
    task: asyncio.Task[object] | None
    live: bool = True


class OwnTask[T]:
    """Stands where Piccolo has a `ContextVar`: `get`, `set` and `reset`."""

    def __init__(self, name: str) -> None:
        self._opened: ContextVar[Opened[T] | None] = ContextVar(name, default=None)

    def get(self) -> T | None:
        """The open transaction of this task, or None."""
        opened = self._opened.get()
        if opened is None or not opened.live or opened.task is not asyncio.current_task():
            return None
        return opened.transaction

    def set(self, transaction: T) -> Opened[T]:
        """Note the transaction that this task just opened."""
        opened = Opened(transaction, asyncio.current_task())
        self._opened.set(opened)
        return opened

    def reset(self, opened: Opened[T]) -> None:
        """End it, in whichever context the closing code runs."""
        opened.live = False
        self._opened.set(None)
