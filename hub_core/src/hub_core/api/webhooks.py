"""Where providers push to. Nobody's API key: each request has to show that it is the provider's."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.exceptions import ClientException
from litestar.params import FromPath

from hub_core.api.access import TheHub
from hub_core.errors import NotFoundError
from hub_core.sdk.errors import Rejected, Unsupported
from hub_core.sdk.inbound import WebhookRequest
from hub_core.services.inbound.receive_webhook import receive_webhook

#: Garmin's largest pushes. What is larger comes as a file.
MAX_WEBHOOK_BYTES = 10_000_000
_PATHS = ["/v1/webhooks/{provider:str}", "/v1/webhooks/{provider:str}/{secret:str}"]


class Taken(msgspec.Struct, frozen=True):
    """The same whoever it is about, so that nobody learns who is known here."""

    status: str = "ok"


@post(
    _PATHS,
    status_code=200,
    tags=["webhooks"],
    security=[{}],
    request_max_body_size=MAX_WEBHOOK_BYTES,
)
async def take_webhook(hub: TheHub, provider: FromPath[str], request: Request[Any, Any, Any]) -> Taken:
    """A provider's webhook. Answered as soon as it is stored; what it says is ingested afterwards.

    The last part of the path is the secret of a provider that proves itself by nothing else.
    """
    told = WebhookRequest(
        request.method,
        request.url.path,
        {name.lower(): value for name, value in request.headers.items()},
        dict(request.query_params.items()),
        await request.body(),
    )
    try:
        await receive_webhook(hub, provider, told)
    except Unsupported as error:
        raise NotFoundError(f"{provider} has no webhooks") from error
    except Rejected as error:
        raise ClientException(error.message) from error
    return Taken()


@get(_PATHS, security=[{}], include_in_schema=False)
async def show_webhook(hub: TheHub, provider: FromPath[str]) -> Taken:
    """Somebody looks whether the address answers, as portals do when it is entered."""
    hub.registry.get(provider)
    return Taken()
