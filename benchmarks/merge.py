"""How fast statements are merged, in CPU seconds of one core.

uv run python benchmarks/merge.py

- "told apart": 10,000 statements of two sources, a few on each day, as summaries without curves; beside it
  how many pairs were looked at, of the fifty million that there are.
- "curves": two rides of four hours, second by second, compared on one clock within ten minutes either way.
- "a day": 5,000 samples of three devices, united.
- "observe": all the way through the door into SQLite, with five years already there: one more ride told by
  a second source, with its series, and one more sample on a day that has 5,000.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from hub_core.bootstrap import make_hub
from hub_core.domain.athlete import Athlete
from hub_core.domain.merge import Rules, Statement, cluster, near_pairs
from hub_core.domain.merge.shape import compare_shapes
from hub_core.domain.merge.steps import day_stretches, unite
from hub_core.domain.records import Activity, Records, Sample
from hub_core.domain.sport import Sport
from hub_core.services.athletes.issue_api_key import find_platform, issue_api_key
from hub_core.services.athletes.save_athlete import create_athlete
from hub_core.services.inbound.observe import observe
from hub_core.settings import HubSettings
from hub_core.storage import generate_key, migrate
from hub_core.testing.statements import MORNING, activity, curve, say, steps

_HOURS = (0, 6, 11)


@contextmanager
def timed(name: str) -> Iterator[None]:
    began = time.process_time()
    yield
    print(f"{name:70} {time.process_time() - began:8.3f} s")


def season(size: int, source: str, late_s: float, series_of: object = None) -> list[Activity]:
    """So many activities, three a day."""
    return [
        activity(
            f"{source}{number}",
            sport=Sport.RIDE,
            late_s=number // 3 * 86_400.0 + _HOURS[number % 3] * 3600.0 + late_s,
            distance_m=20_000.0 + number % 977,
            series=series_of,
            version=1,
        )
        for number in range(size)
    ]


def day_of_samples(size: int) -> list[Sample]:
    """Steps of three devices that overlap, over the twenty minutes and more that so many samples take."""
    return [
        steps(f"s{number}", number // 6, 2, 40 + number % 60, ("Watch", "iPhone", "Ring")[number % 3])
        for number in range(size)
    ]


def pure() -> None:
    """Without a database."""
    statements: list[Statement[Activity]] = [
        *(say("garmin", one) for one in season(5_000, "g", 0)),
        *(say("wahoo", one) for one in season(5_000, "w", 7)),
    ]
    pairs = sum(1 for _ in near_pairs(statements))
    with timed(f"told apart: 10,000 statements, {pairs:,} pairs looked at"):
        groups = cluster(statements, Rules())
    assert len(groups) == 5_000
    one, other = curve("power_w", seconds=14_400, every_s=1), curve("power_w", seconds=14_400, every_s=1)
    with timed("curves: two rides of four hours"):
        compare_shapes(one, other, "power_w", 40)
    said = [say("healthkit", sample) for sample in day_of_samples(5_000)]
    with timed("a day: 5,000 samples of three devices"):
        unite(day_stretches(said, MORNING.date()))


async def through_the_door(folder: Path) -> None:
    """With a database."""
    settings = HubSettings(
        database_url=f"sqlite:///{folder / 'hub.db'}", encryption_keys=SecretStr(generate_key())
    )
    hub = make_hub(settings)
    await migrate(hub.engine)
    platform = await find_platform(await issue_api_key(hub, "benchmark"))
    assert platform
    made = await create_athlete(
        hub, platform, external_id="a", name="", thresholds=Athlete(), export_to="all"
    )
    ride = curve("power_w", "heart_rate_bpm")
    years = season(1_500, "g", 0, ride)
    with timed("observe: five years, 1,500 rides with series, fifty at a time"):
        for first in range(0, len(years), 50):
            await observe(hub, made.id, "garmin", Records(activities=tuple(years[first : first + 50])))
    with timed("observe: a day of 5,000 samples"):
        await observe(hub, made.id, "healthkit", Records(samples=tuple(day_of_samples(5_000))))
    with timed("observe: one more ride, told by a second source"):
        second = season(701, "w", 7, ride)[-1]
        await observe(hub, made.id, "wahoo", Records(activities=(second,)))
    with timed("observe: one more sample on that day"):
        late = MORNING + dt.timedelta(minutes=30)
        more = Sample("more", "steps", late, late + dt.timedelta(minutes=5), 700.0)  # type: ignore[arg-type]
        await observe(hub, made.id, "healthkit", Records(samples=(more,)))
    await hub.engine.close()


if __name__ == "__main__":
    pure()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(through_the_door(Path(folder)))
