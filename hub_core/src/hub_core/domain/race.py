"""What a race is, how its distance is read, and when two calendars mean the same one."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from enum import StrEnum

import msgspec

from hub_core.domain.sport import Sport
from hub_core.domain.weather import Place

#: Two calendars round a distance differently: 42.195, 42.2 and 26.2 miles (42.165) are one marathon.
DISTANCE_TOLERANCE = 0.02
_EARTH_KM = 6371.0088
#: Start, town and organiser's office of one race lie no further apart.
_SAME_PLACE_KM = 10.0
#: Of the words of the shorter name, how many the longer one has.
_SAME_WORDS = 0.6
_METRES = {
    "m": 1.0,
    "metre": 1.0,
    "meter": 1.0,
    "k": 1000.0,
    "km": 1000.0,
    "kilometre": 1000.0,
    "kilometer": 1000.0,
    "y": 0.9144,
    "yd": 0.9144,
    "yard": 0.9144,
    "mi": 1609.344,
    "mile": 1609.344,
}
#: Distances that have a name, in metres (World Athletics, Competition Rules, road races).
NAMED_DISTANCES = {"marathon": 42_195.0, "half marathon": 21_097.5}
_DISTANCE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+)?", re.IGNORECASE)
#: Say nothing about which race it is; the year is in the date.
_EMPTY_WORDS = frozenset({"the", "of", "der", "die", "das", "de", "la", "le", "race", "run", "lauf"})


class RaceStatus(StrEnum):
    """Whether an edition takes place. `UNKNOWN`: the calendar uses a word that we don't know."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    POSTPONED = "postponed"
    UNKNOWN = "unknown"


class Race(msgspec.Struct, frozen=True):
    """One distance of one edition of a race. What the calendar didn't say is None or empty.

    `date` and `start_time` are local to the race, and `time_zone` is the IANA zone that they are in.
    `event` is the name of the whole, `name` that of this distance. `country` is ISO 3166 alpha-2.
    """

    external_id: str
    event: str
    date: dt.date
    name: str = ""
    start_time: dt.time | None = None
    time_zone: str = ""
    city: str = ""
    country: str = ""
    place: Place | None = None
    sport: Sport = Sport.OTHER
    distance_m: float | None = None
    elevation_gain_m: float | None = None
    elevation_loss_m: float | None = None
    course: str = ""
    terrain: str = ""
    status: RaceStatus = RaceStatus.SCHEDULED
    registration_open: bool | None = None
    url: str = ""


class RaceQuery(msgspec.Struct, frozen=True):
    """What is looked for: words of the name, around a place, on local dates (both included), a distance."""

    text: str = ""
    near: Place | None = None
    radius_km: float = 100.0
    start: dt.date | None = None
    end: dt.date | None = None
    distance_m: float | None = None


def parse_distance(text: str, unit: str = "") -> float | None:
    """Metres of `5K`, `13.1 Miles`, `400y`, `10 km` or a named distance; None for what is none.

    `unit` counts for a number without one. 26.2 and 13.1 miles are rounded names of the marathon and its
    half, and become those.
    """
    words = " ".join(text.casefold().replace("-", " ").split())
    if words in NAMED_DISTANCES:
        return NAMED_DISTANCES[words]
    found = _DISTANCE.fullmatch(words)
    if found is None:
        return None
    named = (found[2] or unit.casefold()).strip()
    # A bare `M` is miles in race calendars (RunSignup's units are K, M, y and m).
    metres = _METRES["mi"] if not found[2] and unit == "M" else _METRES.get(named.removesuffix("s") or named)
    value = float(found[1].replace(",", "."))
    if metres is None or not value:
        return None
    if metres == _METRES["mi"] and value in (26.2, 13.1):
        return NAMED_DISTANCES["marathon" if value > 20 else "half marathon"]
    return value * metres


def distance_km(one: Place, other: Place) -> float:
    """Great-circle distance by the haversine formula, on a sphere of the earth's mean radius (IUGG)."""
    first, second = math.radians(one.latitude), math.radians(other.latitude)
    half = math.sin((second - first) / 2) ** 2
    across = math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    inside = half + math.cos(first) * math.cos(second) * across
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(inside)))


def matches(race: Race, query: RaceQuery) -> bool:
    """Whether a race is one that was asked for. A race whose place or distance nobody told is not, where
    one was asked for."""
    if (query.start and race.date < query.start) or (query.end and race.date > query.end):
        return False
    if query.near and (race.place is None or distance_km(query.near, race.place) > query.radius_km):
        return False
    if query.distance_m is not None and not same_distance(race.distance_m, query.distance_m):
        return False
    return set(_words(query.text)) <= set(_words(f"{race.event} {race.name} {race.city}"))


def same_distance(one: float | None, other: float | None) -> bool:
    """Whether two calendars mean the same distance; an unknown one is no proof."""
    if one is None or other is None:
        return False
    return math.isclose(one, other, rel_tol=DISTANCE_TOLERANCE)


def same_race(one: Race, other: Race) -> bool:
    """Whether two calendars mean one race: the same local date, the same distance within 2 %, the same
    place (within 10 km, or by town where coordinates are missing), and names that share 60 % of the shorter
    one's words. A name is compared without accents, the year, and words that every race has."""
    if one.date != other.date or not same_distance(one.distance_m, other.distance_m):
        return False
    return _is_near(one, other) and _shares_words(one.event, other.event)


def _is_near(one: Race, other: Race) -> bool:
    if one.place and other.place:
        return distance_km(one.place, other.place) <= _SAME_PLACE_KM
    city = _words(one.city)
    return bool(city) and city == _words(other.city)


def _shares_words(one: str, other: str) -> bool:
    first, second = _telling(one), _telling(other)
    fewer = min(len(first), len(second))
    return fewer > 0 and len(first & second) >= _SAME_WORDS * fewer


def _telling(name: str) -> set[str]:
    words = {word for word in _words(name) if not re.fullmatch(r"(19|20)\d\d", word)}
    return words - _EMPTY_WORDS or words


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
