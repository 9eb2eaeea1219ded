"""The weather is of the hour and in the units that the hub thinks in."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import msgspec

from hub_core.sdk.inbound import Window
from hub_core.sdk.world import HourlyConditions, Place
from hub_core.testing.conformance.acts import open_context
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import forecasts

_PLACE = Place(48.2, 16.37)
_HOUR = dt.timedelta(hours=1)
#: An hour that no unit and no neighbour could be mistaken for.
_WEATHER = {
    "temperature_c": 31.0,
    "humidity_pct": 47.0,
    "wind_ms": 7.0,
    "gust_ms": 16.0,
    "precipitation_mm": 3.0,
}


def _next_hour(bench: Bench, hours: int = 2) -> dt.datetime:
    now = dt.datetime.fromtimestamp(bench.sandbox.clock.now(), dt.UTC)
    return now.replace(minute=0, second=0, microsecond=0) + hours * _HOUR


async def _ask(bench: Bench, start: dt.datetime, hours: int) -> tuple[HourlyConditions, ...]:
    window = Window(start, start + hours * _HOUR)
    context = await open_context(bench)
    told = await bench.call("forecast_weather", context=context, place=_PLACE, window=window)
    return told or ()


async def _told(bench: Bench, conditions: HourlyConditions) -> HourlyConditions:
    """What comes of an hour that is so."""
    bench.sandbox.set_weather(conditions)
    told = await _ask(bench, conditions.time, 1)
    expect(len(told) == 1, f"one hour was asked for, and {len(told)} came")
    expect(told[0].time == conditions.time, f"the hour of {conditions.time} came as {told[0].time}")
    return told[0]


@case(
    "forecast.units",
    Tier.BRONZE,
    reason="Kelvin and km/h are vendors' defaults, and 7 m/s of wind that came as 25 keep everybody inside",
    hint="ask for °C and m/s, or convert; take rain, gusts and radiation from the hour that they are about",
    needs=(forecasts,),
)
async def _units(bench: Bench) -> None:
    hour = await _told(bench, HourlyConditions(_next_hour(bench), **_WEATHER))
    for name, value in _WEATHER.items():
        told: Any = getattr(hour, name)
        close = told is not None and math.isclose(told, value, abs_tol=0.1)
        expect(close, f"{name} was {value}, and came as {told}")


@case(
    "forecast.hours",
    Tier.BRONZE,
    reason="an hour without an offset, or of another day, moves a run into the heat",
    hint="return each whole hour of the window once, in order, with an aware time",
    needs=(forecasts,),
)
async def _hours(bench: Bench) -> None:
    start = _next_hour(bench)
    told = await _ask(bench, start, 5)
    times = [hour.time for hour in told]
    expect(all(time.tzinfo for time in times), "a time has no offset from UTC")
    wanted = [start + number * _HOUR for number in range(5)]
    expect(times == wanted, f"asked for 5 hours from {start}, got {', '.join(map(str, times)) or 'none'}")


@case(
    "forecast.not_measured",
    Tier.SILVER,
    reason="a gust that nobody measured is no calm, and air without a value is not clean",
    hint="leave a field None when the cell is null or absent",
    needs=(forecasts,),
)
async def _not_measured(bench: Bench) -> None:
    hour = await _told(bench, HourlyConditions(_next_hour(bench), temperature_c=12.0))
    for name in ("humidity_pct", "wind_ms", "gust_ms", "pm2_5_ugm3"):
        told = getattr(hour, name)
        expect(told is None, f"{name} was not measured, and came as {told}")


@case(
    "forecast.far",
    Tier.SILVER,
    reason="nobody knows the weather in a year: as an error it would look like an outage",
    hint="return None, or the hours that are known, beyond the provider's horizon",
    needs=(forecasts,),
)
async def _far(bench: Bench) -> None:
    told = await _ask(bench, _next_hour(bench, 24 * 365), 24)
    expect(not told, f"the weather in a year is known by the hour: {len(told)} hours")


@case(
    "forecast.pure",
    Tier.SILVER,
    reason="the hub keeps what it is told; an answer that differs without cause makes advice flicker",
    hint="return what the provider said, and nothing of your own",
    needs=(forecasts,),
)
async def _pure(bench: Bench) -> None:
    start = _next_hour(bench)
    first, second = await _ask(bench, start, 3), await _ask(bench, start, 3)
    expect(msgspec.json.encode(first) == msgspec.json.encode(second), "asked twice, told two things")
