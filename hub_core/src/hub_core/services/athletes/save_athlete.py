"""Athletes of a platform: create, read, and change what is known of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.athlete import check_athlete
from hub_core.domain.drift import OnDrift
from hub_core.domain.policy import FidelityPolicy, OnUpdate
from hub_core.domain.validate import MAX_NAME, check_text
from hub_core.domain.weather import Place, check_place
from hub_core.errors import ConflictError, InvalidInputError, NotFoundError
from hub_core.services.exports.on_drift import ChangedChoices, Choices, change_choices, read_choices
from hub_core.services.exports.retry_export import send_stopped
from hub_core.services.exports.schedule_exports import schedule_waiting_of
from hub_core.services.hub import Hub
from hub_core.services.sync.changes import record_change
from hub_core.storage import find_row, new_id, now_ms, save_row
from hub_core.storage.tables import Athlete

ExportTo = Literal["primary", "all"]


class AthleteView(msgspec.Struct, frozen=True):
    """An athlete as the API shows them. `fidelity_policy`, `on_update` and `on_drift` are their own; null for
    the platform's. `on_drift_at`: by provider."""

    id: str
    external_id: str
    name: str
    thresholds: Thresholds
    primary_provider: str | None
    export_to: str
    fidelity_policy: FidelityPolicy | None
    on_update: OnUpdate | None = None
    on_drift: OnDrift | None = None
    home: Place | None = None
    on_drift_at: Choices = {}


def read_home(row: Athlete) -> Place | None:
    """Where the athlete trains, if that was said."""
    return msgspec.json.decode(row.home, type=Place) if row.home else None


def view_athlete(row: Athlete) -> AthleteView:
    """The row as a view."""
    thresholds = msgspec.json.decode(row.thresholds, type=Thresholds)
    own = FidelityPolicy(row.fidelity_policy) if row.fidelity_policy else None
    update = OnUpdate(row.on_update) if row.on_update else None
    return AthleteView(
        row.id,
        row.external_id,
        row.name,
        thresholds,
        row.primary_provider,
        row.export_to,
        own,
        update,
        OnDrift(row.on_drift) if row.on_drift else None,
        read_home(row),
        read_choices(row.on_drift_at),
    )


async def create_athlete(
    hub: Hub,
    platform_id: str,
    *,
    external_id: str,
    name: str,
    thresholds: Thresholds,
    export_to: ExportTo,
    fidelity_policy: FidelityPolicy | None = None,
    on_drift: OnDrift | None = None,
    on_drift_at: ChangedChoices | None = None,
    on_update: OnUpdate | None = None,
    home: Place | None = None,
) -> AthleteView:
    """A new athlete. Raises `ConflictError` when the platform has one of that `external_id`."""
    if not external_id.strip():
        raise InvalidInputError("a name of yours is needed", path="external_id")
    check_text(external_id, MAX_NAME, "external_id")
    check_text(name, MAX_NAME, "name")
    check_athlete(thresholds)
    _check_home(home)
    now = now_ms()
    row = Athlete(
        id=new_id("ath"),
        platform_id=platform_id,
        external_id=external_id,
        name=name,
        thresholds=msgspec.json.encode(thresholds).decode(),
        export_to=export_to,
        fidelity_policy=fidelity_policy,
        on_drift=on_drift,
        on_drift_at=change_choices(hub, "{}", on_drift_at or {}),
        on_update=on_update,
        home=_encode_home(home),
        created_ms=now,
        updated_ms=now,
    )
    async with hub.engine.transaction():
        known = Athlete.exists().where(
            (Athlete.platform_id == platform_id) & (Athlete.external_id == external_id)
        )
        if await known:
            raise ConflictError(f"there is an athlete with external_id {external_id!r} already")
        await save_row(row)
        await record_change(hub, row.id, "athletes", row.id)
    return view_athlete(row)


async def load_athlete(platform_id: str, athlete_id: str) -> Athlete:
    """One athlete of this platform. Another platform's is not found."""
    row = await find_row(Athlete, id=athlete_id, platform_id=platform_id)
    if row is None:
        raise NotFoundError("there is no such athlete")
    return row


async def list_athletes(platform_id: str) -> list[AthleteView]:
    """All athletes of a platform, oldest first."""
    rows = await Athlete.objects().where(Athlete.platform_id == platform_id).order_by(Athlete.id)
    return [view_athlete(row) for row in rows]


async def change_athlete(
    hub: Hub,
    platform_id: str,
    athlete_id: str,
    *,
    name: str | None = None,
    thresholds: Thresholds | None = None,
    export_to: ExportTo | None = None,
    fidelity_policy: FidelityPolicy | msgspec.UnsetType | None = msgspec.UNSET,
    on_drift: OnDrift | msgspec.UnsetType | None = msgspec.UNSET,
    on_drift_at: ChangedChoices | None = None,
    on_update: OnUpdate | msgspec.UnsetType | None = msgspec.UNSET,
    home: Place | msgspec.UnsetType | None = msgspec.UNSET,
) -> AthleteView:
    """Change what is given and leave the rest. A policy, or `on_update`, of None is the platform's; a home of
    None is forgotten. After a change of `export_to`, what waited for that choice is sent; after one of the
    policy, what that has stopped."""
    if name is not None:
        check_text(name, MAX_NAME, "name")
    if thresholds is not None:
        check_athlete(thresholds)
    if home is not msgspec.UNSET:
        _check_home(home)
    async with hub.engine.transaction():
        row = await load_athlete(platform_id, athlete_id)
        if name is not None:
            row.name = name
        if thresholds is not None:
            row.thresholds = msgspec.json.encode(thresholds).decode()
        if export_to is not None:
            row.export_to = export_to
        if fidelity_policy is not msgspec.UNSET:
            row.fidelity_policy = fidelity_policy
        if on_drift is not msgspec.UNSET:
            row.on_drift = on_drift
        if on_drift_at:
            row.on_drift_at = change_choices(hub, row.on_drift_at, on_drift_at)
        if on_update is not msgspec.UNSET:
            row.on_update = on_update
        if home is not msgspec.UNSET:
            row.home = _encode_home(home)
        row.updated_ms = now_ms()
        await save_row(row)
        await record_change(hub, row.id, "athletes", row.id)
        if export_to is not None:
            await schedule_waiting_of(hub, row.id)
        if fidelity_policy is not msgspec.UNSET:
            await send_stopped(hub, row)
    return view_athlete(row)


def _check_home(home: Place | None) -> None:
    if home is not None:
        check_place(home, "home.latitude", "home.longitude")
        check_text(home.name, MAX_NAME, "home.name")


def _encode_home(home: Place | None) -> str:
    return "" if home is None else msgspec.json.encode(home).decode()
