"""The connections to providers, kept open.

One `httpx.AsyncClient` collapses when many requests share it: for each request it looks at all of its
connections, some times over. So there are many small, long-lived ones for each provider and event loop: with
two connections each, an export takes a third less processor time than with ten.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

CONNECTIONS_PER_CLIENT = 2
CLIENTS_PER_PROVIDER = 80
#: The whole exchange, however slowly the bytes drip. The hub's deadline for an attempt is longer.
CALL_TIMEOUT_S = 15.0
_TIMEOUT = httpx.Timeout(CALL_TIMEOUT_S, connect=5.0)


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The certificates that are trusted; to read them takes 30 ms, and each client would read its own."""
    return httpx.create_ssl_context()


@dataclass
class _Client:
    http: httpx.AsyncClient
    in_flight: int = 0


class ClientPool:
    """Long-lived clients of two connections each, by provider and event loop.

    They take no cookies: one athlete's session would travel with the next one's request.
    `transport` carries the requests in place of the network's own: it records them, or answers from a record.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, list[_Client]]] = (
            weakref.WeakKeyDictionary()
        )

    @asynccontextmanager
    async def client(self, provider: str) -> AsyncIterator[httpx.AsyncClient]:
        """The least busy client for a provider on this loop; a new one while all are full."""
        clients = self._loops.setdefault(asyncio.get_running_loop(), {}).setdefault(provider, [])
        chosen = min(clients, key=lambda client: client.in_flight, default=None)
        if chosen is None or (
            chosen.in_flight >= CONNECTIONS_PER_CLIENT and len(clients) < CLIENTS_PER_PROVIDER
        ):
            limits = httpx.Limits(max_connections=CONNECTIONS_PER_CLIENT, keepalive_expiry=30)
            http = httpx.AsyncClient(
                timeout=_TIMEOUT,
                limits=limits,
                follow_redirects=False,
                transport=self._transport,
                verify=tls_context(),
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            )
            chosen = _Client(http)
            clients.append(chosen)
        chosen.in_flight += 1
        try:
            yield chosen.http
        finally:
            chosen.in_flight -= 1

    async def close(self) -> None:
        """Close the clients of the running loop."""
        for clients in self._loops.pop(asyncio.get_running_loop(), {}).values():
            for client in clients:
                await client.http.aclose()
