"""What a phone reads in the hub's answers, for `test_hub_phone.py`."""

from __future__ import annotations

from typing import Any

from pact import match

from .hub_answers import DAY, EXPORT_ID, numbers
from .hub_states import UUID, WORKOUT

ETAG = '"e1"'
TAGGED = {"ETag": match.regex(ETAG, regex='"[^"]+"')}
_ANY_UUID = match.regex(UUID, regex="[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")


def _power(low: int, high: int) -> dict[str, Any]:
    return {"kind": "powerRange", "low": low, "high": high, "unit": "W", "metric": "current"}


def _step(seconds: int, low: int, high: int, **more: Any) -> dict[str, Any]:
    goal = {"kind": "time", "value": seconds, "unit": "s"}
    return {"goal": goal, "alert": _power(low, high), **more}


#: `WORKOUT` in the names of WorkoutKit, as plugins/healthkit/README.md describes them.
PLAN: dict[str, Any] = {
    "kind": "custom",
    "activity": "cycling",
    "activityRaw": 13,
    "location": "outdoor",
    "displayName": WORKOUT["name"],
    "warmup": _step(600, 130, 160),
    "blocks": [
        {
            "iterations": 3,
            "steps": [
                _step(120, 270, 290, purpose="work", displayName="85–95 rpm"),
                _step(240, 230, 245, purpose="work"),
            ],
        }
    ],
    "cooldown": _step(300, 100, 130),
}


def to_schedule(revision: int = 1, *, is_confirmed: bool = False, name: str = WORKOUT["name"]) -> Any:
    """A pickup that the phone should hold. The day is one of the next: the scheduler shows a week."""
    year, month, day = (int(part) for part in DAY.split("-"))
    moment = {"year": match.int(year), "month": match.int(month), "day": match.int(day)}
    payload = {
        "format": "workoutkit-plan/1",
        "minimumOS": match.regex("17.0", regex=r"\d+\.\d+"),
        "scheduledAt": {**moment, "hour": 12, "minute": 0},
        "workout": numbers({**PLAN, "displayName": name}),
    }
    date = match.regex(DAY, regex=r"\d{4}-\d{2}-\d{2}")
    schedule = {"date": date, "time": None, "time_zone": "UTC", "payload": payload}
    return _pickup(revision, is_confirmed=is_confirmed, schedule=schedule)


def to_remove(revision: int) -> Any:
    """A pickup that the phone should no longer hold."""
    return _pickup(revision, remove={"external_id": UUID})


def _pickup(revision: int, *, is_confirmed: bool = False, schedule: Any = None, remove: Any = None) -> Any:
    return {
        "id": match.regex(EXPORT_ID, regex="exp_.+"),
        "revision": revision,
        "uuid": _ANY_UUID,
        "is_confirmed": is_confirmed,
        "schedule": schedule,
        "remove": remove,
    }


def standing(status: str, code: str, reason: str, *, held: int | None) -> dict[str, Any]:
    """The export after the phone's word, and the revision that the phone holds as far as the hub knows."""
    return {
        "id": match.regex(EXPORT_ID, regex="exp_.+"),
        "provider": "healthkit",
        "status": status,
        "reason_code": code,
        "reason": match.str(reason),
        "external_ids": {"id": UUID} if held else {},
        "sent_revision": held,
    }
