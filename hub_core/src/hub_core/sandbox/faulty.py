"""The fault switches, between the wire and a sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.journal import Entry
from hub_core.sandbox.sandbox import Sandbox

#: In a request's state: its answer will not be heard.
UNHEARD = "hub_sandbox_unheard"

Change = Callable[[int, bytes], tuple[int, bytes]]


class Faulty:
    """An ASGI application that does what the switches say, and else passes on."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and not scope["path"].startswith("/sandbox/"):
            await self._strike(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _strike(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        faults = {fault.kind: fault for fault in self._sandbox.faults.take(scope["method"], scope["path"])}
        if latency := faults.get(FaultKind.LATENCY):
            await asyncio.sleep(latency.value)
        if refusing := (faults.get(FaultKind.STATUS) or faults.get(FaultKind.RATE_LIMIT)):
            await self._refuse(refusing, scope, send)
        elif FaultKind.DROP_BEFORE in faults:
            await _hang_up(send)
        elif FaultKind.DROP_AFTER in faults:
            scope.setdefault("state", {})[UNHEARD] = True
            await self._app(scope, receive, _swallow)
            await _hang_up(send)
        elif redirect := faults.get(FaultKind.REDIRECT):
            await self._app(scope, receive, _swallow)
            await _answer(send, 302, [(b"location", redirect.location.encode())])
        elif drip := faults.get(FaultKind.DRIP):
            await self._app(scope, receive, _Dripping(send, drip.value))
        else:
            changes = [_CHANGES[fault.kind](fault) for fault in faults.values() if fault.kind in _CHANGES]
            await self._app(scope, receive, _Changing(send, changes) if changes else send)

    async def _refuse(self, fault: Fault, scope: HTTPScope, send: Send) -> None:
        limited = fault.kind is FaultKind.RATE_LIMIT
        status = 429 if limited else int(fault.value)
        headers = [(b"content-type", b"text/html")]
        wait = fault.retry_after or (f"{fault.value:.0f}" if limited and fault.value else "")
        if wait:
            headers.append((b"retry-after", wait.encode()))
        journal = self._sandbox.journal
        journal.add(Entry(self._sandbox.clock.now(), scope["method"], scope["path"], status, "", "(fault)"))
        await _answer(send, status, headers, b"<h1>fault</h1>")


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _hang_up(send: Send) -> None:
    """Promise a body and return without one: the server closes the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})


async def _swallow(_: Message) -> None:
    """An answer that nobody hears."""


class _Changing:
    """Passes on every answer with its status and body changed."""

    def __init__(self, send: Send, changes: list[Change]) -> None:
        self._send = send
        self._changes = changes
        self._start: Any = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body" and self._start:
            status, body = int(self._start["status"]), message["body"]
            for change in self._changes:
                status, body = change(status, body)
            headers = [pair for pair in self._start["headers"] if pair[0].lower() != b"content-length"]
            self._start = None
            await _answer(self._send, status, headers, body)


class _Dripping:
    """Passes an answer on byte by byte."""

    def __init__(self, send: Send, rest_s: float) -> None:
        self._send = send
        self._rest_s = rest_s

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        for byte in message["body"]:
            await self._send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(self._rest_s)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _cut(_: Fault) -> Change:
    return lambda status, body: (status, body[: len(body) // 2])


def _swell(fault: Fault) -> Change:
    return lambda status, body: (status, body + b" " * int(fault.value * 1_000_000))


def _in_json(change: Callable[[Any], Any]) -> Callable[[Fault], Change]:
    def change_body(status: int, body: bytes) -> tuple[int, bytes]:
        try:
            return status, msgspec.json.encode(change(msgspec.json.decode(body)))
        except msgspec.DecodeError:
            return status, body  # a page, or nothing

    return lambda _: change_body


def add_fields(data: Any) -> Any:
    """JSON data with a field in every object that nobody has heard of."""
    match data:
        case dict():
            return {name: add_fields(value) for name, value in data.items()} | {"zz_new": {"since": "today"}}
        case list():
            return [add_fields(value) for value in data]
    return data


def numbers_to_strings(data: Any) -> Any:
    """JSON data with its numbers written as strings."""
    match data:
        case dict():
            return {name: numbers_to_strings(value) for name, value in data.items()}
        case list():
            return [numbers_to_strings(value) for value in data]
        case int() | float() if not isinstance(data, bool):
            return msgspec.json.encode(data).decode()
    return data


_CHANGES: dict[FaultKind, Callable[[Fault], Change]] = {
    FaultKind.MALFORMED: _cut,
    FaultKind.OVERSIZED: _swell,
    FaultKind.EXTRA_FIELDS: _in_json(add_fields),
    FaultKind.STRINGS: _in_json(numbers_to_strings),
}
