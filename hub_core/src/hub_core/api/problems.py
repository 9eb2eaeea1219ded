"""Errors as problem details (RFC 9457): `type`, `title`, `status`, `detail`, and `path` for bad input."""

from __future__ import annotations

import http
import logging
import re
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from hub_core.errors import (
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    HubError,
    InvalidInputError,
    NotFoundError,
)
from hub_core.formats.workout_json import invalid_input_from_msgspec
from hub_core.sdk.errors import Misconfigured, ProviderError, ReconnectNeeded, RetryLater

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
#: The first class that fits counts.
_STATUSES: tuple[tuple[type[HubError], int], ...] = (
    (InvalidInputError, 422),
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (ConflictError, 409),
    (ConfigurationError, 500),
    (Misconfigured, 503),
    (RetryLater, 503),
    (ReconnectNeeded, 422),
    (ProviderError, 502),
)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every 4xx and 5xx. `path` names the place in the input, as `steps[2].repeat[1]`."""

    type: str
    title: str
    status: int
    detail: str
    path: str = ""


def problem(status: int, code: str, detail: str, path: str = "") -> Response[Problem]:
    """A problem as an answer."""
    title = http.HTTPStatus(status).phrase
    body = Problem(f"urn:hub:problem:{code}", title, status, detail, path)
    return Response(body, status_code=status, media_type=MEDIA_TYPE)


def on_hub_error(_: Request[Any, Any, Any], error: HubError) -> Response[Problem]:
    """Ours: the message is written to be shown."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)
    if status == 500:
        log.error("%s: %s", type(error).__name__, error.message)
        return problem(500, "internal", "Something is wrong on our side.")
    detail = error.detail if isinstance(error, InvalidInputError) else error.message
    return problem(status, error.code, detail, error.path if isinstance(error, InvalidInputError) else "")


def on_http_exception(_: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Litestar's: unknown routes, wrong methods, bodies that are too large or can't be read."""
    cause = error.__cause__
    if isinstance(cause, msgspec.MsgspecError):
        invalid = invalid_input_from_msgspec(cause)
        return problem(400, invalid.code, invalid.detail, invalid.path)
    if isinstance(error, ValidationException):
        return problem(400, "invalid_input", *_parameter(error))
    code = re.sub(r"\W+", "_", http.HTTPStatus(error.status_code).phrase.lower())
    return problem(error.status_code, code, error.detail)


def _parameter(error: ValidationException) -> tuple[str, str]:
    """What is wrong with a parameter, and its name."""
    extra = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    if isinstance(extra, dict) and "message" in extra:
        return str(extra["message"]), str(extra.get("key", ""))
    return "a parameter is missing or wrong", ""


def on_any_exception(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Our bug: told to the log, not to the caller."""
    log.error("unhandled %s", type(error).__name__, exc_info=error)
    return problem(500, "internal", "Something is wrong on our side.")
