"""Wind chill, and what cold does to skin."""

from __future__ import annotations

import math
from enum import StrEnum

from hub_core.domain.science._ranges import check_range, check_temperature, check_wind
from hub_core.domain.science.units import ms_to_kmh

#: The chart of Environment Canada: temperature in °C, wind at 10 m in km/h.
CHART_C = (-50, 5)
CHART_KMH = (5, 80)


class ColdRisk(StrEnum):
    """Environment Canada's steps."""

    NONE = "none"
    LOW = "low"
    UNCOMFORTABLE = "uncomfortable"
    FROSTBITE_PROLONGED = "frostbite_prolonged"
    FROSTBITE_MINUTES = "frostbite_minutes"


#: The step that holds down to each wind chill (°C), from the coldest.
_RISK_BELOW_C = (
    (-35, ColdRisk.FROSTBITE_MINUTES),
    (-27, ColdRisk.FROSTBITE_PROLONGED),
    (-10, ColdRisk.UNCOMFORTABLE),
    (0, ColdRisk.LOW),
)


def wind_chill_f(temperature_f: float, wind_mph: float) -> float | None:
    """Wind chill in °F at `temperature_f` (°F) and a wind of `wind_mph` at 10 m.

    35.74 + 0.6215·T − 35.75·V^0.16 + 0.4275·T·V^0.16, US National Weather Service 2001. Valid up to 50 °F and
    above 3 mph; its chart ends at −45 °F and 60 mph. None outside: evaluated in warm air it gives nonsense.
    """
    check_temperature((temperature_f - 32) * 5 / 9, "temperature_f")
    check_range("wind_mph", wind_mph, 0, 257, "mph")
    if not -45 <= temperature_f <= 50 or not 3 < wind_mph <= 60:
        return None
    power = math.pow(wind_mph, 0.16)
    return 35.74 + 0.6215 * temperature_f - 35.75 * power + 0.4275 * temperature_f * power


def wind_chill_c(temperature_c: float, wind_kmh: float) -> float | None:
    """Wind chill in °C at `temperature_c` (°C) and a wind of `wind_kmh` (km/h, not m/s) at 10 m.

    13.12 + 0.6215·T − 11.37·V^0.16 + 0.3965·T·V^0.16, Environment Canada. Valid as its chart is, from −50 to
    5 °C and from 5 to 80 km/h; None outside. A runner's own speed is no part of it.
    """
    check_temperature(temperature_c)
    check_range("wind_kmh", wind_kmh, 0, 414, "km/h")
    if not CHART_C[0] <= temperature_c <= CHART_C[1] or not CHART_KMH[0] <= wind_kmh <= CHART_KMH[1]:
        return None
    power = math.pow(wind_kmh, 0.16)
    return 13.12 + 0.6215 * temperature_c - 11.37 * power + 0.3965 * temperature_c * power


def felt_cold_c(temperature_c: float, wind_ms: float) -> float:
    """How cold it feels on bare skin, in °C: the wind chill, or the air where there is none.

    `wind_ms` is in m/s at 10 m. Beyond the chart's 80 km/h its last column is taken, a number that is too
    warm; colder than −50 °C the air is taken, which is the last step already.
    """
    check_wind(wind_ms)
    chill = wind_chill_c(temperature_c, min(ms_to_kmh(wind_ms), CHART_KMH[1]))
    return temperature_c if chill is None else min(chill, temperature_c)


def cold_risk(felt_c: float) -> ColdRisk:
    """Environment Canada's step for what `felt_cold_c` says.

    From 0 down low, from −10 uncomfortable, from −27 frostbite when out for long, from −35 within 15 minutes.
    """
    check_range("felt_c", felt_c, -130, 65, "°C")
    return next((risk for highest, risk in _RISK_BELOW_C if felt_c <= highest), ColdRisk.NONE)
