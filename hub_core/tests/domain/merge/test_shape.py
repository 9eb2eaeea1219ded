"""Curves on a common clock."""

from __future__ import annotations

import pytest

from hub_core.domain.merge.shape import compare_shapes
from hub_core.domain.series import Series
from hub_core.testing.statements import curve


@pytest.mark.parametrize("shift", [-600, -120, 0, 90, 600])
def test_the_shift_is_found_within_ten_minutes(shift: int) -> None:
    found = compare_shapes(curve("power_w"), curve("power_w", every_s=3), "power_w", shift)
    assert found is not None
    assert found.shift_s == shift
    assert found.correlation > 0.99


def test_intervals_that_look_alike_one_later_move_no_clock() -> None:
    # The second device lost the pulse for some minutes, so that no shift fits perfectly.
    worn = curve("power_w", seconds=1800)
    times, power = worn.column("time_s"), worn.column("power_w")
    assert times is not None
    assert power is not None
    power[40:120] = power.mean() + 5 * (times[40:120] % 3)
    found = compare_shapes(worn, Series.of({"time_s": times, "power_w": power}), "power_w", 0)
    assert found is not None
    assert found.shift_s == 0


def test_flat_or_short_curves_say_nothing() -> None:
    flat = Series.of({"time_s": range(0, 3600, 5), "power_w": [200.0] * 720})
    assert compare_shapes(curve("power_w"), flat, "power_w", 0) is None
    assert compare_shapes(curve("power_w"), curve("power_w", seconds=240), "power_w", 0) is None
    assert compare_shapes(curve("power_w"), curve("heart_rate_bpm"), "power_w", 0) is None
    assert compare_shapes(curve("power_w"), Series.of({"time_s": [], "power_w": []}), "power_w", 0) is None


def test_a_pause_is_a_gap_and_no_straight_line() -> None:
    whole = curve("power_w")
    times, power = whole.column("time_s"), whole.column("power_w")
    assert times is not None
    assert power is not None
    kept = (times < 1000) | (times > 2500)
    paused = Series.of({"time_s": times[kept], "power_w": power[kept]})
    found = compare_shapes(whole, paused, "power_w", 0)
    assert found is not None
    assert found.correlation > 0.999
