"""Takes what a phone knows of the athlete: thresholds, weight, the zone of the clock. Field by field."""

from __future__ import annotations

from typing import Any

import msgspec

from hub_core.domain.athlete import Athlete as Thresholds
from hub_core.domain.athlete import check_athlete
from hub_core.domain.records import Refused
from hub_core.errors import InvalidInputError
from hub_core.services.athletes.save_athlete import change_athlete, load_athlete
from hub_core.services.hub import Hub
from hub_core.services.inbound.ingest_phone import load_phone
from hub_core.services.inbound.lock_athlete import lock_athlete
from hub_core.storage.tables import Athlete

#: Zones are a coach's work: no phone knows them.
FIELDS = tuple(name for name in Thresholds.__struct_fields__ if name != "zones")
_TYPES = {field.name: field.type for field in msgspec.structs.fields(Thresholds)}


class ProfileReceipt(msgspec.Struct, frozen=True):
    """What is known of the athlete now, which fields are other than before, and what could not be taken."""

    thresholds: Thresholds
    changed: tuple[str, ...]
    errors: tuple[Refused, ...]
    remarks: tuple[str, ...]


async def ingest_profile(hub: Hub, athlete: Athlete, told: dict[str, Any]) -> ProfileReceipt:
    """Take the fields that are given and leave the rest; one that is wrong costs no other.

    To say the same again changes nothing. Raises `ConflictError` when no phone is connected.
    """
    await load_phone(athlete.id)
    given = {name: value for name, value in told.items() if name in FIELDS}
    remarks = tuple(f"{name[:100]} left out" for name in told if name not in (*FIELDS, "batchId"))
    errors: list[Refused] = []
    values = {}
    for index, (name, value) in enumerate(given.items()):
        try:
            values[name] = _check(name, value)
        except InvalidInputError as error:
            errors.append(Refused(name, error.detail, index, name))
    async with hub.engine.transaction():
        await lock_athlete(hub, athlete.id)
        row = await load_athlete(athlete.platform_id, athlete.id)
        before = msgspec.json.decode(row.thresholds, type=Thresholds)
        after = msgspec.structs.replace(before, **values)
        changed = tuple(name for name in values if getattr(before, name) != getattr(after, name))
        if changed:
            await change_athlete(hub, athlete.platform_id, athlete.id, thresholds=after)
    return ProfileReceipt(after, changed, tuple(errors), remarks)


def _check(name: str, value: object) -> Any:
    """The value of one field, if it can be so. Raises `InvalidInputError`."""
    if value is None:
        raise InvalidInputError("null says nothing: leave the field out", path=name)
    try:
        known: Any = msgspec.convert(value, _TYPES[name])
    except msgspec.ValidationError as error:
        raise InvalidInputError(str(error), path=name) from None
    check_athlete(Thresholds(**{name: known}))
    return known
