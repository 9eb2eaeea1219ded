"""Errors as problem details (RFC 9457): `type`, `title`, `status`, `detail`, and `path` for bad input."""

from __future__ import annotations

import http
import logging
import re
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from hub_core.domain.advice import AvailabilityConflict, Window
from hub_core.errors import (
    ConfigurationError,
    ConflictError,
    CursorExpiredError,
    ForbiddenError,
    HubError,
    InvalidInputError,
    NotFoundError,
)
from hub_core.sdk.errors import (
    Misconfigured,
    ProviderError,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    Unsupported,
)
from hub_core.services.athletes.save_availability import UnavailableError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
#: The first class that fits counts.
_STATUSES: tuple[tuple[type[HubError], int], ...] = (
    (InvalidInputError, 422),
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (ConflictError, 409),
    (CursorExpiredError, 410),
    (ConfigurationError, 500),
    (Misconfigured, 503),
    (RetryLater, 503),
    (ReconnectNeeded, 422),
    (Rejected, 422),
    (Unsupported, 422),
    (ProviderError, 502),
)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every 4xx and 5xx. `path` names the place in the input, as `steps[2].repeat[1]`.

    `conflicts` and `slots` come with `unavailable`: what speaks against a workout in the athlete's
    availability, and when it would fit.
    """

    type: str
    title: str
    status: int
    detail: str
    path: str = ""
    conflicts: tuple[AvailabilityConflict, ...] = ()
    slots: tuple[Window, ...] = ()


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
    if isinstance(error, UnavailableError):
        title = http.HTTPStatus(status).phrase
        body = Problem(
            f"urn:hub:problem:{error.code}", title, status, error.message, "", error.conflicts, error.slots
        )
        return Response(body, status_code=status, media_type=MEDIA_TYPE)
    detail = error.detail if isinstance(error, InvalidInputError) else error.message
    return problem(status, error.code, detail, error.path if isinstance(error, InvalidInputError) else "")


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Litestar's: unknown routes, wrong methods, parameters, bodies that are missing or too large."""
    if isinstance(error, ValidationException):
        return problem(422, InvalidInputError.code, *_parameter(request, error))
    code = re.sub(r"\W+", "_", http.HTTPStatus(error.status_code).phrase.lower())
    answer = problem(error.status_code, code, error.detail)
    answer.headers.update(error.headers or {})
    return answer


def _parameter(request: Request[Any, Any, Any], error: ValidationException) -> tuple[str, str]:
    """What is wrong with a parameter, and its name as callers write it."""
    extra = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    if not isinstance(extra, dict) or "message" not in extra:
        return "a parameter is missing or wrong", ""
    name = str(extra.get("key", ""))
    if name == "data":
        return "a JSON body is needed", ""
    field = request.route_handler.parsed_fn_signature.parameters.get(name)
    public = getattr(field.kwarg_definition, "name", None) if field else None
    return str(extra["message"]), public or name


def on_recursion(_: Request[Any, Any, Any], __: RecursionError) -> Response[Problem]:
    """A body that nests so deeply that reading it would not end well."""
    return problem(400, "invalid_input", "nested too deeply")


def on_any_exception(_: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Our bug: told to the log, not to the caller."""
    log.error("unhandled %s", type(error).__name__, exc_info=error)
    return problem(500, "internal", "Something is wrong on our side.")
