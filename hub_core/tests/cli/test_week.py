"""`hub week` and `hub load` at a terminal."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub_core.cli.local import local_athlete, run_with_hub
from hub_core.cli.serve import make_sandboxes
from hub_core.domain.records import Records
from hub_core.domain.sport import Sport
from hub_core.domain.weather import HourlyConditions
from hub_core.domain.workout import PlannedWorkout, Step, TimeDuration
from hub_core.sandbox.server import serve_sandboxes
from hub_core.services.hub import Hub
from hub_core.services.inbound.observe import observe
from hub_core.services.workouts.save_workout import save_workout
from hub_core.testing.statements import activity

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def sky() -> Iterator[Any]:
    with serve_sandboxes(make_sandboxes(["weather"])) as servers:
        yield servers["weather"]


def test_a_week_with_a_move_out_of_the_heat(hub: Any, sky: Any) -> None:
    variables = sky.sandbox.environment(sky.origin)
    first = dt.datetime.now(BERLIN).date() + dt.timedelta(days=1)
    hot = first + dt.timedelta(days=3)
    for number in range(24):
        time = dt.datetime.combine(hot, dt.time(), BERLIN) + dt.timedelta(hours=number)
        sky.sandbox.set_weather(HourlyConditions(time.astimezone(dt.UTC), 33.0, 60.0))

    async def plan(running: Hub) -> None:
        step = Step(TimeDuration(7200))
        run = PlannedWorkout("Long [run]", Sport.RUN, (step,), date=hot, time=dt.time(13))
        await save_workout(running, await local_athlete(running), run)

    nowhere = hub("week", **variables)
    assert nowhere.is_one_line
    assert "hub athlete --place 52.5,13.4" in nowhere.err
    told = hub("athlete", "--place", "52.5,13.4", "--time-zone", "Europe/Berlin")
    assert re.search(r"place +52\.5,13\.4", told.out)
    run_with_hub(plan)
    done = hub("week", "--from", first.isoformat(), COLUMNS="100", **variables)
    assert (done.code, done.err) == (0, "")
    days = re.findall(r"^ *(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d +[▁▂▃▄▅▆▇█]{17}  .*$", done.out, re.MULTILINE)
    assert len(days) == 7
    assert max(map(len, days)) <= 90
    assert re.search(r"█{17}  33 … 33 +Long \[run\] +\w{3} \d\d:00 +move", days[3])
    assert re.search(rf"→ Long \[run\]: {hot:%a} 13:00 → .*WBGT \d\d\.\d °C at 13:00", done.out)
    assert "Weather data by Open-Meteo.com (CC BY 4.0)" in done.out
    assert hub("week", "--place", "95,0").is_one_line


def test_load_by_week(hub: Any) -> None:
    assert "No activities are known" in hub("load").out

    async def say(running: Hub) -> None:
        me = (await local_athlete(running)).id
        runs = tuple(activity(f"r{n}", late_s=n * 86_400, distance_m=14_400.0) for n in range(14))
        rows = (activity("row", late_s=40_000, sport=Sport.ROW),)
        await observe(running, me, "garmin", Records(activities=(*runs, *rows)))

    hub("athlete", "--threshold-pace", "4:10")
    run_with_hub(say)
    done = hub("load", "--from", "2026-11-14", "--to", "2026-11-27")
    assert (done.code, done.err) == (0, "")
    weeks = re.findall(r"^ *(\d\d Nov 2026) +█+ (\d+) +█+ (\d+) +█+ (\d+) +([+-]\d+)", done.out, re.MULTILINE)
    assert [week[:2] for week in weeks] == [("20 Nov 2026", "700"), ("27 Nov 2026", "700")]
    ctl = 100 * (1 - (1 - 1 / 42) ** 14)
    assert weeks[1][2] == f"{ctl:.0f}"
    assert "TSS by pace: 14, none: 1" in done.out
    assert "warm-up: 2027-03-20 (126 days: too low until then)" in done.out
    assert hub("load", "--from", "2026-11-14", "--to", "2026-11-01").is_one_line
