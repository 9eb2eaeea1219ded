"""How much slower heat (and cold) makes a runner."""

from __future__ import annotations

from typing import NamedTuple

from hub_core.domain.science._ranges import check_range, check_temperature, interpolate
from hub_core.domain.science.units import c_to_f
from hub_core.domain.science.wbgt import CANCEL_ABOVE_C


class SlowDown(NamedTuple):
    """Percent that a pace is slower: the likely value, and between which ones it may be."""

    low: float
    likely: float
    high: float


class RecordGap(NamedTuple):
    """Percent behind the course record: mean and standard deviation."""

    mean: float
    deviation: float


#: Sum of temperature and dew point in °F, and the percentage that is reached there.
_HADLEY = ((100, 0), (110, 0.5), (120, 1), (130, 2), (140, 3), (150, 4.5), (160, 6), (170, 8), (180, 10))
#: Best WBGT for runners, and percent per °C outside of it (Mantzios 2022).
BEST_WBGT_C = (7.5, 15.0)
_PER_DEGREE = SlowDown(0.3, 0.35, 0.4)
#: The coldest race that the rule is used for; colder is beyond its data, hotter is beyond reason.
COLDEST_WBGT_C = 0.0
#: Of Ely's quartiles: the last degree, men, women.
_ELY = (
    (10.0, RecordGap(1.7, 1.5), RecordGap(3.2, 4.9)),
    (15.0, RecordGap(2.5, 2.1), RecordGap(3.2, 2.9)),
    (20.0, RecordGap(3.3, 2.0), RecordGap(3.8, 3.2)),
    (25.0, RecordGap(4.5, 2.3), RecordGap(5.4, 4.1)),
)


def slow_down_by_wbgt(wbgt_c: float, level: float = 1.0) -> SlowDown | None:
    """Percent slower at a WBGT in °C: 0.3 to 0.4 for each degree outside of 7.5 to 15 °C, either side.

    Mantzios et al. 2022, 1258 races of elites. `level` multiplies it (1 elite; 1.5 to 2 for the rest is our
    reading of studies that disagree). None below 0 °C, where the rule has no data, and above ACSM's cancel
    level, 27.8 °C, where nobody should be told a pace.
    """
    check_range("wbgt_c", wbgt_c, -60, 80, "°C")
    check_range("level", level, 0.5, 3)
    if not COLDEST_WBGT_C <= wbgt_c <= CANCEL_ABOVE_C:
        return None
    degrees = max(BEST_WBGT_C[0] - wbgt_c, wbgt_c - BEST_WBGT_C[1], 0)
    return SlowDown(*(level * degrees * percent for percent in _PER_DEGREE))


def slow_down_by_dew_point(temperature_c: float, dew_point_c: float) -> SlowDown | None:
    """Percent slower by Hadley's table of temperature plus dew point: a coach's rule, for continuous runs.

    The table adds degrees *Fahrenheit*; the arguments are °C. `low` and `high` are the ends of its row,
    `likely` the line through the rows. Halve it for repeats of up to a mile. None above a sum of 180 °F,
    where it says that hard running isn't recommended. Raises `InvalidInputError` for a dew point above the
    temperature.
    """
    check_temperature(temperature_c)
    check_range("dew_point_c", dew_point_c, -95, temperature_c + 0.5, "°C")
    total = c_to_f(temperature_c) + c_to_f(dew_point_c)
    if total > _HADLEY[-1][0]:
        return None
    row = next(index for index, (edge, _) in enumerate(_HADLEY) if total <= edge)
    low = _HADLEY[row - 1][1] if row else 0
    return SlowDown(low, interpolate(_HADLEY, total), _HADLEY[row][1])


def marathon_record_gap(wbgt_c: float, *, women: bool = False) -> RecordGap | None:
    """Percent that the three first of seven marathons were behind the course record, by WBGT in °C.

    Ely et al. 2007, in quartiles from 5.1 to 25 °C; None outside. What the weather does is the difference to
    the coolest quartile. For women the trend wasn't significant.
    """
    check_range("wbgt_c", wbgt_c, -60, 80, "°C")
    if wbgt_c <= 5:
        return None
    return next((female if women else male for edge, male, female in _ELY if wbgt_c <= edge), None)
