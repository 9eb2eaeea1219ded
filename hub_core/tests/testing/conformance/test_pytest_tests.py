"""What pytest says of a promise that isn't kept depends on the tier that the manifest claims."""

from __future__ import annotations

import pytest

from hub_core.sdk import Tier
from hub_core.testing.conformance.pytest_tests import is_beyond


@pytest.mark.parametrize(
    ("tier", "claimed", "beyond"),
    [
        (Tier.PLATINUM, Tier.GOLD, True),
        (Tier.SILVER, Tier.BRONZE, True),
        (Tier.GOLD, Tier.GOLD, False),
        (Tier.BRONZE, Tier.PLATINUM, False),
        (Tier.PLATINUM, None, False),  # a plugin that claims none is told of all
    ],
)
def test_only_what_is_beyond_the_claimed_tier_is_left_open(
    tier: Tier, claimed: Tier | None, *, beyond: bool
) -> None:
    assert is_beyond(tier, claimed) is beyond
