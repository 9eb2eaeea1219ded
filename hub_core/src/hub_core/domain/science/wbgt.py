"""Wet bulb globe temperature: measured parts, an estimate that names its error, and the flags of races."""

from __future__ import annotations

import math
from enum import StrEnum

import msgspec

from hub_core.domain.science._ranges import check_humidity, check_range, check_temperature
from hub_core.domain.science.humidity import vapour_pressure_hpa

#: Stull's range: °C, %.
STULL_C = (-20, 50)
STULL_PCT = (5, 99)
#: From this radiation (W/m²) on the sun counts as the strong sun that is built into the simplified form.
FULL_SUN_WM2 = 800
#: Marathon starters: caution, and do not start (Roberts 2010, Twin Cities; not acclimatised, above 40°
#: north).
START_CAUTION_C, DO_NOT_START_C = 17.0, 20.5


class WbgtMethod(StrEnum):
    """Where an estimate comes from."""

    #: Temperature and humidity only; strong sun and a light wind are built in.
    SIMPLIFIED = "simplified"
    #: Between the shade and the simplified form, by the radiation.
    BY_RADIATION = "by_radiation"


class WbgtEstimate(msgspec.Struct, frozen=True):
    """`value_c`, and between which values it may be: in the shade, and in strong sun and light wind."""

    value_c: float
    shade_c: float
    sun_c: float
    method: WbgtMethod
    error: str


_ERRORS = {
    WbgtMethod.SIMPLIFIED: "strong sun and a light wind taken for granted: too high at night or in wind",
    WbgtMethod.BY_RADIATION: "the sun's share is a straight line between two published forms, without wind",
}
_CHECK = "weather stations missed the flag by half a step or more in 45 % of comparisons (Cheuvront 2015)"


def wbgt_of_parts_c(wet_bulb_c: float, globe_c: float, air_c: float | None = None) -> float:
    """The WBGT in °C of measured temperatures: *natural* wet bulb, black globe, and outdoors the air's.

    In the sun 0.7·Tnw + 0.2·Tg + 0.1·Ta, in the shade or indoors (no `air_c`) 0.7·Tnw + 0.3·Tg. ISO 7243.
    """
    check_temperature(wet_bulb_c, "wet_bulb_c")
    check_range("globe_c", globe_c, -95, 100, "°C")
    if air_c is None:
        return 0.7 * wet_bulb_c + 0.3 * globe_c
    check_temperature(air_c, "air_c")
    return 0.7 * wet_bulb_c + 0.2 * globe_c + 0.1 * air_c


def wet_bulb_c(temperature_c: float, humidity_pct: float) -> float | None:
    """The psychrometric wet bulb in °C (not the natural one) at `temperature_c` (°C), `humidity_pct` (%).

    Stull, J. Appl. Meteor. Climatol. 50 (2011): at sea level, from −20 to 50 °C and 5 to 99 %, error −1 to
    +0.65 °C. None outside.
    """
    check_temperature(temperature_c)
    check_humidity(humidity_pct)
    t, r = temperature_c, humidity_pct
    if not STULL_C[0] <= t <= STULL_C[1] or not STULL_PCT[0] <= r <= STULL_PCT[1]:
        return None
    return (
        t * math.atan(0.151977 * math.sqrt(r + 8.313659))
        + math.atan(t + r)
        - math.atan(r - 1.676331)
        + 0.00391838 * math.pow(r, 1.5) * math.atan(0.023101 * r)
        - 4.686035
    )


def wbgt_simplified_c(temperature_c: float, humidity_pct: float) -> float:
    """0.567·T + 0.393·e + 3.94 in °C, `e` the vapour pressure in hPa: ACSM 1984, Bureau of Meteorology.

    Strong sun and a light wind are built in. It reads too high at night, under clouds and in wind, and can
    read too low in extreme sun.
    """
    return 0.567 * temperature_c + 0.393 * vapour_pressure_hpa(temperature_c, humidity_pct) + 3.94


def estimate_wbgt(
    temperature_c: float, humidity_pct: float, radiation_wm2: float | None = None
) -> WbgtEstimate | None:
    """The WBGT as a weather forecast lets it be estimated; None outside of −20 to 50 °C.

    Without `radiation_wm2` (global horizontal, W/m²) it is the simplified form. With it, it lies on the
    straight line between the shade (0.7·Tw + 0.3·T by ISO 7243, Tw by Stull, the globe at the air's
    temperature) at 0 and the simplified form from 800 W/m² on. That line is ours: no source gives one for
    stations. Humidity is taken as 5 to 99 %, Stull's range.
    """
    check_temperature(temperature_c)
    check_humidity(humidity_pct)
    wet = wet_bulb_c(temperature_c, min(max(humidity_pct, STULL_PCT[0]), STULL_PCT[1]))
    if wet is None:
        return None
    shade = wbgt_of_parts_c(wet, temperature_c)
    sun = wbgt_simplified_c(temperature_c, humidity_pct)
    if radiation_wm2 is None:
        value, method = sun, WbgtMethod.SIMPLIFIED
    else:
        check_range("radiation_wm2", radiation_wm2, 0, 1500, "W/m²")
        share = min(radiation_wm2 / FULL_SUN_WM2, 1)
        value, method = shade + share * (sun - shade), WbgtMethod.BY_RADIATION
    return WbgtEstimate(value, shade, sun, method, f"{_ERRORS[method]}; {_CHECK}")


class HeatFlag(StrEnum):
    """ACSM's steps for continuous activity and competition (Armstrong 2007)."""

    COOL = "cool"
    SAFE = "safe"
    RISING = "rising"
    RISK_FOR_ALL = "risk_for_all"
    HIGH_RISK = "high_risk"
    CANCEL = "cancel"


#: The last tenth of a degree of each step, °C; what is above the last one is the cancel level.
_FLAG_UP_TO_C = (
    (10.0, HeatFlag.COOL),
    (18.3, HeatFlag.SAFE),
    (22.2, HeatFlag.RISING),
    (25.6, HeatFlag.RISK_FOR_ALL),
    (27.8, HeatFlag.HIGH_RISK),
)
CANCEL_ABOVE_C = 27.8


class RaceFlag(StrEnum):
    """ACSM's older colours for races (1996)."""

    WHITE = "white"
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    BLACK = "black"


def heat_flag(wbgt_c: float) -> HeatFlag:
    """The step of ACSM's table for a WBGT in °C; what falls between two steps belongs to the hotter one.

    Up to 10.0 °C cool (heat stroke still happens), 18.3 generally safe, 22.2 risk rises, 25.6 risk for all,
    27.8 high for the unfit and not acclimatised, above it the cancel level. Armstrong 2007.
    """
    check_range("wbgt_c", wbgt_c, -60, 80, "°C")
    return next((flag for highest, flag in _FLAG_UP_TO_C if wbgt_c <= highest), HeatFlag.CANCEL)


def race_flag(wbgt_c: float) -> RaceFlag:
    """ACSM's flag of 1996 for a race at a WBGT in °C, with its gaps closed towards the hotter colour.

    White under 10 (too cold), green under 18, yellow under 23, red up to 28, black above.
    """
    check_range("wbgt_c", wbgt_c, -60, 80, "°C")
    edges = ((10, RaceFlag.WHITE), (18, RaceFlag.GREEN), (23, RaceFlag.YELLOW))
    below = next((flag for edge, flag in edges if wbgt_c < edge), None)
    return below or (RaceFlag.RED if wbgt_c <= 28 else RaceFlag.BLACK)


def unsuccessful_starters_pct(wbgt_c: float) -> float | None:
    """Of a marathon's starters at a WBGT in °C, the percentage that doesn't finish or needs a doctor.

    (0.514·W² − 8.097·W + 78.926)/10, Roberts 2010, Twin Cities: amateurs who aren't used to heat, north of
    40°. He advises caution at 17 °C and no start at 20.5 °C. None outside of 8 to 22 °C, where the curve has
    no data or turns round.
    """
    check_range("wbgt_c", wbgt_c, -60, 80, "°C")
    if not 8 <= wbgt_c <= 22:
        return None
    return (0.514 * wbgt_c**2 - 8.097 * wbgt_c + 78.926) / 10
