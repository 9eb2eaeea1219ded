"""Load and availability on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from hub_core.domain.advice import Availability, DayAvailability, Weekday
from hub_core.domain.records import Records
from hub_core.domain.series import Series
from hub_core.domain.sport import Sport
from hub_core.services.athletes.save_athlete import load_athlete
from hub_core.services.athletes.save_availability import read_availability, save_availability
from hub_core.services.inbound.observe import observe
from hub_core.services.planning.measure_load import measure_training_load
from hub_core.storage.tables import ActivityMeasure
from hub_core.testing.statements import MORNING, activity

FIRST = MORNING.date()


async def test_a_load_asked_for_twice_at_once_is_the_same_and_kept_once(scene: Any) -> None:
    climb = Series.of(
        {
            "time_s": range(0, 3600, 10),
            "distance_m": [40.0 * number for number in range(360)],
            "altitude_m": [2.0 * number for number in range(360)],
        }
    )
    up = activity("up", sport=Sport.RUN, distance_m=14_400.0, series=climb)
    await observe(scene.hub, scene.athlete.id, "garmin", Records(activities=(up,)))
    span = (FIRST, FIRST + dt.timedelta(days=6))
    one, other = await asyncio.gather(
        *(measure_training_load(scene.hub, scene.athlete, *span) for _ in range(2))
    )
    assert one == other
    (done,) = one.activities
    # The demo's runner holds 4 m/s for an hour on the level, and this was at 5 %.
    assert done.load.tss is not None
    assert done.load.tss == round(100 * 1.3015**2, 1)
    rows = await ActivityMeasure.objects().where(ActivityMeasure.athlete_id == scene.athlete.id)
    assert [row.id for row in rows] == [done.activity_id]


async def test_availability_stays_beside_what_else_is_changed(scene: Any) -> None:
    said = Availability({Weekday.SUNDAY: DayAvailability(morning=False, notes="Church")})
    assert read_availability(scene.athlete) == Availability()
    await save_availability(scene.hub, scene.athlete, said)
    row = await load_athlete(scene.athlete.platform_id, scene.athlete.id)
    assert read_availability(row) == said
    assert row.name == "Anna"
