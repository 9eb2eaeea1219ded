"""Searches races at all providers at once, and joins what several of them know."""

from __future__ import annotations

import datetime as dt

import msgspec

from hub_core.domain.race import (
    Race,
    RaceQuery,
    RaceStatus,
    distance_km,
    matches,
    parse_distance,
    same_race,
)
from hub_core.errors import InvalidInputError
from hub_core.sdk.manifest import Operation
from hub_core.services.connections.ask_as_app import Failure, ask_as_app, explain_failure
from hub_core.services.hub import Hub

#: Who is slower keeps nobody waiting.
TIME_LIMIT_S = 15.0
MAX_RADIUS_KM = 2_000.0
MAX_TEXT = 100
#: Races are published a year or two ahead.
_AHEAD = dt.timedelta(days=730)
_MIN_DATE, _MAX_DATE = dt.date(1970, 1, 1), dt.date(2199, 12, 31)


class RaceSource(msgspec.Struct, frozen=True):
    """A provider that knows a race, and by what name. Show the attribution with it."""

    provider: str
    external_id: str
    url: str
    attribution: str


class FoundRace(msgspec.Struct, frozen=True):
    """A race with all who know it. `joined` says why several records were taken for one; `away_km` is the
    distance from the place that was asked for."""

    race: Race
    sources: tuple[RaceSource, ...]
    joined: str = ""
    away_km: float | None = None


class FoundRaces(msgspec.Struct, frozen=True):
    """The races by date; who was asked, and who of them gave nothing and why."""

    races: tuple[FoundRace, ...]
    asked: tuple[str, ...]
    failed: tuple[Failure, ...]


async def search_races(hub: Hub, query: RaceQuery, *, today: dt.date) -> FoundRaces:
    """All that providers know within the time limit. Raises `InvalidInputError` for a query without sense.

    Words that name a distance (`marathon`, `10 km`) are taken as that distance.
    """
    query = _read(query, today)
    answers = await hub.dispatcher.broadcast(
        Operation.SEARCH_RACES,
        lambda name: ask_as_app(hub, name, Operation.SEARCH_RACES, query=query),
        limit_s=TIME_LIMIT_S,
    )
    told = [
        FoundRace(race, (_source(hub, name, race),), away_km=_away(race, query))
        for name, races in answers.given.items()
        for race in races or ()
        if matches(race, query)
    ]
    return FoundRaces(
        tuple(sorted(join(told), key=_order)),
        tuple(sorted({*answers.given, *answers.failed})),
        tuple(explain_failure(name, error) for name, error in answers.failed.items()),
    )


def join(told: list[FoundRace]) -> list[FoundRace]:
    """One of each race that several providers know, by `same_race`; what the first doesn't say is taken from
    the others. Two records of one provider are two races, whatever they look like."""
    joined: list[FoundRace] = []
    for one in told:
        names = {source.provider for source in one.sources}
        for index, known in enumerate(joined):
            others = {source.provider for source in known.sources}
            if not names & others and same_race(known.race, one.race):
                joined[index] = _merge(known, one)
                break
        else:
            joined.append(one)
    return joined


def _merge(first: FoundRace, other: FoundRace) -> FoundRace:
    blank = Race("", "", first.race.date)
    fields = {
        name: getattr(other.race, name)
        for name in Race.__struct_fields__
        if getattr(first.race, name) == getattr(blank, name) or getattr(first.race, name) is None
    }
    # Whoever says that it doesn't take place knows more than who doesn't.
    statuses = (first.race.status, other.race.status)
    fields["status"] = next(
        (bad for bad in (RaceStatus.CANCELLED, RaceStatus.POSTPONED) if bad in statuses),
        min(statuses, key=_known),
    )
    sources = (*first.sources, *other.sources)
    why = "the same day, distance and place, and a like name, at " + " and ".join(
        one.provider for one in sources
    )
    race = msgspec.structs.replace(first.race, **fields)
    return FoundRace(race, sources, why, first.away_km if first.away_km is not None else other.away_km)


def _known(status: RaceStatus) -> bool:
    return status is RaceStatus.UNKNOWN


def _source(hub: Hub, name: str, race: Race) -> RaceSource:
    return RaceSource(name, race.external_id, race.url, hub.registry.get(name).manifest.attribution)


def _away(race: Race, query: RaceQuery) -> float | None:
    return round(distance_km(query.near, race.place), 1) if query.near and race.place else None


def _order(one: FoundRace) -> tuple[dt.date, float, str, float, str]:
    race = one.race
    return race.date, one.away_km or 0.0, race.event, -(race.distance_m or 0), race.external_id


def _read(query: RaceQuery, today: dt.date) -> RaceQuery:
    """The query with its blanks filled in."""
    if len(query.text) > MAX_TEXT or not query.text.isprintable():
        raise InvalidInputError(f"at most {MAX_TEXT} printable letters", path="query")
    if query.near:
        place = query.near
        if not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
            raise InvalidInputError("latitudes end at 90, longitudes at 180", path="near")
        if not 1 <= query.radius_km <= MAX_RADIUS_KM:
            raise InvalidInputError(f"must be between 1 and {MAX_RADIUS_KM:.0f}", path="radius_km")
    if query.distance_m is not None and not 100 <= query.distance_m <= 1_000_000:
        raise InvalidInputError("must be between 0.1 and 1000", path="distance_km")
    start = query.start or today
    for path, day in (("from", start), ("to", query.end or start)):
        if not _MIN_DATE <= day <= _MAX_DATE:
            raise InvalidInputError(f"must be between {_MIN_DATE} and {_MAX_DATE}", path=path)
    end = query.end or min(start + _AHEAD, _MAX_DATE)
    if end < start:
        raise InvalidInputError(f"must not be before {start}", path="to")
    text, metres = query.text.strip(), query.distance_m
    if metres is None and (named := parse_distance(text)) is not None:
        text, metres = "", named
    return msgspec.structs.replace(query, text=text, distance_m=metres, start=start, end=end)
