"""Advice from stored facts: pure functions that say why. The same facts give the same advice."""

from hub_core.domain.advice.after_run import EffortScore, RunDone, score_run
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
    "BeforeRun",
    "Body",
    "Comfort",
    "EffortScore",
    "Finding",
    "Move",
    "Notice",
    "NutritionCheck",
    "RunDone",
    "SavedWorkout",
    "Slot",
    "TrainingDay",
    "Window",
    "WorkoutAdvice",
    "advise_before_run",
    "check_nutrition",
    "plan_week",
    "score_run",
]
