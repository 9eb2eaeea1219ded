"""The heat index of the US National Weather Service, and its bands."""

from __future__ import annotations

import math
from enum import StrEnum

from hub_core.domain.science._ranges import check_humidity, check_temperature
from hub_core.domain.science.units import c_to_f, f_to_c

#: Below 40 °F the weather service's own calculator gives the air temperature; the dry correction ends at 112
#: °F.
VALID_F = (40, 112)
#: The printed table ends at 137 °F; the regression's error is 1.3 °F. Beyond are no data of Steadman's.
HIGHEST_F = 137 + 1.3
#: From here on the regression is used, before it the simple form.
_REGRESSION_FROM_F = 80


class HeatRisk(StrEnum):
    """The weather service's words for a heat index."""

    NONE = "none"
    CAUTION = "caution"
    EXTREME_CAUTION = "extreme_caution"
    DANGER = "danger"
    EXTREME_DANGER = "extreme_danger"


#: From which heat index (°F) each word is used, in the newer scheme; older tables have 105 and 130.
RISK_FROM_F = {
    HeatRisk.EXTREME_DANGER: 125,
    HeatRisk.DANGER: 103,
    HeatRisk.EXTREME_CAUTION: 90,
    HeatRisk.CAUTION: 80,
}


def rothfusz_f(temperature_f: float, humidity_pct: float) -> float:
    """Rothfusz's regression of Steadman's table alone, in °F: what the printed table holds.

    Only sensible inside of that table (80 to 110 °F); `heat_index_f` is what people should be shown.
    """
    t, r = temperature_f, humidity_pct
    return (
        -42.379
        + 2.04901523 * t
        + 10.14333127 * r
        - 0.22475541 * t * r
        - 0.00683783 * t * t
        - 0.05481717 * r * r
        + 0.00122874 * t * t * r
        + 0.00085282 * t * r * r
        - 0.00000199 * t * t * r * r
    )


def heat_index_f(temperature_f: float, humidity_pct: float) -> float | None:
    """The heat index in °F at `temperature_f` (°F) and `humidity_pct` (%), in the shade with a light wind.

    NWS Weather Prediction Center, "The Heat Index Equation": the mean of T and 0.5·(T + 61 + 1.2·(T − 68) +
    0.094·RH); from 80 °F on the regression of Rothfusz, less ((13 − RH)/4)·√((17 − |T − 95|)/17) under 13 %
    and up to 112 °F, plus ((RH − 85)/10)·((87 − T)/5) above 85 % and up to 87 °F. Some libraries give the
    simple form without the mean: under 1 °F apart.

    Valid from 40 to 112 °F, error 1.3 °F; full sun can add 15 °F. None outside, and where the regression
    leaves the published table (above 138.3 °F): `heat_risk` tells what that means.
    """
    check_temperature(f_to_c(temperature_f), "temperature_f")
    check_humidity(humidity_pct)
    t, r = temperature_f, humidity_pct
    if not VALID_F[0] <= t <= VALID_F[1]:
        return None
    simple = (0.5 * (t + 61 + 1.2 * (t - 68) + 0.094 * r) + t) / 2
    if simple < _REGRESSION_FROM_F:
        return simple
    index = rothfusz_f(t, r)
    if r < 13 and t >= 80:
        index -= (13 - r) / 4 * math.sqrt((17 - abs(t - 95)) / 17)
    elif r > 85 and 80 <= t <= 87:
        index += (r - 85) / 10 * (87 - t) / 5
    return index if index <= HIGHEST_F else None


def heat_index_c(temperature_c: float, humidity_pct: float) -> float | None:
    """`heat_index_f` in degrees Celsius: valid from 4.4 to 44.4 °C, None outside."""
    check_temperature(temperature_c)
    index = heat_index_f(c_to_f(temperature_c), humidity_pct)
    return None if index is None else f_to_c(index)


def heat_risk(temperature_c: float, humidity_pct: float) -> HeatRisk:
    """The weather service's band. Hotter than its table is the highest band, colder the lowest."""
    check_temperature(temperature_c)
    if c_to_f(temperature_c) < VALID_F[0]:
        return HeatRisk.NONE
    index = heat_index_f(c_to_f(temperature_c), humidity_pct)
    if index is None:
        return HeatRisk.EXTREME_DANGER
    return next((risk for risk, lowest in RISK_FROM_F.items() if index >= lowest), HeatRisk.NONE)
