"""Ahotu's Events API: the documented part of its schema, executed by graphql-core as a real server would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, build_schema, graphql_sync

from hub_core.sdk import Place, distance_km

SCHEMA = build_schema(
    """
    enum sportEnum { run }
    enum distanceTypeEnum { marathon }
    enum SortType { default date_asc date_desc geopoint_asc }
    input pointInput { lat: Float!, lon: Float! }
    input aroundInput { point: pointInput!, distance: String! }
    input dateRangeInput { dateFrom: String, dateTo: String }
    input searchCriteria {
      around: aroundInput, countries: [String!], sports: [sportEnum!], distanceTypes: [distanceTypeEnum!]
      dateRange: dateRangeInput
    }
    type LocalizedString { en: String, de: String }
    type Text { text: String }
    type LocalizedText { en: Text }
    type Term { code: String, names: LocalizedString }
    type Country { isoCode: String, names: LocalizedString }
    type Activity {
      distance: Float, distanceKm: Float, distanceUnit: Term, elevationGain: Float, elevationGainUnit: Term
      courseProfile: Term, terrain: Term
    }
    type Race {
      id: Int!, raceName: String, distanceKm: Float, distanceType: Term, startDate: String, startTime: String
      sport: Term, activities: [Activity]
    }
    type Event {
      id: Int!, name: LocalizedString, permalink: String, nameLanguage: String, description: LocalizedText
      city: LocalizedString, location: LocalizedString, country: Country, countryIso: String, lonlat: [Float!]
      sport: String, startDate: String, distancesInKm: [Float], races: [Race!], editionId: Int
      editionStatus: String, isRegistrationOpen: Boolean, eventPageUrl: String, checkoutUrl: String
    }
    type PageInfo { currentPage: Int, hasNextPage: Boolean }
    type Events { data: [Event], totalCount: Int, pageInfo: PageInfo }
    type Query {
      events(
        criteria: searchCriteria, index: String, page: Int = 0, size: Int = 20, sort: SortType = default
      ): Events
      getEventById(id: Int!, index: String): Event
    }
    """
)
_UNITS = {"km": 1.0, "mi": 1.609344}


def execute(body: Any, events: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to a request's body. Errors are told in it; the status is 200 with them, too."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return _refused("Must provide query string.")

    def search(_: Any, **arguments: Any) -> dict[str, Any]:
        return _search(events, **arguments)

    def get(_: Any, id: int, **__: Any) -> dict[str, Any] | None:  # noqa: A002 (theirs)
        return next((event for event in events if event["id"] == id), None)

    root: dict[str, Callable[..., Any]] = {"events": search, "getEventById": get}
    result = graphql_sync(SCHEMA, body["query"], root, variable_values=body.get("variables"))
    if result.errors:
        return _refused(result.errors[0].message, [str(step) for step in result.errors[0].path or ["events"]])
    return {"data": result.data}


def _refused(message: str, path: list[str] | None = None) -> dict[str, Any]:
    error = {"message": message, "path": path or [], "extensions": {"code": "BAD_USER_INPUT"}}
    return {"data": None, "errors": [error]}


def _search(
    events: list[dict[str, Any]],
    criteria: dict[str, Any] | None = None,
    page: int = 0,
    size: int = 20,
    **_: Any,
) -> dict[str, Any]:
    """Whole events: those of their races that the criteria would leave out come along."""
    if page < 0 or size < 1:
        raise GraphQLError("page counts from 0 and size from 1")
    found = sorted(
        (event for event in events if _fits(event, criteria or {})), key=lambda one: str(one["startDate"])
    )
    return {
        "data": found[page * size : (page + 1) * size],
        "totalCount": len(found),
        "pageInfo": {"currentPage": page, "hasNextPage": len(found) > (page + 1) * size},
    }


def _fits(event: dict[str, Any], criteria: dict[str, Any]) -> bool:
    dates = criteria.get("dateRange") or {}
    for name in ("dateFrom", "dateTo"):
        if name in dates:
            _date(dates[name])
    if not dates.get("dateFrom", "") <= event["startDate"] <= dates.get("dateTo", "9999"):
        return False
    if criteria.get("countries") and event["country"]["isoCode"] not in criteria["countries"]:
        return False
    wanted = criteria.get("distanceTypes")
    codes = {race["distanceType"]["code"] for race in event["races"] if race["distanceType"]}
    if wanted and not codes & set(wanted):
        return False
    around = criteria.get("around")
    if around:
        longitude, latitude = event["lonlat"]
        there = Place(around["point"]["lat"], around["point"]["lon"])
        return distance_km(there, Place(latitude, longitude)) <= _kilometres(around["distance"])
    return True


def _date(text: str) -> None:
    try:
        dt.date.fromisoformat(text)
    except ValueError as error:
        raise GraphQLError("bad criteria: dates are YYYY-MM-DD") from error


def _kilometres(text: str) -> float:
    number, unit = text[:-2], text[-2:]
    try:
        return float(number) * _UNITS[unit]
    except (ValueError, KeyError) as error:
        raise GraphQLError('bad criteria: a distance is written "50km" or "25mi"') from error
