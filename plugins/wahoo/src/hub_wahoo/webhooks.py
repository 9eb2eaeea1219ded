"""What Wahoo pushes, and what a poll finds, in one form: the summary with its workout inside."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hub_core.sdk import Delivery, WebhookRequest, to_json, verify_token
from hub_wahoo.schemas import Webhook
from hub_wahoo.settings import WahooSettings

#: The only event there is. [Wahoo docs, webhooks]
KIND = "workout_summary"
#: Above are other makers' apps, whose activities Wahoo may not pass on. [Wahoo docs, changes of 2025-04-01]
_LAST_OWN_APP = 1000


def read_webhook(request: WebhookRequest, settings: WahooSettings) -> tuple[Delivery, ...]:
    """What was done, if anything was. The shared token travels in the body. [Wahoo docs, webhooks]"""
    body = request.decode(Webhook)
    verify_token(body.webhook_token, settings.webhook_token.get_secret_value())
    if body.event_type != KIND or not body.workout_summary:
        return ()
    return tuple(_to_deliveries(body.workout_summary, str(body.user.id), settings))


def from_listed(workout: Mapping[str, Any], user: str, settings: WahooSettings) -> Iterator[Delivery]:
    """A workout of a list as a webhook would have told it; nothing while it isn't done."""
    summary = workout.get(KIND)
    if isinstance(summary, dict):
        entry = {name: value for name, value in workout.items() if name != KIND}
        yield from _to_deliveries({**summary, "workout": entry}, user, settings)


def start_of(workout: Mapping[str, Any]) -> dt.datetime | None:
    """When a listed workout starts; None when that can't be read."""
    try:
        start = dt.datetime.fromisoformat(str(workout.get("starts")))
    except ValueError:
        return None
    return start if start.tzinfo else None


def _to_deliveries(summary: dict[str, Any], user: str, settings: WahooSettings) -> Iterator[Delivery]:
    workout = summary.get("workout")
    workout_id = workout.get("id") if isinstance(workout, dict) else None
    if not isinstance(workout_id, str | int) or not str(workout_id) or not user or is_foreign(summary):
        return
    body = to_json(summary)
    state = summary.get("updated_at") or hashlib.sha256(body).hexdigest()[:32]
    yield Delivery(
        user, KIND, body, f"{user}/{KIND}/{workout_id}/{state}", file_url=_file_url(summary, settings)
    )


def is_foreign(summary: Mapping[str, Any]) -> bool:
    """Whether another maker's app recorded it."""
    try:
        return float(summary.get("fitness_app_id") or 0) > _LAST_OWN_APP
    except (TypeError, ValueError):
        return False


def _file_url(summary: Mapping[str, Any], settings: WahooSettings) -> str | None:
    """The file's address, if it is on Wahoo's CDN and can be nothing else; else the summary must do."""
    file = summary.get("file")
    url = file.get("url") if isinstance(file, dict) else None
    shape = re.escape(settings.cdn_url.rstrip("/")) + r"/[!-~]+"
    is_ours = isinstance(url, str) and re.fullmatch(shape, url) and not set(url) & set("#\\@")
    return url if is_ours else None
