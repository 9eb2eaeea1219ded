"""A day's meals become its totals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from hub_core.sdk import NutritionDay
from hub_mfp.schemas import Contents, Energy

#: One of theirs in kcal. "Calories" are kilocalories there, as on every label.
_KCAL = {"calories": 1.0, "kilojoules": 1 / 4.184}
_LARGEST = 1e6


def to_day(date: dt.date, meals: Iterable[Contents]) -> NutritionDay:
    """The totals of a day; all None when nothing was logged.

    What no meal tells stays None, which is not zero. A day of nothing but zeros is a diary that was opened,
    and not a fast. The vendor tells no version: what was heard last stands.
    """
    told = list(meals)
    totals = (
        _total(_kcal(one.energy) for one in told if one.energy is not None),
        _total(one.carbohydrates for one in told if one.carbohydrates is not None),
        _total(one.protein for one in told if one.protein is not None),
        _total(one.fat for one in told if one.fat is not None),
    )
    if not any(totals):
        totals = (None, None, None, None)
    return NutritionDay(date, f"diary-{date}", 0, *totals)


def _total(parts: Iterable[float | None]) -> float | None:
    """A sum; None without parts, and when one of them is nothing that a person can have eaten."""
    values = list(parts)
    known = [value for value in values if value is not None and 0 <= value < _LARGEST]
    return round(sum(known), 2) if known and len(known) == len(values) else None


def _kcal(energy: Energy) -> float | None:
    factor = _KCAL.get(energy.unit or "")
    return None if factor is None or energy.value is None else energy.value * factor
