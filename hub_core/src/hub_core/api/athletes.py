"""Athletes and what is known of them."""

from __future__ import annotations

import msgspec
from litestar import Controller, get, patch, post
from litestar.params import JSONBody

from hub_core.api.access import PlatformId, TheAthlete, TheHub
from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.athlete import check_athlete
from hub_core.domain.drift import OnDrift
from hub_core.domain.policy import FidelityPolicy, OnUpdate
from hub_core.domain.weather import Place
from hub_core.errors import InvalidInputError
from hub_core.services.athletes.save_athlete import (
    AthleteView,
    ExportTo,
    change_athlete,
    create_athlete,
    list_athletes,
    load_athlete,
    view_athlete,
)
from hub_core.services.exports.stale_exports import list_stale


class NewAthlete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`external_id` is your own name for the athlete; `export_to`: the primary provider, or all.

    `fidelity_policy`: which losses may go out for this athlete. `on_update`: whether a changed workout
    replaces its copies or creates others. `on_drift`: what happens when the athlete changes or deletes at a
    provider what was sent there; `on_drift_at`: the same for one provider, as `{"garmin": "restore"}`. Null
    for the platform's. `home`: where the athlete trains, for the weather.
    """

    external_id: str
    name: str = ""
    thresholds: Thresholds = msgspec.field(default_factory=Thresholds)
    export_to: ExportTo = "primary"
    fidelity_policy: FidelityPolicy | None = None
    on_update: OnUpdate | None = None
    on_drift: OnDrift | None = None
    on_drift_at: dict[str, OnDrift] = {}
    home: Place | None = None


class AthleteChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is given is changed. `thresholds` are replaced as a whole; a `fidelity_policy`, `on_update` or
    `on_drift` of null is the platform's, a provider of null in `on_drift_at` is as all others, and a `home`
    of null is forgotten."""

    name: str | None = None
    thresholds: Thresholds | None = None
    export_to: ExportTo | None = None
    fidelity_policy: FidelityPolicy | msgspec.UnsetType | None = msgspec.UNSET
    on_drift: OnDrift | msgspec.UnsetType | None = msgspec.UNSET
    on_drift_at: dict[str, OnDrift | None] = {}
    on_update: OnUpdate | msgspec.UnsetType | None = msgspec.UNSET
    home: Place | msgspec.UnsetType | None = msgspec.UNSET


def _check(thresholds: Thresholds | None) -> None:
    """Raise `InvalidInputError` by the place in the request, not in the thresholds."""
    if thresholds is None:
        return
    try:
        check_athlete(thresholds)
    except InvalidInputError as error:
        raise InvalidInputError(error.detail, path=f"thresholds.{error.path}") from error


class ChangedAthlete(AthleteView, frozen=True, kw_only=True):
    """The athlete, and how many exports would go out otherwise with the new thresholds (`exports/stale`)."""

    stale_exports: int


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
            fidelity_policy=data.fidelity_policy,
            on_drift=data.on_drift,
            on_drift_at=data.on_drift_at,
            on_update=data.on_update,
            home=data.home,
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
    ) -> ChangedAthlete:
        """Change name, thresholds, where workouts go, or which losses may go out."""
        _check(data.thresholds)
        view = await change_athlete(
            hub,
            platform_id,
            athlete.id,
            name=data.name,
            thresholds=data.thresholds,
            export_to=data.export_to,
            fidelity_policy=data.fidelity_policy,
            on_drift=data.on_drift,
            on_drift_at=data.on_drift_at,
            on_update=data.on_update,
            home=data.home,
        )
        changed = await load_athlete(platform_id, athlete.id)
        stale = await list_stale(hub, changed) if data.thresholds is not None else []
        fields = {name: getattr(view, name) for name in AthleteView.__struct_fields__}
        return ChangedAthlete(**fields, stale_exports=len(stale))
