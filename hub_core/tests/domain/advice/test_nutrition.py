"""Screens of what is eaten: what isn't known is named, never zero."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_core.domain.advice import (
    Body,
    Finding,
    NutritionCheck,
    TrainingDay,
    check_nutrition,
)
from hub_core.domain.records import NutritionDay
from hub_core.errors import InvalidInputError

FIRST = dt.date(2026, 9, 1)
#: 45 kg of fat-free mass: 1800 kcal with 600 of exercise are 26.7, the sheet's example of low.
ANNA = Body(weight_kg=55, fat_free_mass_kg=45)


def day(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def eats(kcal: float, days: int, carbohydrate: float = 300, protein: float = 90) -> list[NutritionDay]:
    return [
        NutritionDay(day(number), energy_kcal=kcal, carbohydrate_g=carbohydrate, protein_g=protein)
        for number in range(days)
    ]


def trains(hours: float, kcal: float | None, days: int) -> list[TrainingDay]:
    return [TrainingDay(day(number), hours, kcal) for number in range(days)]


def check(
    eaten: list[NutritionDay],
    trained: list[TrainingDay],
    days: int = 7,
    body: Body = ANNA,
    *,
    is_opted_in: bool = True,
    is_minor: bool = False,
) -> NutritionCheck:
    return check_nutrition(
        eaten, trained, body, FIRST, day(days - 1), is_opted_in=is_opted_in, is_minor=is_minor
    )


def findings(result: NutritionCheck) -> list[Finding]:
    return [notice.finding for notice in result.notices]


def test_a_week_of_little_energy_asks_to_talk_to_somebody() -> None:
    result = check(eats(1800, 7), trains(1, 600, 7))
    assert result.availability == pytest.approx(26.7)
    assert findings(result) == [Finding.LOW_ENERGY]
    assert "talk to a professional" in result.notices[0].message
    assert result.note == "a screen, never a diagnosis"
    assert [(fact.name, fact.value) for fact in result.notices[0].why][:2] == [
        ("energy availability", 26.7),
        ("days below 30", 7),
    ]


def test_four_low_days_are_no_finding() -> None:
    result = check([*eats(1500, 4), *eats(2100, 7)[4:]], trains(1, 600, 7))
    assert result.availability is not None
    assert result.availability < 30
    assert findings(result) == []


def test_an_empty_day_is_not_logged_and_never_zero() -> None:
    eaten = eats(2600, 7)
    eaten[2] = NutritionDay(day(2))
    eaten[4] = NutritionDay(day(4), energy_kcal=0, carbohydrate_g=0, protein_g=0, fat_g=0)
    del eaten[5]
    result = check(eaten, [])
    assert result.missing == (day(2), day(4), day(5))
    assert result.availability is None
    assert "fewer than 5" in result.note
    assert findings(result) == []


def test_half_written_days_do_not_count() -> None:
    eaten = [*eats(2600, 5), *[NutritionDay(day(number), energy_kcal=600) for number in (5, 6)]]
    result = check(eaten, trains(1, 300, 7))
    assert result.under_logged == (day(5), day(6))
    assert result.availability == pytest.approx(round((2600 - 300) / 45, 1))


def test_a_trained_day_without_its_energy_is_named() -> None:
    trained = trains(1, 600, 7)
    trained[3] = TrainingDay(day(3), 1, None)
    result = check(eats(1800, 7), trained)
    assert result.without_exercise_kcal == (day(3),)
    assert findings(result) == [Finding.LOW_ENERGY]


def test_three_weeks_of_reduced_energy_are_a_soft_notice() -> None:
    three = check(eats(2200, 21), trains(1, 500, 21), days=21)
    assert findings(three) == [Finding.REDUCED_ENERGY]
    two = check(eats(2200, 14), trains(1, 500, 14), days=14)
    assert findings(two) == []


@pytest.mark.parametrize(
    ("options", "word"),
    [({"is_opted_in": False}, "didn't ask"), ({"is_minor": True}, "minors")],
    ids=["not asked", "minor"],
)
def test_energy_is_screened_only_for_adults_who_asked(options: dict[str, bool], word: str) -> None:
    result = check(eats(1200, 7), trains(1, 600, 7), **options)
    assert result.availability is None
    assert findings(result) == []
    assert word in result.note


def test_without_fat_free_mass_the_heavy_days_are_still_looked_at() -> None:
    result = check(eats(2500, 7, carbohydrate=250, protein=60), trains(2, 900, 7), body=Body(70))
    assert findings(result) == [Finding.LOW_CARBOHYDRATE, Finding.LOW_PROTEIN]
    carbohydrate = result.notices[0].why
    assert (carbohydrate[0].value, carbohydrate[1].value) == (pytest.approx(250 / 70, abs=0.01), 6)


def test_two_heavy_days_say_nothing_and_light_ones_ask_for_less() -> None:
    low = eats(2600, 7, carbohydrate=200, protein=60)
    assert findings(check(low, trains(2, 600, 2))) == []
    assert findings(check(low, trains(0.5, 200, 7))) == []


@given(st.lists(st.floats(300, 5000), min_size=7, max_size=7), st.floats(0, 1500), st.floats(0, 500))
def test_eating_more_never_adds_a_finding(kcals: list[float], exercise: float, more: float) -> None:
    def of(extra: float) -> NutritionCheck:
        eaten = [
            NutritionDay(day(number), energy_kcal=kcal + extra, carbohydrate_g=400, protein_g=120)
            for number, kcal in enumerate(kcals)
        ]
        return check(eaten, trains(1, exercise, 7))

    less, enough = of(0), of(more)
    # A day that was too little to be believed may become one that counts.
    if less.under_logged == enough.under_logged:
        assert set(findings(enough)) <= set(findings(less))


def test_a_window_backwards_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="last"):
        check_nutrition([], [], ANNA, FIRST, day(-1), is_opted_in=True, is_minor=False)
