"""Carbohydrate and protein by how much is trained: ACSM, AND and DC 2016, after Burke 2011."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from hub_core.domain.science._ranges import check_range


class DayLoad(StrEnum):
    """The table's kinds of day."""

    LIGHT = "light"
    MODERATE = "moderate"
    HIGH = "high"
    VERY_HIGH = "very_high"


class Grams(NamedTuple):
    """From and to."""

    low: float
    high: float


#: g per kg and day. The bands overlap on purpose.
CARBOHYDRATE_G_PER_KG = {
    DayLoad.LIGHT: Grams(3, 5),
    DayLoad.MODERATE: Grams(5, 7),
    DayLoad.HIGH: Grams(6, 10),
    DayLoad.VERY_HIGH: Grams(8, 12),
}
PROTEIN_G_PER_KG = Grams(1.2, 2.0)


def day_load(hours: float) -> DayLoad:
    """The kind of day by its hours of training.

    The table says "about 1 h", "1 to 3 h" and "more than 4 to 5 h". Where one ends is ours: light up to 45
    minutes, moderate up to 75, high up to 4 hours.
    """
    check_range("hours", hours, 0, 24, "h")
    if hours <= 0.75:
        return DayLoad.LIGHT
    if hours <= 1.25:
        return DayLoad.MODERATE
    return DayLoad.HIGH if hours <= 4 else DayLoad.VERY_HIGH


def carbohydrate_g(weight_kg: float, load: DayLoad) -> Grams:
    """Carbohydrate for a day, in g, by body mass in kg.

    Light 3–5, moderate 5–7, high 6–10, very high 8–12 g/kg.
    """
    return _for(weight_kg, CARBOHYDRATE_G_PER_KG[load])


def protein_g(weight_kg: float) -> Grams:
    """Protein for a day, in g, by body mass in kg: 1.2–2.0 g/kg."""
    return _for(weight_kg, PROTEIN_G_PER_KG)


def _for(weight_kg: float, per_kg: Grams) -> Grams:
    check_range("weight_kg", weight_kg, 20, 300, "kg")
    return Grams(per_kg.low * weight_kg, per_kg.high * weight_kg)


def during_g_per_h(hours: float) -> Grams:
    """Carbohydrate during `hours` of exercise, in g per hour.

    None under 75 min, 30–60 up to 2.5 h, then up to 90.

    Above 60 several carbohydrates are needed, and a stomach that has practised.
    """
    check_range("hours", hours, 0, 48, "h")
    if hours < 1.25:
        return Grams(0, 0)
    return Grams(30, 60) if hours <= 2.5 else Grams(30, 90)
