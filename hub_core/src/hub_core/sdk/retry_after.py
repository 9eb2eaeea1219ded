"""How long a provider asks to be left alone."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import math

import httpx

#: No published window is longer than a day: who says a century is asked again tomorrow.
LONGEST_WAIT_S = 86_400.0


def retry_after_s(response: httpx.Response) -> float | None:
    """Seconds to wait by `Retry-After`, at most a day; None without it.

    It comes in seconds or as an HTTP date.
    """
    value = response.headers.get("retry-after", "").strip()
    if not value:
        return None
    with contextlib.suppress(ValueError):
        seconds = float(value)
        return min(seconds, LONGEST_WAIT_S) if math.isfinite(seconds) and seconds >= 0 else None
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return min(max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds()), LONGEST_WAIT_S)
