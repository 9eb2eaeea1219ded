"""In place of the network: one transport that takes notes, and one that answers from notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import msgspec

from hub_core.sdk.http import MAX_ANSWER_BYTES
from hub_core.testing.recordings.recording import Exchange
from hub_core.testing.recordings.shapes import flat_shape

#: The headers of an answer that a plugin may go by.
_KEPT = ("content-type", "link", "location", "retry-after")
_NOT_PASSED_ON = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class RecordingTransport(httpx.AsyncBaseTransport):
    """The network, and notes of what was sent and answered. The notes are raw: nothing is redacted here.

    `api` is the origin whose paths are noted without it; `hosts` stand in for real origins.
    """

    def __init__(
        self, api: str, hosts: Mapping[str, str], network: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._api = api
        self._hosts = hosts
        self._network = network or httpx.AsyncHTTPTransport()
        self.exchanges: list[Exchange] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on, and note what comes back."""
        response = await self._network.handle_async_request(request)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:  # the client refuses it, and says so
                    break
        finally:
            await response.aclose()
        self.exchanges.append(self._note(request, response, bytes(body)))
        headers = [pair for pair in response.headers.multi_items() if pair[0] not in _NOT_PASSED_ON]
        return httpx.Response(response.status_code, headers=headers, content=bytes(body))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._network.aclose()

    def _note(self, request: httpx.Request, response: httpx.Response, body: bytes) -> Exchange:
        answer, omitted = _read_answer(body, response.headers.get("content-type", ""))
        return Exchange(
            method=request.method,
            path=_place(str(request.url), self._api, self._hosts),
            query=_query(request),
            sent=_sent(request),
            status=response.status_code,
            headers={name: response.headers[name] for name in _KEPT if name in response.headers},
            answer=answer,
            omitted=omitted,
        )


class ReplayTransport(httpx.AsyncBaseTransport):
    """Answers from a recording. The same request is answered in the recorded order, then as the last time.

    `unknown` has the requests that are not in it.
    """

    def __init__(self, api: str, exchanges: Sequence[Exchange]) -> None:
        self._api = api
        self._answers: dict[tuple[Any, ...], list[Exchange]] = {}
        for exchange in exchanges:
            self._answers.setdefault(_key(exchange.method, exchange.path, exchange.query), []).append(
                exchange
            )
        self.unknown: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer. Raises `UnrecordedError`, which is no HTTP error that plugins would handle."""
        path = _place(str(request.url), self._api, {})
        answers = self._answers.get(_key(request.method, path, _query(request)))
        if not answers:
            asked = f"{request.method} {path}" + (
                f"?{request.url.query.decode()}" if request.url.query else ""
            )
            self.unknown.append(asked)
            raise UnrecordedError(asked)
        exchange = answers.pop(0) if len(answers) > 1 else answers[0]
        body = b"" if exchange.answer is msgspec.UNSET else msgspec.json.encode(exchange.answer)
        return httpx.Response(exchange.status, headers=dict(exchange.headers), content=body)


class UnrecordedError(Exception):
    """A request that the recording doesn't have."""


def _key(method: str, path: str, query: Mapping[str, str]) -> tuple[Any, ...]:
    return method, unquote(path), tuple(sorted(query.items()))


def _place(url: str, api: str, hosts: Mapping[str, str]) -> str:
    """The path of a URL, with its origin where that isn't the API's."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return parts.path if origin == api else f"{hosts.get(origin, origin)}{parts.path}"


def _query(request: httpx.Request) -> dict[str, str]:
    """The query by name; what comes several times stands in one, with commas."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(request.url.query.decode(), keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _sent(request: httpx.Request) -> dict[str, str]:
    """The shape of the body: of JSON, of a form, or that there was one."""
    body, kind = request.content, request.headers.get("content-type", "")
    if not body:
        return {}
    if "form-urlencoded" in kind:
        names = (name for name, _ in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return {f"$.{name}": "string" for name in names}
    try:
        return flat_shape(msgspec.json.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {"$": kind.partition(";")[0] or "bytes"}


def _read_answer(body: bytes, content_type: str) -> tuple[Any, str]:
    """The answer's JSON, or what else it was."""
    if not body:
        return msgspec.UNSET, ""
    try:
        return msgspec.json.decode(body), ""
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.UNSET, content_type.partition(";")[0] or "unknown"
