"""When there is time for a workout, and what is suggested when there isn't."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.advice import (
    Availability,
    DayAvailability,
    Weekday,
    Window,
    find_conflicts,
    list_windows,
    suggest_slots,
)
from hub_core.domain.sport import Sport

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = dt.date(2026, 7, 6)
DAY = dt.timedelta(days=1)


def at(hour: int, day: dt.date = MONDAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), BERLIN)


def on_mondays(**said: bool) -> Availability:
    return Availability({Weekday.MONDAY: DayAvailability(**said)})


def reasons(availability: Availability, sport: Sport, hour: int | None = 7, hours: float = 1) -> list[str]:
    time = None if hour is None else dt.time(hour)
    found = find_conflicts(availability, sport, MONDAY, time, hours * 3600, BERLIN)
    return [one.reason for one in found]


@pytest.mark.parametrize(
    ("said", "sport", "hour", "hours", "expected"),
    [
        ({}, Sport.RUN, 7, 15, []),
        ({"afternoon": False}, Sport.RUN, 11, 1, []),
        ({"afternoon": False}, Sport.RUN, 11, 1.5, ["other_time"]),
        ({"evening": False}, Sport.RUN, 11, 5, []),  # morning and afternoon are one window
        ({"afternoon": False}, Sport.RUN, None, 7, []),
        ({"afternoon": False}, Sport.RUN, None, 7.5, ["too_long"]),
        ({"morning": False, "afternoon": False, "evening": False}, Sport.RUN, None, 1, ["no_time"]),
        ({"bike": False}, Sport.INDOOR_RIDE, 7, 1, ["no_bike"]),
        ({"bike": False}, Sport.RUN, 7, 1, []),
        ({"gym": False}, Sport.STRENGTH, 7, 1, ["no_gym"]),
        ({"gym": False}, Sport.YOGA, 7, 1, []),
        ({"indoor_only": True}, Sport.RIDE, 23, 1, ["indoor_only", "other_time"]),
        ({"outdoor_only": True}, Sport.POOL_SWIM, 7, 1, ["outdoor_only"]),
    ],
)
def test_what_speaks_against_a_workout(
    said: dict[str, bool], sport: Sport, hour: int | None, hours: float, expected: list[str]
) -> None:
    assert reasons(on_mondays(**said), sport, hour, hours) == expected


def test_a_day_of_which_nothing_is_said_is_free() -> None:
    availability = Availability({Weekday.TUESDAY: DayAvailability(morning=False, bike=False)})
    assert reasons(availability, Sport.RIDE) == []
    windows = list_windows(availability, Sport.RUN, MONDAY, MONDAY + DAY, BERLIN)
    assert windows == (Window(at(5), at(22)), Window(at(12, MONDAY + DAY), at(22, MONDAY + DAY)))


def test_what_is_taken_or_over_is_not_suggested() -> None:
    taken = [Window(at(12, MONDAY + DAY), at(13, MONDAY + DAY))]
    slots = suggest_slots(Availability(), Sport.RUN, 3600, MONDAY, at(13), taken, BERLIN)
    assert [(slot.start.day, slot.start.hour) for slot in slots] == [
        (6, 17),
        (7, 5),
        (7, 17),
        (8, 5),
        (8, 12),
    ]


days = st.builds(DayAvailability, *[st.booleans()] * 7)


@given(
    availability=st.builds(Availability, st.dictionaries(st.sampled_from(Weekday), days)),
    sport=st.sampled_from(Sport),
    hours=st.floats(0.1, 20),
    first=st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
)
def test_nothing_that_is_suggested_is_in_conflict(
    availability: Availability, sport: Sport, hours: float, first: dt.date
) -> None:
    slots = suggest_slots(availability, sport, hours * 3600, first, at(0, first), (), BERLIN)
    for slot in slots:
        day, time = slot.start.date(), slot.start.time()
        assert find_conflicts(availability, sport, day, time, hours * 3600, BERLIN) == ()
    if not slots:
        week = [first + number * DAY for number in range(7)]
        assert all(
            find_conflicts(availability, sport, day, dt.time(hour), hours * 3600, BERLIN)
            for day in week
            for hour in (5, 12, 17)
        )
