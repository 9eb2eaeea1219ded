"""Sliding windows, for the app and for each user."""

from __future__ import annotations

from typing import Any

import httpx

from hub_core.sandbox import SandboxClock
from hub_core.sandbox.rate_limits import RateLimits
from hub_core.sdk.manifest import RateBudget


def limits(*budgets: RateBudget) -> tuple[RateLimits, SandboxClock]:
    clock = SandboxClock()
    clock.freeze(1000)
    return RateLimits(budgets, clock), clock


def test_a_window_slides() -> None:
    limit, clock = limits(RateBudget(2, 10))
    assert limit.take("ann")[0]
    clock.advance(4)
    assert limit.take("bob")[0]
    fits, (usage,) = limit.take("ann")
    assert (fits, usage.remaining, usage.reset_s) == (False, 0, 6)
    clock.advance(6)
    assert limit.take("ann")[0]
    assert not limit.take("ann")[0]


def test_users_have_windows_of_their_own() -> None:
    limit, _ = limits(RateBudget(1, 10, "athlete"), RateBudget(3, 10, "app"))
    assert limit.take("ann")[0]
    assert not limit.take("ann")[0]
    assert limit.take("bob")[0]
    fits, usages = limit.take("cat")
    assert fits
    assert [usage.remaining for usage in usages] == [0, 0]
    assert not limit.take("dan")[0]


def test_a_refused_call_counts_nowhere() -> None:
    limit, clock = limits(RateBudget(1, 10, "athlete"), RateBudget(2, 100, "app"))
    for _ in range(5):
        limit.take("ann")
    clock.advance(10)
    assert limit.take("ann")[0]


def test_over_http(browser: httpx.Client, tiny: Any) -> None:
    tiny.clock.freeze(2_000_000_000)
    browser.headers["Authorization"] = f"Bearer {tiny.token_for()}"
    answers = [browser.get("/words/athlete-1") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["x-left"] == "4,7"
    assert answers[-1].headers["retry-after"] == "60"
    assert answers[-1].json() == {"error": "rate limit exceeded"}
    tiny.clock.advance(60)
    assert browser.get("/words/athlete-1").status_code == 200


def test_public_endpoints_cost_nothing(browser: httpx.Client, tiny: Any) -> None:
    for _ in range(10):
        browser.post("/token", data={})
    assert browser.get("/words/athlete-1").headers["x-left"] == "4,7"
