"""Rate limits as providers count them: calls in sliding windows, for the app or for each user."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

from hub_core.sandbox.clock import SandboxClock
from hub_core.sdk.manifest import RateBudget


@dataclass(frozen=True)
class Usage:
    """One window after a call: what is left of it, and in how many seconds a place comes free."""

    budget: RateBudget
    remaining: int
    reset_s: float


class RateLimits:
    """Counts calls against budgets."""

    def __init__(self, budgets: tuple[RateBudget, ...], clock: SandboxClock) -> None:
        self.budgets = budgets
        self._clock = clock
        self._calls: dict[tuple[RateBudget, str], deque[float]] = defaultdict(deque)

    def take(self, user: str) -> tuple[bool, list[Usage]]:
        """Count one call if every window has room. Returns whether it had, and the state of each."""
        now = self._clock.now()
        windows = [self._window(budget, user, now) for budget in self.budgets]
        fits = all(len(calls) < budget.calls for budget, calls in zip(self.budgets, windows, strict=True))
        if fits:
            for calls in windows:
                calls.append(now)
        usages = [self._usage(*pair, now) for pair in zip(self.budgets, windows, strict=True)]
        return fits, usages

    def _window(self, budget: RateBudget, user: str, now: float) -> deque[float]:
        calls = self._calls[budget, user if budget.per == "athlete" else ""]
        while calls and calls[0] <= now - budget.per_s:
            calls.popleft()
        return calls

    def _usage(self, budget: RateBudget, calls: deque[float], now: float) -> Usage:
        remaining = budget.calls - len(calls)
        reset_s = 0.0 if remaining > 0 or not calls else calls[0] + budget.per_s - now
        return Usage(budget, remaining, reset_s)
