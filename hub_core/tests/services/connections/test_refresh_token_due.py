"""F22: when a token is due, by whatever clock."""

from __future__ import annotations

import pytest

from hub_core.sdk.manifest import OAuth2
from hub_core.sdk.tokens import TokenSet
from hub_core.services.connections.refresh_token import is_due
from hub_core.storage.token_vault import (
    StoredTokens,
)


@pytest.mark.parametrize("skew_s", [-600, 600, -3600, 3600])
def test_f22_a_clock_that_goes_wrong_costs_one_refresh(skew_s: int) -> None:
    """A token's end is counted from our own clock, so that only a jump in between matters, and once."""
    scheme = OAuth2()
    now = 1_800_000_000.0
    stored = StoredTokens(TokenSet("a", "r", expires_at=now + 3600), 1, now)
    jumped = now + skew_s
    assert is_due(stored, scheme, jumped) is (skew_s >= 3300)
    renewed = StoredTokens(TokenSet("b", "r", expires_at=jumped + 3600), 2, jumped)
    assert not is_due(renewed, scheme, jumped + 60)
    short = StoredTokens(TokenSet("c", "r", expires_at=now + 60), 3, now)
    assert [is_due(short, scheme, now + at) for at in (0, 44, 46)] == [False, False, True]
