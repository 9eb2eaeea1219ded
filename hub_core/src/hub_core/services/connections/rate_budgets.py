"""Rate budgets: how many calls a provider may get, counted over all workers before they are made.

A window is the calls of the last `per_s` seconds, each by its moment: so exactly as many go out as are
allowed, in any window and not only in those that begin at the full minute. In memory for one process; for
many, `hub_core.pipeline.redis_budgets` counts the same in Redis.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections import defaultdict
from typing import Protocol, runtime_checkable

import msgspec

from hub_core.errors import ConfigurationError
from hub_core.sdk.manifest import RateBudget

#: Of each window background work may use so much; the rest is for what a person waits for.
BACKGROUND_SHARE = 0.8
#: By so much each window is longer than the provider's.
SLACK_S = 0.2


class Window(msgspec.Struct, frozen=True):
    """At most `calls` in `per_s` seconds, counted under `key`."""

    key: str
    calls: int
    per_s: float


@runtime_checkable
class Budgets(Protocol):
    """Counts calls. Shared by everyone who calls the same providers."""

    async def take(self, windows: tuple[Window, ...]) -> float:
        """Count one call in all windows, or in none. Returns 0, or the seconds until there is room."""

    async def pause(self, key: str, seconds: float) -> None:
        """Let nothing through under a key for a while: the provider says so, whatever we have counted."""

    async def close(self) -> None:
        """Close what the running event loop has open."""


def windows_of(
    budgets: tuple[RateBudget, ...], provider: str, athlete_id: str, *, background: bool
) -> tuple[Window, ...]:
    """The windows that a call for an athlete counts in; without an athlete, only those of the whole app."""
    share = BACKGROUND_SHARE if background else 1.0
    # Calls travel at different speeds, and the provider counts when they arrive.
    keys = {"app": provider, "athlete": f"{provider}:{athlete_id}" if athlete_id else ""}
    return tuple(
        Window(keys[one.per], max(1, int(one.calls * share)), one.per_s + SLACK_S)
        for one in budgets
        if keys[one.per]
    )


class MemoryBudgets:
    """For one process, whatever its threads and event loops."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._calls: dict[str, list[float]] = defaultdict(list)
        self._paused_until: dict[str, float] = {}

    async def take(self, windows: tuple[Window, ...]) -> float:
        """Count one call in all windows, or in none."""
        now = time.monotonic()
        keys = {window.key for window in windows}
        with self._guard:
            for key in keys:
                longest = max(window.per_s for window in windows if window.key == key)
                self._forget(key, now - longest)
            wait_s = max((self._wait_s(window, now) for window in windows), default=0.0)
            if wait_s <= 0:
                for key in keys:
                    self._calls[key].append(now)
        return wait_s

    async def pause(self, key: str, seconds: float) -> None:
        """Let nothing through under a key for a while."""
        with self._guard:
            until = time.monotonic() + seconds
            self._paused_until[key] = max(until, self._paused_until.get(key, 0.0))

    async def close(self) -> None:
        """There is nothing to close."""

    def _wait_s(self, window: Window, now: float) -> float:
        calls = self._calls[window.key]
        used = len(calls) - bisect_right(calls, now - window.per_s)
        paused_s = self._paused_until.get(window.key, 0.0) - now
        if used < window.calls:
            return max(0.0, paused_s)
        return max(calls[-window.calls] + window.per_s - now, paused_s)

    def _forget(self, key: str, before: float) -> None:
        calls = self._calls[key]
        del calls[: bisect_right(calls, before)]


def read_budgets(text: str, variable: str) -> tuple[RateBudget, ...]:
    """Budgets as an operator writes them: `200/300, 1000/86400 athlete`, or `none`.

    Raises `ConfigurationError` that names the variable.
    """
    if text.strip() == "none":
        return ()
    budgets = []
    for part in text.split(","):
        numbers, _, per = part.strip().partition(" ")
        calls, _, per_s = numbers.partition("/")
        is_known = per.strip() in {"", "app", "athlete"}
        if not (calls.isdigit() and per_s.isdigit() and int(calls) and int(per_s) and is_known):
            raise ConfigurationError(f"{variable}: write calls/seconds, as 200/300, 1000/86400 athlete")
        budgets.append(RateBudget(int(calls), int(per_s), "athlete" if per.strip() == "athlete" else "app"))
    return tuple(budgets)
