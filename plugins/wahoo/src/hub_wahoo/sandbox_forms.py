"""What Wahoo's sandbox reads from forms: `plan[...]`, `workout[...]`, and the file inside a data URI."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Any

import msgspec

from hub_core.sandbox import Call, Refusal
from hub_wahoo.sandbox_validation import check_plan

_DATA_URI = "data:application/json;base64,"
#: Ids of the workout type table; there are gaps.
WORKOUT_TYPE_IDS = (frozenset(range(72)) - {24, 48, *range(50, 56), *range(57, 61)}) | {255}


def read_fields(call: Call, group: str) -> dict[str, Any]:
    """The fields of `plan[...]` or `workout[...]`, from a form or from nested JSON."""
    if "application/json" in call.headers.get("content-type", ""):
        body = call.json()
        fields = body.get(group) if isinstance(body, dict) else None
        if not isinstance(fields, dict):
            raise Refusal(422, f"{group} is missing")
        return fields
    start = f"{group}["
    return {name[len(start) : -1]: value for name, value in call.form().items() if name.startswith(start)}


def need_text(fields: dict[str, Any], group: str, name: str) -> str:
    """A field that must be there."""
    value = fields.get(name)
    if value is None or value == "":
        raise Refusal(422, f"{group}[{name}] is missing")
    return str(value)


def need_instant(fields: dict[str, Any], group: str, name: str) -> dt.datetime:
    """An ISO 8601 time, in UTC when it names no zone."""
    try:
        moment = dt.datetime.fromisoformat(need_text(fields, group, name))
    except ValueError as error:
        raise Refusal(422, f"{group}[{name}] is not an ISO 8601 time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)


def read_file(text: str, *, strict: bool) -> dict[str, Any] | None:
    """The checked plan inside a data URI; None for anything else, which is taken but not understood."""
    if not text.startswith(_DATA_URI):
        return None
    try:
        document = msgspec.json.decode(base64.b64decode(text.removeprefix(_DATA_URI), validate=True))
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refusal(422, f"plan[file] cannot be read: {error}") from error
    check_plan(document, strict=strict)
    checked: dict[str, Any] = document
    return checked


def read_workout(fields: dict[str, Any], plan_ids: set[int]) -> dict[str, Any]:
    """The checked values of those fields that are there. `plan_ids` may be pointed to."""
    values: dict[str, Any] = {
        name: need_text(fields, "workout", name) for name in ("name", "workout_token") if name in fields
    }
    if "starts" in fields:
        values["starts"] = need_instant(fields, "workout", "starts")
    if "minutes" in fields:
        minutes = _need_number(fields, "minutes")
        if minutes <= 0:
            raise Refusal(422, "workout[minutes] must be above 0")
        values["minutes"] = int(minutes) if minutes == int(minutes) else minutes
    if "workout_type_id" in fields:
        values["workout_type_id"] = _need_id(fields, "workout_type_id", WORKOUT_TYPE_IDS)
    if fields.get("plan_id"):
        values["plan_id"] = _need_id(fields, "plan_id", plan_ids)
    return values


def _need_number(fields: dict[str, Any], name: str) -> float:
    try:
        return float(need_text(fields, "workout", name))
    except ValueError as error:
        raise Refusal(422, f"workout[{name}] must be a number") from error


def _need_id(fields: dict[str, Any], name: str, known: set[int] | frozenset[int]) -> int:
    number = _need_number(fields, name)
    if number not in known:
        raise Refusal(422, f"workout[{name}] is unknown")
    return int(number)
