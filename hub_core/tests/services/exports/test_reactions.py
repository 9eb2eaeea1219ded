"""The one table: what is tried again, how long, after which waits; and what never is (F16, F17)."""

from __future__ import annotations

from collections import Counter

import pytest

from hub_core.errors import InvalidInputError
from hub_core.registry.dispatcher import PluginFaultError
from hub_core.sdk.errors import (
    HeldBack,
    Misconfigured,
    NotFound,
    ReconnectNeeded,
    Rejected,
    RetryLater,
    TokenExpired,
    Unsupported,
)
from hub_core.services.exports.fidelity_policy import PolicyStopError
from hub_core.services.exports.reactions import GAVE_UP, Retry, reaction_to, wait_s

DAY_S = 86_400.0
FINAL = {
    InvalidInputError("no"): ("FAILED", "validation_failed"),
    PolicyStopError("no"): ("FAILED", "stopped_by_policy"),
    Rejected("no"): ("FAILED", "rejected"),
    NotFound("no"): ("FAILED", "rejected"),
    Unsupported("no"): ("FAILED", "unsupported"),
    Misconfigured("no"): ("FAILED", "misconfigured"),
    ReconnectNeeded("no"): ("NOT_CONNECTED", "reconnect_needed"),
    TokenExpired("no"): ("NOT_CONNECTED", "reconnect_needed"),
}


@pytest.mark.parametrize("tries", [0, 3, 30])
@pytest.mark.parametrize("error", FINAL, ids=lambda error: type(error).__name__)
def test_what_is_final_is_never_tried_again(error: Exception, tries: int) -> None:
    reaction = reaction_to(error, tries=tries)
    assert (reaction.status, reaction.code) == FINAL[error]
    assert not reaction.is_retried


@pytest.mark.parametrize(
    ("tries", "most_s"), [(0, 2), (1, 4), (2, 8), (3, 16), (4, 32), (9, 1024), (40, 3600)]
)
def test_waits_double_with_full_jitter(tries: int, most_s: float) -> None:
    waits = [wait_s(RetryLater("busy"), tries=tries) for _ in range(2_000)]
    assert 0 <= min(waits) < most_s * 0.05
    assert most_s * 0.95 < max(waits) <= most_s


def test_f16_retries_that_are_due_at_once_spread() -> None:
    buckets = Counter(int(wait_s(RetryLater("busy"), tries=5)) for _ in range(5_000))
    assert max(buckets.values()) <= 0.05 * 5_000


@pytest.mark.parametrize("tries", [0, 9, 200])
def test_a_provider_that_is_away_is_waited_for_as_long_as_it_is_configured(tries: int) -> None:
    assert reaction_to(RetryLater("busy"), tries=tries, failing_s=DAY_S - 1).is_retried
    assert reaction_to(RetryLater("busy"), tries=tries, failing_s=DAY_S + 1) is GAVE_UP
    assert reaction_to(RetryLater("busy"), tries=tries, failing_s=61, patience=Retry(for_s=60)) is GAVE_UP


@pytest.mark.parametrize("error", [PluginFaultError("bug"), ValueError("bug")], ids=["plugin", "hub"])
def test_f11_a_fault_is_given_up_after_five_tries(error: Exception) -> None:
    assert [reaction_to(error, tries=tries).is_retried for tries in range(6)] == [True] * 4 + [False] * 2


@pytest.mark.parametrize("asked_s", [0.0, 1.0, 300.0, DAY_S])
def test_what_a_provider_asks_for_is_waited_out_and_little_more(asked_s: float) -> None:
    for _ in range(200):
        assert (
            asked_s <= wait_s(RetryLater("429", after_s=asked_s), tries=3) <= asked_s + max(0.5, asked_s / 10)
        )


@pytest.mark.parametrize("hold", ["over_budget", "rate_limited", "provider_down"])
def test_what_the_hub_holds_back_is_no_failure(hold: str) -> None:
    error = HeldBack("later", after_s=12.0, hold=hold)
    reaction = reaction_to(error, tries=7)
    assert (reaction.code, reaction.is_retried, reaction.is_failure) == (hold, True, False)
    assert wait_s(error, tries=7) == 12.0
