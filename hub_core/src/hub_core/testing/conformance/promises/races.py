"""What the calendar has is found: each distance of its own, where and when it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_core.sdk.errors import Unsupported
from hub_core.sdk.world import Place, Race, RaceQuery, RaceStatus
from hub_core.testing.conformance.acts import open_context
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.case import Tier, case, expect
from hub_core.testing.conformance.needs import searches_races
from hub_core.testing.conformance.plans import RACE_PLACE, plain_race

_MANY = 45
_DAY = dt.timedelta(days=1)


def _hold(bench: Bench, **fields: Any) -> Race:
    race = plain_race(bench.sandbox.clock.today(), **fields)
    bench.sandbox.hold_race(race)
    return race


async def _search(bench: Bench, **fields: Any) -> tuple[Race, ...]:
    today = bench.sandbox.clock.today()
    query = RaceQuery(**{"start": today, "end": today + 60 * _DAY, **fields})
    found: tuple[Race, ...] = await bench.call("search_races", context=await open_context(bench), query=query)
    return found


async def _only(bench: Bench, **fields: Any) -> Race:
    found = await _search(bench, **fields)
    expect(len(found) == 1, f"the calendar has one race, and {len(found)} were found")
    return found[0]


@case(
    "races.found",
    Tier.BRONZE,
    reason="a race on another day or in another place is somebody's wasted year",
    hint="take the local date as it is; distances are in metres, and a place is latitude, then longitude",
    needs=(searches_races,),
)
async def _found(bench: Bench) -> None:
    held = _hold(bench)
    race = await _only(bench)
    for name in ("event", "date", "distance_m", "city", "country"):
        told, wanted = getattr(race, name), getattr(held, name)
        expect(told == wanted, f"{name} is {wanted!r} in the calendar, and came as {told!r}")
    if race.place is not None:
        same = abs(race.place.latitude - 48.2) < 0.01 and abs(race.place.longitude - 106.9) < 0.01
        expect(same, f"the place 48.2, 106.9 came as {race.place.latitude}, {race.place.longitude}")


@case(
    "races.distances",
    Tier.BRONZE,
    reason="athletes enter a distance, not an event: the half and the whole are two races",
    hint="return a record for each distance, with an external_id of its own",
    needs=(searches_races,),
)
async def _distances(bench: Bench) -> None:
    _hold(bench)
    _hold(bench, external_id="kit-10", name="10 km", distance_m=10_000.0)
    found = await _search(bench)
    metres = sorted(race.distance_m or 0 for race in found)
    expect(metres == [10_000.0, 42_195.0], f"of 10 km and a marathon came {metres}")
    expect(len({race.external_id for race in found}) == 2, "two distances have one external_id")


@case(
    "races.cancelled",
    Tier.SILVER,
    reason="a plan towards a race that was cancelled is the most useless plan of all",
    hint="map the provider's word for it to RaceStatus.CANCELLED, and leave the race in",
    needs=(searches_races,),
)
async def _cancelled(bench: Bench) -> None:
    _hold(bench, status=RaceStatus.CANCELLED)
    race = await _only(bench)
    expect(race.status is RaceStatus.CANCELLED, f"a cancelled race came as {race.status}")


@case(
    "races.others",
    Tier.SILVER,
    reason="calendars return whole events and more: what was not asked for buries what was",
    hint="pass the criteria on, and keep what matches(race, query)",
    needs=(searches_races,),
)
async def _others(bench: Bench) -> None:
    held = _hold(bench)
    _hold(bench, external_id="late", event="Late Run", date=held.date + 90 * _DAY)
    found = await _search(bench, end=held.date)
    expect([race.event for race in found] == [held.event], "a race beyond the last day was found")
    found = await _search(bench, distance_m=10_000.0)
    expect(not found, "a marathon was found, and 10 km were asked for")
    # Some calendars can't search around a place, and say so.
    with bench.surviving(Unsupported, during="the search around a place"):
        elsewhere = Place(RACE_PLACE.longitude - 90, RACE_PLACE.latitude)
        found = await _search(bench, near=elsewhere, radius_km=50.0)
        expect(not found, "a race on another continent was found near here")


@case(
    "races.nothing",
    Tier.BRONZE,
    reason="no race is an answer, and not an error",
    hint="return an empty tuple",
    needs=(searches_races,),
)
async def _nothing(bench: Bench) -> None:
    found = await _search(bench)
    expect(found == (), f"an empty calendar has {found!r}")


@case(
    "races.pages",
    Tier.SILVER,
    reason="the race that was looked for is on the second page",
    hint="follow the pages to their end, or to a sensible number of races",
    needs=(searches_races,),
)
async def _pages(bench: Bench) -> None:
    today = bench.sandbox.clock.today()
    for number in range(_MANY):
        day = today + (1 + number) * _DAY
        _hold(bench, external_id=f"kit-{number}", event=f"Race number {number}", date=day)
    found = await _search(bench)
    names = {race.event for race in found}
    expect(
        len(found) == len(names) == _MANY, f"of {_MANY} races came {len(found)}, {len(names)} of them once"
    )
