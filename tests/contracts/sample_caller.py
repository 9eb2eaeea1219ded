"""What the sample callers of the hub's API share: the key, and how they read a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec


class ProblemError(Exception):
    """The hub's refusal (RFC 9457); `path` is the place in what was sent."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{problem['title']}: {problem['detail']}")
        self.status: int = problem["status"]
        self.type: str = problem["type"]
        self.path: str = problem.get("path", "")


class SampleCaller:
    """Asks the hub with a platform's key."""

    def __init__(self, origin: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=f"{origin}/v1", headers=headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _call[T](self, method: str, path: str, kind: type[T], **fields: Any) -> T:
        return msgspec.json.decode(self._request(method, path, **fields).content, type=kind)

    def _request(self, method: str, path: str, **fields: Any) -> httpx.Response:
        answer = self._http.request(method, path, **fields)
        if answer.is_error:
            raise ProblemError(answer.json())
        return answer
