"""A line between a client and a server, which is cut before, in, and after a request."""

from __future__ import annotations

import enum
import re
import socket
import threading
from collections import deque
from contextlib import suppress
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_PATIENCE_S = 30.0


class Cut(enum.Enum):
    """How far a request and its answer get."""

    NONE = "all the way"
    BEFORE = "nothing gets through"
    IN_REQUEST = "half of the request"
    BEFORE_ANSWER = "the request, and nobody hears the answer"
    IN_ANSWER = "the request, and half of the answer"


class CutLine:
    """Carries one request on each connection, so clients send `Connection: close`. `cuts` are used up one by
    one, and then it is whole."""

    def __init__(self, origin: str) -> None:
        address = urlsplit(origin)
        self._server = (str(address.hostname), int(address.port or 80))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts: deque[Cut] = deque()
        self.is_down = False
        self._thread = threading.Thread(target=self._run, name="cut line", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Nobody listens any more."""
        # Closing alone wakes nobody who waits in `accept`.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def mend(self) -> None:
        """From now on everything gets through."""
        self.cuts.clear()
        self.is_down = False

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(_PATIENCE_S)
            with client, suppress(OSError):
                self._carry(client)

    def _carry(self, client: socket.socket) -> None:
        cut = self.cuts.popleft() if self.cuts else Cut.NONE
        request = _read_request(client)
        if cut is Cut.BEFORE or self.is_down:
            return
        with socket.create_connection(self._server, timeout=_PATIENCE_S) as server:
            if cut is Cut.IN_REQUEST:
                server.sendall(request[: len(request) // 2])
                return
            server.sendall(request)
            answer = b"".join(iter(lambda: server.recv(65_536), b""))
        if cut is Cut.IN_ANSWER:
            client.sendall(answer[: len(answer) // 2])
        elif cut is Cut.NONE:
            client.sendall(answer)


def _read_request(client: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        request += _more(client)
    head, _, _ = request.partition(b"\r\n\r\n")
    told = _LENGTH.search(head)
    whole = len(head) + 4 + (int(told[1]) if told else 0)
    while len(request) < whole:
        request += _more(client)
    return request


def _more(client: socket.socket) -> bytes:
    more = client.recv(65_536)
    if not more:
        raise ConnectionError("the client has gone")
    return more
