"""Races: searched at the providers, and put on an athlete's calendar."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter

from hub_core.api.access import PlatformId, TheAthlete, TheHub
from hub_core.domain.race import Race, RaceQuery
from hub_core.domain.weather import Place
from hub_core.errors import InvalidInputError
from hub_core.formats.gpx_course import MAX_COURSE_BYTES
from hub_core.services.planning.save_race import (
    RaceView,
    delete_race,
    list_races,
    load_race,
    save_course,
    save_race,
    view_race,
)
from hub_core.services.planning.search_races import FoundRaces, RaceSource, search_races


class GivenRace(Race, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A race as `GET /v1/races` gives it, or one of your own; `external_id` is then your name for it."""

    external_id: str = ""


class NewRace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `GET /v1/races` gives for a race may be sent as it is. The last two fields say nothing here."""

    race: GivenRace
    sources: tuple[RaceSource, ...] = ()
    joined: str = ""
    away_km: float | None = None


@get("/v1/races", tags=["races"])
async def find_races(
    hub: TheHub,
    platform_id: PlatformId,  # noqa: ARG001 (asks for a key)
    words: Annotated[str, QueryParameter(name="query", description="Words, or a distance: `marathon`.")] = "",
    near: Annotated[str, QueryParameter(name="near", description="`latitude,longitude`")] = "",
    radius_km: Annotated[float, QueryParameter(name="radius_km", description="Around `near`.")] = 100.0,
    start: Annotated[dt.date | None, QueryParameter(name="from", description="Today when empty.")] = None,
    end: Annotated[
        dt.date | None, QueryParameter(name="to", description="Two years later when empty.")
    ] = None,
    distance: Annotated[float | None, QueryParameter(name="distance_km", description="Within 2 %.")] = None,
) -> FoundRaces:
    """Search races at all providers at once. One that several know is given once, with all of them, and who
    failed is named in `failed`: what it knows may be missing."""
    metres = distance * 1000 if distance is not None else None
    asked = RaceQuery(words, _place(near) if near else None, radius_km, start, end, metres)
    return await search_races(hub, asked, today=dt.datetime.now(dt.UTC).date())


def _place(text: str) -> Place:
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInputError("is written as latitude,longitude", path="near") from error
    return Place(latitude, longitude)


class RacesController(Controller):
    """Races that an athlete will run."""

    path = "/v1/athletes/{athlete_id:str}/races"
    tags = ("races",)

    @post()
    async def add(self, hub: TheHub, athlete: TheAthlete, data: JSONBody[NewRace]) -> RaceView:
        """Put a race on the calendar. The same race again brings it up to date."""
        race = Race(**{name: getattr(data.race, name) for name in Race.__struct_fields__})
        return await save_race(hub, athlete, race, data.sources)

    @get()
    async def list_all(
        self,
        athlete: TheAthlete,
        start: Annotated[dt.date | None, QueryParameter(name="from")] = None,
        end: Annotated[dt.date | None, QueryParameter(name="to")] = None,
    ) -> list[RaceView]:
        """The races of some local dates, both included; all when none is given."""
        return await list_races(athlete.id, start, end)

    @get("/{race_id:str}")
    async def read(self, athlete: TheAthlete, race_id: FromPath[str]) -> RaceView:
        """One race with its course."""
        return view_race(await load_race(athlete.id, race_id))

    @delete("/{race_id:str}")
    async def remove(self, hub: TheHub, athlete: TheAthlete, race_id: FromPath[str]) -> None:
        """Take a race off the calendar."""
        await delete_race(hub, athlete, race_id)

    @put("/{race_id:str}/course", request_max_body_size=MAX_COURSE_BYTES)
    async def upload_course(
        self, hub: TheHub, athlete: TheAthlete, race_id: FromPath[str], request: Request[Any, Any, Any]
    ) -> RaceView:
        """Upload the course as a GPX file, which is the body: its length, climb and profile. Turns of less
        than 5 m are no climb. The file itself isn't kept."""
        return await save_course(hub, athlete, race_id, await request.body())
