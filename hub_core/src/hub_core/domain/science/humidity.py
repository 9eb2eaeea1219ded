"""Dew point and vapour pressure."""

from __future__ import annotations

import math

from hub_core.domain.science._ranges import check_humidity, check_range, check_temperature

#: Magnus coefficients of Alduchov and Eskridge, J. Appl. Meteor. 35 (1996).
_A, _B_C = 17.625, 243.04
#: Where they were fitted, over water.
MAGNUS_RANGE_C = (-40, 50)


def dew_point_c(temperature_c: float, humidity_pct: float) -> float | None:
    """The dew point in °C of air at `temperature_c` (°C) with `humidity_pct` (%).

    γ = ln(RH/100) + 17.625·T / (243.04 + T), Td = 243.04·γ / (17.625 − γ): Magnus with the coefficients of
    Alduchov and Eskridge (1996), within 0.35 °C over water from −40 to 50 °C. None outside of these
    temperatures. Below 1 % the logarithm runs away, and 1 % is taken.
    """
    check_temperature(temperature_c)
    check_humidity(humidity_pct)
    if not MAGNUS_RANGE_C[0] <= temperature_c <= MAGNUS_RANGE_C[1]:
        return None
    gamma = math.log(max(humidity_pct, 1) / 100) + _A * temperature_c / (_B_C + temperature_c)
    return _B_C * gamma / (_A - gamma)


def relative_humidity_pct(temperature_c: float, dew_point_c: float) -> float | None:
    """The relative humidity in % of air at `temperature_c` whose dew point is `dew_point_c` (both °C).

    The inverse of `dew_point_c`, in the same range of temperature; None outside of it, and for a dew point so
    low that it belongs to less than 1 %. Raises `InvalidInputError` for a dew point above the temperature by
    more than 0.5 °C, which rounding at the source may explain; up to there it is 100 %.
    """
    check_temperature(temperature_c)
    check_range("dew_point_c", dew_point_c, -95, temperature_c + 0.5, "°C")
    if not MAGNUS_RANGE_C[0] <= temperature_c <= MAGNUS_RANGE_C[1]:
        return None
    spread = _A * dew_point_c / (_B_C + dew_point_c) - _A * temperature_c / (_B_C + temperature_c)
    percent = min(100 * math.exp(spread), 100)
    return percent if percent >= 1 else None


def vapour_pressure_hpa(temperature_c: float, humidity_pct: float) -> float:
    """The pressure in hPa of the water vapour in air at `temperature_c` (°C) with `humidity_pct` (%).

    e = RH/100 · 6.105 · exp(17.27·T / (237.7 + T)): the form that Australia's Bureau of Meteorology uses in
    its apparent temperature and WBGT.
    """
    check_temperature(temperature_c)
    check_humidity(humidity_pct)
    return humidity_pct / 100 * 6.105 * math.exp(17.27 * temperature_c / (237.7 + temperature_c))
