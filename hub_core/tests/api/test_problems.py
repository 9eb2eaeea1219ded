"""Whatever goes wrong is a problem detail."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.errors import ConfigurationError, ForbiddenError, HubError, VaultError
from hub_core.sdk.errors import Misconfigured, RetryLater, Unsupported
from hub_core.services.athletes.issue_api_key import find_platform

LOCK = "hub_core.api.access.find_platform"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1/nosuch", 404),
        ("GET", "/v2/athletes", 404),
        ("POST", "/v1/health", 405),
        ("PUT", "/v1/athletes", 405),
        ("DELETE", "/v1/athletes", 405),
        ("GET", "/v1/athletes/%00", 404),
        ("GET", "/v1/athletes/a%0ab", 404),
        ("GET", "/v1/athletes/" + "x" * 3_000, 404),
        ("GET", "/assets/nosuch.js", 404),
        ("GET", "/assets/../app.py", 404),
        ("GET", "/assets/%2e%2e/app.py", 404),
        ("GET", "/assets/..%2fapp.py", 404),
    ],
)
def test_unknown_places_and_methods(platform: Any, running: Any, method: str, path: str, status: int) -> None:
    key = platform.http.headers["authorization"]
    answer = running.client(authorization=key).request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert body["status"] == status
    assert set(body) == {"type", "title", "status", "detail"}
    assert (status != 405) or "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (ForbiddenError("not today"), 403, True),
        (RetryLater("the provider is away"), 503, True),
        (Misconfigured("set HUB_ACME_CLIENT_ID"), 503, True),
        (Unsupported("swimming"), 422, True),
        (ConfigurationError("set THAT"), 500, False),
        (VaultError("connection:con_1:tokens: damaged"), 500, False),
        (HubError("out of the blue"), 500, False),
        (ZeroDivisionError("secret value 42"), 500, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_of_all_kinds(
    platform: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, told: bool
) -> None:
    async def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(LOCK, fail)
    answer = platform.http.get("/athletes")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (str(getattr(error, "message", error)) in answer.json()["detail"]) == told
    assert told or answer.json()["detail"] == "Something is wrong on our side."
    monkeypatch.setattr(LOCK, find_platform)
    assert platform.http.get("/athletes").status_code == 200
