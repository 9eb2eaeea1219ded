"""Makes Apple's XML readable: iOS 16 wrote a broken document type and stray control characters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from hub_core.errors import InvalidInputError

#: What XML 1.0 doesn't allow, which some exports hold (0x0B).
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_CHUNK = 1 << 16
#: Apple's document type has some 10 kB.
_MAX_PROLOG = 200_000


class CleanXml:
    """A stream without its document type and without control characters, and never longer than promised.

    Entities are declared in the document type: without it there are none to expand. Its lines are left empty,
    so that all that follows stands in the line where it stood.
    """

    def __init__(self, stream: IO[bytes], max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self.read_bytes = 0

    def chunks(self) -> Iterator[bytes]:
        """The cleaned bytes, some at a time."""
        yield self._first().translate(None, _CONTROLS)
        while raw := self._next():
            yield raw.translate(None, _CONTROLS)

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
