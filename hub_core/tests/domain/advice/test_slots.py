"""A slot is as long as its session and as bad as its worst hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from hub_core.domain.advice.comfort import Comfort
from hub_core.domain.advice.slots import Sky, Window
from hub_core.domain.weather import HourlyConditions

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.date(2026, 7, 6)
MIDNIGHT = dt.datetime(2026, 7, 6, tzinfo=BERLIN)
Weather = Callable[..., list[HourlyConditions]]


def test_points_are_weighed_by_time_and_reasons_are_the_worst(days_of_weather: Weather) -> None:
    sky = Sky(days_of_weather(DAY, [32.0]), Comfort(), BERLIN)
    first, second = (sky.rate(MIDNIGHT.replace(hour=hour), 3600) for hour in (10, 11))
    both = sky.rate(MIDNIGHT.replace(hour=10, minute=30), 3600)
    assert first is not None
    assert second is not None
    assert both is not None
    assert both.points == pytest.approx((first.points + second.points) / 2, abs=0.1)
    assert both.why[0] == second.why[0] != first.why[0]


def test_a_window_opens_a_slot_of_its_own(days_of_weather: Weather) -> None:
    sky = Sky(days_of_weather(DAY, [20.0]), Comfort(), BERLIN)
    window = Window(MIDNIGHT.replace(hour=17, minute=45), MIDNIGHT.replace(hour=19))
    (slot,) = (one for one in sky.list_slots(DAY, 3600, MIDNIGHT, [window]) if one.start.minute)
    assert slot.start == window.start
    # 18:00 to 19:00 fits too, and nothing else does.
    assert len(sky.list_slots(DAY, 3600, MIDNIGHT, [window])) == 2


def test_a_session_longer_than_the_forecast_is_not_rated(days_of_weather: Weather) -> None:
    sky = Sky(days_of_weather(DAY, [20.0]), Comfort(), BERLIN)
    assert sky.rate(MIDNIGHT.replace(hour=22), 3 * 3600) is None
