"""Computes days anew: health, night and meals of a local date, from what lies around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from hub_core.domain.merge import DAILY_METRICS, Rules, Statement, merge_daily, merge_nutrition, merge_sleep
from hub_core.domain.merge.statement import LONGEST_SAMPLE
from hub_core.domain.records import DailyHealth, NutritionDay, Sample, SampleMetric, SleepNight
from hub_core.services.hub import Hub
from hub_core.services.inbound.observations import find_standing, sample_metrics, to_ms
from hub_core.services.merging.shown import Writer

#: A local date lasts 50 hours over the whole earth: from UTC+14 to UTC-12.
_EAST, _WEST = dt.timedelta(hours=14), dt.timedelta(hours=12)
#: A night begins on the day before, and may be told by fragments from the evening before that on.
_NIGHT_DAYS = 1


async def merge_days(writer: Writer, rules: Rules, dates: dict[str, set[dt.date]]) -> None:
    """Bring days up to date, by kind."""
    for kind, wanted in sorted(dates.items()):
        for date in sorted(wanted):
            document = await compute_day(writer.hub, writer.athlete_id, kind, date, rules)
            await writer.write_day(kind, date, document)


async def compute_day(hub: Hub, athlete_id: str, kind: str, date: dt.date, rules: Rules) -> str:
    """What is shown of a day as JSON; empty when nobody says anything."""
    match kind:
        case "daily":
            visible: msgspec.Struct | None = merge_daily(
                date, *await load_daily(hub, athlete_id, date), rules
            )
        case "sleep":
            visible = merge_sleep(date, *await load_sleep(hub, athlete_id, date), rules)
        case _:
            visible = merge_nutrition(date, await load_nutrition(hub, athlete_id, date), rules)
    return msgspec.json.encode(visible).decode() if visible else ""


async def load_daily(
    hub: Hub, athlete_id: str, date: dt.date
) -> tuple[list[Statement[DailyHealth]], list[Statement[Sample]]]:
    """What is said of a date's health, and the samples that reach into it."""
    statements = await find_standing(hub, athlete_id, DailyHealth, "o.date = {}", date.isoformat())
    return statements, await _load_samples(hub, athlete_id, date, date, DAILY_METRICS)


async def load_sleep(
    hub: Hub, athlete_id: str, date: dt.date
) -> tuple[list[Statement[SleepNight]], list[Statement[Sample]]]:
    """What is said of the sleeps around a date: a split night may have begun two evenings before."""
    first, last = date - dt.timedelta(days=_NIGHT_DAYS), date + dt.timedelta(days=_NIGHT_DAYS)
    nights = await find_standing(
        hub, athlete_id, SleepNight, "o.date BETWEEN {} AND {}", first.isoformat(), last.isoformat()
    )
    return nights, await _load_samples(hub, athlete_id, first, last, [SampleMetric.SLEEP])


async def load_nutrition(hub: Hub, athlete_id: str, date: dt.date) -> list[Statement[NutritionDay]]:
    """What is said of a date's meals."""
    return await find_standing(hub, athlete_id, NutritionDay, "o.date = {}", date.isoformat())


async def _load_samples(
    hub: Hub, athlete_id: str, first: dt.date, last: dt.date, metrics: Iterable[SampleMetric]
) -> list[Statement[Sample]]:
    start = dt.datetime.combine(first, dt.time(), dt.UTC) - _EAST
    end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC) + _WEST
    condition, names = sample_metrics(wanted=metrics)
    return await find_standing(
        hub,
        athlete_id,
        Sample,
        "o.start_ms BETWEEN {} AND {} AND o.end_ms >= {} AND " + condition,
        to_ms(start - LONGEST_SAMPLE),
        to_ms(end),
        to_ms(start),
        *names,
    )
