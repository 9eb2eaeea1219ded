"""The next seven days: the hours for each outdoor session in their order, and what had better move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from hub_core.domain.advice.comfort import Comfort
from hub_core.domain.advice.slots import Sky, Slot, Window
from hub_core.domain.advice.week_calendar import SavedWorkout, WeekCalendar
from hub_core.domain.athlete import Athlete
from hub_core.domain.fact import Fact
from hub_core.domain.weather import HourlyConditions, Place
from hub_core.errors import InvalidInputError


class Move(msgspec.Struct, frozen=True):
    """A better time for a session: `gain` is in points, None when the weather of its own time isn't known."""

    to: Slot
    is_other_day: bool
    gain: float | None
    reason: str


class WorkoutAdvice(msgspec.Struct, frozen=True):
    """One session: how its own time looks, the other times of its day from the best on, and a move or None.

    `planned` is None when the workout has no time of day, or its weather isn't known. `why` are the facts of
    the time that is advised.
    """

    workout_id: str
    name: str
    date: dt.date
    duration_s: float
    is_hard: bool
    planned: Slot | None
    slots: tuple[Slot, ...]
    move: Move | None
    note: str
    why: tuple[Fact, ...]


def plan_week(
    workouts: Sequence[SavedWorkout],
    conditions: Sequence[HourlyConditions],
    *,
    now: dt.datetime,
    athlete: Athlete,
    place: Place | None = None,
    availability: Sequence[Window] | None = None,
    comfort: Comfort = Comfort(),  # noqa: B008 - immutable
) -> tuple[WorkoutAdvice, ...]:
    """Advice for the workouts of the seven local days from `now` on, by date; indoor ones have a note only.

    `availability` None means that nothing is known of it; an empty one means that there is no time. The
    `windows` of a workout count before it. A move goes to the same day if that has a recommended time, else
    to a day without a workout and, for a hard session, without a hard one beside it; never into the hours of
    another, wherever that one moves to. The same input gives the same advice. Raises `InvalidInputError` for
    times without offset.
    """
    if now.utcoffset() is None:
        raise InvalidInputError("now needs its offset", path="now")
    zone = ZoneInfo(athlete.time_zone)
    calendar = WeekCalendar(workouts, now.astimezone(zone).date(), athlete, zone)
    skies = {hard: Sky(conditions, comfort, zone, place, is_hard=hard) for hard in (False, True)}
    advised = []
    for one in calendar.workouts:
        windows = availability if one.windows is None else one.windows
        advice = _advise(one, skies[calendar.is_hard(one)], calendar, now, windows, comfort)
        if advice.move:
            calendar.move(one, advice.move.to)
        advised.append(advice)
    return tuple(advised)


def _advise(
    one: SavedWorkout,
    sky: Sky,
    calendar: WeekCalendar,
    now: dt.datetime,
    availability: Sequence[Window] | None,
    comfort: Comfort,
) -> WorkoutAdvice:
    workout, seconds = one.workout, calendar.duration(one).total_seconds()
    day = workout.date or now.astimezone(sky.zone).date()
    is_hard = calendar.is_hard(one)

    def result(
        note: str, planned: Slot | None = None, slots: tuple[Slot, ...] = (), move: Move | None = None
    ) -> WorkoutAdvice:
        best = move.to if move else planned or (slots[0] if slots else None)
        why = best.why if best else ()
        return WorkoutAdvice(one.id, workout.name, day, seconds, is_hard, planned, slots, move, note, why)

    if workout.sport.is_indoor:
        return result("Indoors: the weather doesn't matter.")
    planned = None
    if start := calendar.start_of(one):
        if start + calendar.duration(one) <= now:
            return result("Its time is over.")
        planned = sky.rate(start, seconds)
    slots = _free_slots(one, day, sky, calendar, now, availability)
    best = slots[0] if slots and slots[0].is_recommended else None
    if planned and planned.is_recommended:
        gain = round(planned.points - best.points, 1) if best else 0
        if best is None or gain < comfort.least_gain:
            return result("Its time is fine.", planned, slots)
        return result("Another hour is better.", planned, slots, Move(best, False, gain, _against(planned)))
    if best:
        if start is None:
            return result("The best hour of its day.", None, slots)
        if planned is None:
            return result("The weather at its time isn't known.", None, slots)
        gain = round(planned.points - best.points, 1)
        return result(
            "Its time isn't recommended.", planned, slots, Move(best, False, gain, _against(planned))
        )
    if planned is None and not slots and not _has_weather(sky, day, seconds, now):
        return result("The weather of that day isn't known.")
    other_days = (
        _free_slots(one, free, sky, calendar, now, availability) for free in calendar.free_days(one)
    )
    other = next((found[0] for found in other_days if found and found[0].is_recommended), None)
    reason = _against(planned or (slots[0] if slots else None))
    if other is None:
        return result("No time of these days is recommended.", planned, slots)
    return result("No time of its day is recommended.", planned, slots, Move(other, True, None, reason))


def _has_weather(sky: Sky, day: dt.date, seconds: float, now: dt.datetime) -> bool:
    whole = (Window(now, now + dt.timedelta(days=400)),)
    return bool(sky.list_slots(day, seconds, now, whole))


def _free_slots(
    one: SavedWorkout,
    day: dt.date,
    sky: Sky,
    calendar: WeekCalendar,
    now: dt.datetime,
    availability: Sequence[Window] | None,
) -> tuple[Slot, ...]:
    found = sky.list_slots(day, calendar.duration(one).total_seconds(), now, availability)
    return tuple(slot for slot in found if calendar.is_free(one, slot))


def _against(slot: Slot | None) -> str:
    """The worst of a slot in words; there is always one, for heat is rated even where it costs nothing."""
    if slot is None:
        return "there is no time for it on its day"
    fact = slot.why[0]
    return f"{fact.name} {fact.value}{' ' + fact.unit if fact.unit else ''} at {slot.start:%H:%M}"
