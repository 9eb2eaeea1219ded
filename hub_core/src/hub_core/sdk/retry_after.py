"""How long a provider asks to be left alone."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import math
import time

import httpx

#: No published window is longer than a day: who says a century is asked again tomorrow.
LONGEST_WAIT_S = 86_400.0
#: After a 429 that says nothing more: the shortest window of a provider that is known is a second.
WAIT_UNTOLD_S = 2.0


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


def exhausted_s(response: httpx.Response, asked_s: float | None = None) -> float | None:
    """Seconds without calls that an answer asks for; None when it asks for none.

    A 429 does, for `asked_s` if the plugin has found out how many. Any other answer does by
    `X-RateLimit-Remaining: 0` with an `X-RateLimit-Reset`: each may be a list, a number for every window.
    """
    if response.status_code == 429:
        said = asked_s if asked_s is not None else retry_after_s(response)
        return WAIT_UNTOLD_S if said is None else said
    left = _numbers(response.headers.get("x-ratelimit-remaining", ""))
    resets = _numbers(response.headers.get("x-ratelimit-reset", ""))
    if not left or min(left) > 0 or not resets:
        return None
    if len(left) == len(resets):
        resets = [reset for rest, reset in zip(left, resets, strict=True) if rest <= 0]
    # Some send seconds, and some the moment as epoch seconds.
    now = time.time()
    longest = max(reset - now if reset > now / 2 else reset for reset in resets)
    return min(longest, LONGEST_WAIT_S) if longest > 0 else None


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")] if text.strip() else []
    except ValueError:
        return []
