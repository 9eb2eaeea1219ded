"""A workout stands on the day it was planned for, and an activity keeps the moment it was done."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Iterable, Iterator

import msgspec

from hub_core.testing.conformance.arrivals import arrivals, listen
from hub_core.testing.conformance.bench import Bench, changed
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import (
    exports,
    takes_in,
    tells_activities,
    tells_offset,
)
from hub_core.testing.strategies import KNOWN_ATHLETE

_DAY = dt.timedelta(days=1)
_FAR_EAST, _FAR_WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"
#: Clocks that change by an hour at night, by half an hour, and at midnight, north and south.
_CHANGING = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago")
#: What a plan has for a time: none, the ends of a day, and an hour that is missing or double on some days.
_TIMES = (None, dt.time(0, 0), dt.time(2, 30), dt.time(23, 59))


# -- a workout goes out -----------------------------------------------------------------------------------


class Traveller:
    """Athletes somewhere in the world, and what their devices show."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._numbers = itertools.count(1)

    async def expect_on_its_day(self, zone: str, now: dt.datetime, dates: Iterable[dt.date]) -> None:
        """At a moment, someone in `zone` is sent workouts for some dates. Moments only go forward."""
        bench, number = self._bench, next(self._numbers)
        bench.sandbox.clock.advance(max(0.0, now.timestamp() - bench.sandbox.clock.now()))
        user = f"traveller-{number}"
        bench.sandbox.time_zones[user] = zone
        athlete = msgspec.structs.replace(KNOWN_ATHLETE, time_zone=zone)
        context = await bench.connect(user)
        planned = {f"Kit {index}": day_and_time for index, day_and_time in enumerate(_each_time(dates))}
        for name, (date, time) in planned.items():
            bench.sandbox.clock.advance(1)  # a limit of so many calls a second is not what is looked at
            plan = bench.plan(name=name, date=date, time=time)
            reference = f"hub-wk-{number}-{name[-1]}"
            await bench.export(changed(context, reference=reference), plan, athlete)
        shown = {workout.title: workout.date for workout in bench.shown(user)}
        for name, (date, time) in planned.items():
            when = (
                f"{date} {time or 'without a time'} in {zone}, sent at {now.astimezone(dt.UTC):%d %H:%M} UTC"
            )
            expect(name in shown, f"the device does not show the workout for {when}")
            expect(shown[name] == date, f"the device shows on {shown[name]} the workout for {when}")

    def dates(self, now: dt.datetime, zone: str) -> list[dt.date]:
        """Today there, and tomorrow if the provider shows it already."""
        today = now.astimezone(zoneinfo.ZoneInfo(zone)).date()
        return [today, today + _DAY] if self.sees_tomorrow else [today]

    @property
    def sees_tomorrow(self) -> bool:
        """Whether devices show more than today."""
        return self._bench.able.horizon_days != 0

    def tomorrow_at(self, hour: int, minute: int) -> dt.datetime:
        """A moment of tomorrow in UTC. All moments are ahead, for the sandbox's clock and the real one."""
        today = dt.datetime.combine(self._bench.sandbox.clock.today(), dt.time(), dt.UTC)
        return today + _DAY + dt.timedelta(hours=hour, minutes=minute)


def _each_time(dates: Iterable[dt.date]) -> Iterator[tuple[dt.date, dt.time | None]]:
    return itertools.product(dates, _TIMES)


@case(
    "time.far_east",
    Tier.SILVER,
    reason="where the day begins 14 hours before UTC, a midnight in UTC is yesterday",
    hint="send the date as it is; where the vendor wants an instant, make it in the athlete's zone",
    needs=(exports,),
)
async def _east(bench: Bench) -> None:
    traveller = Traveller(bench)
    now = traveller.tomorrow_at(10, 30)  # half past midnight there
    await traveller.expect_on_its_day(_FAR_EAST, now, traveller.dates(now, _FAR_EAST))


@case(
    "time.far_west",
    Tier.SILVER,
    reason="where the day ends 11 hours after UTC, an evening is tomorrow in UTC",
    hint="send the date as it is; where the vendor wants an instant, make it in the athlete's zone",
    needs=(exports,),
)
async def _west(bench: Bench) -> None:
    traveller = Traveller(bench)
    now = traveller.tomorrow_at(10, 30)  # half past eleven at night there, of the day before
    await traveller.expect_on_its_day(_FAR_WEST, now, traveller.dates(now, _FAR_WEST))


@case(
    "time.midnight",
    Tier.SILVER,
    reason="around midnight in UTC today is another day for a plugin's clock than for most athletes",
    hint="don't compare dates with today: the hub sends what is due",
    needs=(exports,),
)
async def _midnight(bench: Bench) -> None:
    traveller = Traveller(bench)
    for now in (traveller.tomorrow_at(23, 30), traveller.tomorrow_at(24, 30)):
        for zone in ("UTC", "Asia/Kolkata", "America/Los_Angeles"):
            await traveller.expect_on_its_day(zone, now, traveller.dates(now, zone))


@case(
    "time.clock_changes",
    Tier.SILVER,
    reason="on two days a year a day has not 24 hours, and an hour is missing or double",
    hint="combine date and time with zoneinfo.ZoneInfo(compiled.time_zone); never add a fixed offset",
    needs=(exports,),
)
async def _clock_changes(bench: Bench) -> None:
    traveller = Traveller(bench)
    start = traveller.tomorrow_at(0, 0)
    days = [(day, zone) for zone in _CHANGING for day in itertools.islice(_changes(zone, start.date()), 2)]
    for day, zone in sorted(days):
        eve = day - _DAY if traveller.sees_tomorrow else day
        noon = dt.datetime.combine(eve, dt.time(12), zoneinfo.ZoneInfo(zone))
        await traveller.expect_on_its_day(zone, noon, [day])


def _changes(zone: str, start: dt.date, step: dt.timedelta = _DAY) -> Iterator[dt.date]:
    """The days of 23 or 25 hours, from some day on; with a step of -1 day back from it."""
    there = zoneinfo.ZoneInfo(zone)
    for days in range(1, 800):
        day = start + days * step
        ends = [dt.datetime.combine(one, dt.time(), there).utcoffset() for one in (day, day + _DAY)]
        if ends[0] != ends[1]:
            yield day


# -- an activity comes in ---------------------------------------------------------------------------------


def _at(text: str, hours: float = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))


async def _expect_instant(bench: Bench, start: dt.datetime) -> None:
    user = f"athlete-{start.timestamp():.0f}"
    context = await bench.connect(user)
    for arrival in await arrivals(bench, context, user, start=start):
        told = arrival.only().start
        expect(told.utcoffset() is not None, f"by {arrival.way} the start {told} has no zone")
        expect(told == start, f"by {arrival.way} the start {start} became {told}")


@case(
    "time.instant",
    Tier.SILVER,
    reason="an hour off makes two activities of one, and puts a night's run into the weather of the day",
    hint="read UTC where the vendor tells it; give every datetime a zone",
    needs=(takes_in, tells_activities),
)
async def _instant(bench: Bench) -> None:
    day = bench.at(second=17)
    for hour, minute, offset_h in ((23, 30, 14.0), (0, 30, -11.0), (12, 0, 5.75), (0, 0, 0.0)):
        zone = dt.timezone(dt.timedelta(hours=offset_h))
        await _expect_instant(bench, day.replace(hour=hour, minute=minute, tzinfo=zone))


@case(
    "time.local_day",
    Tier.SILVER,
    # A provider that tells UTC alone says so by its sandbox, and is not asked for more.
    reason="a run at 23:30 on the first of May is a run of the first of May, wherever it was",
    hint="build start with the vendor's offset, or from its local time and its UTC time",
    needs=(takes_in, tells_offset, tells_activities),
)
async def _local_day(bench: Bench) -> None:
    for hour, minute, offset_h in ((23, 30, 14), (0, 30, -11), (0, 5, 2)):
        zone = dt.timezone(dt.timedelta(hours=offset_h))
        start = bench.at(hour=hour, minute=minute, tzinfo=zone)
        user = f"athlete-{hour}-{minute}"
        for arrival in await arrivals(bench, await bench.connect(user), user, start=start):
            told = arrival.only().start
            wanted = start.replace(tzinfo=None)
            local = told.replace(tzinfo=None)
            expect(local == wanted, f"by {arrival.way} their clock showed {wanted}, and the start is {told}")


@case(
    "time.repeated_hour",
    Tier.SILVER,
    reason="when the clocks go back, half past two comes twice: a race's two laps become one",
    hint="never turn a local time without its offset into an instant by the name of a zone",
    needs=(takes_in, tells_activities),
)
async def _repeated_hour(bench: Bench) -> None:
    days = _changes("Europe/Berlin", bench.sandbox.clock.today(), -_DAY)
    autumn = next(day for day in days if day.month > 6)
    starts = [_at(f"{autumn}T02:30:00", hours) for hours in (2, 1)]
    context = await bench.connect()
    pushed = [
        one
        for index, start in enumerate(starts)
        for one in bench.record(start=start, duration_s=600.0, name=f"Lap {index}")
    ]
    for arrival in await listen(bench, context, pushed, around=starts[0]):
        told = sorted(activity.start.timestamp() for activity in arrival.held().values())
        wanted = [start.timestamp() for start in starts]
        expect(told == wanted, f"by {arrival.way} two starts an hour apart, {wanted}, became {told}")


@case(
    "time.far_past",
    Tier.SILVER,
    reason="people bring their diaries along: what was done 25 years ago has a date as well",
    hint="let no check of plausibility move or refuse a date",
    needs=(takes_in, tells_activities),
)
async def _far_past(bench: Bench) -> None:
    for text in ("2000-02-29T23:59:59", "2010-01-01T00:00:00"):
        await _expect_instant(bench, _at(text))
