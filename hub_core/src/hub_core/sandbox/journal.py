"""What a sandbox was asked and what it answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec

LONGEST = 10_000


class Entry(msgspec.Struct, frozen=True):
    """One request. `answered` is false when the connection was dropped on purpose."""

    at: float
    method: str
    path: str
    status: int
    user: str
    body: str
    answered: bool = True


class Journal:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=LONGEST)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def add(self, entry: Entry) -> None:
        """Write one down."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()

    def count(self, method: str, path: str) -> int:
        """How many requests had this method and a path that starts so."""
        return sum(1 for entry in self if entry.method == method and entry.path.startswith(path))
