"""Serves a sandbox with Litestar."""

from __future__ import annotations

import functools
import re
from typing import Any

from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from hub_core.sandbox.call import Answer, Call, parse_query
from hub_core.sandbox.faulty import UNHEARD, Faulty
from hub_core.sandbox.journal import Entry
from hub_core.sandbox.sandbox import Sandbox
from hub_core.sdk.redaction import redact

#: In a request's state: the sandbox that it was sent to, and its endpoints.
_SERVED = "hub_sandbox"


def create_app(sandbox: Sandbox) -> ASGIApp:
    """The ASGI application of one sandbox."""
    endpoints = sandbox.endpoints()
    router = _router(tuple((mark.method, mark.path) for mark, _ in endpoints))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            scope.setdefault("state", {})[_SERVED] = (sandbox, endpoints)
        await router(scope, receive, send)

    return Faulty(serve, sandbox)


@functools.cache
def _router(routes: tuple[tuple[str, str], ...]) -> Litestar:
    """One for all sandboxes with these methods and paths: making it takes longer than most of them live."""
    handlers = [_route(index, method, path) for index, (method, path) in enumerate(routes)]
    return Litestar(route_handlers=handlers, openapi_config=None, logging_config=None)


def _route(index: int, http_method: str, path: str) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        sandbox, endpoints = request.scope["state"][_SERVED]
        mark, method = endpoints[index]
        headers = {name.lower(): value for name, value in request.headers.items()}
        params = {name: str(value) for name, value in request.path_params.items()}
        query = parse_query(request.scope["query_string"])
        call = Call(request.method, request.url.path, params, query, headers, await request.body())
        answer = sandbox.answer(mark, method, call)
        _write_down(sandbox, call, answer, answered=not request.scope["state"].get(UNHEARD))
        return Response(
            answer.content(),
            status_code=answer.status,
            headers=answer.headers,
            media_type=answer.content_type,
        )

    handle.__annotations__ = {"request": Request[Any, Any, Any], "return": Response[bytes]}
    typed = re.sub(r"{(\w+)}", r"{\1:str}", path)
    return HTTPRouteHandler(typed, http_method=[http_method], status_code=200)(handle)  # type: ignore[list-item]


def _write_down(sandbox: Sandbox, call: Call, answer: Answer, *, answered: bool) -> None:
    if call.path.startswith("/sandbox/"):
        return
    grant = sandbox.oauth.grants
    token = call.headers.get("authorization", "").partition(" ")[2]
    user = next((one.user for one in grant if one.access_token == token), "")
    body = redact(call.body[:4000].decode("utf-8", "replace"))
    now = sandbox.clock.now()
    sandbox.journal.add(Entry(now, call.method, call.path, answer.status, user, body, answered))
