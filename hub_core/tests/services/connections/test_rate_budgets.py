"""Calls are counted before they are made: in memory, and in Redis by the same rules."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.errors import ConfigurationError
from hub_core.sdk.manifest import RateBudget
from hub_core.services.connections.rate_budgets import (
    SLACK_S,
    MemoryBudgets,
    Window,
    read_budgets,
    windows_of,
)


async def test_a_window_takes_as_many_as_it_has_room_for() -> None:
    budgets, window = MemoryBudgets(), Window("acme", 3, 60)
    assert [await budgets.take((window,)) for _ in range(3)] == [0, 0, 0]
    assert 59 < await budgets.take((window,)) <= 60


async def test_a_call_counts_in_all_windows_or_in_none() -> None:
    budgets = MemoryBudgets()
    app, anna, ben = Window("acme", 3, 60), Window("acme:anna", 1, 60), Window("acme:ben", 5, 60)
    assert await budgets.take((app, anna)) == 0
    assert await budgets.take((app, anna)) > 0  # of the app's three, this has taken none
    assert [await budgets.take((app, ben)) for _ in range(2)] == [0, 0]
    assert await budgets.take((app, ben)) > 0


async def test_room_comes_back_when_the_oldest_call_leaves_the_window() -> None:
    budgets, window = MemoryBudgets(), Window("acme", 2, 0.05)
    assert [await budgets.take((window,)) for _ in range(2)] == [0, 0]
    wait_s = await budgets.take((window,))
    await asyncio.sleep(wait_s + 0.001)
    assert await budgets.take((window,)) == 0


async def test_a_pause_holds_whatever_was_counted_and_the_longer_one_lasts() -> None:
    budgets, window = MemoryBudgets(), Window("acme", 100, 1)
    await budgets.pause("acme", 60)
    await budgets.pause("acme", 5)
    assert 59 < await budgets.take((window,)) <= 60
    assert await budgets.take((Window("other", 1, 1),)) == 0


def test_background_work_leaves_room_and_athletes_have_windows_of_their_own() -> None:
    rates = (RateBudget(10, 1), RateBudget(5, 60, "athlete"))
    assert windows_of(rates, "acme", "ath_1", background=False) == (
        Window("acme", 10, 1 + SLACK_S),
        Window("acme:ath_1", 5, 60 + SLACK_S),
    )
    assert [one.calls for one in windows_of(rates, "acme", "ath_1", background=True)] == [8, 4]
    assert windows_of(rates, "acme", "", background=False) == (Window("acme", 10, 1 + SLACK_S),)


def test_an_operators_budgets_take_the_place_of_the_manifests() -> None:
    assert read_budgets("200/300, 1000/86400 athlete", "X") == (
        RateBudget(200, 300),
        RateBudget(1000, 86_400, "athlete"),
    )
    assert read_budgets("none", "X") == ()


@given(st.text(alphabet="019/, ateh-.x", max_size=12))
def test_budgets_are_read_whole_or_refused_by_the_variables_name(text: str) -> None:
    parts = [part.strip() for part in text.split(",")]
    well_formed = re.compile(r"0*[1-9]\d*/0*[1-9]\d*( +athlete)?")
    if all(well_formed.fullmatch(part) for part in parts):
        assert len(read_budgets(text, "HUB_ACME_RATE_BUDGETS")) == len(parts)
    else:
        with pytest.raises(ConfigurationError, match="HUB_ACME_RATE_BUDGETS"):
            read_budgets(text, "HUB_ACME_RATE_BUDGETS")
