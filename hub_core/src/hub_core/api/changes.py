"""Delta sync: what has changed since a client asked last, and what a client has done meanwhile."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import FromQuery, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.services.read_changes import COLLECTIONS, MOST, ChangePage, read_changes

DEFAULT = 100


@get("/v1/athletes/{athlete_id:str}/changes", tags=["sync"])
async def list_changes(
    hub: TheHub,
    athlete: TheAthlete,
    cursor: FromQuery[str] = "",
    limit: Annotated[
        int, QueryParameter(ge=1, le=MOST, description="How many lines of the feed to look at, at most.")
    ] = DEFAULT,
    collections: Annotated[
        str,
        QueryParameter(
            description=f"Names with commas between, of {', '.join(COLLECTIONS)}; all when empty."
        ),
    ] = "",
) -> ChangePage:
    """What has changed since `cursor`, with the entities as they are now; everything, without a cursor.

    Follow `next_cursor`. Nothing is missed, however many write at the same time. 410 `cursor_expired`: the
    cursor leads nowhere any more; begin without one.
    """
    named = [name.strip() for name in collections.split(",") if name.strip()]
    return await read_changes(hub, athlete, cursor, limit, named)
