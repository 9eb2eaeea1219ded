"""Asks Garmin to send history, which then comes as webhooks. Polling is forbidden. [Health API, backfill]"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from hub_core.sdk import ReconnectNeeded, Rejected, Window
from hub_garmin.client import GarminClient

#: As they are spelled there; `activities` brings the files too.
TYPES = (
    *("activities", "activityDetails", "dailies", "epochs", "sleeps", "hrv"),
    *("bodyComps", "stressDetails", "userMetrics", "pulseOx", "respiration"),
)
#: How a refusal names the first moment that may be asked for; the words are not documented.
_MOMENT = re.compile(r"\b(?:\d{10}|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z?)\b")


async def ask_for_history(client: GarminClient, window: Window, days: int) -> None:
    """Every type, piece by piece. Types whose permission isn't granted are passed over.

    Raises `ReconnectNeeded` when none of them is.
    """
    answers = [
        await _ask(client, kind, start_s, end_s) for start_s, end_s in pieces(window, days) for kind in TYPES
    ]
    if answers and not any(answers):
        raise ReconnectNeeded(
            "garmin: neither activities nor health data may be read; "
            "the athlete must connect Garmin again and leave them ticked"
        )


def pieces(window: Window, days: int) -> Iterator[tuple[int, int]]:
    """The window in pieces of at most so many days, the newest first. Epoch seconds."""
    start_s, end_s = int(window.start.timestamp()), int(window.end.timestamp())
    step_s = days * 86_400
    while end_s > start_s:
        yield max(start_s, end_s - step_s), end_s
        end_s -= step_s


async def _ask(client: GarminClient, kind: str, start_s: int, end_s: int) -> bool:
    """Whether it may be read. What lies before the earliest moment that Garmin allows is not asked for."""
    try:
        return await client.request_backfill(kind, start_s, end_s)
    except Rejected as refusal:
        earliest_s = _earliest(refusal.reason)
        if earliest_s is None:
            raise
    if start_s < earliest_s < end_s:
        return await client.request_backfill(kind, earliest_s, end_s)
    return True


def _earliest(text: str) -> int | None:
    """The last moment that a refusal names."""
    found = _MOMENT.findall(text)
    if not found:
        return None
    if found[-1].isdigit():
        return int(found[-1])
    moment = dt.datetime.fromisoformat(found[-1])
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
