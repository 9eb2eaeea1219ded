"""What a race asks for, and what an athlete can give."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from hub_core.domain.science._ranges import check_range
from hub_core.domain.validate import MAX_DATE, MIN_DATE
from hub_core.errors import InvalidInputError

#: CTL a week: Friel takes 5 to 8, up to 8 is allowed here.
DEFAULT_RAMP, HIGHEST_RAMP = 5.0, 8.0
#: Sessions shorter than this aren't worth the shower; weeks of little load get fewer sessions instead.
SHORTEST_MEAN_MIN = 30
LONGEST_PLAN_WEEKS = 52


class Discipline(StrEnum):
    """What is raced."""

    RUN = "run"
    RIDE = "ride"
    TRIATHLON = "triathlon"


class RaceGoal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The race: its local date and its distance in metres, of a triathlon all three together."""

    date: dt.date
    distance_m: float
    discipline: Discipline = Discipline.RUN
    name: str = ""


class Capacity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the athlete has: the CTL of today in TSS a day, and hours a week at most.

    `sessions` a week follow from the hours when they aren't given. `long_weekday` is that of the longest
    session, 0 for Monday. `max_ramp` is in CTL a week. `loading_weeks` come before each recovery week: 3, or
    2 for those who are new to it or recover slowly.
    """

    weekly_hours: float
    ctl: float = 0
    sessions: int | None = None
    long_weekday: int = 6
    max_ramp: float = DEFAULT_RAMP
    loading_weeks: int = 3

    def sessions_a_week(self) -> int:
        """How many sessions the hours make sense for."""
        if self.sessions is not None:
            return self.sessions
        return 3 + sum(self.weekly_hours >= edge for edge in (3, 5, 8, 11))


def fewest_sessions(discipline: Discipline) -> int:
    """A long session and a hard one, and of a triathlon each of the three."""
    return 3 if discipline is Discipline.TRIATHLON else 2


class Demand(msgspec.Struct, frozen=True):
    """What races of a discipline up to a distance ask for.

    The numbers are ours; tapers are from 8 to 14 days.

    `ctl` is needed when the taper begins, `longest_min` is the longest session that makes sense, in minutes.
    """

    up_to_m: float
    typical_m: float
    taper_days: int
    ctl: float
    longest_min: int


_DEMANDS = {
    Discipline.RUN: (
        Demand(12_000, 10_000, 8, 12, 90),
        Demand(25_000, 21_097, 10, 22, 120),
        Demand(50_000, 42_195, 14, 32, 170),
        Demand(float("inf"), 100_000, 14, 45, 300),
    ),
    Discipline.RIDE: (
        Demand(60_000, 50_000, 8, 15, 150),
        Demand(130_000, 100_000, 10, 28, 240),
        Demand(float("inf"), 200_000, 14, 40, 360),
    ),
    Discipline.TRIATHLON: (
        Demand(30_000, 25_750, 8, 18, 120),
        Demand(60_000, 51_500, 10, 28, 180),
        Demand(120_000, 113_000, 14, 40, 270),
        Demand(float("inf"), 226_000, 14, 50, 360),
    ),
}


def demand_of(discipline: Discipline, distance_m: float) -> Demand:
    """What a race of this distance asks for."""
    return next(demand for demand in _DEMANDS[discipline] if distance_m <= demand.up_to_m)


def shorter_demands(discipline: Discipline, distance_m: float) -> tuple[Demand, ...]:
    """What shorter races of the discipline ask for, the longest first."""
    own = demand_of(discipline, distance_m)
    return tuple(one for one in reversed(_DEMANDS[discipline]) if one.up_to_m < own.up_to_m)


def check_goal(goal: RaceGoal, capacity: Capacity, start: dt.date) -> None:
    """Raise `InvalidInputError` that names the field when goal or capacity can't be meant."""
    for path, day in (("start", start), ("race.date", goal.date)):
        if not MIN_DATE <= day <= MAX_DATE:
            raise InvalidInputError(f"must be between {MIN_DATE} and {MAX_DATE}", path=path)
    if goal.date <= start:
        raise InvalidInputError(f"{goal.date} isn't after the first day, {start}", path="race.date")
    check_range("race.distance_m", goal.distance_m, 1_000, 1_000_000, "m")
    check_range("weekly_hours", capacity.weekly_hours, 1, 30, "h")
    check_range("ctl", capacity.ctl, 0, 200)
    check_range("long_weekday", capacity.long_weekday, 0, 6)
    check_range("max_ramp", capacity.max_ramp, 1, HIGHEST_RAMP)
    check_range("loading_weeks", capacity.loading_weeks, 2, 3)
    if capacity.sessions is not None:
        check_range("sessions", capacity.sessions, fewest_sessions(goal.discipline), 7)
