"""What an athlete eats against what they train, over a window: screens that name what they don't know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec

from hub_core.domain.fact import Fact
from hub_core.domain.records import NutritionDay
from hub_core.domain.science._ranges import check_range
from hub_core.domain.science.energy_availability import (
    ADEQUATE_FROM,
    LOW_BELOW,
    energy_availability,
    is_under_logged,
)
from hub_core.domain.science.fuelling import CARBOHYDRATE_G_PER_KG, PROTEIN_G_PER_KG, DayLoad, day_load
from hub_core.errors import InvalidInputError

DAY = dt.timedelta(days=1)
#: The rules of the hub: the consensus fixes no number of days.
WEEK_DAYS, LOGGED_OF_WEEK, LOW_OF_WEEK, REDUCED_WEEKS = 7, 5, 5, 3
#: So many heavy days must be logged before their mean says anything.
HEAVY_DAYS = 3
LONGEST_WINDOW_DAYS = 120


class TrainingDay(msgspec.Struct, frozen=True):
    """Hours of training on a local day, and the energy of it in kcal, best net of rest; None if not known."""

    date: dt.date
    hours: float
    exercise_kcal: float | None = None


class Body(msgspec.Struct, frozen=True):
    """Kilograms. Without fat-free mass energy isn't screened."""

    weight_kg: float
    fat_free_mass_kg: float | None = None


class Finding(StrEnum):
    """What a window shows."""

    LOW_ENERGY = "low_energy"
    REDUCED_ENERGY = "reduced_energy"
    LOW_CARBOHYDRATE = "low_carbohydrate"
    LOW_PROTEIN = "low_protein"


class Notice(msgspec.Struct, frozen=True):
    """A finding in words. It is a screen and never a diagnosis."""

    finding: Finding
    message: str
    why: tuple[Fact, ...]


class NutritionCheck(msgspec.Struct, frozen=True):
    """A window and what can be said of it.

    `missing` are days that weren't logged, `under_logged` those with too little to be all of it, and
    `without_exercise_kcal` those that were trained on without its energy being known: no energy is computed
    for any of them. `availability` is the mean of the last seven days in kcal per kg of fat-free mass, None
    when fewer than five of them can be used.
    """

    first: dt.date
    last: dt.date
    missing: tuple[dt.date, ...]
    under_logged: tuple[dt.date, ...]
    without_exercise_kcal: tuple[dt.date, ...]
    availability: float | None
    notices: tuple[Notice, ...]
    note: str


class _Day(NamedTuple):
    date: dt.date
    eaten: NutritionDay | None
    hours: float
    exercise_kcal: float | None


def check_nutrition(
    eaten: Sequence[NutritionDay],
    trained: Sequence[TrainingDay],
    body: Body,
    first: dt.date,
    last: dt.date,
    *,
    is_opted_in: bool,
    is_minor: bool,
) -> NutritionCheck:
    """Screen the local days from `first` to `last`, both included.

    Energy (ACSM, IOC; a screen that misses more than half of those concerned): under 30 kcal per kg of
    fat-free mass on 5 of the last 7 days is low; 30 to 45 in each of the last three weeks is reduced. It is
    only looked at when the athlete asked for it and isn't a minor. Carbohydrate and protein are compared on
    heavy days (over 75 minutes) with the lower ends of ACSM/AND/DC 2016, when at least three of them are
    logged. A training day that isn't in `trained` is a day of rest. Raises `InvalidInputError` that names
    what can't be.
    """
    if not 0 <= (last - first).days < LONGEST_WINDOW_DAYS:
        raise InvalidInputError(f"must be from {first} and within {LONGEST_WINDOW_DAYS} days", path="last")
    check_range("weight_kg", body.weight_kg, 20, 300, "kg")
    days = _join(eaten, trained, first, last)
    missing = tuple(day.date for day in days if day.eaten is None)
    notices = _heavy_days(days, body)
    if body.fat_free_mass_kg is None or not is_opted_in or is_minor:
        why = (
            "energy isn't screened: the athlete didn't ask for it"
            if not is_opted_in
            else "energy isn't screened for minors"
            if is_minor
            else "energy isn't screened: fat-free mass isn't known"
        )
        return NutritionCheck(first, last, missing, (), (), None, tuple(notices), why)
    mass = body.fat_free_mass_kg
    under = tuple(
        day.date
        for day in days
        if day.eaten and day.eaten.energy_kcal is not None and is_under_logged(day.eaten.energy_kcal, mass)
    )
    unknown = tuple(day.date for day in days if day.eaten and day.exercise_kcal is None)
    known = {
        day.date: energy_availability(day.eaten.energy_kcal, day.exercise_kcal, mass)
        for day in days
        if day.eaten
        and day.eaten.energy_kcal is not None
        and day.exercise_kcal is not None
        and day.date not in under
    }
    week = _week(known, last)
    notices = [*_energy(known, last), *notices]
    note = "a screen, never a diagnosis"
    if week is None:
        note = f"fewer than {LOGGED_OF_WEEK} of the last {WEEK_DAYS} days can be used; {note}"
    return NutritionCheck(
        first,
        last,
        missing,
        under,
        unknown,
        None if week is None else round(week, 1),
        tuple(notices),
        note,
    )


def _join(
    eaten: Sequence[NutritionDay], trained: Sequence[TrainingDay], first: dt.date, last: dt.date
) -> list[_Day]:
    by_date = {day.date: day for day in eaten if _is_logged(day)}
    training: dict[dt.date, list[TrainingDay]] = {}
    for one in trained:
        check_range("trained.hours", one.hours, 0, 24, "h")
        training.setdefault(one.date, []).append(one)
    days = []
    for number in range((last - first).days + 1):
        date = first + number * DAY
        done = training.get(date, [])
        energies = [one.exercise_kcal for one in done if one.hours > 0]
        known = [energy for energy in energies if energy is not None]
        kcal = sum(known) if len(known) == len(energies) else None
        days.append(_Day(date, by_date.get(date), sum(one.hours for one in done), kcal))
    return days


def _is_logged(day: NutritionDay) -> bool:
    """Nobody eats nothing at all and writes it down: a day of zeros is one that wasn't logged."""
    return any((day.energy_kcal, day.carbohydrate_g, day.protein_g, day.fat_g))


def _week(known: dict[dt.date, float], last: dt.date) -> float | None:
    """The mean of the seven days up to `last`; None when fewer than five of them are known."""
    values = _values(known, last)
    return sum(values) / len(values) if len(values) >= LOGGED_OF_WEEK else None


def _values(known: dict[dt.date, float], last: dt.date) -> list[float]:
    days = (last - number * DAY for number in range(WEEK_DAYS))
    return [known[day] for day in days if day in known]


def _energy(known: dict[dt.date, float], last: dt.date) -> list[Notice]:
    values = _values(known, last)
    week = _week(known, last)
    low = sum(value < LOW_BELOW for value in values)
    if week is not None and week < LOW_BELOW and low >= LOW_OF_WEEK:
        facts = (
            Fact("energy availability", round(week, 1), "kcal/kg FFM/day", "mean of the last 7 days"),
            Fact("days below 30", low, f"of {len(values)}", "Loucks; IOC 2018 and 2023"),
            Fact("sensitivity", 45.5, "%", "of the threshold, for missing periods"),
        )
        message = "Little energy is left beside training, for most of a week. Please talk to a professional."
        return [Notice(Finding.LOW_ENERGY, message, facts)]
    weeks = [_week(known, last - number * WEEK_DAYS * DAY) for number in range(REDUCED_WEEKS)]
    if all(value is not None and value < ADEQUATE_FROM for value in weeks):
        means = ", ".join(f"{value:.1f}" for value in weeks if value is not None)
        three = (Fact("energy availability", means, "kcal/kg FFM/day", "means of the last three weeks"),)
        message = "Energy has been on the low side for three weeks. More food around training helps."
        return [Notice(Finding.REDUCED_ENERGY, message, three)]
    return []


def _heavy_days(days: list[_Day], body: Body) -> list[Notice]:
    heavy = [day for day in days if day.eaten and day_load(day.hours) in (DayLoad.HIGH, DayLoad.VERY_HIGH)]
    notices = []
    carbohydrate = [
        (day.eaten.carbohydrate_g / body.weight_kg, CARBOHYDRATE_G_PER_KG[day_load(day.hours)].low)
        for day in heavy
        if day.eaten and day.eaten.carbohydrate_g is not None
    ]
    if len(carbohydrate) >= HEAVY_DAYS:
        mean = sum(grams for grams, _ in carbohydrate) / len(carbohydrate)
        needed = sum(low for _, low in carbohydrate) / len(carbohydrate)
        if mean < needed:
            message = "Less carbohydrate than heavy days ask for."
            facts = _heavy_facts("carbohydrate", mean, needed, len(carbohydrate))
            notices.append(Notice(Finding.LOW_CARBOHYDRATE, message, facts))
    protein = [
        day.eaten.protein_g / body.weight_kg for day in heavy if day.eaten and day.eaten.protein_g is not None
    ]
    if len(protein) >= HEAVY_DAYS and (mean := sum(protein) / len(protein)) < PROTEIN_G_PER_KG.low:
        message = "Less protein than heavy days ask for."
        facts = _heavy_facts("protein", mean, PROTEIN_G_PER_KG.low, len(protein))
        notices.append(Notice(Finding.LOW_PROTEIN, message, facts))
    return notices


def _heavy_facts(name: str, mean: float, needed: float, count: int) -> tuple[Fact, ...]:
    return (
        Fact(name, round(mean, 2), "g/kg/day", f"mean of {count} logged heavy days"),
        Fact("at least", round(needed, 2), "g/kg/day", "ACSM/AND/DC 2016"),
    )
