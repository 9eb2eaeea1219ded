"""What a phone should hold now: the whole of it, so that a phone that lost everything knows what to do."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import msgspec

from hub_core.errors import ConflictError, InvalidInputError
from hub_core.sdk.pickups import Pickup, Removal, Schedule, pickup_uuid
from hub_core.services.exports.export_reference import reference
from hub_core.services.exports.laid_out import WAITS, LaidOut, read_laid_out
from hub_core.services.exports.statuses import ConnectionStatus, ExportStatus
from hub_core.services.hub import Hub
from hub_core.storage.tables import Athlete, Connection, Export

#: What a phone is not shown: it said no, or there is no connection.
_SILENT = {ExportStatus.FAILED, ExportStatus.NOT_CONNECTED}
_NOON = dt.time(12)


class Offer(msgspec.Struct, frozen=True):
    """One export that has something for the phone."""

    export: Export
    laid: LaidOut

    @property
    def is_confirmed(self) -> bool:
        """Whether the phone has said that it holds just this."""
        waits = self.export.status == ExportStatus.PENDING and self.export.reason_code == WAITS
        return (
            self.laid.action == "schedule" and self.export.sent_revision == self.laid.revision and not waits
        )


async def find_offers(hub: Hub, athlete: Athlete, provider: str, room: int | None = None) -> list[Offer]:
    """Removals first, then the next workouts by date and time, as many as the phone has room for.

    Raises `ConflictError` when the athlete's phone isn't connected.
    """
    check_fetches(hub, provider)
    connected = await Connection.exists().where(
        (Connection.athlete_id == athlete.id)
        & (Connection.provider == provider)
        & (Connection.status == ConnectionStatus.CONNECTED)
    )
    if not connected:
        raise ConflictError(f"{provider} is not connected: connect the phone first, with its device")
    rows = await Export.objects().where(
        (Export.athlete_id == athlete.id) & (Export.provider == provider) & (Export.progress != "{}")
    )
    found = [Offer(row, laid) for row in rows if (laid := read_laid_out(row)) and not laid.is_over]
    removals = sorted((one for one in found if one.laid.action == "remove"), key=lambda one: one.export.id)
    ahead = [one for one in found if one.laid.action == "schedule" and _is_shown(one.export)]
    ahead.sort(key=lambda one: (one.laid.date, one.laid.time or _NOON, one.export.id))
    most = hub.registry.get(provider).manifest.capabilities.max_scheduled if room is None else room
    return [*removals, *ahead[:most]]


def _is_shown(export: Export) -> bool:
    return export.wanted == "present" and export.status not in _SILENT


def version_of(offers: list[Offer]) -> str:
    """A short text that changes whenever the list does."""
    facts = [
        (one.export.id, one.export.progress, one.export.external_ids, one.is_confirmed) for one in offers
    ]
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:32]


def view_offers(hub: Hub, offers: list[Offer]) -> list[Pickup]:
    """The offers in words for a phone, with what it should schedule."""
    return [_view(hub, one) for one in offers]


def _view(hub: Hub, offer: Offer) -> Pickup:
    export, laid = offer.export, offer.laid
    ours = reference(export)
    uuid = pickup_uuid(ours)
    schedule = remove = None
    if laid.action == "schedule":
        schedule = Schedule(_payload(hub, export), laid.date, laid.time, laid.time_zone)
    else:
        known = msgspec.json.decode(export.external_ids, type=dict[str, str])
        remove = Removal(known.get("id", uuid))
    return Pickup(
        export.id, export.workout_id, laid.revision, ours, uuid, offer.is_confirmed, schedule, remove
    )


def _payload(hub: Hub, export: Export) -> dict[str, Any]:
    sealed = bytes(export.payload or b"")
    return msgspec.json.decode(hub.keys.open(sealed, f"export:{export.id}:payload"), type=dict[str, Any])


def check_fetches(hub: Hub, provider: str) -> None:
    """Raise unless workouts for this provider are fetched by phones."""
    if hub.registry.get(provider).manifest.delivery != "pickup":
        raise InvalidInputError(f"{provider} is sent its workouts; phones fetch none for it", path="provider")
