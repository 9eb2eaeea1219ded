"""Makes Apple's XML readable: iOS 16 wrote a broken document type and stray control characters."""

from __future__ import annotations

import io
import re
from typing import IO

from hub_core.errors import InvalidInputError

#: What XML 1.0 doesn't allow, which some exports hold (0x0B).
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_CHUNK = 1 << 16
#: Half of each record, and never read. To take it out here costs a fifth of what the parser needs for it.
_UNREAD = re.compile(rb' (?:device|sourceVersion|creationDate)="[^"]*"')
#: Apple's document type has some 10 kB.
_MAX_PROLOG = 200_000


class CleanXml(io.RawIOBase):
    """A stream without its document type, without control characters and without the attributes that nobody
    reads (unless one lies across the end of a chunk), and never longer than promised.

    Entities are declared in the document type: without it there are none to expand.
    """

    def __init__(self, stream: IO[bytes], max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._rest = b""
        self._is_past_prolog = False
        self.read_bytes = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Some cleaned bytes; none at the end."""
        if not self._is_past_prolog:
            self._rest = self._without_prolog()
            self._is_past_prolog = True
        while not self._rest:
            raw = self._next()
            if not raw:
                return b""
            self._rest = _clean(raw)
        wanted = len(self._rest) if size is None or size < 0 else size
        given, self._rest = self._rest[:wanted], self._rest[wanted:]
        return given

    def _next(self) -> bytes:
        raw = self._stream.read(_CHUNK)
        self.read_bytes += len(raw)
        if self.read_bytes > self._max_bytes:
            raise InvalidInputError(
                f"more than {self._max_bytes // 1_000_000_000} GB of XML: this is no export"
            )
        return raw

    def _without_prolog(self) -> bytes:
        """What follows the document type, with all that was read so far."""
        head = b""
        while b"<HealthData" not in head:
            raw = self._next()
            head += raw
            if not raw or len(head) > _MAX_PROLOG:
                raise InvalidInputError("this XML is no Apple Health export: HealthData is missing")
        return _clean(head[head.rindex(b"<HealthData") :])


def _clean(raw: bytes) -> bytes:
    return _UNREAD.sub(b"", raw.translate(None, _CONTROLS))
