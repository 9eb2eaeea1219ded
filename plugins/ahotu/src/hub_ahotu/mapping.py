"""How a REST calendar is asked and read, as data: no two call anything by the same name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

#: What may be asked, and in which form it is told.
Question = Literal[
    "text", "start", "end", "latitude", "longitude", "lat_lon", "radius_km", "radius_mi", "page", "size"
]
#: What is read of an event, and of each of its distances, which wins.
Field = Literal[
    "id", "name", "date", "time_zone", "city", "country", "latitude", "longitude", "distance", "unit",
    "elevation_gain_m", "status", "cancelled", "postponed", "registration_open", "url", "kind",
]  # fmt: skip


class RestMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A calendar in its own words. A path is written `races[].race` or `address.city`.

    `path`: below the base URL. `fixed`: parameters that are always sent. `ask`: their names for what is
    asked; what has none can't be asked and is looked for in the answer. `key_param`, `key_header`,
    `secret_param`, `secret_header`: where key and secret travel. `date_formats`: of `strptime`, and the first
    one is used to ask. `paging`: `page` counts from `first_page` until a page isn't full, `link` follows the
    header `Link`, `none` gets all at once. `events`: where they stand in an answer. `event` and `leg`: the
    paths of their fields, `legs` where the distances of an event stand. `kinds`: words of `kind` that are
    taken; all when empty. `error`: where an error stands in an answer with status 200.
    """

    path: str
    events: str
    event: dict[Field, str]
    fixed: dict[str, str] = {}
    ask: dict[Question, str] = {}
    key_param: str = ""
    key_header: str = ""
    secret_param: str = ""
    secret_header: str = ""
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    paging: Literal["page", "link", "none"] = "page"
    first_page: int = 1
    legs: str = ""
    leg: dict[Field, str] = {}
    kinds: tuple[str, ...] = ()
    error: str = ""

    def asks_around(self) -> bool:
        """Whether it can be asked for what is near a place, or at least tells where races are."""
        asks = "lat_lon" in self.ask or {"latitude", "longitude"} <= self.ask.keys()
        return asks or {"latitude", "longitude"} <= self.event.keys() | self.leg.keys()


#: https://runsignup.com/API/races. Its dates are American, its default format is XML, and addresses have no
#: coordinates.
RUNSIGNUP = RestMapping(
    path="/races",
    fixed={"format": "json", "events": "T", "sort": "date ASC"},
    ask={
        "text": "name",
        "start": "start_date",
        "end": "end_date",
        "page": "page",
        "size": "results_per_page",
    },
    key_param="rsu_api_key",
    secret_header="X-RSU-API-SECRET",  # noqa: S106 (the name of a header)
    date_formats=("%m/%d/%Y", "%m/%d/%Y %H:%M"),
    events="races[].race",
    event={
        "id": "race_id",
        "name": "name",
        "date": "next_date",
        "time_zone": "timezone",
        "city": "address.city",
        "country": "address.country_code",
        "registration_open": "is_registration_open",
        "url": "url",
    },
    legs="events",
    leg={
        "id": "event_id",
        "name": "name",
        "date": "start_time",
        "distance": "distance",
        "kind": "event_type",
    },
    kinds=("running_race", "trail_race", "ultra"),
    error="error.error_msg",
)


def read_path(data: Any, path: str) -> Any:
    """What stands at a path; None where there is nothing."""
    return next(iter(walk(data, path)), None)


def walk(data: Any, path: str) -> Iterator[Any]:
    """All that stands at a path, of each element where it says `[]`."""
    head, _, rest = path.partition(".")
    name, brackets, _ = head.partition("[]")
    value = data if not name else data.get(name) if isinstance(data, dict) else None
    for one in (value if isinstance(value, list) else []) if brackets else [value]:
        if rest:
            yield from walk(one, rest)
        elif one is not None:
            yield one
