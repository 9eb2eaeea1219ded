"""Athletes and what is known of them."""

from __future__ import annotations

import msgspec
from litestar import Controller, get, patch, post
from litestar.params import JSONBody

from hub_core.api.access import PlatformId, TheAthlete, TheHub
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.athlete import check_athlete
from hub_core.errors import InvalidInputError
from hub_core.services.save_athlete import (
    AthleteView,
    ExportTo,
    change_athlete,
    create_athlete,
    list_athletes,
    view_athlete,
)


class NewAthlete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`external_id` is your own name for the athlete; `export_to`: the primary provider, or all."""

    external_id: str
    name: str = ""
    thresholds: Thresholds = msgspec.field(default_factory=Thresholds)
    export_to: ExportTo = "primary"


class AthleteChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is given is changed. `thresholds` are replaced as a whole."""

    name: str | None = None
    thresholds: Thresholds | None = None
    export_to: ExportTo | None = None


def _check(thresholds: Thresholds | None) -> None:
    """Raise `InvalidInputError` by the place in the request, not in the thresholds."""
    if thresholds is None:
        return
    try:
        check_athlete(thresholds)
    except InvalidInputError as error:
        raise InvalidInputError(error.detail, path=f"thresholds.{error.path}") from error


class AthletesController(Controller):
    """Athletes of your platform."""

    path = "/v1/athletes"
    tags = ("athletes",)

    @post()
    async def create(self, hub: TheHub, platform_id: PlatformId, data: JSONBody[NewAthlete]) -> AthleteView:
        """Create an athlete."""
        _check(data.thresholds)
        return await create_athlete(
            hub,
            platform_id,
            external_id=data.external_id,
            name=data.name,
            thresholds=data.thresholds,
            export_to=data.export_to,
        )

    @get()
    async def list_all(self, platform_id: PlatformId) -> list[AthleteView]:
        """All your athletes, oldest first."""
        return await list_athletes(platform_id)

    @get("/{athlete_id:str}")
    async def read(self, athlete: TheAthlete) -> AthleteView:
        """One athlete."""
        return view_athlete(athlete)

    @patch("/{athlete_id:str}")
    async def change(
        self, hub: TheHub, platform_id: PlatformId, athlete: TheAthlete, data: JSONBody[AthleteChange]
    ) -> AthleteView:
        """Change name, thresholds or where workouts go."""
        _check(data.thresholds)
        return await change_athlete(
            hub,
            platform_id,
            athlete.id,
            name=data.name,
            thresholds=data.thresholds,
            export_to=data.export_to,
        )
