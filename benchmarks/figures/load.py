"""Requests from many at once, over sockets of their own.

httpx is too slow to ask with: what would be measured is the client. This speaks just enough HTTP/1.1 for
answers that say how long they are, as the hub's do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlsplit


def request(method: str, url: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A request as it goes over the wire."""
    parts = urlsplit(url)
    lines = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() != "content-length"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.split("content-length: ")[1].split("\r\n")[0]
    await reader.readexactly(int(length))
    return int(head.split()[1])


async def _carry(
    origin: str, wires: Sequence[tuple[float, bytes]], taken: list[float], bad: list[int]
) -> None:
    parts = urlsplit(origin)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    for at, wire in wires:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        began = time.perf_counter()
        writer.write(wire)
        status = await _answer(reader)
        taken.append((time.perf_counter() - began) * 1000)
        if status >= 300:
            bad.append(status)
    writer.close()


def send(
    origin: str, wires: Sequence[bytes], connections: int, *, per_s: float = 0
) -> tuple[list[float], list[int]]:
    """Send all, over so many connections, and return the milliseconds that each took and the statuses that
    were not 2xx. `per_s` spreads them evenly over time; without it each connection sends as it gets answers,
    so that as many are under way as there are connections."""

    async def run() -> tuple[list[float], list[int]]:
        start = time.perf_counter() + 0.2
        timed = [(start + number / per_s if per_s else start, wire) for number, wire in enumerate(wires)]
        taken: list[float] = []
        bad: list[int] = []
        lanes = [timed[number::connections] for number in range(connections)]
        await asyncio.gather(*(_carry(origin, lane, taken, bad) for lane in lanes))
        return taken, bad

    return asyncio.run(run())
