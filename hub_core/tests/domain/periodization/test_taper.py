"""The decay of a taper."""

from __future__ import annotations

import math

import pytest

from hub_core.domain.periodization.taper import taper_decay_days


@pytest.mark.parametrize("days", range(8, 15))
def test_half_is_cut_in_every_length(days: int) -> None:
    decay = taper_decay_days(days)
    assert sum(math.exp(-day / decay) for day in range(days)) / days == pytest.approx(0.5)


def test_two_weeks_decay_in_eight_days() -> None:
    """τ = 8 cuts 49.8 % in 14 days; 5 would cut 63 %, which is too much."""
    assert taper_decay_days(14) == pytest.approx(8, abs=0.1)
    assert 1 - sum(math.exp(-day / 8) for day in range(14)) / 14 == pytest.approx(0.498, abs=0.001)
