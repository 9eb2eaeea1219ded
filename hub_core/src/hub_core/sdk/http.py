"""The only way out: an HTTP client that knows base URL, token, allowed hosts, limits and redaction."""

from __future__ import annotations

import asyncio
import base64
import functools
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict
from urllib.parse import urlsplit

import httpx
import msgspec

from hub_core.sdk.client_pool import CALL_TIMEOUT_S, ClientPool
from hub_core.sdk.errors import (
    NotFound,
    ProviderError,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenExpired,
)
from hub_core.sdk.hub_side import no_fault_of_plugins, on_hub_side
from hub_core.sdk.redaction import redact
from hub_core.sdk.retry_after import exhausted_s, retry_after_s
from hub_core.sdk.tokens import TokenSet
from hub_core.sdk.traffic import CallOutcome, Traffic

#: No provider answers with more; an answer beyond this is a fault or an attack.
MAX_ANSWER_BYTES = 5_000_000
#: A file of an ultra with a sample each second has some 10 MB.
MAX_FILE_BYTES = 50_000_000
FILE_TIMEOUT_S = 40.0
_MAX_REDIRECTS = 3
#: To look through all of an endless error page for secrets takes too long; 300 characters are told.
_REDACTED, _LONGEST_SECRET = 16_000, 4_000
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_READING = frozenset({"GET", "HEAD"})
_REPEATABLE = "hub.repeatable"

_WHOLE_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

Classify = Callable[[httpx.Response], ProviderError | None]


class Called(msgspec.Struct, frozen=True):
    """One request and what came of it: the answer's status, or 0 and the kind of the failure."""

    method: str
    path: str
    status: int
    duration_ms: int
    failure: str = ""


#: Told of every request.
OnCall = Callable[[Called], None]
#: Asked before every request that changes something; raises when it must not go out any more.
Vouch = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class ProviderHttp:
    """The client that a plugin is handed. `repr` shows no secret.

    `on_call`, `vouch`, `traffic` and `hold` are the hub's: what was asked is kept, a worker that was stopped
    for too long sends nothing more, no call goes over a budget or to a provider that is down, and none for
    an athlete who has disconnected.
    """

    provider: str
    base_url: str
    hosts: frozenset[str]
    pool: ClientPool = field(repr=False)
    tokens: TokenSet | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    on_call: OnCall | None = field(default=None, repr=False)
    vouch: Vouch | None = field(default=None, repr=False)
    traffic: Traffic | None = field(default=None, repr=False, kw_only=True)
    hold: Vouch | None = field(default=None, repr=False, kw_only=True)

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        authorize: bool = True,
        allow: frozenset[int] | set[int] = frozenset(),
        classify: Classify | None = None,
        repeatable: bool = False,
    ) -> httpx.Response:
        """Send one request and return the answer, read whole, if it is a 2xx or its status is in `allow`.

        `url` is a path under the base URL, or a whole URL on one of the allowed hosts. `json`, `form`
        and `content` are alternatives. `classify` may name the error for an answer before the general
        rules do: 401 `TokenExpired`, 403 `ReconnectNeeded`, 404 and 410 `NotFound`, 408, 429 and 5xx
        `RetryLater`, everything else `Rejected`. Raises `HeldBack` when the hub lets no call out now.

        `repeatable` is for a request that creates under a reference of ours, so that the same twice makes one
        copy: its errors say so, and that something may be there.
        """
        target = self._target(url)
        sent = self._headers(headers or {}, authorize=authorize)
        if json is not None:
            content, sent["Content-Type"] = msgspec.json.encode(json), "application/json"
        place = f"{method} {urlsplit(target).path}"

        def refusal(response: httpx.Response) -> ProviderError | None:
            if response.is_success or response.status_code in allow:
                return None
            return (classify and classify(response)) or self._error(response, place)

        return await self._send(
            place,
            target,
            CALL_TIMEOUT_S,
            MAX_ANSWER_BYTES,
            refusal,
            content=content,
            data=form,
            params=params,
            headers=sent,
            extensions={_REPEATABLE: repeatable},
        )

    async def fetch_file(self, url: str, *, with_token: bool, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """What lies at a URL that came with a delivery, which is an address that somebody else wrote.

        Only from the hosts among the plugin's settings, and to no other by a redirect; the token goes to
        the host of the API alone. Raises `NotFound` when it is gone, `Rejected` for any other place and for
        more than `max_bytes`, and what else `request` raises.
        """
        for _ in range(_MAX_REDIRECTS + 1):
            target = self._target(url)
            is_ours = urlsplit(target).netloc == urlsplit(self.base_url).netloc
            headers = self._headers({}, authorize=with_token and is_ours)
            place = f"GET {urlsplit(target).path}"
            refusal = functools.partial(self._file_refusal, place=place)
            response = await self._send(place, target, FILE_TIMEOUT_S, max_bytes, refusal, headers=headers)
            if response.is_success:
                return response.content
            url = str(httpx.URL(target).join(response.headers["location"]))
        raise Rejected(f"{self.provider}: the file redirects more than {_MAX_REDIRECTS} times")

    def _file_refusal(self, response: httpx.Response, place: str) -> ProviderError | None:
        if response.is_success or response.has_redirect_location:
            return None
        return self._error(response, place)

    async def _send(
        self,
        place: str,
        target: str,
        timeout_s: float,
        max_bytes: int,
        refusal: Classify,
        **parts: Any,
    ) -> httpx.Response:
        """One exchange. What keeps an answer from coming raises our own errors, and so does an answer that
        `refusal` has one for."""
        exchange = functools.partial(self._exchange, place, target, timeout_s, max_bytes, **parts)
        response, outcome = await on_hub_side(exchange)
        if response.is_success:
            return response
        refused = refusal(response)  # by the plugin's own rules, and so not in the hub's half
        await on_hub_side(functools.partial(self._leave, response, outcome, refused))
        if refused:
            raise refused
        return response

    async def _exchange(
        self, place: str, target: str, timeout_s: float, max_bytes: int, **parts: Any
    ) -> tuple[httpx.Response, CallOutcome]:
        """The hub's half: whether it may go out, and the way there and back, told to whoever listens."""
        method, host = place.partition(" ")[0], urlsplit(target).netloc
        await self._ask_to_go(method, host)
        began = time.monotonic()
        try:
            async with asyncio.timeout(timeout_s), self.pool.client(self.provider) as client:
                response = await _read(client, client.build_request(method, target, **parts), max_bytes)
            self._tell(place, began, response.status_code)
        except BaseException as error:
            self._tell(place, began, 0, type(error).__name__.strip("_"))
            doubt = _doubt(method, parts.get("extensions", {}))
            if (failure := self._failure(error, place, max_bytes, doubt)) is None:
                raise
            if self.traffic and isinstance(failure, RetryLater):
                seconds, name = time.monotonic() - began, type(error).__name__.strip("_")
                await self.traffic.leave(CallOutcome(method, host, seconds, error=name))
            raise failure from error
        outcome = CallOutcome(method, host, time.monotonic() - began, response.status_code)
        if response.is_success:
            await self._leave(response, outcome)
        return response, outcome

    async def _ask_to_go(self, method: str, host: str) -> None:
        with no_fault_of_plugins():
            if self.traffic:
                await self.traffic.enter(host)
            if self.vouch and method not in _READING:
                await self.vouch()
            if self.hold:
                await self.hold()

    async def _leave(
        self, response: httpx.Response, outcome: CallOutcome, refused: ProviderError | None = None
    ) -> None:
        if self.traffic:
            limited_s = exhausted_s(response, refused.after_s if isinstance(refused, RetryLater) else None)
            await self.traffic.leave(msgspec.structs.replace(outcome, limited_s=limited_s))

    def _tell(self, place: str, began: float, status: int, failure: str = "") -> None:
        if self.on_call:
            method, path = place.split(" ", 1)
            self.on_call(Called(method, path, status, round(1000 * (time.monotonic() - began)), failure))

    def _failure(
        self, error: BaseException, place: str, max_bytes: int, doubt: _Doubt
    ) -> ProviderError | None:
        """What it means that there is no answer; None for what isn't the provider's doing."""
        match error:
            case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():  # it never got there
                return RetryLater(f"{self.provider} cannot be reached: {place}")
            case httpx.InvalidURL() | UnicodeEncodeError():
                return Rejected(f"{self.provider}: {place} is no URL that can be sent")
            case httpx.HTTPError() | TimeoutError():
                text = f"{self.provider} did not answer: {place} ({type(error).__name__})"
                return RetryLater(text, **doubt)
            case _TooLargeError():
                text = f"{self.provider}: the answer to {place} is over {max_bytes} bytes"
                # What was asked for has happened, most likely; its id is in what nobody reads.
                return RetryLater(text, **doubt) if doubt["outcome_unknown"] else Rejected(text)
        return None

    def decode[T](self, response: httpx.Response, kind: type[T]) -> T:
        """The body as `kind`. A body that can't be read is an answer that was lost."""
        try:
            return msgspec.json.decode(response.content, type=kind, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            place = f"{response.request.method} {response.request.url.path}"
            raise RetryLater(
                f"{self.provider}: the answer to {place} cannot be read: {self.redact(str(error))}",
                **_doubt(response.request.method, response.request.extensions),
            ) from error

    def redact(self, text: str) -> str:
        """`text` without this connection's secrets."""
        known = self.tokens.secrets() if self.tokens else ()
        return redact(text, (*self.secrets, *known))

    def explain(self, response: httpx.Response) -> str:
        """Method, path, status and the start of the body, redacted: the body of an error message."""
        body = " ".join(response.text.split())
        start = self.redact(body[:_REDACTED])
        if len(body) > _REDACTED:
            start = start[:-_LONGEST_SECRET]  # where one may have been cut, so that nobody knows its half
        text = f"{response.request.method} {response.request.url.path} answered {response.status_code}"
        return f"{self.provider}: {text}" + (f": {start[:300]}" if start else "")

    def _target(self, url: str) -> str:
        target = url if _WHOLE_URL.match(url) else f"{self.base_url.rstrip('/')}/{url.lstrip('/')}"
        try:
            parts = urlsplit(target)
        except ValueError as error:
            raise Rejected(f"{self.provider}: not a URL") from error
        # Never plain HTTP where the API itself is not: a token would travel in the clear.
        if parts.netloc not in self.hosts or parts.scheme not in {"https", urlsplit(self.base_url).scheme}:
            raise Rejected(f"{self.provider}: {parts.hostname} is not among the hosts this plugin may call")
        return target

    def _headers(self, headers: Mapping[str, str], *, authorize: bool) -> dict[str, str]:
        sent = dict(headers)
        if authorize and self.tokens:
            sent.setdefault("Authorization", _authorization(self.tokens))
        for name, value in sent.items():
            # httpx would refuse it too, and quote the value, which may be a token.
            if not value.isascii() or not value.isprintable():
                raise Rejected(f"{self.provider}: the value of the header {name} cannot be sent")
        return sent

    def _error(self, response: httpx.Response, place: str) -> ProviderError:
        status, text = response.status_code, self.explain(response)
        if status == 401:
            return TokenExpired(text)
        if status == 403:
            return ReconnectNeeded(text)
        if status in {404, 410}:
            return NotFound(text)
        if status in {408, 425, 429}:
            return RetryLater(text, after_s=retry_after_s(response))
        if status >= 500:
            doubt = _doubt(response.request.method, response.request.extensions)
            return RetryLater(text, after_s=retry_after_s(response), **doubt)
        if response.has_redirect_location:
            return Rejected(f"{self.provider}: {place} redirects, and redirects are not followed")
        return Rejected(text)


class _Doubt(TypedDict):
    """What a `RetryLater` tells of a request whose answer is lost."""

    outcome_unknown: bool
    repeatable: bool


def _doubt(method: str, extensions: Mapping[str, Any]) -> _Doubt:
    repeatable = bool(extensions.get(_REPEATABLE))
    return _Doubt(outcome_unknown=repeatable or method not in _IDEMPOTENT, repeatable=repeatable)


class _TooLargeError(Exception):
    pass


async def _read(client: httpx.AsyncClient, request: httpx.Request, max_bytes: int) -> httpx.Response:
    """The whole answer, unless it is larger than any honest one."""
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > max_bytes:
                raise _TooLargeError
    finally:
        await response.aclose()
    headers = [
        (k, v) for k, v in response.headers.multi_items() if k not in {"content-encoding", "content-length"}
    ]
    return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=request)


def _authorization(tokens: TokenSet) -> str:
    if tokens.kind == "basic":
        return "Basic " + base64.b64encode(tokens.access_token.encode()).decode()
    return f"Bearer {tokens.access_token}"
