"""One request to a sandbox, its answer, and the decorator that makes a method an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import msgspec

from hub_core.sandbox.oauth_server import Grant


class Refusal(Exception):  # noqa: N818
    """The provider says no. The sandbox gives it the provider's own error body."""

    def __init__(self, status: int, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


@dataclass(frozen=True)
class Call:
    """What an endpoint gets. `params` are the path's, header names are lower case."""

    method: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    grant: Grant | None = None

    @property
    def user(self) -> str:
        """The user whose token came with the request."""
        if self.grant is None:
            raise Refusal(401, "Unauthorized")
        return self.grant.user

    def json(self) -> Any:
        """The body as JSON; a 400 when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Refusal(400, f"malformed JSON: {error}") from error

    def form(self) -> dict[str, str]:
        """The form fields of the body, the last one of each name."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def query_list(self, name: str) -> list[str]:
        """All values of a comma-separated query parameter."""
        return [part for part in self.query.get(name, "").split(",") if part]


@dataclass(frozen=True)
class Answer:
    """What goes back. `body` is JSON data, or bytes and text as they are."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def content(self) -> bytes:
        """The bytes on the wire."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else msgspec.json.encode(self.body)


Handler = Callable[[Any, Call], Answer]


@dataclass(frozen=True)
class Endpoint:
    """How a method of a sandbox is reached, and what it asks for."""

    method: str
    path: str
    scope: str | None
    public: bool


def endpoint(
    method: str, path: str, *, scope: str | None = None, public: bool = False
) -> Callable[[Handler], Handler]:
    """Serve a method of a sandbox at `method` and `path` (`/workout/{id}`), several if stacked.

    `scope` is the one the token must have. A `public` endpoint asks for no token and no rate budget.
    """

    def mark(handler: Handler) -> Handler:
        marks = [*getattr(handler, "endpoints", ()), Endpoint(method, path, scope, public)]
        handler.endpoints = marks  # type: ignore[attr-defined]
        return handler

    return mark


def parse_query(raw: bytes) -> dict[str, str]:
    """The last value of each query parameter."""
    return {
        name: values[-1] for name, values in parse_qs(raw.decode("latin-1"), keep_blank_values=True).items()
    }
