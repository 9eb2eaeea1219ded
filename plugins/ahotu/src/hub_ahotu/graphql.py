"""Ahotu's Events API: GraphQL, for partners, with a token by client credentials.

What must not be taken for granted there: an error comes with status 200, pages count from zero, `lonlat`
is longitude first, an elevation gain brings its own unit, and an edition that was cancelled is in the list.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import msgspec

from hub_ahotu.settings import AhotuSettings
from hub_ahotu.values import (
    FEET,
    METRES,
    parse_date,
    parse_time,
    to_place,
    to_status,
    to_url,
    zone_at,
)
from hub_core.sdk import (
    ProviderError,
    ProviderHttp,
    Race,
    RaceQuery,
    Rejected,
    RetryLater,
    Sport,
    TokenExpired,
    matches,
    to_sport,
)

QUERY = """
query Races($criteria: searchCriteria, $page: Int, $size: Int) {
  events(criteria: $criteria, page: $page, size: $size, sort: date_asc) {
    totalCount
    pageInfo { currentPage hasNextPage }
    data {
      id name { en } startDate city { en } country { isoCode } lonlat editionStatus isRegistrationOpen
      eventPageUrl
      races {
        id raceName distanceKm distanceType { code } startDate startTime sport { code }
        activities { elevationGain elevationGainUnit { code } courseProfile { code } terrain { code } }
      }
    }
  }
}
"""
#: Nobody reads a thousand races; who asks for so many should ask for a place or a month.
MAX_PAGES = 20
_AHEAD = dt.timedelta(days=730)
_MARATHON_M = 42_195.0
#: The codes that are documented. A sport that is not among them is `OTHER`.
_SPORTS = {"run": Sport.RUN, "running": Sport.RUN, "trail": Sport.TRAIL_RUN, "trail_running": Sport.TRAIL_RUN}
_UNITS = dict.fromkeys(("m", "meter", "metre", "meters", "metres"), METRES) | dict.fromkeys(
    ("ft", "foot", "feet"), FEET
)


class Words(msgspec.Struct):
    """A text in sixteen languages, of which we ask for one."""

    en: str | None = None


class Code(msgspec.Struct):
    """A word of a list."""

    code: str | None = None


class Country(msgspec.Struct, rename="camel"):
    """ISO 3166 alpha-2."""

    iso_code: str | None = None


class Activity(msgspec.Struct, rename="camel"):
    """A leg. Gains are in their own unit."""

    elevation_gain: float | None = None
    elevation_gain_unit: Code | None = None
    course_profile: Code | None = None
    terrain: Code | None = None


class Distance(msgspec.Struct, rename="camel"):
    """What Ahotu calls a race: one distance of an edition. Its time is local to the event."""

    id: int
    race_name: str | None = None
    distance_km: float | None = None
    distance_type: Code | None = None
    start_date: str | None = None
    start_time: str | None = None
    sport: Code | None = None
    activities: list[Activity] | None = None


class Event(msgspec.Struct, rename="camel"):
    """An event with its most relevant edition."""

    id: int
    name: Words | None = None
    start_date: str | None = None
    city: Words | None = None
    country: Country | None = None
    lonlat: list[float] | None = None
    edition_status: str | None = None
    is_registration_open: bool | None = None
    event_page_url: str | None = None
    races: list[Distance] | None = None


class PageInfo(msgspec.Struct, rename="camel"):
    """Pages count from zero."""

    has_next_page: bool


class Events(msgspec.Struct, rename="camel"):
    """A page."""

    data: list[Event]
    page_info: PageInfo


class Data(msgspec.Struct):
    """What the query asked for."""

    events: Events


class Answer(msgspec.Struct):
    """Errors come with status 200, with or without data."""

    data: Data | None = None
    errors: list[Any] | None = None


@dataclass(frozen=True)
class AhotuCalendar:
    """The client."""

    http: ProviderHttp
    settings: AhotuSettings

    async def search(self, query: RaceQuery, today: dt.date) -> list[Race]:
        """All races that match. The criteria choose events, whose other distances come along: those are left
        out here."""
        found: list[Race] = []
        for page in range(MAX_PAGES):
            events = await self._page(_criteria(query, today), page)
            found += [race for event in events.data for race in _races(event)]
            if not events.page_info.has_next_page or not events.data:
                break
        return [race for race in found if matches(race, query)]

    async def _page(self, criteria: dict[str, Any], page: int) -> Events:
        variables = {"criteria": criteria, "page": page, "size": self.settings.page_size}
        body = {"query": QUERY, "variables": variables}
        # A search may be repeated; the hub must not think that it could have changed something.
        response = await self.http.request("POST", self.settings.api_url, json=body)
        answer = self.http.decode(response, Answer)
        if answer.errors:
            raise _error(answer.errors[0], self.http)
        if answer.data is None:
            raise RetryLater("ahotu: an answer without data and without errors")
        return answer.data.events


def _error(told: Any, http: ProviderHttp) -> ProviderError:
    """What an error in a 200 means."""
    error = told if isinstance(told, dict) else {}
    extensions = error.get("extensions")
    code = str(extensions.get("code", "")) if isinstance(extensions, dict) else ""
    text = f"ahotu: {code or 'error'}: {http.redact(str(error.get('message', 'no reason given')))[:300]}"
    match code:
        case "UNAUTHENTICATED" | "FORBIDDEN":
            return TokenExpired(text)
        case "INTERNAL_SERVER_ERROR" | "SERVICE_UNAVAILABLE" | "TIMEOUT":
            return RetryLater(text)
    return Rejected(text)


def _criteria(query: RaceQuery, today: dt.date) -> dict[str, Any]:
    """There is no search for words: those are looked for in what comes back."""
    start = query.start or today
    end = query.end or start + _AHEAD
    criteria: dict[str, Any] = {"dateRange": {"dateFrom": start.isoformat(), "dateTo": end.isoformat()}}
    if query.near:
        point = {"lat": query.near.latitude, "lon": query.near.longitude}
        criteria["around"] = {"point": point, "distance": f"{max(1, round(query.radius_km))}km"}
    if query.distance_m is not None and abs(query.distance_m / _MARATHON_M - 1) < 0.01:
        criteria["distanceTypes"] = ["marathon"]  # the only one of these words that is documented
    return criteria


def _races(event: Event) -> list[Race]:
    """One for each distance. A distance whose day nobody can read is no race that can be planned for."""
    # An event without distances is one whose distances are not known yet.
    distances = event.races or [Distance(0)]
    return [race for one in distances if (race := _race(event, one)) is not None]


def _race(event: Event, distance: Distance) -> Race | None:
    date = parse_date(distance.start_date or event.start_date or "")
    if date is None:
        return None
    place = to_place(*reversed(event.lonlat)) if event.lonlat and len(event.lonlat) == 2 else None
    legs = distance.activities or []
    terrain = _told([leg.terrain for leg in legs])
    sport = to_sport(_code(distance.sport), _SPORTS)
    return Race(
        external_id=f"{event.id}:{distance.id}" if distance.id else f"{event.id}",
        event=(event.name and event.name.en) or "",
        date=date,
        name=distance.race_name or "",
        start_time=parse_time(distance.start_time or ""),
        time_zone=zone_at(place),
        city=(event.city and event.city.en) or "",
        country=(event.country and event.country.iso_code) or "",
        place=place,
        sport=Sport.TRAIL_RUN if sport is Sport.RUN and "trail" in terrain else sport,
        distance_m=round(distance.distance_km * 1000, 1) if distance.distance_km else None,
        elevation_gain_m=_gain(legs),
        course=_told([leg.course_profile for leg in legs]),
        terrain=terrain,
        status=to_status(event.edition_status),
        registration_open=event.is_registration_open,
        url=to_url(event.event_page_url),
    )


def _gain(legs: list[Activity]) -> float | None:
    """The legs together; None as soon as one is not told, or in a unit that we don't know."""
    gains = [
        leg.elevation_gain * _UNITS[unit]
        for leg in legs
        if leg.elevation_gain is not None and (unit := _code(leg.elevation_gain_unit).lower()) in _UNITS
    ]
    return round(sum(gains), 1) if gains and len(gains) == len(legs) else None


def _told(codes: list[Code | None]) -> str:
    return ", ".join(dict.fromkeys(_code(code) for code in codes if _code(code)))


def _code(code: Code | None) -> str:
    return (code and code.code) or ""
