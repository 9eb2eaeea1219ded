"""Who is asking: a platform by its key, for one of its own athletes."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath

from hub_core.services.athletes.issue_api_key import find_platform
from hub_core.services.athletes.save_athlete import load_athlete
from hub_core.services.hub import Hub
from hub_core.storage.tables import Athlete

#: What handlers ask for by these parameters: `hub`, `platform_id` and `athlete`.
TheHub = NamedDependency[Hub]
PlatformId = NamedDependency[str]
TheAthlete = NamedDependency[Athlete]


async def provide_platform(request: Request[Any, Any, Any]) -> str:
    """The platform behind `Authorization: Bearer hub_...`. One answer for every wrong key."""
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    platform_id = await find_platform(key) if kind.lower() == "bearer" and key else None
    if platform_id is None:
        raise NotAuthorizedException(
            "send a valid API key: Authorization: Bearer hub_...", headers={"WWW-Authenticate": "Bearer"}
        )
    return platform_id


async def provide_athlete(platform_id: PlatformId, athlete_id: FromPath[str]) -> Athlete:
    """The athlete of the path, if they are this platform's."""
    return await load_athlete(platform_id, athlete_id)
