"""How what Garmin tells becomes our records. Pure: no clock, no call."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from hub_core.sdk import Delivery, Records
from hub_garmin.ingest_activities import from_details, from_file, from_summary
from hub_garmin.ingest_days import (
    from_body_comp,
    from_daily,
    from_epoch,
    from_hrv,
    from_pulse_ox,
    from_respiration,
    from_sleep,
    from_stress,
    from_user_metrics,
)
from hub_garmin.moments import LATEST_S
from hub_garmin.schemas import PermissionsObject, granted_permissions
from hub_garmin.schemas_summaries import Item

#: The key in a webhook's body, and who reads one summary that was uploaded until a moment (0: not told).
SUMMARIES: dict[str, Callable[[Delivery, int], Records]] = {
    "activities": from_summary,
    "manuallyUpdatedActivities": from_summary,
    "activityDetails": from_details,
    "dailies": from_daily,
    "epochs": from_epoch,
    "sleeps": from_sleep,
    "hrv": from_hrv,
    "bodyComps": from_body_comp,
    "stressDetails": from_stress,
    "userMetrics": from_user_metrics,
    "pulseox": from_pulse_ox,
    "allDayRespiration": from_respiration,
}
FILES, DEREGISTRATIONS, PERMISSIONS = "activityFiles", "deregistrations", "userPermissionsChange"
#: What the hub reads. All else that Garmin can send is acknowledged and not kept: some of it is intimate.
KINDS = frozenset({*SUMMARIES, FILES, DEREGISTRATIONS, PERMISSIONS})


def to_records(delivery: Delivery) -> Records:
    """The records of one item. Raises `Rejected` for what can't be read."""
    match delivery.kind:
        case "deregistrations":
            return Records(revoked=True)
        case "userPermissionsChange":
            return Records(scopes=granted_permissions(delivery.decode(PermissionsObject)))
        case "activityFiles":
            return from_file(delivery)
    read = SUMMARIES.get(delivery.kind)
    if read is None:
        return Records()
    item = delivery.decode(Item)
    if item.callback_url is None:
        return read(delivery, 0)
    if delivery.file is None:
        return Records()  # Garmin doesn't hold it any more
    upload_end_s = min(max(item.upload_end_time_in_seconds or 0, 0), LATEST_S)
    return _join([read(one, upload_end_s) for one in _pulled(delivery, delivery.file)])


def _pulled(delivery: Delivery, answer: bytes) -> list[Delivery]:
    """The summaries that a ping pointed to, as if they had been pushed one by one."""
    listed = msgspec.structs.replace(delivery, body=answer, file=None, file_url=None)
    return [msgspec.structs.replace(listed, body=bytes(raw)) for raw in listed.decode(list[msgspec.Raw])]


def _join(parts: list[Records]) -> Records:
    return Records(
        activities=tuple(one for part in parts for one in part.activities),
        daily=tuple(one for part in parts for one in part.daily),
        sleep=tuple(one for part in parts for one in part.sleep),
        samples=tuple(one for part in parts for one in part.samples),
    )
