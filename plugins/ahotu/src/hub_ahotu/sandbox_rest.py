"""Two REST calendars: RunSignup as it is documented, and a made-up club's that differs in all it can."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub_ahotu.mapping import RestMapping
from hub_core.sandbox import Answer, Call, Refusal
from hub_core.sdk import Place, Race, RaceStatus, distance_km

KEY, SECRET = "runsignup-key", "runsignup-secret"
#: How the club's calendar is asked and read.
CLUB = RestMapping(
    path="/races",
    ask={"start": "after", "end": "before", "lat_lon": "at", "radius_mi": "miles", "size": "limit"},
    key_header="X-Club-Key",
    date_formats=("%d.%m.%Y",),
    paging="link",
    events="[]",
    event={
        "id": "no",
        "name": "title",
        "date": "day",
        "city": "where.town",
        "country": "where.land",
        "latitude": "where.lat",
        "longitude": "where.lng",
        "distance": "length",
        "unit": "length_unit",
        "status": "state",
        "url": "link",
    },
)
_WORDS = {
    RaceStatus.SCHEDULED: "Confirmed",
    RaceStatus.CANCELLED: "Canceled",
    RaceStatus.POSTPONED: "Postponed",
}


def answer_runsignup(call: Call, races: list[Race], today: dt.date) -> Answer:
    """`GET /Rest/races`. The default format is XML, the dates are American, and an error has status 200."""
    key, secret = call.query.get("rsu_api_key"), call.headers.get("x-rsu-api-secret")
    if (key, secret) not in ((None, None), (KEY, SECRET)):
        return Answer({"error": {"error_code": 6, "error_msg": "Invalid API key or secret"}})
    if call.query.get("format") != "json":
        return Answer("<?xml version='1.0'?><races/>", content_type="application/xml")
    size, page = _count(call, "results_per_page", 50), _count(call, "page", 1)
    if size > 1000:
        return Answer({"error": {"error_code": 301, "error_msg": "results_per_page: at most 1000"}})
    first, last = _american(call, "start_date", today), _american(call, "end_date", dt.date.max)
    text = call.query.get("name", "").casefold()
    found = [race for race in races if first <= race.date <= last and text in race.event.casefold()]
    names = list(dict.fromkeys((race.event, race.date) for race in sorted(found, key=lambda one: one.date)))
    shown = names[(page - 1) * size : page * size]
    with_events = call.query.get("events") == "T"
    return Answer({"races": [{"race": _runsignup(races, name, day, with_events)} for name, day in shown]})


def _runsignup(races: list[Race], event: str, day: dt.date, with_events: bool) -> dict[str, Any]:
    mine = [race for race in races if (race.event, race.date) == (event, day)]
    race = mine[0]
    body: dict[str, Any] = {
        "race_id": 1000 + races.index(race),
        "name": event,
        "next_date": f"{day:%m/%d/%Y}",
        "is_registration_open": "T" if race.registration_open else "F",
        "url": race.url or "https://runsignup.example/Race/1",
        "address": {"city": race.city, "state": "", "country_code": race.country, "zipcode": "00000"},
        "timezone": race.time_zone or "America/New_York",
    }
    if with_events:
        start = race.start_time or dt.time(9)
        body["events"] = [
            {
                "event_id": 5000 + races.index(one),
                "name": one.name,
                "start_time": f"{one.date.month}/{one.date.day}/{one.date.year} {start:%H:%M}",
                "distance": _length(one.distance_m or 0),
                "event_type": "running_race",
            }
            for one in mine
        ]
    return body


def _length(metres: float) -> str:
    """As organisers type it."""
    return {42_195.0: "26.2 Miles", 21_097.5: "13.1 Miles", 16_093.44: "10 Miles"}.get(
        metres, f"{metres / 1000:g}K"
    )


def answer_club(call: Call, races: list[Race]) -> Answer:
    """A bare array, dates with dots, coordinates as texts, pages by the header `Link`."""
    first, last = (
        _dotted(call, name, end) for name, end in (("after", dt.date.min), ("before", dt.date.max))
    )
    found = [race for race in races if first <= race.date <= last]
    if at := call.query.get("at"):
        latitude, longitude = (float(part) for part in at.split(","))
        miles = float(call.query.get("miles", "30"))
        here = Place(latitude, longitude)
        found = [race for race in found if race.place and distance_km(here, race.place) <= miles * 1.609344]
    size, start = min(20, _count(call, "limit", 20)), _count(call, "cursor", 0)
    headers = {}
    if start + size < len(found):
        # Relative, and with an unquoted rel, as some servers send it.
        kept = "&".join(f"{name}={value}" for name, value in call.query.items() if name != "cursor")
        headers["Link"] = f"<races?{kept}&cursor={start + size}>; rel=next"
    return Answer([_club(races, race) for race in found[start : start + size]], headers=headers)


def _club(races: list[Race], race: Race) -> dict[str, Any]:
    place = race.place or Place(0, 0)
    return {
        "no": f"c{races.index(race)}",
        "title": race.event,
        "day": f"{race.date:%d.%m.%Y}",
        "where": {
            "town": race.city,
            "land": race.country.lower(),
            "lat": str(place.latitude),
            "lng": str(place.longitude),
        },
        "length": str((race.distance_m or 0) / 1000),
        "length_unit": "km",
        "state": _WORDS.get(race.status, "TBC"),
        "link": race.url or "https://club.example/1",
    }


def _count(call: Call, name: str, default: int) -> int:
    try:
        return int(call.query.get(name, default))
    except ValueError as error:
        raise Refusal(400, f"{name} is no number") from error


def _american(call: Call, name: str, default: dt.date) -> dt.date:
    text = call.query.get(name, "")
    return _read(text, "%m/%d/%Y", name) if text and text != "today" else default


def _dotted(call: Call, name: str, default: dt.date) -> dt.date:
    text = call.query.get(name, "")
    return _read(text, "%d.%m.%Y", name) if text else default


def _read(text: str, form: str, name: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 (a local date)
    except ValueError as error:
        raise Refusal(400, f"{name} is no date") from error
