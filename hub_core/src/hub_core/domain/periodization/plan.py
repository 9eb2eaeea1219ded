"""A plan backward from a race: loads that rise within limits, sessions that carry them, and a taper."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.athlete import Athlete
from hub_core.domain.fact import Fact
from hub_core.domain.periodization.draft import Builder, Draft, DraftPlan, loads_by_day
from hub_core.domain.periodization.goal import (
    LONGEST_PLAN_WEEKS,
    SHORTEST_MEAN_MIN,
    Capacity,
    Demand,
    RaceGoal,
    demand_of,
    fewest_sessions,
)
from hub_core.domain.periodization.phases import DAY, Frame, Phase, lay_out_weeks
from hub_core.domain.periodization.sessions import Kind, to_workout
from hub_core.domain.periodization.taper import add_taper
from hub_core.domain.periodization.templates import fill_week
from hub_core.domain.science.fitness import ctl_after, fitness_curve
from hub_core.domain.sport import Sport
from hub_core.domain.workout import PlannedWorkout

#: Time in a recovery week, as a share of the loading week before it.
RECOVERY_SHARE = 0.6
#: Below this many points a week CTL may always rise; above, by a tenth of what it is, up to the athlete's
#: limit.
GENTLE_RAMP, RAMP_SHARE = 2.0, 0.10


class Session(msgspec.Struct, frozen=True):
    """One session: its load is in TSS, and `workout` is what is exported."""

    date: dt.date
    kind: Kind
    is_key: bool
    minutes: int
    load: float
    workout: PlannedWorkout


class PlannedWeek(msgspec.Struct, frozen=True):
    """A week; CTL is that of its last evening, `ramp` what it has risen by since the week before."""

    weeks_to_race: int
    start: dt.date
    end: dt.date
    phase: Phase
    is_recovery: bool
    minutes: int
    load: float
    ctl: float
    ramp: float
    sessions: tuple[Session, ...]


class RacePlan(msgspec.Struct, frozen=True):
    """The weeks up to a race.

    `taper_cut_pct` is what is really cut, against the last full week of load; `form_on_race_day` is TSB that
    morning. The race itself is no session of the plan.
    """

    race: RaceGoal
    start: dt.date
    taper_start: dt.date
    taper_cut_pct: float
    ctl_at_start: float
    ctl_at_taper: float
    form_on_race_day: float
    weeks: tuple[PlannedWeek, ...]
    why: tuple[Fact, ...]

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All of them, by date."""
        return tuple(session for week in self.weeks for session in week.sessions)


def draft_plan(goal: RaceGoal, capacity: Capacity, weeks: int) -> DraftPlan:
    """The loads and sessions of so many weeks, whether or not they are enough for the race."""
    demand = demand_of(goal.discipline, goal.distance_m)
    weeks = min(weeks, LONGEST_PLAN_WEEKS)
    frames = lay_out_weeks(goal.date, weeks, demand.taper_days, capacity.loading_weeks)
    taper_start = goal.date - (demand.taper_days - 1) * DAY
    plan = DraftPlan(frames, [], [capacity.ctl], taper_start, [])
    build = Builder(goal, capacity)
    for number, frame in zip(range(weeks - 1, -1, -1), frames, strict=True):
        drafts = _fill(plan, build, frame, number) if frame.start < taper_start else []
        if drafts and frame.end < taper_start and not frame.is_recovery:
            plan.reference = drafts
        plan.weeks.append([draft for draft in drafts if draft.date < taper_start])
        plan.ctls.append(ctl_after(plan.ctls[-1], loads_by_day(frame, plan.weeks[-1])))
    add_taper(plan, build, demand.taper_days)
    return plan


def _fill(plan: DraftPlan, build: Builder, frame: Frame, number: int) -> list[Draft]:
    """One week before the taper, with as many sessions as its load makes sense for."""
    capacity, ctl = build.capacity, plan.ctls[-1]
    ramp = min(capacity.max_ramp, max(GENTLE_RAMP, RAMP_SHARE * ctl))
    most = capacity.weekly_hours * 60
    if frame.is_recovery:
        loaded = 7 * plan.volume_before
        ramp, most = (ramp if loaded else ramp / 2), RECOVERY_SHARE * (loaded or most)
    fewest = fewest_sessions(build.goal.discipline)
    drafts: list[Draft] = []
    for count in range(capacity.sessions_a_week(), fewest - 1, -1):
        drafts = build.week_within(frame, fill_week(frame, number, build.goal, count), ctl, ramp, most)
        if sum(draft.minutes for draft in drafts) >= SHORTEST_MEAN_MIN * count:
            break
    return drafts


def finish_plan(goal: RaceGoal, capacity: Capacity, draft: DraftPlan, athlete: Athlete) -> RacePlan:
    """The plan that a draft is, with its workouts in percent of what the athlete's thresholds are."""
    demand = demand_of(goal.discipline, goal.distance_m)
    weeks = []
    for index, (frame, drafts) in enumerate(zip(draft.frames, draft.weeks, strict=True)):
        left = len(draft.frames) - 1 - index
        words = _describe(frame, left)
        sessions = tuple(_session(one, athlete, words) for one in drafts)
        weeks.append(
            PlannedWeek(
                left,
                frame.start,
                frame.end,
                frame.phase,
                frame.is_recovery,
                sum(one.minutes for one in sessions),
                round(sum(one.load for one in sessions), 1),
                round(draft.ctls[index + 1], 1),
                round(draft.ctls[index + 1] - draft.ctls[index], 2),
                sessions,
            )
        )
    every = [session for week in weeks for session in week.sessions]
    tapered = sum(one.minutes for one in every if one.date >= draft.taper_start)
    cut = 100 * (1 - tapered / (draft.volume_before * demand.taper_days))
    loads: dict[dt.date, float] = {}
    for one in every:
        loads[one.date] = loads.get(one.date, 0) + one.load
    start = draft.frames[0].start
    curve = fitness_curve(loads, start, goal.date, ctl=capacity.ctl, atl=capacity.ctl)
    at_taper = draft.ctl_at_taper()
    return RacePlan(
        goal,
        start,
        draft.taper_start,
        round(cut, 1),
        capacity.ctl,
        round(at_taper, 1),
        round(curve[-1].tsb, 1),
        tuple(weeks),
        _why(capacity, demand, round(at_taper, 1), round(cut, 1)),
    )


def _describe(frame: Frame, weeks_left: int) -> str:
    """What stands in the description of each session of a week."""
    if not weeks_left:
        return "Race week."
    phase = f"{frame.phase.capitalize()}{', recovery' if frame.is_recovery else ''}"
    return f"{phase}: {weeks_left} week{'s' if weeks_left > 1 else ''} to the race."


def _session(draft: Draft, athlete: Athlete, words: str) -> Session:
    sport: Sport = draft.slot.sport
    workout = to_workout(draft.slot.kind, draft.parts, sport, athlete, draft.date, words)
    return Session(
        draft.date, draft.slot.kind, draft.slot.is_key, draft.minutes, round(draft.load, 1), workout
    )


def _why(capacity: Capacity, demand: Demand, at_taper: float, cut: float) -> tuple[Fact, ...]:
    return (
        Fact("highest ramp", capacity.max_ramp, "CTL a week", "Friel: 5 to 8 CTL a week"),
        Fact("recovery", f"every {capacity.loading_weeks + 1}th week", "", "Friel: 3:1, or 2:1"),
        Fact("taper", demand.taper_days, "days", "Bosquet 2007: 8 to 14 days"),
        Fact("cut in the taper", cut, "% of time", "Bosquet 2007: 41 to 60 %, exponential"),
        Fact("CTL before the taper", at_taper, "TSS a day", "1/42 a day, TrainingPeaks"),
        Fact("CTL that the distance asks for", demand.ctl, "TSS a day", "the hub's own rule"),
    )
