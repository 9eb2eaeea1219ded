"""Training plans backward from a race: phases, loads, sessions, taper."""

from hub_core.domain.periodization.goal import Capacity, Discipline, RaceGoal
from hub_core.domain.periodization.phases import Phase
from hub_core.domain.periodization.plan import PlannedWeek, RacePlan, Session
from hub_core.domain.periodization.plan_race import Missing, NoPlan, plan_race
from hub_core.domain.periodization.sessions import Kind

__all__ = [
    "Capacity",
    "Discipline",
    "Kind",
    "Missing",
    "NoPlan",
    "Phase",
    "PlannedWeek",
    "RaceGoal",
    "RacePlan",
    "Session",
    "plan_race",
]
