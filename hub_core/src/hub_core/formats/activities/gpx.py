"""Recorded tracks in GPX 1.1 (topografix.com/GPX/1/1): points with time, and sensors in extensions.

Heart rate, cadence and temperature come in Garmin's `TrackPointExtension`; power under several names.
"""

from __future__ import annotations

import datetime as dt
from xml.etree.ElementTree import Element

from hub_core.domain.records import Activity
from hub_core.domain.series import Column, Series
from hub_core.domain.sport import Sport
from hub_core.errors import InvalidInputError
from hub_core.formats.activities._summary import distances, summarize
from hub_core.formats.activities._xml import first_number, local_name, texts, to_number, walk_xml

#: Words in a track's `type`, as Strava, Garmin and others write them.
_SPORTS = {
    "running": Sport.RUN, "run": Sport.RUN, "9": Sport.RUN, "trail_running": Sport.TRAIL_RUN,
    "cycling": Sport.RIDE, "ride": Sport.RIDE, "biking": Sport.RIDE, "1": Sport.RIDE,
    "gravel_cycling": Sport.GRAVEL_RIDE, "mountain_biking": Sport.MOUNTAIN_BIKE_RIDE,
    "swimming": Sport.OPEN_WATER_SWIM, "open_water_swimming": Sport.OPEN_WATER_SWIM,
    "walking": Sport.WALK, "hiking": Sport.HIKE, "rowing": Sport.ROW,
}  # fmt: skip


def read_gpx_activities(data: bytes, remarks: list[str]) -> list[Activity]:
    """One activity for each track whose points have times; segments are parts of it, with pauses between.

    Raises `InvalidInputError` for broken XML, and when no point has a time: that is a course.
    """
    found = []
    for track in walk_xml(data, frozenset({"trk"})):
        points = [one for one in track.iter() if local_name(one) == "trkpt"]
        timed = sorted(
            ((moment, one) for one in points if (moment := read_time(_child(one, "time")))),
            key=lambda pair: pair[0],
        )
        if not timed:
            remarks.append("a track without times was left out")
            continue
        if len(timed) < len(points):
            remarks.append(f"{len(points) - len(timed)} points without a time were left out")
        found.append(_activity(track, timed))
    if not found and remarks:
        raise InvalidInputError("the points have no times: this is a course, not an activity")
    return found


def _activity(track: Element, timed: list[tuple[dt.datetime, Element]]) -> Activity:
    start = timed[0][0]
    rows = [texts(point) for _, point in timed]
    latitude = [to_number(point.get("lat")) for _, point in timed]
    longitude = [to_number(point.get("lon")) for _, point in timed]

    def column(*names: str) -> list[float | None]:
        return [first_number(row, names) for row in rows]

    columns: dict[Column, list[float | None]] = {
        "time_s": [(moment - start).total_seconds() for moment, _ in timed],
        "heart_rate_bpm": column("hr", "heartrate"),
        "power_w": column("power", "watts", "PowerInWatts"),
        "cadence_rpm": column("cad", "cadence"),
        "speed_ms": column("speed"),
        "distance_m": distances(latitude, longitude),
        "altitude_m": column("ele"),
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "temperature_c": column("atemp", "temp"),
    }
    kind = (_child(track, "type") or "").lower().replace(" ", "_")
    activity = Activity(
        external_id="",
        sport=_SPORTS.get(kind, Sport.OTHER),
        start=start,
        duration_s=0.0,
        name=(_child(track, "name") or "")[:200],
        notes=(_child(track, "desc") or "")[:2000],
        series=Series.of(dict(columns)),
    )
    return summarize(activity)


def _child(element: Element, name: str) -> str | None:
    """The text of a child of its own, not of one further below."""
    return next((one.text for one in element if local_name(one) == name and one.text), None)


def read_time(text: str | None) -> dt.datetime | None:
    """An ISO time as an instant in UTC; one without a zone is in UTC, as both formats demand."""
    try:
        moment = dt.datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None
    if moment is None or not 1970 <= moment.year <= 2100:
        return None
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
