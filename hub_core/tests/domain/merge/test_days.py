"""A day's health and meals, value by value."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from hub_core.domain.merge import ATHLETE, Order, Pin, Rules, VisibleDaily, merge_daily, merge_nutrition
from hub_core.domain.merge.days import choose_daily
from hub_core.domain.merge.statement import Statement
from hub_core.domain.records import DailyHealth, NutritionDay, Sample, SampleMetric
from hub_core.testing.statements import MORNING, say, steps

DAY = MORNING.date()
GARMIN = say("garmin", DailyHealth(DAY, "d1", steps=9_000, resting_heart_rate_bpm=47.0, hrv_rmssd_ms=61.0))


def measured(
    external_id: str, metric: SampleMetric, value: float, minute: int = 0, **fields: bool
) -> Statement[Sample]:
    at = MORNING + dt.timedelta(minutes=minute)
    return say("healthkit", Sample(external_id, metric, at, at, value, **fields))


def show(*said: Statement[DailyHealth] | Statement[Sample], rules: Rules | None = None) -> VisibleDaily:
    """What is shown, the same in any order."""
    found = []
    for order in itertools.islice(itertools.permutations(said), 24):
        statements = [one for one in order if isinstance(one.record, DailyHealth)]
        samples = [one for one in order if isinstance(one.record, Sample)]
        found.append(merge_daily(DAY, statements, samples, rules or Rules()))
    assert all(one == found[0] for one in found)
    assert found[0] is not None
    return found[0]


def told(day: VisibleDaily, field: str) -> tuple[object, str, str]:
    return getattr(day, field), day.sources[field].source, day.sources[field].reason


def test_a_value_that_a_person_entered_counts_field_by_field() -> None:
    entered = say(ATHLETE, DailyHealth(DAY, weight_kg=71.5))
    phone = say("healthkit", DailyHealth(DAY, weight_kg=72.9, resting_heart_rate_bpm=52.0, steps=8_000))
    day = show(entered, phone)
    assert told(day, "weight_kg") == (71.5, "athlete", "manual")
    assert told(day, "resting_heart_rate_bpm") == (52.0, "healthkit", "only")
    assert told(day, "steps") == (8_000, "healthkit", "only")


def test_a_manual_sample_counts_before_measured_ones_of_any_time() -> None:
    scale = measured("a", SampleMetric.WEIGHT, 72.0, 60)
    entered = measured("b", SampleMetric.WEIGHT, 71.0, 0, is_manual=True)
    assert told(show(scale, entered), "weight_kg") == (71.0, "healthkit", "manual")


def test_rmssd_and_sdnn_are_two_values() -> None:
    day = show(GARMIN, measured("s", SampleMetric.HRV_SDNN, 40), measured("t", SampleMetric.HRV_SDNN, 50, 30))
    assert told(day, "hrv_rmssd_ms") == (61.0, "garmin", "only")
    assert told(day, "hrv_sdnn_ms")[0] == 45.0


@pytest.mark.parametrize(
    ("counted", "expected"), [(7_000, (9_000, "garmin", "larger")), (9_500, (9_500, "healthkit", "union"))]
)
def test_the_larger_of_total_and_union_counts(counted: float, expected: tuple[object, str, str]) -> None:
    walk = say("healthkit", steps("w", 0, 60, counted, "iPhone"))
    assert told(show(GARMIN, walk), "steps") == expected


def test_an_order_of_sources_goes_before_the_larger_count() -> None:
    walk = say("healthkit", steps("w", 0, 60, 500, "iPhone"))
    day = show(GARMIN, walk, rules=Rules((Order("daily.steps", ("healthkit", "garmin")),)))
    assert told(day, "steps") == (500, "healthkit", "source_order")
    assert day.counters == {"steps": {"healthkit iPhone": 500}}
    # Unless people have said it themselves, or the order says that this doesn't count first.
    entered = say(ATHLETE, DailyHealth(DAY, steps=4_000))
    order = Order("daily.steps", ("garmin", ATHLETE))
    assert told(show(GARMIN, entered, rules=Rules((Order("daily.steps", ("garmin",)),))), "steps")[0] == 4_000
    assert told(show(GARMIN, entered, rules=Rules((order,))), "steps")[0] == 9_000


def test_one_source_tells_a_day_in_pieces_and_again() -> None:
    night = say("garmin", DailyHealth(DAY, "hrv", hrv_rmssd_ms=63.0), version=5)
    assert show(GARMIN, night).hrv_rmssd_ms == 63.0
    assert show(GARMIN, night).resting_heart_rate_bpm == 47.0


def test_the_last_weight_and_the_mean_saturation() -> None:
    day = show(
        measured("a", SampleMetric.WEIGHT, 72.0, 0),
        measured("b", SampleMetric.WEIGHT, 71.4, 600),
        measured("c", SampleMetric.SPO2, 96, 5),
        measured("d", SampleMetric.SPO2, 97, 15),
    )
    assert (day.weight_kg, day.spo2_pct) == (71.4, 96.5)


def test_a_pin_and_what_it_sets_aside() -> None:
    rules = Rules((Pin("steps", "daily", date=DAY, value=10_000),))
    choices, _ = choose_daily(DAY, [GARMIN], [], rules)
    assert choices["steps"].value == 10_000
    assert [one.value for one in choices["steps"].losers] == [9_000]
    assert merge_daily(DAY, [], [], Rules()) is None


def test_two_diaries_are_not_mixed_and_the_athletes_word_stands_over_them() -> None:
    full = say("mfp", NutritionDay(DAY, energy_kcal=2400.0, protein_g=120.0))
    thin = say(
        "healthkit", NutritionDay(DAY, energy_kcal=800.0, fat_g=30.0, protein_g=20.0, carbohydrate_g=80.0)
    )
    entered = say(ATHLETE, NutritionDay(DAY, protein_g=140.0))
    order = Rules((Order("nutrition", ("healthkit",)),))
    for said in itertools.permutations((full, thin, entered)):
        day = merge_nutrition(DAY, said, order)
        assert day is not None
        assert (day.energy_kcal, day.protein_g, day.fat_g) == (800.0, 140.0, 30.0)
        fuller = merge_nutrition(DAY, said, Rules())
        assert fuller is not None
        assert (fuller.energy_kcal, fuller.protein_g, fuller.fat_g) == (2400.0, 140.0, None)
