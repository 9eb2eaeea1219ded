"""What is shown of a day's health and of its meals, field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from hub_core.domain.merge.choice import Candidate, Choice, FieldSource, choose
from hub_core.domain.merge.rules import Rules
from hub_core.domain.merge.statement import ATHLETE, Identity, Statement
from hub_core.domain.merge.steps import Union, day_stretches, unite
from hub_core.domain.records import DailyHealth, NutritionDay, Sample, SampleMetric

_NO_FIELDS = {"date", "external_id", "version"}
DAILY_FIELDS = tuple(name for name in DailyHealth.__struct_fields__ if name not in _NO_FIELDS)
NUTRITION_FIELDS = tuple(name for name in NutritionDay.__struct_fields__ if name not in _NO_FIELDS)
#: Counted over the day: devices are united, and a source's total stands beside the union.
CUMULATIVE = (
    SampleMetric.STEPS,
    SampleMetric.ACTIVE_ENERGY,
    SampleMetric.DISTANCE,
    SampleMetric.FLOORS,
)
#: The last measurement of the day is the day's.
LATEST = (
    SampleMetric.RESTING_HEART_RATE,
    SampleMetric.WEIGHT,
    SampleMetric.BODY_FAT,
    SampleMetric.VO2MAX,
)
#: The mean of the day's measurements. RMSSD and SDNN are two fields and so never meet.
MEAN = (SampleMetric.HRV_SDNN, SampleMetric.HRV_RMSSD, SampleMetric.SPO2, SampleMetric.RESPIRATION)
#: Heart rate is of activities, and sleep has a day of its own.
DAILY_METRICS = (*CUMULATIVE, *LATEST, *MEAN)
_WHOLE = {"steps"}


class VisibleDaily(msgspec.Struct, frozen=True, omit_defaults=True):
    """A day's health as it is shown. `sources` tells for each value who said it and why they are believed.

    HRV is RMSSD or SDNN, as it was measured. `counters`: of a count that was united over devices, how much
    each device has given, by `source device`.
    """

    date: dt.date
    steps: int | None = None
    distance_m: float | None = None
    active_kcal: float | None = None
    basal_kcal: float | None = None
    floors: float | None = None
    resting_heart_rate_bpm: float | None = None
    hrv_rmssd_ms: float | None = None
    hrv_sdnn_ms: float | None = None
    body_battery_high: float | None = None
    body_battery_low: float | None = None
    stress_avg: float | None = None
    weight_kg: float | None = None
    body_fat_pct: float | None = None
    spo2_pct: float | None = None
    respiration_brpm: float | None = None
    vo2max: float | None = None
    sources: dict[str, FieldSource] = {}
    counters: dict[str, dict[str, float]] = {}


class VisibleNutrition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A day's meals as they are shown, with the source of each value."""

    date: dt.date
    energy_kcal: float | None = None
    carbohydrate_g: float | None = None
    protein_g: float | None = None
    fat_g: float | None = None

    sources: dict[str, FieldSource] = {}


def merge_daily(
    date: dt.date,
    statements: Sequence[Statement[DailyHealth]],
    samples: Sequence[Statement[Sample]],
    rules: Rules,
) -> VisibleDaily | None:
    """What is shown of a day; None when nobody says anything. `samples` may be those of days around it."""
    choices, unions = choose_daily(date, statements, samples, rules)
    if not choices:
        return None
    counters = {
        field: {" ".join(filter(None, key)): amount for key, amount in unions[field].parts.items()}
        for field, choice in choices.items()
        if field in unions and choice.source.external_id == _SAMPLES
    }
    return VisibleDaily(
        date=date,
        **{field: choice.value for field, choice in choices.items()},
        sources={field: choice.source for field, choice in choices.items()},
        counters=counters,
    )


#: In place of an external id where many samples stand behind a value.
_SAMPLES = "samples"


def choose_daily(
    date: dt.date,
    statements: Sequence[Statement[DailyHealth]],
    samples: Sequence[Statement[Sample]],
    rules: Rules,
) -> tuple[dict[str, Choice], dict[str, Union]]:
    """For each field the value, its source and reason, and what else was said; and the united counts."""
    choices: dict[str, Choice] = {}
    unions: dict[str, Union] = {}
    by_metric: dict[str, list[Statement[Sample]]] = {}
    for sample in samples:
        by_metric.setdefault(sample.record.metric, []).append(sample)
    for field in DAILY_FIELDS:
        order = rules.sources("daily", field)
        candidates = _day_candidates(field, statements)
        if field in CUMULATIVE:
            united = _union_candidate(field, date, by_metric.get(field, ()), order)
            if united:
                unions[field] = united[1]
                candidates.append(united[0])
        else:
            candidates += _point_candidates(field, date, by_metric.get(field, ()))
        if choice := choose(candidates, order, rules.day_pin("daily", date, field)):
            choices[field] = choice
    return choices, unions


def _day_candidates(field: str, statements: Sequence[Statement[DailyHealth]]) -> list[Candidate]:
    """Each source's own newest figure for the day; one source may tell a day in several pieces."""
    newest: dict[str, Statement[DailyHealth]] = {}
    for one in sorted(statements, key=lambda one: (one.version, one.identity)):
        if getattr(one.record, field) is not None:
            newest[one.source] = one
    return [
        Candidate(
            one.identity,
            value := getattr(one.record, field),
            (-value,) if field in CUMULATIVE else (0,),
            "larger" if field in CUMULATIVE else "day_total",
            source == ATHLETE,
        )
        for source, one in sorted(newest.items())
    ]


def _union_candidate(
    field: str, date: dt.date, samples: Iterable[Statement[Sample]], order: tuple[str, ...]
) -> tuple[Candidate, Union] | None:
    stretches = day_stretches(samples, date)
    if not stretches:
        return None
    union = unite(stretches, order)
    source, _ = (
        max(union.parts, key=lambda key: (union.parts[key], key)) if union.parts else stretches[0].counter
    )
    value = round(union.amount) if field in _WHOLE else round(union.amount, 1)
    return Candidate(Identity(source, _SAMPLES), value, (-union.amount,), "union"), union


def _point_candidates(field: str, date: dt.date, samples: Iterable[Statement[Sample]]) -> list[Candidate]:
    """Each source's measurements of the day as one value; those that a person entered apart from the rest."""
    by_source: dict[tuple[str, bool], list[Statement[Sample]]] = {}
    for one in samples:
        if one.record.start.date() == date:
            is_manual = one.record.is_manual or one.source == ATHLETE
            by_source.setdefault((one.source, is_manual), []).append(one)
    found = []
    for (_, is_manual), group in sorted(by_source.items()):
        group.sort(key=lambda one: (one.record.end.timestamp(), one.identity))
        last = group[-1]
        value = last.record.value
        if field in MEAN and not is_manual:
            value = round(sum(one.record.value for one in group) / len(group), 2)
        rank = (1, -last.record.end.timestamp())
        found.append(Candidate(last.identity, value, rank, "newest", is_manual))
    return found


def merge_nutrition(
    date: dt.date, statements: Sequence[Statement[NutritionDay]], rules: Rules
) -> VisibleNutrition | None:
    """What is shown of a day's meals; None when nobody says anything."""
    choices = choose_nutrition(date, statements, rules)
    if not choices:
        return None
    return VisibleNutrition(
        date=date,
        **{field: choice.value for field, choice in choices.items()},
        sources={field: choice.source for field, choice in choices.items()},
    )


def choose_nutrition(
    date: dt.date, statements: Sequence[Statement[NutritionDay]], rules: Rules
) -> dict[str, Choice]:
    """One source's day, because two diaries don't add up; over it, field by field, what the athlete says."""
    newest: dict[str, Statement[NutritionDay]] = {}
    for one in sorted(statements, key=lambda one: (one.version, one.identity)):
        newest[one.source] = one

    def told(one: Statement[NutritionDay]) -> int:
        return sum(getattr(one.record, field) is not None for field in NUTRITION_FIELDS)

    choices: dict[str, Choice] = {}
    order = rules.sources("nutrition", "energy_kcal")
    fullest = choose(
        [
            Candidate(one.identity, one, (-(one.record.energy_kcal or 0), -told(one)), "fuller")
            for source, one in newest.items()
            if source != ATHLETE and told(one)
        ],
        order,
    )
    main = fullest.source.source if fullest else ""
    for field in NUTRITION_FIELDS:
        own_order = rules.order_of(f"nutrition.{field}")
        candidates = [
            Candidate(one.identity, value, (source != main,), "fuller", source == ATHLETE)
            for source, one in sorted(newest.items())
            if (value := getattr(one.record, field)) is not None
        ]
        pin = rules.day_pin("nutrition", date, field)
        choice = choose(candidates, own_order, pin)
        if choice and (pin or own_order or choice.source.source in {main, ATHLETE}):
            choices[field] = choice
    return choices
