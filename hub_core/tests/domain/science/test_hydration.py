"""Sweat and drinking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.hydration import body_mass_loss_pct, drinking_l_per_h, sweat_rate_l_per_h
from hub_core.errors import InvalidInputError


def test_a_weighed_run() -> None:
    assert sweat_rate_l_per_h(70.0, 68.6, 0.5, 1.5) == pytest.approx(1.267, abs=0.001)
    assert body_mass_loss_pct(70.0, 68.6) == pytest.approx(2.0)


@given(st.floats(45, 110), st.floats(0.5, 8), st.floats(0, 2.5))
def test_nobody_is_told_to_drink_more_than_they_sweat_or_to_lose_more_than_two_percent(
    weight: float, hours: float, sweat: float
) -> None:
    drinking = drinking_l_per_h(hours, weight, sweat)
    assert 0 <= drinking.low <= drinking.high <= sweat
    lost_kg = (sweat - drinking.low) * hours
    assert lost_kg <= weight * 0.02 + 1e-9


def test_a_runner_who_never_weighed_themselves_gets_the_stands_range() -> None:
    assert drinking_l_per_h(4) == drinking_l_per_h(4, 70) == (0.4, 0.8)
    assert drinking_l_per_h(4, None, 0.5) == (0.4, 0.5)


def test_impossible_weights_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="check the weights"):
        sweat_rate_l_per_h(70, 75, 0, 1)
    with pytest.raises(InvalidInputError, match="hours"):
        sweat_rate_l_per_h(70, 69, 0, 0)
