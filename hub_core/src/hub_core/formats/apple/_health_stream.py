"""Gets to Apple's records: iOS 16 wrote a broken document type before them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from hub_core.errors import InvalidInputError

_CHUNK = 1 << 16
#: Apple's document type has some 10 kB.
_MAX_PROLOG = 200_000


class HealthStream:
    """A stream without its document type, and never longer than promised.

    Entities are declared in the document type: without it there are none to expand. Its lines are left empty,
    so that all that follows stands in the line where it stood.
    """

    def __init__(self, stream: IO[bytes], max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self.read_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        """From the root on, some bytes at a time."""
        yield self._first()
        while chunk := self._next():
            yield chunk

    def _next(self) -> bytes:
        raw = self._stream.read(_CHUNK)
        self.read_bytes += len(raw)
        if self.read_bytes > self._max_bytes:
            raise InvalidInputError(
                f"more than {self._max_bytes // 1_000_000_000} GB of XML: this is no export"
            )
        return raw

    def _first(self) -> bytes:
        """What was read until the root begins, without the document type."""
        head = b""
        while b"<HealthData" not in head:
            raw = self._next()
            head += raw
            if not raw or len(head) > _MAX_PROLOG:
                raise InvalidInputError("this XML is no Apple Health export: HealthData is missing")
        root = head.rindex(b"<HealthData")
        return b"\n" * head.count(b"\n", 0, root) + head[root:]
