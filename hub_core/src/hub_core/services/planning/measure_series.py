"""What takes a whole series to compute, once for each activity: it is kept, and made anew when it must be."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import math
from collections.abc import Sequence

import msgspec

from hub_core.domain.merge import Identity
from hub_core.domain.science.grade import grade_adjusted_distance
from hub_core.domain.science.load import normalized_power_w
from hub_core.domain.series import Column
from hub_core.domain.sport import SportFamily
from hub_core.domain.weather import Place
from hub_core.errors import NotFoundError
from hub_core.services.hub import Hub
from hub_core.services.inbound.observations import to_ms
from hub_core.services.merging.read_activity import ActivityView, SeriesView, read_series
from hub_core.storage.tables import ActivityMeasure

#: A longer gap between two samples is a pause.
_LONGEST_GAP_S = 30
_LONGEST_S = 3 * 86_400
#: Nobody rides harder: what a power meter says above it is a fault.
_MOST_W = 3000
#: Statements about one activity begin at about the same time; clocks and zones are wrong by a day at most.
_REACH = dt.timedelta(days=2)


class SeriesMeasure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of a ride its normalized power in W and the seconds that it is of; of a run how many metres of the
    level one of its metres is worth. None is not known."""

    normalized_w: float | None = None
    power_s: float | None = None
    hills: float | None = None


class Course(msgspec.Struct, frozen=True):
    """Cumulative metres and the heights there, as far as they were recorded, and where it began."""

    course_m: tuple[float, ...] = ()
    elevation_m: tuple[float, ...] = ()
    start: Place | None = None


async def measure_series(
    hub: Hub, athlete_id: str, views: Sequence[ActivityView]
) -> dict[str, SeriesMeasure]:
    """By the activities' ids. A series is read again when it, or whom to believe about it, has changed."""
    if not views:
        return {}
    bases = await _bases(hub, athlete_id, views)
    rows = await ActivityMeasure.objects().where(ActivityMeasure.id.is_in(list(bases)))
    known = {row.id: row for row in rows if row.basis == bases[row.id]}
    found = {}
    for view in views:
        if row := known.get(view.id):
            found[view.id] = msgspec.json.decode(row.document, type=SeriesMeasure)
            continue
        found[view.id] = await _measure(hub, athlete_id, view)
        await hub.engine.execute(
            'INSERT INTO "activity_measure" (id, athlete_id, basis, document) VALUES ({}, {}, {}, {})'
            " ON CONFLICT (id) DO UPDATE SET basis = excluded.basis, document = excluded.document",
            view.id,
            athlete_id,
            bases[view.id],
            msgspec.json.encode(found[view.id]).decode(),
        )
    return found


async def read_course(hub: Hub, athlete_id: str, activity_id: str) -> Course:
    """The course of an activity from its series; empty where nobody has recorded one."""
    wanted: tuple[Column, ...] = ("distance_m", "altitude_m", "latitude_deg", "longitude_deg")
    try:
        series = await read_series(hub, athlete_id, activity_id, wanted)
    except NotFoundError:
        return Course()
    distances, heights, latitudes, longitudes = (_column(series, name) for name in wanted)
    course, last = [], 0.0
    for distance, height in zip(distances, heights, strict=True):
        if distance is not None and height is not None:
            last = max(last, distance)  # a meter's distance may step back by a hand's breadth
            course.append((last, height))
    pairs = zip(latitudes, longitudes, strict=True)
    start = next((Place(lat, lon) for lat, lon in pairs if lat is not None and lon is not None), None)
    return Course(tuple(one[0] for one in course), tuple(one[1] for one in course), start)


async def _bases(hub: Hub, athlete_id: str, views: Sequence[ActivityView]) -> dict[str, str]:
    """What each measure is made of: which columns of which statements, and what these have said so far."""
    starts = [view.activity.start for view in views]
    rows = await hub.engine.execute(
        'SELECT source, external_id, digest FROM "observation" WHERE athlete_id = {} AND kind = {}'
        " AND start_ms >= {} AND start_ms <= {} ORDER BY digest",
        athlete_id,
        "activity",
        to_ms(min(starts) - _REACH),
        to_ms(max(starts) + _REACH),
    )
    said: dict[Identity, list[str]] = {}
    for row in rows:
        said.setdefault(Identity(row["source"], row["external_id"]), []).append(row["digest"])
    found = {}
    for view in views:
        columns = sorted(view.activity.columns.items())
        basis = [view.activity.sport, *((name, one, said.get(one, [])) for name, one in columns)]
        found[view.id] = hashlib.sha256(msgspec.json.encode(basis)).hexdigest()
    return found


async def _measure(hub: Hub, athlete_id: str, view: ActivityView) -> SeriesMeasure:
    family, columns = view.activity.sport.family, view.activity.columns
    if family is SportFamily.CYCLING and "power_w" in columns:
        series = await read_series(hub, athlete_id, view.id, ("power_w",))
        return await asyncio.to_thread(_measure_power, series)
    if family is SportFamily.RUNNING and "altitude_m" in columns:
        course = await read_course(hub, athlete_id, view.id)
        return await asyncio.to_thread(_measure_hills, course)
    return SeriesMeasure()


def _measure_power(series: SeriesView) -> SeriesMeasure:
    """Second by second, pauses as 0 W."""
    times = [time for time in _column(series, "time_s") if time is not None]
    if not times or not 0 <= times[-1] - times[0] <= _LONGEST_S:
        return SeriesMeasure()
    watts = [0.0] * (math.floor(times[-1] - times[0]) + 1)
    values = _column(series, "power_w")
    for index, value in enumerate(values):
        begin = math.floor(times[index] - times[0])
        end = math.floor(times[index + 1] - times[0]) if index + 1 < len(times) else begin + 1
        if value is not None and 0 <= value <= _MOST_W and end - begin <= _LONGEST_GAP_S:
            watts[begin:end] = [value] * (end - begin)
    found = normalized_power_w(watts)
    return SeriesMeasure() if found is None else SeriesMeasure(round(found, 1), len(watts))


def _measure_hills(course: Course) -> SeriesMeasure:
    length = course.course_m[-1] - course.course_m[0] if course.course_m else 0
    if length <= 0:
        return SeriesMeasure()
    flat = grade_adjusted_distance(course.course_m, course.elevation_m)
    return SeriesMeasure(hills=round(flat / length, 4)) if flat > 0 else SeriesMeasure()


def _column(series: SeriesView, name: Column) -> list[float | None]:
    return series.columns.get(name) or [None] * series.length
