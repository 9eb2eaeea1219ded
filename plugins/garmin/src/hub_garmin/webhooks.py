"""What Garmin sends: one body with items of several kinds, of several athletes. Only looks, calls nobody."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from hub_core.sdk import Delivery, Rejected, WebhookRequest, to_json, verify_token
from hub_garmin.ingest import FILES, KINDS
from hub_garmin.settings import GarminSettings

#: Names the app, and isn't always sent. [seen in live integrations]
_CLIENT_HEADER = "garmin-client-id"
#: Under it lies all that a callback may point to.
_REST = "/wellness-api/rest/"


def read_webhook(request: WebhookRequest, settings: GarminSettings) -> tuple[Delivery, ...]:
    """A delivery for each item that the hub can use. Raises `Rejected` for what isn't Garmin's.

    Garmin signs nothing: what it knows and others don't is the last part of the address that was entered
    in its portal. Items without an athlete, and those whose callback isn't at Garmin, are left out.
    """
    verify_token(request.path.rpartition("/")[2], settings.webhook_secret.get_secret_value())
    if settings.client_id and request.headers.get(_CLIENT_HEADER, settings.client_id) != settings.client_id:
        raise Rejected("garmin: the webhook is for another app")
    body = request.decode(dict[str, Any])
    return tuple(
        delivery
        for kind, items in body.items()
        if kind in KINDS and isinstance(items, list)
        for item in items
        for delivery in _to_delivery(kind, item, settings)
    )


def _to_delivery(kind: str, item: Any, settings: GarminSettings) -> Iterator[Delivery]:
    user = item.get("userId") if isinstance(item, dict) else None
    if not isinstance(user, str | int) or isinstance(user, bool) or not str(user).strip():
        return
    # A token of the retired OAuth 1, which nobody needs to keep.
    told = {name: value for name, value in item.items() if name != "userAccessToken"}
    callback = told.get("callbackURL")
    if (callback is not None or kind == FILES) and not is_callback(callback, settings.api_url):
        return
    body = to_json(told)
    digest = hashlib.sha256(body).hexdigest()[:32]
    # Nothing in an item says which version it is: the same words are the same delivery.
    yield Delivery(
        str(user),
        kind,
        body,
        f"{user}/{kind}/{digest}",
        file_url=callback,
        file_needs_token=callback is not None,
    )


def is_callback(url: object, api_url: str) -> bool:
    """Whether an address is one of Garmin's API and can be nothing else, however it is read.

    Its scheme and host to the letter, no port, no user, a plain path below `/wellness-api/rest/`. Whoever
    knows the webhook's address could otherwise have the athlete's token sent anywhere.
    """
    origin = urlsplit(api_url)
    shape = rf"{re.escape(f'{origin.scheme}://{origin.netloc}{_REST}')}[A-Za-z0-9_/-]+(\?[!-~]*)?"
    return isinstance(url, str) and re.fullmatch(shape, url) is not None and not set(url) & set("#\\@")
