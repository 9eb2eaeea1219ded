"""Checks what an athlete eats against what they train, over some days that are stored."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.advice import Body, NutritionCheck, TrainingDay, check_nutrition
from hub_core.domain.fact import Fact
from hub_core.domain.merge import VisibleDaily, VisibleNutrition
from hub_core.domain.records import NutritionDay
from hub_core.services.merging.read_activity import ActivityView, list_activities
from hub_core.services.merging.read_days import list_days
from hub_core.services.planning.advise_run import find_weight
from hub_core.storage.tables import Athlete

DAY = dt.timedelta(days=1)
#: Body fat changes slowly; a scale's number is believed for a quarter of a year.
_FAT_DAYS = 90
_NO_WEIGHT = "nothing is checked: the athlete's weight isn't known"


class NutritionAdvice(msgspec.Struct, frozen=True):
    """The check and what it rests on. It is None, and `note` says why, where no weight is known."""

    check: NutritionCheck | None
    note: str
    logged: tuple[dt.date, ...]
    missing: tuple[dt.date, ...]
    training: tuple[TrainingDay, ...]
    why: tuple[Fact, ...]


async def check_meals(
    athlete: Athlete, first: dt.date, last: dt.date, *, is_opted_in: bool, is_minor: bool
) -> NutritionAdvice:
    """The local days from `first` to `last`, both included, by meals, activities and weight as stored.

    Energy is screened only for adults who asked for it. Raises `InvalidInputError` for too long a span.
    """
    span = first.isoformat(), last.isoformat()
    meals = await list_days(athlete.id, "nutrition", VisibleNutrition, *span)
    eaten = [
        NutritionDay(
            day.date,
            energy_kcal=day.energy_kcal,
            carbohydrate_g=day.carbohydrate_g,
            protein_g=day.protein_g,
            fat_g=day.fat_g,
        )
        for day in meals
        if any((day.energy_kcal, day.carbohydrate_g, day.protein_g, day.fat_g))
    ]
    training = tuple(_training(view) for view in await list_activities(athlete.id, *span))
    logged = tuple(day.date for day in eaten)
    every = (first + number * DAY for number in range((last - first).days + 1))
    missing = tuple(day for day in every if day not in set(logged))
    weight = await find_weight(athlete, last)
    if weight is None:
        return NutritionAdvice(None, _NO_WEIGHT, logged, missing, training, ())
    facts = [weight, Fact("energy of training", "gross", "kcal", "as devices tell it, rest included")]
    fat = await _find_fat(athlete, last)
    free_of_fat = None
    if fat:
        free_of_fat = float(weight.value) * (1 - float(fat.value) / 100)
        facts += [fat, Fact("fat-free mass", round(free_of_fat, 1), "kg", "weight and body fat")]
    check = check_nutrition(
        eaten,
        training,
        Body(float(weight.value), free_of_fat),
        first,
        last,
        is_opted_in=is_opted_in,
        is_minor=is_minor,
    )
    return NutritionAdvice(check, check.note, logged, missing, training, tuple(facts))


def _training(view: ActivityView) -> TrainingDay:
    done = view.activity
    return TrainingDay(done.date, min((done.moving_s or done.duration_s) / 3600, 24), done.energy_kcal)


async def _find_fat(athlete: Athlete, date: dt.date) -> Fact | None:
    first = (date - _FAT_DAYS * DAY).isoformat()
    for day in reversed(await list_days(athlete.id, "daily", VisibleDaily, first, date.isoformat())):
        if day.body_fat_pct is not None:
            return Fact("body fat", day.body_fat_pct, "%", f"the athlete's day {day.date}")
    return None
