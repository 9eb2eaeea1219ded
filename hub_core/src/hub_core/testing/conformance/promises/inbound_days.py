"""Days, nights and meals belong to the athlete's own date, and are told in their own measures."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from hub_core.domain.records import DailyHealth, NutritionDay, Records, SleepNight
from hub_core.testing.conformance.arrivals import Arrival, listen
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import takes_in, tells_days, tells_meals, tells_nights

#: The ends of the world's dates, and where most people are.
_ZONES = ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago")
_NAMES = {"date", "external_id", "version"}
_numbers = itertools.count(1)


async def _heard(
    bench: Bench, zone: str, record: Callable[[str, dt.date], None]
) -> tuple[dt.date, list[Arrival]]:
    """Something of yesterday's date in a zone, and how it came."""
    user = f"athlete-{next(_numbers)}"
    bench.sandbox.time_zones[user] = zone
    context = await bench.connect(user)
    date = bench.at().astimezone(zoneinfo.ZoneInfo(zone)).date()
    before = len(bench.sandbox.outbox)
    record(user, date)
    noon = dt.datetime.combine(date, dt.time(12), zoneinfo.ZoneInfo(zone))
    return date, await listen(bench, context, bench.sandbox.outbox[before:], around=noon)


def _told(records: Iterable[Any]) -> dict[str, float]:
    """All that several records say together."""
    return {
        name: value
        for record in records
        for name, value in msgspec.structs.asdict(record).items()
        if name not in _NAMES and isinstance(value, int | float) and not isinstance(value, bool)
    }


def _expect_said(arrival: Arrival, date: dt.date, records: list[Any], wanted: Any) -> None:
    dates = sorted({record.date for record in records})
    expect(
        dates == [date],
        f"by {arrival.way} what is of {date} came for {', '.join(map(str, dates)) or 'no day'}",
    )
    told, right = _told(records), _told([wanted])
    expect(told, f"by {arrival.way} nothing of {right} was told")
    wrong = {name: value for name, value in told.items() if right.get(name) != value}
    expect(not wrong, f"by {arrival.way} {right} came with {wrong}")


def _all[R](arrival: Arrival, part: Callable[[Records], Iterable[R]]) -> list[R]:
    return [one for records in arrival.records for one in part(records)]


@case(
    "inbound.day",
    Tier.SILVER,
    reason="steps of a Sunday that count for Saturday make two wrong days, and a wrong week",
    hint="keep the vendor's calendar date as it is; make it of an instant only with the athlete's offset",
    needs=(takes_in, tells_days),
)
async def _day(bench: Bench) -> None:
    for zone in _ZONES:
        wanted = DailyHealth(dt.date.min, steps=9120, resting_heart_rate_bpm=47.0, weight_kg=68.4)

        def record(user: str, date: dt.date, wanted: DailyHealth = wanted) -> None:
            bench.sandbox.record_day(user, msgspec.structs.replace(wanted, date=date))

        date, arrived = await _heard(bench, zone, record)
        for arrival in arrived:
            _expect_said(arrival, date, _all(arrival, lambda records: records.daily), wanted)


@case(
    "inbound.hrv",
    Tier.SILVER,
    reason="RMSSD and SDNN are two measures of one heart, tens of ms apart: mixed they look like an illness",
    hint="put the vendor's figure into the field of its own measure, and leave the other None",
    needs=(takes_in, tells_days),
)
async def _hrv(bench: Bench) -> None:
    for wanted in (
        DailyHealth(dt.date.min, steps=100, hrv_rmssd_ms=41.0),
        DailyHealth(dt.date.min, steps=100, hrv_sdnn_ms=63.0),
    ):

        def record(user: str, date: dt.date, wanted: DailyHealth = wanted) -> None:
            bench.sandbox.record_day(user, msgspec.structs.replace(wanted, date=date))

        date, arrived = await _heard(bench, "UTC", record)
        for arrival in arrived:
            _expect_said(arrival, date, _all(arrival, lambda records: records.daily), wanted)


@case(
    "inbound.night",
    Tier.SILVER,
    reason="a night that ends on the wrong morning, or counts the time awake, spoils the advice for the day",
    hint="give SleepNight both ends with the athlete's offset, and the morning's date; asleep_s is all sleep",
    needs=(takes_in, tells_nights),
)
async def _night(bench: Bench) -> None:
    for zone in _ZONES:
        nights: list[SleepNight] = []

        def record(user: str, date: dt.date, nights: list[SleepNight] = nights, zone: str = zone) -> None:
            end = dt.datetime.combine(date, dt.time(6, 30), zoneinfo.ZoneInfo(zone))
            start = end - dt.timedelta(hours=7, minutes=30)
            asleep_s, awake_s = 7 * 3600.0, 1800.0
            nights.append(SleepNight(date, "", start, end, asleep_s=asleep_s, awake_s=awake_s))
            bench.sandbox.record_night(user, nights[-1])

        _, arrived = await _heard(bench, zone, record)
        [slept] = nights
        for arrival in arrived:
            told = {one.external_id: one for one in _all(arrival, lambda records: records.sleep)}
            expect(len(told) == 1, f"by {arrival.way} {len(told)} nights came of one")
            (one,) = told.values()
            expect(one.date == slept.date, f"by {arrival.way} the night to {slept.date} came for {one.date}")
            expect(
                (one.start, one.end) == (slept.start, slept.end),
                f"by {arrival.way} {slept.start} to {slept.end} came as {one.start} to {one.end}",
            )
            local = one.end.date()
            expect(local == slept.date, f"by {arrival.way} the night ends on {local} on the athlete's clock")
            right = one.asleep_s in {None, slept.asleep_s}
            expect(right, f"by {arrival.way} {slept.asleep_s} s of sleep are {one.asleep_s} s")


@case(
    "inbound.meals",
    Tier.SILVER,
    reason="what was eaten is held against what was burned on that day: another day's is worse than none",
    hint="give NutritionDay the vendor's date, and leave None what nobody wrote down",
    needs=(takes_in, tells_meals),
)
async def _meals(bench: Bench) -> None:
    for zone in _ZONES:
        wanted = NutritionDay(dt.date.min, energy_kcal=2450.0)

        def record(user: str, date: dt.date, wanted: NutritionDay = wanted) -> None:
            bench.sandbox.record_meals(user, msgspec.structs.replace(wanted, date=date))

        date, arrived = await _heard(bench, zone, record)
        for arrival in arrived:
            _expect_said(arrival, date, _all(arrival, lambda records: records.nutrition), wanted)
