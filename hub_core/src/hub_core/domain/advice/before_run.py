"""What to know before a run: how it feels outside, whether the heat is a risk, what to drink."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub_core.domain.advice.rate_hour import air_of, humidity_of, wbgt_of
from hub_core.domain.fact import Fact
from hub_core.domain.science._ranges import check_range
from hub_core.domain.science.air_quality import AirFlag
from hub_core.domain.science.apparent import apparent_temperature_c
from hub_core.domain.science.fuelling import during_g_per_h
from hub_core.domain.science.hydration import (
    BEFORE_ML_PER_KG,
    THIRST_UP_TO_MIN,
    Drinking,
    drinking_l_per_h,
)
from hub_core.domain.science.wbgt import HeatFlag, heat_flag
from hub_core.domain.science.wind import ColdRisk, cold_risk, felt_cold_c
from hub_core.domain.weather import HourlyConditions
from hub_core.errors import InvalidInputError

_WARM = (HeatFlag.RISING, HeatFlag.RISK_FOR_ALL, HeatFlag.HIGH_RISK, HeatFlag.CANCEL)
_HEAT_WORDS = {
    HeatFlag.RISING: "Warm: the risk of heat illness begins to rise.",
    HeatFlag.RISK_FOR_ALL: "Hot: slow down, and shorten it.",
    HeatFlag.HIGH_RISK: "Very hot: only for the fit and acclimatised, and easy.",
    HeatFlag.CANCEL: "Too hot: races are cancelled in such heat. Move it or do it indoors.",
}
_COLD_WORDS = {
    ColdRisk.UNCOMFORTABLE: "Cold: cover your skin.",
    ColdRisk.FROSTBITE_PROLONGED: "Very cold: bare skin freezes when you are out for long.",
    ColdRisk.FROSTBITE_MINUTES: "Dangerously cold: bare skin freezes in minutes. Do it indoors.",
}


class BeforeRun(msgspec.Struct, frozen=True):
    """A note before a run. Numbers that can't be known are None.

    `feels_like_c` is that of the hour which feels worst, hot or cold. `drink_l_per_h` is None when thirst is
    enough. `carbohydrate_g_per_h` is 0 to 0 for short runs.
    """

    feels_like_c: float | None
    wbgt_c: float | None
    heat: HeatFlag | None
    cold: ColdRisk | None
    air: AirFlag | None
    drink_l_per_h: Drinking | None
    drink_before_ml: tuple[float, float] | None
    carbohydrate_g_per_h: tuple[float, float]
    lines: tuple[str, ...]
    why: tuple[Fact, ...]


def feels_like_c(conditions: HourlyConditions) -> Fact | None:
    """How the air feels, in °C.

    Steadman's apparent temperature, else what the source says, else the air itself.
    """
    temperature, humidity, wind = conditions.temperature_c, humidity_of(conditions), conditions.wind_ms
    if temperature is not None and humidity is not None and wind is not None:
        value = apparent_temperature_c(temperature, humidity, wind)
        return Fact("feels like", round(value, 1), "°C", "apparent temperature, Bureau of Meteorology")
    if conditions.apparent_c is not None:
        return Fact("feels like", round(conditions.apparent_c, 1), "°C", "the forecast")
    return None if temperature is None else Fact("temperature", round(temperature, 1), "°C", "the forecast")


def advise_before_run(
    hours: Sequence[HourlyConditions],
    duration_s: float,
    *,
    weight_kg: float | None = None,
    sweat_l_per_h: float | None = None,
) -> BeforeRun:
    """The note for a run of `duration_s` seconds in these hours of weather; the worst of them counts.

    Body mass in kg and sweat in L/h make the advice on drinking the athlete's own; without a weight there is
    ACSM's starting range and no amount beforehand. Never more than is sweated. Raises `InvalidInputError`
    without any hour.
    """
    if not hours:
        raise InvalidInputError("at least one hour of weather is needed", path="hours")
    check_range("duration_s", duration_s, 60, 48 * 3600, "s")
    why: list[Fact] = []
    feels = [fact for hour in hours if (fact := feels_like_c(hour))]
    worst = max(feels, key=lambda fact: abs(float(fact.value) - 12), default=None)
    estimates = [estimate for hour in hours if (estimate := wbgt_of(hour))]
    hottest = max(estimates, key=lambda estimate: estimate.value_c, default=None)
    flag = heat_flag(hottest.value_c) if hottest else None
    cold_felt = min(
        (
            felt_cold_c(hour.temperature_c, hour.wind_ms or 0)
            for hour in hours
            if hour.temperature_c is not None
        ),
        default=None,
    )
    cold = None if cold_felt is None else cold_risk(cold_felt)
    airs = [air for hour in hours if (air := air_of(hour))]
    air = max(airs, key=lambda one: one[0], default=None)
    if worst:
        why.append(worst)
    if hottest:
        source = f"{hottest.method}, {hottest.shade_c:.1f} to {hottest.sun_c:.1f} °C; {hottest.error}"
        why.append(Fact("WBGT", round(hottest.value_c, 1), "°C", source))
    if cold_felt is not None and cold_felt < 0:
        why.append(Fact("wind chill", round(cold_felt, 1), "°C", "Environment Canada"))
    if air:
        why.append(air[1])
    why.append(Fact("duration", round(duration_s / 60), "min", "the plan"))
    drink = None
    if duration_s / 60 > THIRST_UP_TO_MIN or flag in _WARM:
        drink = drinking_l_per_h(duration_s / 3600, weight_kg, sweat_l_per_h)
        source = "the athlete's sweat rate" if sweat_l_per_h is not None else "starting range"
        why.append(Fact("drink", f"{drink.low:.1f}-{drink.high:.1f}", "L/h", f"ACSM 2007, {source}"))
    before = None
    if drink and weight_kg:
        check_range("weight_kg", weight_kg, 20, 300, "kg")
        before = (BEFORE_ML_PER_KG[0] * weight_kg, BEFORE_ML_PER_KG[1] * weight_kg)
        why.append(Fact("drink before", f"{before[0]:.0f}-{before[1]:.0f}", "mL", "ACSM 2007: 5 to 7 mL/kg"))
    fuel = during_g_per_h(duration_s / 3600)
    if fuel.high:
        why.append(Fact("carbohydrate", f"{fuel.low:.0f}-{fuel.high:.0f}", "g/h", "ACSM/AND/DC 2016"))
    return BeforeRun(
        feels_like_c=None if worst is None else float(worst.value),
        wbgt_c=None if hottest is None else round(hottest.value_c, 1),
        heat=flag,
        cold=cold,
        air=air[0] if air else None,
        drink_l_per_h=drink,
        drink_before_ml=before,
        carbohydrate_g_per_h=fuel,
        lines=_lines(worst, flag, cold, air[0] if air else None, drink, before),
        why=tuple(why),
    )


def _lines(
    feels: Fact | None,
    heat: HeatFlag | None,
    cold: ColdRisk | None,
    air: AirFlag | None,
    drink: Drinking | None,
    before: tuple[float, float] | None,
) -> tuple[str, ...]:
    lines = [f"It feels like {feels.value} °C." if feels else "The weather isn't known."]
    if heat in _HEAT_WORDS:
        lines.append(_HEAT_WORDS[heat])
    if cold in _COLD_WORDS:
        lines.append(_COLD_WORDS[cold])
    if air is not None and air >= AirFlag.SENSITIVE:
        lines.append("The air is bad: keep it easy, or do it indoors.")
    if drink is None:
        lines.append("Drink to thirst.")
    else:
        lines.append(f"Drink {drink.low:.1f} to {drink.high:.1f} L an hour, never more than you sweat.")
    if before:
        lines.append(f"Drink {before[0]:.0f} to {before[1]:.0f} mL, 4 hours before or earlier.")
    return tuple(lines)
