"""Apparent temperature after Steadman, as Australia's Bureau of Meteorology computes it."""

from __future__ import annotations

from hub_core.domain.science._ranges import check_range, check_wind
from hub_core.domain.science.humidity import vapour_pressure_hpa


def apparent_temperature_c(
    temperature_c: float, humidity_pct: float, wind_ms: float, absorbed_wm2: float | None = None
) -> float:
    """How warm it feels, in °C: one formula without branches, for cold and for heat.

    In the shade T + 0.33·e − 0.70·v − 4.00; with `absorbed_wm2`, the net radiation that a body takes up in W
    per m² of its surface, T + 0.348·e − 0.70·v + 0.70·Q/(v + 10) − 4.25. `e` is the vapour pressure in hPa,
    `v` the wind at 10 m in m/s. Steadman 1994, Bureau of Meteorology. The reference is a dew point of 14 °C
    in calm air. Open-Meteo's `apparent_temperature` is a variant of its own, and so is OpenWeather's.
    """
    check_wind(wind_ms)
    vapour = vapour_pressure_hpa(temperature_c, humidity_pct)
    if absorbed_wm2 is None:
        return temperature_c + 0.33 * vapour - 0.70 * wind_ms - 4.00
    check_range("absorbed_wm2", absorbed_wm2, -200, 1400, "W/m²")
    sun = 0.70 * absorbed_wm2 / (wind_ms + 10)
    return temperature_c + 0.348 * vapour - 0.70 * wind_ms + sun - 4.25
