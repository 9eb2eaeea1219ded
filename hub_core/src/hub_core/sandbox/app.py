"""Serves a sandbox with Litestar."""

from __future__ import annotations

import re
from typing import Any

from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from hub_core.sandbox.call import Answer, Call, Endpoint, parse_query
from hub_core.sandbox.faulty import UNHEARD, Faulty
from hub_core.sandbox.journal import Entry
from hub_core.sandbox.sandbox import Sandbox
from hub_core.sdk.redaction import redact


def create_app(sandbox: Sandbox) -> ASGIApp:
    """The ASGI application of one sandbox."""
    handlers = [_route(sandbox, mark, method) for mark, method in sandbox.endpoints()]
    app = Litestar(route_handlers=handlers, openapi_config=None, logging_config=None)
    return Faulty(app, sandbox)


def _route(sandbox: Sandbox, mark: Endpoint, method: Any) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
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
