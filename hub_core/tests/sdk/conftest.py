"""A server that answers byte for byte what a test says, and the client that a plugin would get."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from hub_core.sdk.client_pool import ClientPool
from hub_core.sdk.http import ProviderHttp
from hub_core.sdk.tokens import TokenSet

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]
TOKENS = TokenSet("at-0123456789", "rt-0123456789", verifier="verifier-0123456789")
SECRET = "client-0123456789"


@dataclass
class Heard:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: str


@dataclass
class Wire:
    """Answers by path: bytes, or a function that writes them itself. No answer: it hangs up."""

    answers: dict[str, bytes | Script] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    origin: str = ""

    @property
    def host(self) -> str:
        return self.origin.removeprefix("http://")

    def answer(self, path: str, status: int = 200, body: str | bytes = "", **headers: str) -> None:
        """Answer with a status, a body and headers (`Retry_After="5"`)."""
        raw = body if isinstance(body, bytes) else body.encode()
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(raw)}", "Connection: close", *lines]
        self.answers[path] = "\r\n".join([*head, "", ""]).encode("latin-1") + raw

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            original = dict(line.split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            headers |= {"authorization": original.get("Authorization", "")}
            self.heard.append(Heard(method, target, headers, body.decode()))
            answer = self.answers.get(target.partition("?")[0], b"")
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client hung up, which some tests want
        finally:
            writer.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    """The server, on a port of its own."""
    wire = Wire()
    async with await asyncio.start_server(wire.serve, "127.0.0.1", 0) as server:
        wire.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield wire


@pytest.fixture
async def pool() -> AsyncIterator[ClientPool]:
    """A pool that is closed afterwards."""
    pool = ClientPool()
    yield pool
    await pool.close()


@pytest.fixture
def http(wire: Wire, pool: ClientPool) -> ProviderHttp:
    """The client of a connected athlete."""
    return ProviderHttp("acme", wire.origin, frozenset({wire.host}), pool, TOKENS, (SECRET,))
