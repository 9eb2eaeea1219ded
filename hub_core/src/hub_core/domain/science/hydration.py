"""Sweat and drinking."""

from __future__ import annotations

from typing import NamedTuple

from hub_core.domain.science._ranges import check_range
from hub_core.errors import InvalidInputError

#: More loss of body mass than this costs performance (ACSM 2007).
MOST_LOSS_PCT = 2.0
#: A marathon's starting range, litres per hour (ACSM 2007): little for the light and slow, more in the heat.
START_L_PER_H = (0.4, 0.8)
#: Before exercise, at least 4 hours ahead, mL per kg (ACSM 2007).
BEFORE_ML_PER_KG = (5, 7)
#: Shorter than this, cool and easy: thirst is enough (Kenefick 2018).
THIRST_UP_TO_MIN = 90


class Drinking(NamedTuple):
    """Litres per hour, from and to."""

    low: float
    high: float


def sweat_rate_l_per_h(
    before_kg: float, after_kg: float, drunk_l: float, hours: float, urine_l: float = 0
) -> float:
    """Sweat in litres per hour: (mass before − mass after + drunk − urine) / hours, 1 kg as 1 L (ACSM 2007).

    Raises `InvalidInputError` for values that can't be, and when the sum says that nothing was sweated.
    """
    check_range("before_kg", before_kg, 20, 300, "kg")
    check_range("after_kg", after_kg, 20, 300, "kg")
    check_range("drunk_l", drunk_l, 0, 30, "L")
    check_range("urine_l", urine_l, 0, 10, "L")
    check_range("hours", hours, 0.1, 48, "h")
    rate = (before_kg - after_kg + drunk_l - urine_l) / hours
    if not 0 <= rate <= 5:
        raise InvalidInputError(f"{rate:.2f} L/h can't be; check the weights", path="after_kg")
    return rate


def body_mass_loss_pct(before_kg: float, after_kg: float) -> float:
    """Percent of body mass that is gone; negative for somebody who drank too much."""
    check_range("before_kg", before_kg, 20, 300, "kg")
    check_range("after_kg", after_kg, 20, 300, "kg")
    return (before_kg - after_kg) / before_kg * 100


def drinking_l_per_h(
    hours: float, weight_kg: float | None = None, sweat_l_per_h: float | None = None
) -> Drinking:
    """What to drink in an exercise of `hours`, in litres per hour.

    With body mass (kg) and sweat rate (L/h): from what keeps the loss at 2 % up to the sweat rate itself.
    Otherwise ACSM's starting range for a marathon, 0.4 to 0.8 L/h, to be tested. In no case more than is
    known to be sweated: that is dangerous (hyponatraemia).
    """
    check_range("hours", hours, 0.01, 48, "h")
    if sweat_l_per_h is None:
        return Drinking(*START_L_PER_H)
    check_range("sweat_l_per_h", sweat_l_per_h, 0, 5, "L/h")
    if weight_kg is None:
        return Drinking(*(min(litres, sweat_l_per_h) for litres in START_L_PER_H))
    check_range("weight_kg", weight_kg, 20, 300, "kg")
    needed = max(sweat_l_per_h - weight_kg * MOST_LOSS_PCT / 100 / hours, 0)
    return Drinking(needed, sweat_l_per_h)
