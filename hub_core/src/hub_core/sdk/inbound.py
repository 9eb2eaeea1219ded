"""What comes in: raw deliveries, and the records that a plugin makes of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

import msgspec

from hub_core.domain.sport import Sport
from hub_core.sdk.errors import Rejected

if TYPE_CHECKING:
    from typing import Any


NewsBy = Literal["key", "content", "change"]


class WebhookRequest(msgspec.Struct, frozen=True):
    """One HTTP request of a provider, as it came. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes

    def decode[T](self, kind: type[T]) -> T:
        """The body, which is JSON, as `kind`. Raises `Rejected` for what can't be read."""
        return decode_body(self.body, kind)


class Delivery(msgspec.Struct, frozen=True):
    """One raw statement about one athlete. `key` is the same when the provider repeats itself.

    `kind` is in the provider's own words. Where the vendor tells enough for it, a webhook and a poll of the
    same item in the same state have the same `key` as well; the records of both name the same external id.

    `news_by` is for vendors that tell no version, whose `key` can only name the thing. `key`: what comes
    under a known one is dropped. `content`: it is news when its body is another than the last one under that
    key, so that what was changed and changed back is heard. `change`: it tells no more than that something
    changed, and is news unless one like it still waits to be looked at.
    """

    provider_user_id: str
    kind: str
    body: bytes
    key: str
    content_type: str = "application/json"
    file_url: str | None = None
    #: The file's host is the provider's own API, which asks for the athlete's token.
    file_needs_token: bool = False
    #: What `file_url` answered. The hub fetches it once, before it calls `ingest_activity`; None when
    #: there was no URL, or when the provider doesn't hold the file any more.
    file: bytes | None = None
    news_by: NewsBy = "key"
    #: Set by the hub: when it asked for this, in epoch milliseconds; 0 for what the provider told by itself.
    #: Of a vendor that tells no moment of change, an answer is as new as the question.
    asked_ms: int = 0

    def decode[T](self, kind: type[T]) -> T:
        """The body, which is JSON, as `kind`. Raises `Rejected` for what can't be read."""
        return decode_body(self.body, kind)


class Window(msgspec.Struct, frozen=True):
    """A span of time with a zone on both ends, `start` included and `end` not."""

    start: dt.datetime
    end: dt.datetime


def to_sport(value: object, table: dict[str, Sport]) -> Sport:
    """A provider's word for a sport by its table; a new or missing word becomes `OTHER`, never an error."""
    return table.get(value, Sport.OTHER) if isinstance(value, str) else Sport.OTHER


def decode_body[T](body: bytes, kind: type[T]) -> T:
    """JSON as `kind`: numbers may come as strings, unknown fields are passed over.

    Raises `Rejected` with the place for what can't be read, however deep or broken it is.
    """
    try:
        return msgspec.json.decode(body, type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise Rejected(f"the body can't be read: {error}") from error


def to_json(data: Any) -> bytes:
    """The bytes of a part of a body, to put into a `Delivery`: the same data gives the same bytes."""
    return msgspec.json.encode(data, order="sorted")
