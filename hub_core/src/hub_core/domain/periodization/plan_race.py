"""Plans a race, or says clearly what is missing and what is possible instead."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.fact import Fact
from hub_core.domain.periodization.draft import DraftPlan
from hub_core.domain.periodization.goal import (
    LONGEST_PLAN_WEEKS,
    Capacity,
    RaceGoal,
    check_goal,
    demand_of,
    shorter_demands,
)
from hub_core.domain.periodization.phases import WEEK, fewest_weeks, weeks_between
from hub_core.domain.periodization.plan import RacePlan, draft_plan, finish_plan

_HALF_HOURS = range(2, 61)


class Missing(StrEnum):
    """What isn't there."""

    TIME = "time"
    HOURS = "hours"


class NoPlan(msgspec.Struct, frozen=True):
    """There is no sensible plan for this race, and what there is instead.

    With more time: `earliest_date` is the first race day, on the same weekday, that a plan reaches. With more
    training: `hours_needed` a week. With a shorter race on the same day: `distance_m`. Each is None if it
    doesn't help.
    """

    missing: Missing
    message: str
    weeks: int
    earliest_date: dt.date | None
    hours_needed: float | None
    distance_m: float | None
    why: tuple[Fact, ...]


def plan_race(goal: RaceGoal, capacity: Capacity, start: dt.date, athlete: Athlete) -> RacePlan | NoPlan:
    """The weeks from `start` to a race, or why there are none.

    Weeks end on the race's weekday; days before the first whole one stay empty, and more than 52 weeks begin
    later. CTL rises by at most a tenth of itself a week, 2 at least, `max_ramp` at most. Raises
    `InvalidInputError` that names the field for what can't be meant. The same input gives the same plan.
    """
    check_goal(goal, capacity, start)
    weeks = weeks_between(start, goal.date)
    draft = _try(goal, capacity, weeks)
    if draft is not None:
        return finish_plan(goal, capacity, draft, athlete)
    return _explain(goal, capacity, weeks)


def _try(goal: RaceGoal, capacity: Capacity, weeks: int) -> DraftPlan | None:
    """The plan of so many weeks, if they are enough of them and get as far as the race asks for."""
    if weeks < fewest_weeks():
        return None
    draft = draft_plan(goal, capacity, weeks)
    return draft if draft.ctl_at_taper() >= demand_of(goal.discipline, goal.distance_m).ctl else None


def _explain(goal: RaceGoal, capacity: Capacity, weeks: int) -> NoPlan:
    later = _first_week_count(goal, capacity, weeks)
    enough_hours = _enough_hours(goal, capacity, weeks)
    shorter = next(
        (
            demand.typical_m
            for demand in shorter_demands(goal.discipline, goal.distance_m)
            if _try(msgspec.structs.replace(goal, distance_m=demand.typical_m), capacity, weeks)
        ),
        None,
    )
    date = None if later is None else goal.date + (later - weeks) * WEEK
    missing = Missing.HOURS if later is None else Missing.TIME
    needed = demand_of(goal.discipline, goal.distance_m).ctl
    return NoPlan(
        missing,
        _message(missing, weeks, later, enough_hours, shorter),
        weeks,
        date,
        enough_hours,
        shorter,
        (
            Fact("whole weeks to the race", weeks, "weeks"),
            Fact("shortest plan", fewest_weeks(), "weeks", "a build of 4 weeks, a taper of 8 to 14 days"),
            Fact("CTL now", capacity.ctl, "TSS a day"),
            Fact("CTL that the distance asks for", needed, "TSS a day", "the hub's own rule"),
            Fact("highest ramp", capacity.max_ramp, "CTL a week", "Friel: 5 to 8 CTL a week"),
        ),
    )


def _first_week_count(goal: RaceGoal, capacity: Capacity, weeks: int) -> int | None:
    """The fewest weeks above `weeks` that are enough; None when a year isn't."""
    if _try(goal, capacity, LONGEST_PLAN_WEEKS) is None:
        return None
    longer = range(max(weeks + 1, fewest_weeks()), LONGEST_PLAN_WEEKS + 1)
    return next((count for count in longer if _try(goal, capacity, count)), None)


def _enough_hours(goal: RaceGoal, capacity: Capacity, weeks: int) -> float | None:
    """The fewest hours a week, by halves, that are enough in these weeks; None when no hours are."""

    def is_enough(hours: float) -> bool:
        return _try(goal, msgspec.structs.replace(capacity, weekly_hours=hours), weeks) is not None

    more = [half / 2 for half in _HALF_HOURS if half / 2 > capacity.weekly_hours]
    if not more or not is_enough(more[-1]):
        return None
    return next((hours for hours in more if is_enough(hours)), None)


def _message(
    missing: Missing, weeks: int, later: int | None, hours: float | None, shorter: float | None
) -> str:
    if missing is Missing.TIME:
        text = f"{weeks} whole weeks are too few to get fit for this race without a jump in load"
    else:
        text = "with so few hours a week the load that this race asks for isn't reached in any time"
    ways = []
    if later is not None:
        ways.append(f"{later} weeks are enough")
    if hours is not None:
        ways.append(f"{hours:g} hours a week are enough")
    if shorter is not None:
        ways.append(f"a race of {shorter / 1000:g} km is possible on that day")
    return f"{text}; {', or '.join(ways)}" if ways else text
