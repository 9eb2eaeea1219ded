"""A race calendar with a REST API, as its mapping describes it. RunSignup's is there; others are data."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx

from hub_ahotu.mapping import RestMapping, read_path, walk
from hub_ahotu.settings import AhotuSettings
from hub_ahotu.values import parse_date, parse_time, to_place, to_status, to_url, zone_at
from hub_core.sdk import (
    ProviderHttp,
    Race,
    RaceQuery,
    RaceStatus,
    Rejected,
    RetryLater,
    Sport,
    Unsupported,
    matches,
    parse_distance,
)

MAX_PAGES = 20
_KM_PER_MILE = 1.609344
_TRUE, _FALSE = {"t", "true", "yes", "y", "1"}, {"f", "false", "no", "n", "0"}


@dataclass(frozen=True)
class RestCalendar:
    """The client."""

    http: ProviderHttp
    settings: AhotuSettings

    async def search(self, query: RaceQuery, today: dt.date) -> list[Race]:
        """All races that match. Raises `Unsupported` for a search around a place that it can't answer."""
        mapping = self.settings.rest_mapping()
        if query.near and not mapping.asks_around():
            raise Unsupported("this calendar cannot be searched around a place, only by name and date")
        found: list[Race] = []
        url, page = f"{self.settings.rest_url.rstrip('/')}{mapping.path}", mapping.first_page
        params: dict[str, str | int] | None = self._params(mapping, query, today)
        for _ in range(MAX_PAGES):
            if params is not None and "page" in mapping.ask:
                params[mapping.ask["page"]] = page
            response = await self.http.request("GET", url, params=params, headers=self._headers(mapping))
            events = self._events(mapping, response)
            found += [race for event in events for race in _races(mapping, event)]
            following = response.links.get("next", {}).get("url") if mapping.paging == "link" else None
            if following:
                url, params = urljoin(str(response.url), following), None
            elif mapping.paging != "page" or len(events) < self.settings.page_size:
                break
            page += 1
        return [race for race in found if matches(race, query)]

    def _events(self, mapping: RestMapping, response: httpx.Response) -> list[Any]:
        body: Any = self.http.decode(response, Any)
        if mapping.error and (reason := read_path(body, mapping.error)):
            raise Rejected(f"ahotu: the calendar says: {self.http.redact(str(reason))[:300]}")
        outer = mapping.events.partition("[]")[0]
        if not isinstance(read_path(body, outer) if outer else body, list):
            raise RetryLater("ahotu: the calendar's answer has no list of races")
        return list(walk(body, mapping.events))

    def _params(self, mapping: RestMapping, query: RaceQuery, today: dt.date) -> dict[str, str | int]:
        asked: dict[str, str | int | None] = {
            "text": query.text or None,
            "start": (query.start or today).strftime(mapping.date_formats[0]),
            "end": query.end.strftime(mapping.date_formats[0]) if query.end else None,
            "size": self.settings.page_size,
        }
        if query.near:
            latitude, longitude = query.near.latitude, query.near.longitude
            asked |= {
                "latitude": str(latitude),
                "longitude": str(longitude),
                "lat_lon": f"{latitude},{longitude}",
            }
            asked |= {
                "radius_km": f"{query.radius_km:g}",
                "radius_mi": f"{query.radius_km / _KM_PER_MILE:.1f}",
            }
        known = {
            mapping.ask[name]: value
            for name, value in asked.items()
            if name in mapping.ask and value is not None
        }
        secrets = {
            mapping.key_param: self.settings.api_key.get_secret_value(),
            mapping.secret_param: self.settings.api_secret.get_secret_value(),
        }
        return {
            **mapping.fixed,
            **known,
            **{name: value for name, value in secrets.items() if name and value},
        }

    def _headers(self, mapping: RestMapping) -> dict[str, str]:
        secrets = {
            mapping.key_header: self.settings.api_key.get_secret_value(),
            mapping.secret_header: self.settings.api_secret.get_secret_value(),
        }
        return {name: value for name, value in secrets.items() if name and value}


class _Reader:
    """Reads one distance: what it doesn't tell itself is its event's."""

    def __init__(self, mapping: RestMapping, event: Any, leg: Any) -> None:
        self._paths = (
            ((leg, mapping.leg), (event, mapping.event)) if leg is not None else ((event, mapping.event),)
        )

    def value(self, name: str) -> Any:
        for data, paths in self._paths:
            path = _lookup(paths, name)
            if path and (found := read_path(data, path)) is not None:
                return found
        return None

    def text(self, name: str) -> str:
        value = self.value(name)
        return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""

    def number(self, name: str) -> float | None:
        try:
            return float(self.text(name))
        except ValueError:
            return None

    def flag(self, name: str) -> bool | None:
        word = self.text(name).casefold()
        return True if word in _TRUE else False if word in _FALSE else None


def _lookup(paths: Mapping[Any, str], name: str) -> str:
    return paths.get(name, "")


def _races(mapping: RestMapping, event: Any) -> list[Race]:
    legs = list(walk(event, f"{mapping.legs}[]")) if mapping.legs else []
    readers = [_Reader(mapping, event, leg) for leg in legs] or [_Reader(mapping, event, None)]
    races = [
        _race(mapping, _Reader(mapping, event, None), one, is_leg=bool(legs))
        for one in readers
        if not mapping.kinds or not one.text("kind") or one.text("kind") in mapping.kinds
    ]
    return [race for race in races if race is not None]


def _race(mapping: RestMapping, event: _Reader, one: _Reader, *, is_leg: bool) -> Race | None:
    """None without a readable id and day: nobody could plan for it."""
    date = parse_date(one.text("date"), mapping.date_formats)
    if date is None or not event.text("id"):
        return None
    place = to_place(one.number("latitude"), one.number("longitude"))
    return Race(
        external_id=f"{event.text('id')}:{one.text('id')}" if is_leg else event.text("id"),
        event=event.text("name"),
        date=date,
        name=one.text("name") if is_leg else "",
        start_time=parse_time(one.text("date"), mapping.date_formats),
        time_zone=_zone(one.text("time_zone")) or zone_at(place),
        city=one.text("city"),
        country=one.text("country").upper(),
        place=place,
        sport=Sport.TRAIL_RUN if "trail" in one.text("kind") else Sport.RUN,
        distance_m=parse_distance(one.text("distance"), one.text("unit")),
        elevation_gain_m=one.number("elevation_gain_m"),
        status=_status(one),
        registration_open=one.flag("registration_open"),
        url=to_url(one.text("url")),
    )


def _status(one: _Reader) -> RaceStatus:
    """A calendar without any word for it lists what takes place."""
    if one.flag("cancelled"):
        return RaceStatus.CANCELLED
    if one.flag("postponed"):
        return RaceStatus.POSTPONED
    word = one.text("status")
    return to_status(word) if word else RaceStatus.SCHEDULED


def _zone(name: str) -> str:
    try:
        return zoneinfo.ZoneInfo(name).key if name else ""
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return ""
