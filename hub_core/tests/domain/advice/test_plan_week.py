"""Hours in their order, and moves that respect what the athlete can do."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub_core.domain.advice import Comfort, SavedWorkout, Window, WorkoutAdvice, plan_week
from hub_core.domain.athlete import Athlete
from hub_core.domain.sport import Sport
from hub_core.domain.weather import HourlyConditions, Place
from hub_core.domain.workout import Intensity, PlannedWorkout, Step, TimeDuration
from hub_core.errors import InvalidInputError

BERLIN = ZoneInfo("Europe/Berlin")
ANNA = Athlete(time_zone="Europe/Berlin")
MONDAY = dt.date(2026, 7, 6)
NOW = dt.datetime(2026, 7, 6, 4, 0, tzinfo=BERLIN)
PLACE = Place(52.52, 13.405)
Weather = Callable[..., list[HourlyConditions]]
#: A week with a heat wave on Wednesday.
HIGHS: list[float] = [24, 27, 36, 33, 24, 22, 21]


def run(
    day: int = 0, hours: float = 1, at: int | None = None, sport: Sport = Sport.RUN, name: str = "Run"
) -> SavedWorkout:
    date = MONDAY + dt.timedelta(days=day)
    time = None if at is None else dt.time(at)
    step = Step(TimeDuration(hours * 3600))
    return SavedWorkout(f"wk_{day}_{name}", PlannedWorkout(name, sport, (step,), date=date, time=time))


def advise(
    workouts: list[SavedWorkout], hours: list[HourlyConditions], **given_: object
) -> list[WorkoutAdvice]:
    options: dict[str, object] = {"now": NOW, "athlete": ANNA, "place": PLACE} | given_
    return list(plan_week(workouts, hours, **options))  # type: ignore[arg-type]


def between(day: int, start: int, end: int) -> Window:
    date = MONDAY + dt.timedelta(days=day)
    first, last = (dt.datetime.combine(date, dt.time(hour), BERLIN) for hour in (start, end))
    return Window(first, last)


def test_a_long_run_at_noon_of_a_hot_day_moves_to_the_morning(days_of_weather: Weather) -> None:
    (advice,) = advise([run(2, 2, at=14)], days_of_weather(MONDAY, HIGHS))
    assert advice.planned is not None
    assert not advice.planned.is_recommended
    assert advice.move is not None
    assert not advice.move.is_other_day
    assert advice.move.to.start.date() == MONDAY + dt.timedelta(days=2)
    assert 5 <= advice.move.to.start.hour <= 7
    assert advice.move.gain is not None
    assert advice.move.gain > 10
    assert advice.move.reason.startswith("WBGT ")
    assert advice.move.reason.endswith("°C at 14:00")
    assert advice.why[0].name == "WBGT"
    assert all(fact.source for fact in advice.why)


def test_a_cool_time_stays(days_of_weather: Weather) -> None:
    (advice,) = advise([run(5, 1, at=7)], days_of_weather(MONDAY, HIGHS))
    assert advice.move is None
    assert advice.note == "Its time is fine."


def test_without_a_time_of_day_the_hours_are_ranked_and_nothing_moves(days_of_weather: Weather) -> None:
    (advice,) = advise([run(1)], days_of_weather(MONDAY, HIGHS))
    assert advice.planned is None
    assert advice.move is None
    assert [slot.points for slot in advice.slots] == sorted(slot.points for slot in advice.slots)
    assert len(advice.slots) == 17  # from 5:00 to 21:00
    assert advice.why == advice.slots[0].why


def test_a_move_respects_availability(days_of_weather: Weather) -> None:
    weather = days_of_weather(MONDAY, HIGHS)
    evenings = [between(day, 18, 21) for day in range(7)]
    (advice,) = advise([run(2, 1, at=14)], weather, availability=evenings)
    assert advice.move is not None
    assert advice.move.to.start.hour >= 18
    assert advice.move.to.end.hour <= 21


def test_who_has_no_time_is_told_nothing_to_move_to(days_of_weather: Weather) -> None:
    (advice,) = advise([run(2, 1, at=14)], days_of_weather(MONDAY, HIGHS), availability=[])
    assert advice.move is None
    assert advice.slots == ()


def test_a_day_without_a_good_hour_moves_to_a_free_one(days_of_weather: Weather) -> None:
    weather = days_of_weather(MONDAY, [24, 24, 40, 40, 24, 24, 24], spread=3, humidity=60)
    others = [run(1, name="Tuesday"), run(4, name="Friday")]
    advices = advise([run(2, 1, at=7), *others], weather)
    moved = next(one for one in advices if one.date == MONDAY + dt.timedelta(days=2))
    assert moved.move is not None
    assert moved.move.is_other_day
    # Tuesday is taken, Thursday too hot, Friday taken: Monday and Saturday are free, Monday is nearer.
    assert moved.move.to.start.date() == MONDAY


def test_a_hard_session_never_moves_beside_another(days_of_weather: Weather) -> None:
    weather = days_of_weather(MONDAY, [24, 24, 40, 40, 40, 24, 24], spread=3, humidity=60)
    monday = run(0, 2, name="Monday")
    for hours, day in ((1, 1), (2, 5)):  # an easy one may go to Tuesday, a long one goes to Saturday
        advice = advise([monday, run(2, hours, at=7)], weather)[-1]
        assert advice.is_hard == (hours == 2)
        assert advice.move is not None
        assert advice.move.to.start.date() == MONDAY + dt.timedelta(days=day)


def test_two_sessions_never_move_to_the_same_time(days_of_weather: Weather) -> None:
    same_day = advise(
        [run(2, 1, at=14, name="A"), run(2, 1, at=15, name="B")], days_of_weather(MONDAY, HIGHS)
    )
    (first, second) = (one.move.to for one in same_day if one.move)
    assert first.end <= second.start or second.end <= first.start
    weather = days_of_weather(MONDAY, [24, 40, 40, 40, 24, 24, 24], spread=3, humidity=60)
    both = advise([run(1, 1, at=7), run(2, 1, at=7)], weather)
    assert [one.move.to.start.date() for one in both if one.move] == [MONDAY, MONDAY + dt.timedelta(days=4)]


def test_a_move_leaves_the_hours_of_another_alone(days_of_weather: Weather) -> None:
    others = [run(2, 0.75, at=hour, sport=Sport.INDOOR_RIDE, name=f"{hour}") for hour in (5, 6)]
    moved = advise([run(2, 1, at=14), *others], days_of_weather(MONDAY, HIGHS))[-1]
    assert moved.move is not None
    assert moved.move.to.start.hour == 7


def test_no_time_at_all_in_a_heat_wave(days_of_weather: Weather) -> None:
    (advice,) = advise([run(2)], days_of_weather(MONDAY, [40] * 7, spread=3, humidity=60))
    assert advice.move is None
    assert advice.note == "No time of these days is recommended."


def test_indoors_over_and_unknown(days_of_weather: Weather) -> None:
    noon = NOW.replace(hour=12)
    advices = advise(
        [run(0, at=6), run(1, sport=Sport.INDOOR_RIDE), run(6), run(9)],
        days_of_weather(MONDAY, HIGHS[:4]),
        now=noon,
    )
    assert [one.note for one in advices] == [
        "Its time is over.",
        "Indoors: the weather doesn't matter.",
        "The weather of that day isn't known.",
    ]
    assert all(one.move is None for one in advices)


def test_a_hole_in_the_forecast_is_no_slot(days_of_weather: Weather) -> None:
    weather = days_of_weather(MONDAY, HIGHS)
    missing = dt.datetime.combine(MONDAY, dt.time(10), BERLIN)
    holed = [hour for hour in weather if hour.time != missing]
    (advice,) = advise([run(0, 2)], holed)
    assert {slot.start.hour for slot in advice.slots}.isdisjoint({9, 10})


def test_bad_air_stops_and_is_named(days_of_weather: Weather) -> None:
    (advice,) = advise([run(5, at=8)], days_of_weather(MONDAY, HIGHS, us_aqi=180.0))
    assert advice.planned is not None
    assert not advice.planned.is_recommended
    assert (advice.planned.why[0].name, advice.planned.why[0].value) == ("air quality", 180)


def test_the_hour_that_is_lost_in_spring(days_of_weather: Weather) -> None:
    """29 March 2026, Berlin: 2:00 is 3:00. A night runner's slots are real instants, one after the other."""
    sunday = dt.date(2026, 3, 29)
    weather = days_of_weather(sunday, [12.0])
    workout = SavedWorkout("wk", PlannedWorkout("Night", Sport.RUN, (Step(TimeDuration(3600)),), date=sunday))
    now = dt.datetime(2026, 3, 28, 23, tzinfo=BERLIN)
    (advice,) = advise([workout], weather, now=now, comfort=Comfort(first_hour=0, last_hour=24))
    starts = sorted(slot.start.astimezone(dt.UTC) for slot in advice.slots)
    assert len(starts) == len(set(starts)) == 22
    assert {slot.start.hour for slot in advice.slots}.isdisjoint({2})


def test_intervals_are_hard() -> None:
    step = Step(TimeDuration(600), intensity=Intensity.INTERVAL)
    workout = SavedWorkout("wk", PlannedWorkout("Intervals", Sport.RUN, (step,), date=MONDAY))
    (advice,) = advise([workout], [])
    assert advice.is_hard


def test_times_without_offset_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="now"):
        advise([], [], now=dt.datetime(2026, 7, 6))  # noqa: DTZ001
    with pytest.raises(InvalidInputError, match=r"conditions\.time"):
        advise([run()], [HourlyConditions(dt.datetime(2026, 7, 6), 20, 50)])  # noqa: DTZ001


@settings(max_examples=40)
@given(
    highs=st.lists(st.floats(-15, 42), min_size=7, max_size=7),
    planned=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 22), st.floats(0.3, 4)), max_size=5),
    free=st.none() | st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20)), max_size=8),
)
def test_advice_is_reproducible_and_keeps_its_word(
    days_of_weather: Weather,
    highs: list[float],
    planned: list[tuple[int, int, float]],
    free: list[tuple[int, int]] | None,
) -> None:
    weather = days_of_weather(MONDAY, highs)
    workouts = [run(day, hours, at, name=str(number)) for number, (day, at, hours) in enumerate(planned)]
    windows = None if free is None else [between(day, start, start + 3) for day, start in free]
    advices = advise(workouts, weather, availability=windows)
    again = advise(list(reversed(workouts)), list(reversed(weather)), availability=windows)
    assert msgspec.json.encode(advices) == msgspec.json.encode(again)
    dates = {one.workout.date for one in workouts}
    moved = [advice.move.to for advice in advices if advice.move]
    for before, after in itertools.pairwise(sorted(moved, key=lambda slot: slot.start)):
        assert before.end <= after.start
    other_days = [one.move.to.start.date() for one in advices if one.move and one.move.is_other_day]
    assert len(other_days) == len(set(other_days))
    for advice in advices:
        times = [*advice.slots, *([advice.move.to] if advice.move else [])]
        for slot in times:
            assert slot.start >= NOW
            assert (slot.end - slot.start).total_seconds() == pytest.approx(advice.duration_s)
            assert slot.why
            if windows is not None:
                assert any(one.start <= slot.start and slot.end <= one.end for one in windows)
            else:
                assert slot.start.hour >= 5
                assert slot.start.date() == slot.end.date()
        if advice.move:
            assert advice.move.to.is_recommended
            assert advice.move.is_other_day == (advice.move.to.start.date() != advice.date)
            assert not (advice.move.is_other_day and advice.move.to.start.date() in dates)
            if advice.planned and advice.planned.is_recommended:
                assert advice.move.gain is not None
                assert advice.move.gain >= 10
