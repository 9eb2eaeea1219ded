"""How good an hour of weather is for training outdoors, with each reason and its number."""

from __future__ import annotations

from typing import NamedTuple

from hub_core.domain.advice.comfort import Comfort
from hub_core.domain.fact import Fact
from hub_core.domain.science.air_quality import AirFlag, eu_aqi_of, flag_eu, flag_us
from hub_core.domain.science.daylight import is_dark
from hub_core.domain.science.humidity import relative_humidity_pct
from hub_core.domain.science.pace_heat import BEST_WBGT_C
from hub_core.domain.science.wbgt import STULL_C, WbgtEstimate, estimate_wbgt, heat_flag
from hub_core.domain.science.wind import felt_cold_c
from hub_core.domain.weather import HourlyConditions, Place

# Points: 10 of them are worth moving a session for. Heat weighs as a runner feels it, 3 points for each
# degree of
# WBGT above the best ones, half as much again when the session is hard.
_PER_WBGT_DEGREE, _HARD_FACTOR = 3.0, 1.5
_PER_FELT_DEGREE = 1.0
_RAIN_PER_MM, _MOST_RAIN, _RAIN_PER_PERCENT = 4.0, 20.0, 0.05
_GUST_FROM_MS, _PER_GUST_MS = 8.0, 2.0
_PER_AIR_STEP = 8.0
_DARK = 6.0
#: More than any WBGT costs.
_BEYOND = 200.0
_UV_FROM, _PER_UV = 6.0, 2.0
_OWN_RULE = "the hub's own rule"


class Reason(NamedTuple):
    """What one thing costs, and whether it alone speaks against the hour."""

    points: float
    stops: bool
    fact: Fact


class HourRating(NamedTuple):
    """0 points are perfect, more are worse."""

    points: float
    reasons: tuple[Reason, ...]

    @property
    def is_recommended(self) -> bool:
        """Whether nothing speaks against it."""
        return not any(reason.stops for reason in self.reasons)


def humidity_of(conditions: HourlyConditions) -> float | None:
    """The relative humidity in %, as given, else by the dew point. None if neither is known."""
    if conditions.humidity_pct is not None:
        return conditions.humidity_pct
    if conditions.temperature_c is None or conditions.dew_point_c is None:
        return None
    return relative_humidity_pct(
        conditions.temperature_c, min(conditions.dew_point_c, conditions.temperature_c)
    )


def wbgt_of(conditions: HourlyConditions) -> WbgtEstimate | None:
    """The estimated WBGT of an hour. None where temperature or humidity isn't known."""
    humidity = humidity_of(conditions)
    if conditions.temperature_c is None or humidity is None:
        return None
    return estimate_wbgt(conditions.temperature_c, humidity, conditions.radiation_wm2)


def air_of(conditions: HourlyConditions) -> tuple[AirFlag, Fact] | None:
    """The band of the air by the index that the source gives, else by the particles and ozone of the hour."""
    if conditions.us_aqi is not None:
        fact = Fact("air quality", round(conditions.us_aqi), "US AQI", "US EPA")
        return flag_us(conditions.us_aqi), fact
    index, source = conditions.eu_aqi, "European Environment Agency"
    if index is None:
        index = eu_aqi_of(pm2_5=conditions.pm2_5_ugm3, pm10=conditions.pm10_ugm3, o3=conditions.ozone_ugm3)
        source += ", from concentrations"
    if index is None:
        return None
    return flag_eu(index), Fact("air quality", round(index), "European AQI", source)


def rate_hour(
    conditions: HourlyConditions, comfort: Comfort, place: Place | None = None, *, is_hard: bool = False
) -> HourRating | None:
    """Points and reasons for one hour. None when its temperature or humidity isn't known: heat decides most.

    Colder than −20 °C heat is no question any more, and hotter than 50 °C no other one. What else isn't
    known costs nothing and is no reason. With a place, darkness counts too.
    """
    temperature = conditions.temperature_c
    if temperature is None:
        return None
    reasons = _cold(temperature, conditions.wind_ms, comfort)
    if temperature > STULL_C[1]:
        fact = Fact("temperature", round(temperature, 1), "°C", "beyond every table")
        reasons.append(Reason(_BEYOND, stops=True, fact=fact))
    elif temperature >= STULL_C[0]:
        wbgt = wbgt_of(conditions)
        if wbgt is None:
            return None
        reasons.append(_heat(wbgt, comfort, is_hard=is_hard))
    reasons += _rain(conditions)
    reasons += _gusts(conditions, comfort)
    if air := air_of(conditions):
        flag, fact = air
        reasons.append(Reason(_PER_AIR_STEP * max(flag - AirFlag.GOOD, 0), flag >= comfort.air_from, fact))
    if conditions.uv_index is not None and conditions.uv_index > _UV_FROM:
        fact = Fact("UV index", round(conditions.uv_index, 1), "", _OWN_RULE)
        reasons.append(Reason(_PER_UV * (conditions.uv_index - _UV_FROM), stops=False, fact=fact))
    if place and is_dark(conditions.time, place.latitude, place.longitude):
        fact = Fact("light", "dark", "", "Astronomical Almanac, sun below -6°")
        reasons.append(Reason(_DARK, stops=False, fact=fact))
    return HourRating(sum(reason.points for reason in reasons), tuple(reasons))


def _heat(wbgt: WbgtEstimate, comfort: Comfort, *, is_hard: bool) -> Reason:
    over = max(wbgt.value_c - BEST_WBGT_C[1], 0)
    points = _PER_WBGT_DEGREE * over * (_HARD_FACTOR if is_hard else 1)
    source = (
        f"ACSM: {heat_flag(wbgt.value_c)}; estimate {wbgt.method}, {wbgt.shade_c:.1f} to {wbgt.sun_c:.1f}"
    )
    fact = Fact("WBGT", round(wbgt.value_c, 1), "°C", source)
    return Reason(points, wbgt.value_c > comfort.wbgt_above_c, fact)


def _cold(temperature_c: float, wind_ms: float | None, comfort: Comfort) -> list[Reason]:
    felt = felt_cold_c(temperature_c, wind_ms or 0)
    if felt >= 0:
        return []
    fact = Fact("feels like", round(felt, 1), "°C", "wind chill, Environment Canada")
    return [Reason(_PER_FELT_DEGREE * -felt, felt <= comfort.felt_below_c, fact)]


def _rain(conditions: HourlyConditions) -> list[Reason]:
    if conditions.precipitation_mm:
        fact = Fact("precipitation", round(conditions.precipitation_mm, 1), "mm", _OWN_RULE)
        return [Reason(min(_RAIN_PER_MM * conditions.precipitation_mm, _MOST_RAIN), stops=False, fact=fact)]
    if conditions.precipitation_probability_pct:
        fact = Fact("chance of rain", round(conditions.precipitation_probability_pct), "%", _OWN_RULE)
        points = _RAIN_PER_PERCENT * conditions.precipitation_probability_pct
        return [Reason(points, stops=False, fact=fact)]
    return []


def _gusts(conditions: HourlyConditions, comfort: Comfort) -> list[Reason]:
    gust = conditions.gust_ms if conditions.gust_ms is not None else conditions.wind_ms
    if gust is None or gust <= _GUST_FROM_MS:
        return []
    fact = Fact("gusts", round(gust, 1), "m/s", _OWN_RULE)
    return [Reason(_PER_GUST_MS * (gust - _GUST_FROM_MS), gust > comfort.gust_above_ms, fact)]
