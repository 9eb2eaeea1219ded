"""The course in a GPX file: the track or route that somebody has drawn or recorded (GPX 1.0 and 1.1)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from hub_core.domain.course_profile import CourseProfile, make_course_profile
from hub_core.domain.weather import Place
from hub_core.errors import InvalidInputError
from hub_core.formats.activities._xml import local_name, texts, to_number, walk_xml

#: A hundred miles recorded every second, with room.
MAX_COURSE_BYTES = 20_000_000
MAX_POINTS = 200_000
#: No race is longer, and one of less is a start line.
_SHORTEST_M, _LONGEST_M = 100.0, 1_000_000.0
_POINTS = {"trk": "trkpt", "rte": "rtept"}


def read_gpx_course(data: bytes) -> CourseProfile:
    """The profile of the file's only track, or of its only route where it has no track. Waypoints beside it
    are passed over.

    Raises `InvalidInputError` for what is no GPX, has no course or several, or points that are not on earth.
    """
    if len(data) > MAX_COURSE_BYTES:
        raise InvalidInputError(f"larger than {MAX_COURSE_BYTES // 1_000_000} MB")
    if not data.strip():
        raise InvalidInputError("the file is empty")
    courses: dict[str, list[list[Place]]] = {"trk": [], "rte": []}
    for element in walk_xml(data, frozenset(_POINTS)):
        name = local_name(element)
        points = [one for one in element.iter() if local_name(one) == _POINTS[name]]
        if len(points) > MAX_POINTS:
            raise InvalidInputError(f"more than {MAX_POINTS} points")
        if points:
            courses[name].append([_point(one, index) for index, one in enumerate(points)])
    found = courses["trk"] or courses["rte"]
    if not found:
        raise InvalidInputError("there is no track and no route in it")
    if len(found) > 1:
        raise InvalidInputError(f"there are {len(found)} tracks in it, and a course is one")
    if len(found[0]) < 2:
        raise InvalidInputError("a course has more than one point")
    profile = make_course_profile(found[0])
    if not _SHORTEST_M <= profile.distance_m <= _LONGEST_M:
        raise InvalidInputError(f"the course is {profile.distance_m:.0f} m long")
    return profile


def _point(element: Element, index: int) -> Place:
    latitude, longitude = (to_number(element.get(name)) for name in ("lat", "lon"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise InvalidInputError("is not on earth", path=f"{local_name(element)}[{index}]")
    height = to_number(texts(element).get("ele"))
    # Devices write -32768 or 99999 where they know nothing.
    return Place(latitude, longitude, height if height is not None and -500 <= height <= 9_000 else None)
