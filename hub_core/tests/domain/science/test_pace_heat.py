"""Slow-down by heat against Hadley's table, Mantzios' rule and Ely's marathons."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.pace_heat import marathon_record_gap, slow_down_by_dew_point, slow_down_by_wbgt
from hub_core.domain.science.units import f_to_c
from hub_core.errors import InvalidInputError


def by_sum(total_f: float) -> tuple[float, float, float] | None:
    """Hadley for a sum in °F, with the dew point 10 °F below the temperature."""
    return slow_down_by_dew_point(f_to_c(total_f / 2 + 5), f_to_c(total_f / 2 - 5))


def test_hadleys_table_in_every_row(oracles: dict[str, Any]) -> None:
    previous = 60
    for last, low, high in oracles["hadley"]["rows"]:
        for total in (previous + 1, (previous + last) / 2, last - 0.001):
            found = by_sum(total)
            assert found is not None
            assert (found[0], found[2]) == (low, high)
            assert low <= found[1] <= high
        previous = last
    assert by_sum(180.1) is None


def test_hadleys_own_example() -> None:
    """74 °F with a dew point of 71 °F: 3 to 4.5 %, and 7:00 a mile becomes 7:12.6 to 7:18.9."""
    found = slow_down_by_dew_point(f_to_c(74), f_to_c(71))
    assert found is not None
    assert (found.low, found.high) == (3, 4.5)
    assert 420 * (1 + found.low / 100) == pytest.approx(432.6)
    assert 420 * (1 + found.high / 100) == pytest.approx(438.9)


@given(st.floats(-10, 40), st.floats(0, 20), st.floats(0, 3))
def test_hadley_rises_without_a_jump(temperature: float, spread: float, more: float) -> None:
    here = slow_down_by_dew_point(temperature, temperature - spread)
    hotter = slow_down_by_dew_point(temperature + more, temperature + more - spread)
    if here is None:
        assert hotter is None
    elif hotter is not None:
        # 0.2 % for each °F of the sum at its steepest, and both numbers move.
        assert 0 <= hotter.likely - here.likely + 1e-9 <= 0.2 * 3.6 * more + 1e-6


@pytest.mark.parametrize(
    ("wbgt", "low", "high"), [(25, 3.0, 4.0), (2, 1.65, 2.2), (10, 0, 0), (7.5, 0, 0), (15, 0, 0)]
)
def test_mantzios(wbgt: float, low: float, high: float) -> None:
    found = slow_down_by_wbgt(wbgt)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@given(st.floats(0, 27.7), st.floats(0, 0.1), st.floats(1, 2))
def test_mantzios_has_no_jump_and_grows_with_the_level(wbgt: float, more: float, level: float) -> None:
    here, warmer = slow_down_by_wbgt(wbgt), slow_down_by_wbgt(wbgt + more)
    slower = slow_down_by_wbgt(wbgt, level)
    assert here is not None
    assert warmer is not None
    assert slower is not None
    assert abs(warmer.likely - here.likely) <= 0.35 * more + 1e-9
    assert slower.likely == pytest.approx(level * here.likely)


@pytest.mark.parametrize("wbgt", [-0.1, 27.9, 40])
def test_no_pace_is_told_where_nobody_should_run_or_nobody_measured(wbgt: float) -> None:
    assert slow_down_by_wbgt(wbgt) is None


def test_elys_marathons_in_every_cell(oracles: dict[str, Any]) -> None:
    for first, last, *cells in oracles["ely_2007"]["rows"]:
        for wbgt in (first, last):
            men, women = marathon_record_gap(wbgt), marathon_record_gap(wbgt, women=True)
            assert men is not None
            assert women is not None
            assert [*men, *women] == cells
    assert marathon_record_gap(5) is None
    assert marathon_record_gap(25.1) is None


def test_the_rule_agrees_with_the_marathons() -> None:
    """What Ely's men lost against the coolest quartile is within one deviation of the rule for elites."""
    cool = marathon_record_gap(7.5)
    assert cool is not None
    for wbgt in (12.5, 17.5, 22.5):
        seen, rule = marathon_record_gap(wbgt), slow_down_by_wbgt(wbgt)
        assert seen is not None
        assert rule is not None
        assert abs(seen.mean - cool.mean - rule.likely) < seen.deviation


def test_a_dew_point_above_the_temperature_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="dew_point_c"):
        slow_down_by_dew_point(20, 25)
