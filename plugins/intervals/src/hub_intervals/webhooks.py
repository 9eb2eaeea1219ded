"""What intervals.icu pushes, and what a poll finds, as deliveries."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from hub_core.sdk import Delivery, WebhookRequest, to_json, verify_token
from hub_intervals.schemas import Webhook, WebhookEvent
from hub_intervals.settings import IntervalsSettings

ACTIVITY, DELETED, WELLNESS, SCOPE = "activity", "activity_deleted", "wellness", "scope"
#: Their types that tell of an activity as it is now. All others are acknowledged and say nothing to us:
#: calendars are read back per workout, and FITNESS_UPDATED is computed, partly for days to come.
_ACTIVITY_TYPES = frozenset(
    {"ACTIVITY_UPLOADED", "ACTIVITY_ANALYZED", "ACTIVITY_UPDATED", "ACTIVITY_ACHIEVEMENTS"}
)


def read_webhook(request: WebhookRequest, settings: IntervalsSettings) -> tuple[Delivery, ...]:
    """A delivery for each thing that is told. The shared secret travels in the body."""
    body = request.decode(Webhook)
    verify_token(body.secret, settings.webhook_secret.get_secret_value())
    return tuple(one for told in body.events for one in _to_deliveries(told))


def _to_deliveries(told: dict[str, Any]) -> Iterator[Delivery]:
    try:
        event = msgspec.convert(told, WebhookEvent, strict=False)
    except msgspec.ValidationError:
        return  # of a type that we don't know, or nobody's
    if not event.athlete_id.strip():
        return
    if event.type in _ACTIVITY_TYPES and event.activity:
        yield from to_activity_delivery(event.athlete_id, event.activity, event.timestamp)
    elif event.type == "ACTIVITY_DELETED" and event.activity and _id_of(event.activity):
        body = to_json({"activity": event.activity, "timestamp": event.timestamp})
        yield _delivery(event.athlete_id, DELETED, _id_of(event.activity), event.timestamp, body)
    elif event.type == "WELLNESS_UPDATED":
        for record in event.records or []:
            yield from to_wellness_delivery(event.athlete_id, record)
    elif event.type == "APP_SCOPE_CHANGED":
        body = to_json({"scope": event.scope, "deauthorized": event.deauthorized})
        yield _delivery(event.athlete_id, SCOPE, "", event.timestamp, body)


def to_activity_delivery(
    user: str, activity: dict[str, Any], timestamp: str | None = None
) -> Iterator[Delivery]:
    """An activity; none for one of Strava's, of which they may tell no more than that it is there."""
    activity_id = _id_of(activity)
    if activity_id and activity.get("source") != "STRAVA" and "_note" not in activity:
        body = to_json({"activity": activity, "timestamp": timestamp})
        yield _delivery(user, ACTIVITY, activity_id, timestamp, body)


def to_wellness_delivery(user: str, record: dict[str, Any]) -> Iterator[Delivery]:
    """A day."""
    date = _id_of(record)
    if date:
        updated = record.get("updated")
        state = updated if isinstance(updated, str) else None
        yield _delivery(user, WELLNESS, date, state, to_json(record))


def _delivery(user: str, kind: str, name: str, state: str | None, body: bytes) -> Delivery:
    """What is said at the same moment of the same thing is the same. Without a moment it is so when nothing
    else was said last: an edit that was taken back is told in the words of before."""
    if not state:
        return Delivery(user, kind, body, f"{user}/{kind}/{name}", news_by="content")
    return Delivery(user, kind, body, f"{user}/{kind}/{name}/{state}")


def start_of(activity: Mapping[str, Any]) -> dt.datetime | None:
    """When a listed activity starts; None when that can't be read."""
    try:
        start = dt.datetime.fromisoformat(str(activity.get("start_date")))
        return start if start.tzinfo else start.replace(tzinfo=dt.UTC)
    except ValueError:
        pass
    try:
        local = dt.datetime.fromisoformat(str(activity.get("start_date_local"))).replace(tzinfo=None)
    except ValueError:
        return None
    return local.replace(tzinfo=find_zone(activity.get("timezone")) or dt.UTC)


def find_zone(name: object) -> dt.tzinfo | None:
    """An IANA zone; None for a name that is none."""
    try:
        return zoneinfo.ZoneInfo(name) if isinstance(name, str) and name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _id_of(item: Mapping[str, Any]) -> str:
    """An id, which is a text, or digits on old accounts; empty when there is none."""
    told = item.get("id")
    return str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""
