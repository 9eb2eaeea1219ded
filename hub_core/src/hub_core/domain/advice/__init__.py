"""Advice from stored facts: pure functions that say why. The same facts give the same advice."""

from hub_core.domain.advice.activity_load import ActivityLoad, DoneActivity, FormLoad, LoadForm, measure_load
from hub_core.domain.advice.after_run import EffortScore, RunDone, score_run
from hub_core.domain.advice.availability import (
    Availability,
    AvailabilityConflict,
    DayAvailability,
    Weekday,
    find_conflicts,
    list_windows,
    suggest_slots,
)
from hub_core.domain.advice.before_run import BeforeRun, advise_before_run
from hub_core.domain.advice.comfort import Comfort
from hub_core.domain.advice.nutrition import (
    Body,
    Finding,
    Notice,
    NutritionCheck,
    TrainingDay,
    check_nutrition,
)
from hub_core.domain.advice.plan_week import Move, WorkoutAdvice, plan_week
from hub_core.domain.advice.slots import Slot, Window
from hub_core.domain.advice.week_calendar import SavedWorkout

__all__ = [
    "ActivityLoad",
    "Availability",
    "AvailabilityConflict",
    "BeforeRun",
    "Body",
    "Comfort",
    "DayAvailability",
    "DoneActivity",
    "EffortScore",
    "Finding",
    "FormLoad",
    "LoadForm",
    "Move",
    "Notice",
    "NutritionCheck",
    "RunDone",
    "SavedWorkout",
    "Slot",
    "TrainingDay",
    "Weekday",
    "Window",
    "WorkoutAdvice",
    "advise_before_run",
    "check_nutrition",
    "find_conflicts",
    "list_windows",
    "measure_load",
    "plan_week",
    "score_run",
    "suggest_slots",
]
