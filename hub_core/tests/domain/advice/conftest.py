"""Days of weather, hour by hour."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from hub_core.domain.weather import HourlyConditions

BERLIN = ZoneInfo("Europe/Berlin")
MakeDays = Callable[..., list[HourlyConditions]]


def make_days(
    first: dt.date, highs: list[float], *, humidity: float = 55, spread: float = 14, **fields: float
) -> list[HourlyConditions]:
    """Days with these highs at 15:00 and lows `spread` °C below at 3:00, sun between 6 and 21, local time."""
    hours = []
    start = dt.datetime.combine(first, dt.time(), BERLIN).astimezone(dt.UTC)
    end = dt.datetime.combine(first + dt.timedelta(days=len(highs)), dt.time(), BERLIN).astimezone(dt.UTC)
    while start < end:
        local = start.astimezone(BERLIN)
        high = highs[(local.date() - first).days]
        temperature = high - spread / 2 * (1 - math.cos(math.pi * (local.hour - 15) / 12))
        sun = max(0.0, 800 * math.sin(math.pi * (local.hour - 6) / 15)) if 6 <= local.hour < 21 else 0.0
        hours.append(
            HourlyConditions(
                start,
                temperature_c=round(temperature, 1),
                humidity_pct=humidity,
                wind_ms=2,
                radiation_wm2=sun,
                **fields,
            )
        )
        start += dt.timedelta(hours=1)
    return hours


@pytest.fixture(scope="session")
def days_of_weather() -> MakeDays:
    return make_days
