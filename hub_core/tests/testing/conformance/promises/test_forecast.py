"""A weather plugin that tells another hour or another unit is caught: one broken plugin for each case."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import hub_weather.plugin as sound
from hub_core.sdk import HourlyConditions, Misconfigured
from hub_core.testing.conformance import CASES

Hours = tuple[HourlyConditions, ...]
_numbers = itertools.count()


@pytest.fixture
def fake() -> SimpleNamespace:
    """The weather's hooks as attributes that can be replaced."""
    return SimpleNamespace(**vars(sound))


def telling(change: Callable[[Hours], Any]) -> Callable[..., Any]:
    """What the sound plugin says, changed."""

    async def forecast_weather(context: Any, place: Any, window: Any) -> Any:
        return change(await sound.forecast_weather(context, place, window) or ())

    return forecast_weather


def each(**changes: Callable[[float | None], Any]) -> Callable[..., Any]:
    """Some fields of each hour, changed."""

    def change(hours: Hours) -> Hours:
        return tuple(
            msgspec.structs.replace(
                hour, **{name: changed(getattr(hour, name)) for name, changed in changes.items()}
            )
            for hour in hours
        )

    return telling(change)


def without_offset(hours: Hours) -> Hours:
    return tuple(msgspec.structs.replace(hour, time=hour.time.replace(tzinfo=None)) for hour in hours)


async def refuses_what_is_far(context: Any, place: Any, window: Any) -> Any:
    hours = await sound.forecast_weather(context, place, window)
    if not hours:
        raise Misconfigured("that is too far")
    return hours


BREAKS: dict[str, Callable[..., Any]] = {
    "forecast.units": each(wind_ms=lambda value: value and value * 3.6),
    "forecast.hours": telling(without_offset),
    "forecast.not_measured": each(gust_ms=lambda value: value or 0.0),
    "forecast.far": refuses_what_is_far,
    "forecast.pure": each(uv_index=lambda _: float(next(_numbers))),
}


@pytest.mark.parametrize("case_id", BREAKS)
def test_the_kit_catches_it(case_id: str, fake: SimpleNamespace, assert_caught: Any) -> None:
    fake.forecast_weather = BREAKS[case_id]
    assert_caught(case_id)


@pytest.mark.parametrize(
    "change",
    [
        each(temperature_c=lambda value: value and value + 273.15),
        # Gusts and rain of the hour before.
        each(precipitation_mm=lambda _: 0.0),
        telling(lambda hours: hours[:0]),
    ],
)
def test_other_units_and_hours_are_caught_too(
    change: Callable[..., Any], fake: SimpleNamespace, check: Any
) -> None:
    fake.forecast_weather = change
    assert not check("forecast.units").holds


@pytest.mark.parametrize(
    "change",
    [
        telling(lambda hours: hours[::-1]),
        telling(lambda hours: (*hours, *hours)),
        telling(lambda hours: hours[1:]),
        telling(lambda hours: tuple(
            msgspec.structs.replace(hour, time=hour.time + dt.timedelta(hours=1)) for hour in hours
        )),
    ],
)  # fmt: skip
def test_hours_that_are_missing_doubled_or_moved_are_caught_too(
    change: Callable[..., Any], fake: SimpleNamespace, check: Any
) -> None:
    fake.forecast_weather = change
    assert not check("forecast.hours").holds


def test_every_case_of_the_group_is_broken_once() -> None:
    assert set(BREAKS) == {case.id for case in CASES.values() if case.group == "forecast"}
