"""There and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science import units

PAIRS = [
    (units.c_to_f, units.f_to_c),
    (units.ms_to_kmh, units.kmh_to_ms),
    (units.ms_to_mph, units.mph_to_ms),
    (units.speed_to_pace, units.pace_to_speed),
]


@pytest.mark.parametrize(("there", "back"), PAIRS, ids=lambda one: one.__name__)
@given(value=st.floats(0.01, 1000))
def test_units_convert_both_ways(
    there: Callable[[float], float], back: Callable[[float], float], value: float
) -> None:
    assert back(there(value)) == pytest.approx(value)
    assert there(back(value)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("convert", "value", "expected"),
    [
        (units.c_to_f, 100, 212),
        (units.c_to_f, -40, -40),
        (units.ms_to_kmh, 10, 36),
        (units.ms_to_mph, 4.4704, 10),
        (units.pace_to_speed, 240, 4.1667),
    ],
)
def test_known_values(convert: Callable[[float], float], value: float, expected: float) -> None:
    assert convert(value) == pytest.approx(expected, abs=1e-4)
