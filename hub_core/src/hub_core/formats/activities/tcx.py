"""Recorded activities in TCX, Garmin's Training Center Database v2 with the `ActivityExtension` v2.

Running cadence (`RunCadence`) counts the steps of one foot, as ours does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from hub_core.domain.records import Activity, Device, Lap
from hub_core.domain.series import Column, Series
from hub_core.domain.sport import Sport
from hub_core.formats.activities._summary import summarize
from hub_core.formats.activities._xml import first_number, local_name, texts, to_number, walk_xml
from hub_core.formats.activities.gpx import read_time

_SPORTS = {"running": Sport.RUN, "biking": Sport.RIDE, "swimming": Sport.POOL_SWIM, "walking": Sport.WALK}


def read_tcx_activities(data: bytes, remarks: list[str]) -> list[Activity]:
    """Each `Activity` of the file. Raises `InvalidInputError` for broken XML."""
    found = []
    for element in walk_xml(data, frozenset({"Activity"})):
        laps = [one for one in element if local_name(one) == "Lap"]
        start = min(
            (moment for lap in laps if (moment := read_time(lap.get("StartTime")))),
            default=read_time(_text(element, "Id")),
        )
        if start is None:
            remarks.append("an activity without a time was left out")
            continue
        found.append(_activity(element, laps, start))
    return found


def _activity(element: Element, laps: list[Element], start: dt.datetime) -> Activity:
    read = [lap for one in laps if (lap := _lap(one, start)) is not None]
    series = _series((one for one in element.iter() if local_name(one) == "Trackpoint"), start)
    moving = sum(lap.duration_s for lap in read)
    last = max((lap.start_s + lap.duration_s for lap in read), default=0.0)
    time = series.column("time_s") if series else None
    elapsed = max(last, float(time[-1]) if time is not None else 0.0)
    creator = next((one for one in element if local_name(one) == "Creator"), None)
    known = texts(creator) if creator is not None else {}
    name = known.get("Name", "")
    sums = [texts(one) for one in laps]
    return summarize(
        Activity(
            external_id="",
            sport=_SPORTS.get((element.get("Sport") or "").lower(), Sport.OTHER),
            start=start,
            duration_s=elapsed,
            distance_m=_total(lap.distance_m for lap in read),
            moving_s=moving or None,
            max_heart_rate_bpm=_highest(_inner(one, "MaximumHeartRateBpm") for one in laps),
            energy_kcal=_total(to_number(one.get("Calories")) for one in sums),
            notes=(_text(element, "Notes") or "")[:2000],
            device=Device(name, serial=known.get("UnitId", "")) if name else None,
            laps=tuple(read),
            series=series,
        )
    )


def _lap(element: Element, start: dt.datetime) -> Lap | None:
    moment, seconds = read_time(element.get("StartTime")), to_number(_text(element, "TotalTimeSeconds"))
    if moment is None or seconds is None:
        return None
    return Lap(
        start_s=(moment - start).total_seconds(),
        duration_s=seconds,
        distance_m=to_number(_text(element, "DistanceMeters")),
        avg_heart_rate_bpm=_inner(element, "AverageHeartRateBpm"),
        avg_cadence_rpm=to_number(_text(element, "Cadence")),
    )


def _series(points: Iterable[Element], start: dt.datetime) -> Series | None:
    rows: dict[float, dict[str, str]] = {}
    for point in points:
        known = texts(point)
        moment = read_time(known.get("Time"))
        if moment is not None and moment >= start:
            rows.setdefault((moment - start).total_seconds(), known)
    if not rows:
        return None
    ordered = [rows[second] for second in sorted(rows)]

    def column(*names: str) -> list[float | None]:
        return [first_number(row, names) for row in ordered]

    columns: dict[Column, list[float | None]] = {
        "time_s": [*sorted(rows)],
        # A point's own number stands in `Value` of HeartRateBpm, the one element with such a child.
        "heart_rate_bpm": column("Value"),
        "power_w": column("Watts"),
        "cadence_rpm": column("Cadence", "RunCadence"),
        "speed_ms": column("Speed"),
        "distance_m": column("DistanceMeters"),
        "altitude_m": column("AltitudeMeters"),
        "latitude_deg": column("LatitudeDegrees"),
        "longitude_deg": column("LongitudeDegrees"),
    }
    return Series.of(dict(columns))


def _text(element: Element, name: str) -> str | None:
    return next((one.text for one in element if local_name(one) == name), None)


def _inner(element: Element, name: str) -> float | None:
    """The number in `<name><Value>...`."""
    found = next((one for one in element if local_name(one) == name), None)
    return None if found is None else to_number(texts(found).get("Value"))


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _highest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)
