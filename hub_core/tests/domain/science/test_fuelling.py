"""Carbohydrate and protein against the table of the position stand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.fuelling import DayLoad, carbohydrate_g, day_load, during_g_per_h, protein_g
from hub_core.errors import InvalidInputError


def test_the_table_in_every_cell(oracles: dict[str, Any]) -> None:
    rows = oracles["carbohydrate"]["rows"]
    assert [name for name, *_ in rows] == list(DayLoad)
    for name, low, high in rows:
        assert carbohydrate_g(1 * 50, DayLoad(name)) == (50 * low, 50 * high)


def test_seventy_kilograms_on_a_high_day() -> None:
    assert carbohydrate_g(70, DayLoad.HIGH) == (420, 700)
    assert protein_g(70) == (pytest.approx(84), pytest.approx(140))


@pytest.mark.parametrize(
    ("hours", "load"),
    [
        (0, DayLoad.LIGHT),
        (1, DayLoad.MODERATE),
        (1.5, DayLoad.HIGH),
        (3, DayLoad.HIGH),
        (5, DayLoad.VERY_HIGH),
    ],
)
def test_kinds_of_day(hours: float, load: DayLoad) -> None:
    assert day_load(hours) is load


@given(st.floats(0, 20), st.floats(0, 4))
def test_more_training_never_needs_less(hours: float, more: float) -> None:
    for low, high in zip(
        carbohydrate_g(70, day_load(hours)), carbohydrate_g(70, day_load(hours + more)), strict=True
    ):
        assert low <= high
    assert during_g_per_h(hours).high <= during_g_per_h(hours + more).high


def test_during() -> None:
    assert during_g_per_h(1) == (0, 0)
    assert during_g_per_h(2) == (30, 60)
    assert during_g_per_h(4) == (30, 90)


def test_a_weight_in_grams_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="weight_kg"):
        protein_g(70_000)
