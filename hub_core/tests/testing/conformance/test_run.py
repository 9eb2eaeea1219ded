"""What a tier promises, and what lies beyond it."""

from __future__ import annotations

import pytest

from hub_core.sdk import Tier
from hub_core.testing.conformance.run import is_beyond


@pytest.mark.parametrize(
    ("tier", "claimed", "beyond"),
    [
        (Tier.PLATINUM, Tier.GOLD, True),
        (Tier.GOLD, Tier.GOLD, False),
        (Tier.BRONZE, Tier.GOLD, False),
        (Tier.SILVER, Tier.BRONZE, True),
        (Tier.PLATINUM, None, False),
    ],
)
def test_cases_above_the_claimed_tier_need_not_hold(tier: Tier, claimed: Tier | None, beyond: bool) -> None:
    assert is_beyond(tier, claimed) is beyond
