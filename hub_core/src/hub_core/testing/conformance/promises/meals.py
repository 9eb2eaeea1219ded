"""What was eaten: a day's totals, of the athlete's own, and none of a day without a word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from hub_core.domain.records import NutritionDay, Records
from hub_core.sandbox.sandbox import DEFAULT_USER
from hub_core.sdk.context import ProviderContext
from hub_core.sdk.inbound import Delivery
from hub_core.testing.conformance.arrivals import Arrival, listen
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import takes_in, tells_meals
from hub_core.testing.conformance.plans import MEALS

_OTHER = "athlete-2"
_FIELDS = ("energy_kcal", "carbohydrate_g", "protein_g", "fat_g")
#: Vendors round, and convert units.
_SLACK = 0.5
_DAYS = 7


async def _eat(
    bench: Bench, context: ProviderContext, *days: NutritionDay, user: str = DEFAULT_USER
) -> list[Arrival]:
    """The athlete writes down some days, and they come by each way."""
    before = len(bench.sandbox.outbox)
    for day in days:
        bench.sandbox.record_meals(user, day)
    return await listen(bench, context, bench.sandbox.outbox[before:])


def _on(date: dt.date, **fields: float | None) -> NutritionDay:
    return msgspec.structs.replace(MEALS, date=date, **fields)


def _told(day: NutritionDay) -> dict[str, float]:
    return {name: value for name in _FIELDS if (value := getattr(day, name)) is not None}


def _held(records: Iterable[Records]) -> dict[str, NutritionDay]:
    """What the hub then has: the last word under each external id."""
    return {day.external_id or str(day.date): day for one in records for day in one.nutrition}


def _only(arrival: Arrival) -> NutritionDay:
    """The one day of which something is told."""
    told = [day for day in _held(arrival.records).values() if _told(day)]
    expect(len(told) == 1, f"by {arrival.way} {len(told)} days came with numbers, and one was written down")
    return told[0]


@case(
    "meals.totals",
    Tier.BRONZE,
    reason="energy availability and protein targets are screened with these: 4 kJ are one kcal, not four",
    hint="add the meals of a day up to one NutritionDay in kcal and grams, with one external id for the date",
    needs=(takes_in, tells_meals),
)
async def _totals(bench: Bench) -> None:
    context, wanted = await bench.connect(), _on(bench.at().date())
    for arrival in await _eat(bench, context, wanted):
        day = _only(arrival)
        told, right = _told(day), _told(wanted)
        expect(day.energy_kcal is not None, f"by {arrival.way} the energy of a day was not told")
        wrong = {name: value for name, value in told.items() if abs(value - right[name]) > _SLACK}
        expect(not wrong, f"by {arrival.way} {right} came with {wrong}")


@case(
    "meals.not_logged",
    Tier.SILVER,
    reason="who wrote nothing down has not fasted: a day of zeros is a warning about a healthy athlete",
    hint="leave None what nobody told, make no day of an empty answer, and add up only what is there",
    needs=(takes_in, tells_meals),
)
async def _not_logged(bench: Bench) -> None:
    context, date = await bench.connect(), bench.at().date()
    nothing: dict[str, float | None] = dict.fromkeys(_FIELDS[1:])
    for arrival in await _eat(bench, context, _on(date, **nothing)):
        days = _held(arrival.records).values()
        others = {str(day.date): _told(day) for day in days if day.date != date and _told(day)}
        expect(not others, f"by {arrival.way} days on which nothing was written down came with {others}")
        told = _told(_only(arrival))
        expect(
            set(told) == {"energy_kcal"}, f"by {arrival.way} a day of which only energy is known has {told}"
        )


@case(
    "meals.changed",
    Tier.SILVER,
    reason="a diary fills over the day, and a meal that was entered by mistake is taken out again",
    hint="keep the external id; without a version of the vendor's let the key name the day, and say "
    'news_by="content" or, where only the change is told, news_by="change"',
    needs=(takes_in, tells_meals),
)
async def _changed(bench: Bench) -> None:
    context, date = await bench.connect(), bench.at().date()
    known: dict[str, dict[str, bytes]] = {}
    ids: dict[str, str] = {}
    for kcal in (800.0, 1600.0, 800.0):
        for arrival in await _eat(bench, context, _on(date, energy_kcal=kcal)):
            day, heard = _only(arrival), known.setdefault(arrival.way, {})
            first = ids.setdefault(arrival.way, day.external_id)
            expect(
                first == day.external_id, f"by {arrival.way} a change made {day.external_id!r} of {first!r}"
            )
            near = abs((day.energy_kcal or 0) - kcal) <= _SLACK
            expect(near, f"by {arrival.way} {kcal:g} kcal now are {day.energy_kcal}")
            news = [one.key for one in arrival.deliveries if _is_news(one, heard)]
            expect(news, f"by {arrival.way} the change to {kcal:g} kcal came as if it had been told before")


def _is_news(delivery: Delivery, heard: dict[str, bytes]) -> bool:
    """Whether the hub takes it in, as `store_deliveries` decides it; `heard` is kept up to date."""
    before = heard.get(delivery.key)
    is_other = before != delivery.body and delivery.news_by == "content"
    is_news = before is None or is_other or delivery.news_by == "change"
    if is_news:
        heard[delivery.key] = delivery.body
    return is_news


@case(
    "meals.athlete",
    Tier.SILVER,
    reason="what somebody eats is nobody else's business, and another's diet is the wrong advice",
    hint="name in each delivery the athlete that describe_account names, and ask with their token",
    needs=(takes_in, tells_meals),
)
async def _athlete(bench: Bench) -> None:
    date = bench.at().date()
    for number, user in enumerate((DEFAULT_USER, _OTHER), start=1):
        context = await bench.connect(user)
        wanted = _on(date, energy_kcal=1000.0 * number)
        for arrival in await _eat(bench, context, wanted, user=user):
            named = {one.provider_user_id for one in arrival.deliveries}
            expect(named == {context.provider_user_id}, f"by {arrival.way} {user}'s day came for {named}")
            kcal = _only(arrival).energy_kcal or 0
            near = abs(kcal - 1000.0 * number) <= _SLACK
            expect(near, f"by {arrival.way} {user}'s {1000 * number} kcal came as {kcal:g}")


@case(
    "meals.days",
    Tier.SILVER,
    reason="a week with holes looks like a week of hunger, and a window that isn't kept asks for years",
    hint="ask for every date of the window in any zone of the earth, page by page, and for no others",
    needs=(takes_in, tells_meals),
)
async def _days(bench: Bench) -> None:
    context, last = await bench.connect(), bench.at().date()
    dates = [last - dt.timedelta(days=number) for number in range(_DAYS)]
    old = last - dt.timedelta(days=40)
    for arrival in await _eat(bench, context, *(_on(date) for date in (*dates, old))):
        found = await bench.poll(context, days=_DAYS + 1) if arrival.way == "poll" else arrival.deliveries
        records = [await bench.ingest(context, one) for one in found]
        told = sorted({day.date for day in _held(records).values() if _told(day)})
        wanted = sorted(dates if arrival.way == "poll" else [*dates, old])
        expect(told == wanted, f"by {arrival.way} {len(wanted)} days were due, and {[*map(str, told)]} came")
