"""What comes in: raw deliveries, and the records that a plugin makes of them."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.sport import Sport


class WebhookRequest(msgspec.Struct, frozen=True):
    """One HTTP request of a provider, as it came. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, str]
    body: bytes


class Delivery(msgspec.Struct, frozen=True):
    """One raw statement about one athlete. `key` is the same when the provider repeats itself."""

    provider_user_id: str
    kind: str
    body: bytes
    key: str
    content_type: str = "application/json"
    file_url: str | None = None


class Window(msgspec.Struct, frozen=True):
    """A span of time with a zone on both ends, `start` included and `end` not."""

    start: dt.datetime
    end: dt.datetime


class Activity(msgspec.Struct, frozen=True):
    """What was done: times with a zone, seconds, metres."""

    external_id: str
    sport: Sport
    start: dt.datetime
    duration_s: float
    distance_m: float | None = None
    name: str = ""


class Records(msgspec.Struct, frozen=True):
    """What one delivery said, normalized."""

    activities: tuple[Activity, ...] = ()
