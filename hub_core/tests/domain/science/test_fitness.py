"""CTL, ATL and TSB against computed tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.science.fitness import (
    FitnessDay,
    Smoothing,
    ctl_after,
    day_weight,
    fitness_curve,
    load_for_ramp,
)
from hub_core.errors import InvalidInputError

DAY = dt.date(2026, 1, 1)


def days(count: int) -> list[dt.date]:
    return [DAY + dt.timedelta(days=number) for number in range(count)]


def curve(loads: list[float], smoothing: Smoothing = Smoothing.TRAININGPEAKS) -> tuple[FitnessDay, ...]:
    dates = days(len(loads))
    return fitness_curve(dict(zip(dates, loads, strict=True)), dates[0], dates[-1], smoothing=smoothing)


def test_a_hundred_every_day_in_every_cell(oracles: dict[str, Any]) -> None:
    by_tp, by_exp = curve([100] * 42), curve([100] * 42, Smoothing.EXPONENTIAL)
    for day, ctl_tp, ctl_exp, atl_tp, atl_exp in oracles["fitness"]["rows"]:
        tp, exp = by_tp[day - 1], by_exp[day - 1]
        assert (tp.ctl, exp.ctl) == (pytest.approx(ctl_tp, abs=0.0006), pytest.approx(ctl_exp, abs=0.0006))
        assert (tp.atl, exp.atl) == (pytest.approx(atl_tp, abs=0.0006), pytest.approx(atl_exp, abs=0.0006))


def test_form_is_of_the_morning() -> None:
    first, second = curve([100, 0])
    assert first.tsb == 0
    assert second.tsb == first.ctl - first.atl < 0


def test_a_day_that_is_not_there_is_a_day_of_rest() -> None:
    sparse = fitness_curve({DAY: 100}, DAY, DAY + dt.timedelta(days=3))
    assert sparse == curve([100, 0, 0, 0])
    assert [day.date for day in sparse] == days(4)


@given(st.lists(st.floats(0, 500), min_size=1, max_size=60), st.floats(0, 150), st.floats(0, 150))
def test_averages_stay_between_what_they_are_of(loads: list[float], ctl: float, atl: float) -> None:
    dates = days(len(loads))
    found = fitness_curve(dict(zip(dates, loads, strict=True)), dates[0], dates[-1], ctl=ctl, atl=atl)
    for day in found:
        assert min(0, *loads) <= day.ctl <= max(ctl, *loads) + 1e-9
        assert 0 <= day.atl <= max(atl, *loads) + 1e-9
    assert ctl_after(ctl, loads) == pytest.approx(found[-1].ctl)


@given(st.floats(0, 150), st.floats(0, 8), st.integers(1, 28))
def test_the_load_for_a_ramp_makes_that_ramp(ctl: float, ramp: float, count: int) -> None:
    load = load_for_ramp(ctl, ramp, count)
    assert ctl_after(ctl, [load] * count) == pytest.approx(ctl + ramp)


def test_five_points_in_a_week() -> None:
    """From a CTL of 50, +5 in a week needs 575 TSS (82.2 a day)."""
    assert load_for_ramp(50, 5) == pytest.approx(82.2, abs=0.05)
    assert 7 * load_for_ramp(50, 5) == pytest.approx(575, abs=0.6)


def test_what_cant_be() -> None:
    with pytest.raises(InvalidInputError, match="ramp"):
        load_for_ramp(10, -5)
    with pytest.raises(InvalidInputError, match="last"):
        fitness_curve({}, DAY, DAY - dt.timedelta(days=1))
    with pytest.raises(InvalidInputError, match="loads"):
        fitness_curve({DAY: -1}, DAY, DAY)
    assert day_weight(42) == pytest.approx(1 / 42)
