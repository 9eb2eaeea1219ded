"""Pictures of planned workouts, as SVG for web pages."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import FromPath, JSONBody

from hub_core.api.access import TheAthlete
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.profile import make_profile
from hub_core.domain.validate import validate
from hub_core.domain.workout import PlannedWorkout
from hub_core.formats import draw_svg
from hub_core.services.workouts.save_workout import load_workout, read_document
from hub_core.storage.tables import Athlete

MEDIA_TYPE = "image/svg+xml"
#: Opened on its own, a picture runs nothing and loads nothing, whatever a coach wrote into it.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def _draw(workout: PlannedWorkout, athlete: Athlete) -> str:
    return draw_svg(make_profile(workout, msgspec.json.decode(athlete.thresholds, type=Thresholds)))


@get(
    "/v1/athletes/{athlete_id:str}/workouts/{workout_id:str}/profile.svg",
    media_type=MEDIA_TYPE,
    response_headers=_HEADERS,
    tags=["workouts"],
)
async def draw_saved(athlete: TheAthlete, workout_id: FromPath[str]) -> str:
    """A saved workout as a picture: effort over time, measured by the athlete's thresholds of now."""
    return _draw(read_document(await load_workout(athlete.id, workout_id)), athlete)


@post(
    "/v1/athletes/{athlete_id:str}/preflight/profile.svg",
    status_code=200,
    media_type=MEDIA_TYPE,
    response_headers=_HEADERS,
    tags=["workouts"],
)
async def draw_unsaved(athlete: TheAthlete, data: JSONBody[PlannedWorkout]) -> str:
    """A workout as a picture. Nothing is saved."""
    validate(data)
    return _draw(data, athlete)
