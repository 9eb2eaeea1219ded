"""A thousand days somewhere in the world, at each provider: every workout on its day (F40)."""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo

import pytest

from hub_core.registry.registry import load_registry
from hub_core.testing.conformance.bench import Bench
from hub_core.testing.conformance.promises.time import Traveller

SEED = 40
#: The ends of the date line, clocks that change by an hour, by half of one and at midnight, and all others.
_EDGES = (
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Pacific/Apia",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
)
_CASES_EACH = 4  # the times of a day that a traveller plans for


def moments(count: int, chance: random.Random) -> list[tuple[dt.datetime, str]]:
    """Moments of the next four years, in order: leap days, the nights on which clocks change, and any."""
    zones = sorted(zoneinfo.available_timezones())
    start = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    found = []
    while len(found) < count:
        zone = chance.choice(_EDGES) if chance.random() < 0.6 else chance.choice(zones)
        at = start + dt.timedelta(seconds=chance.randrange(4 * 365 * 86_400))
        there = at.astimezone(zoneinfo.ZoneInfo(zone))
        is_change = there.utcoffset() != (at + dt.timedelta(days=1)).astimezone(there.tzinfo).utcoffset()
        is_leap = (there.month, there.day) in {(2, 28), (2, 29), (3, 1)}
        if is_change or is_leap or chance.random() < 0.02:
            found.append((at, zone))
    return sorted(found)


async def travel(provider: str, cases: int) -> None:
    chance = random.Random(SEED)
    told = 0
    async with Bench(load_registry().get(provider).plugin) as bench:
        bench.sandbox.limits.budgets = ()
        traveller = Traveller(bench)
        for at, zone in moments(cases // _CASES_EACH, chance):
            now = bench.sandbox.clock.now()
            moment = max(at, dt.datetime.fromtimestamp(now, dt.UTC))
            dates = traveller.dates(moment, zone)
            # Of what is in view: today, or tomorrow, which is the day after a night that may be odd.
            await traveller.expect_on_its_day(zone, moment, [chance.choice(dates)])
            told += _CASES_EACH
    print(f"F40 {provider} seed {SEED}: {told} cases, 0 on a wrong day")  # noqa: T201


@pytest.mark.parametrize("provider", ["garmin", "wahoo", "intervals", "healthkit"])
async def test_f40_days_in_odd_places(provider: str) -> None:
    await travel(provider, cases=40)


@pytest.mark.chaos
@pytest.mark.parametrize("provider", ["garmin", "wahoo", "intervals", "healthkit"])
async def test_f40_a_thousand_days(provider: str) -> None:
    await travel(provider, cases=1_000)
