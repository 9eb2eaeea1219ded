"""Serves a sandbox with Litestar, with the fault switches in front."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from hub_core.sandbox.call import Answer, Call, Endpoint, parse_query
from hub_core.sandbox.faults import Fault, FaultKind
from hub_core.sandbox.journal import Entry
from hub_core.sandbox.sandbox import Sandbox
from hub_core.sdk.redaction import redact

#: In a request's state: its answer will not be heard.
_UNHEARD = "hub_sandbox_unheard"


def create_app(sandbox: Sandbox) -> ASGIApp:
    """The ASGI application of one sandbox."""
    handlers = [_route(sandbox, mark, method) for mark, method in sandbox.endpoints()]
    app = Litestar(route_handlers=handlers, openapi_config=None, logging_config=None)
    return _Faulty(app, sandbox)


def _route(sandbox: Sandbox, mark: Endpoint, method: Any) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        params = {name: str(value) for name, value in request.path_params.items()}
        query = parse_query(request.scope["query_string"])
        call = Call(request.method, request.url.path, params, query, headers, await request.body())
        answer = sandbox.answer(mark, method, call)
        _write_down(sandbox, call, answer, answered=not request.scope["state"].get(_UNHEARD))
        return Response(
            answer.content(),
            status_code=answer.status,
            headers=answer.headers,
            media_type=answer.content_type,
        )

    handle.__annotations__ = {"request": Request[Any, Any, Any], "return": Response[bytes]}
    path = re.sub(r"{(\w+)}", r"{\1:str}", mark.path)
    return HTTPRouteHandler(path, http_method=[mark.method], status_code=200)(handle)  # type: ignore[list-item]


def _write_down(sandbox: Sandbox, call: Call, answer: Answer, *, answered: bool) -> None:
    if call.path.startswith("/sandbox/"):
        return
    grant = sandbox.oauth.grants
    token = call.headers.get("authorization", "").partition(" ")[2]
    user = next((one.user for one in grant if one.access_token == token), "")
    body = redact(call.body[:4000].decode("utf-8", "replace"))
    now = sandbox.clock.now()
    sandbox.journal.add(Entry(now, call.method, call.path, answer.status, user, body, answered))


class _Faulty:
    """Puts the fault switches between the wire and the sandbox."""

    def __init__(self, app: Litestar, sandbox: Sandbox) -> None:
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
            scope.setdefault("state", {})[_UNHEARD] = True
            await self._app(scope, receive, _swallow)
            await _hang_up(send)
        elif FaultKind.MALFORMED in faults:
            await self._app(scope, receive, _Cutting(send))
        else:
            await self._app(scope, receive, send)

    async def _refuse(self, fault: Fault, scope: HTTPScope, send: Send) -> None:
        limited = fault.kind is FaultKind.RATE_LIMIT
        status = 429 if limited else int(fault.value)
        headers = [(b"content-type", b"text/html")]
        if limited and fault.value:
            headers.append((b"retry-after", b"%d" % fault.value))
        journal = self._sandbox.journal
        journal.add(Entry(self._sandbox.clock.now(), scope["method"], scope["path"], status, "", "(fault)"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"<h1>fault</h1>", "more_body": False})


async def _hang_up(send: Send) -> None:
    """Promise a body and return without one: the server closes the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})


async def _swallow(_: Message) -> None:
    """An answer that nobody hears."""


class _Cutting:
    """Passes on the first half of every body, as if that were all."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message["headers"] if pair[0].lower() != b"content-length"]
            message["headers"] = kept
            self._start = message
            return
        if message["type"] == "http.response.body" and self._start:
            body = message["body"][: len(message["body"]) // 2]
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": body, "more_body": False})
            self._start = None
