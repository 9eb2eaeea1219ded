"""What the person has before their eyes: what the hub has told, and over it what they did and still waits.

An operation tells this beside its values, so that the hub can see what others have changed meanwhile, and
what the person changes twice while they are offline is no conflict with themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub_core.client.store import Store


def before_eyes(store: Store, op: str, told: dict[str, Any]) -> dict[str, Any]:
    """`base_revision` and `base` of an operation that the person is about to do."""
    match op:
        case "update_workout" | "delete_workout":
            return _workout(store, told.get("entity", ""))
        case "enter_daily":
            return {"base": _seen(told.get("fields", {}), day(store, told.get("date", "")))}
        case "describe_activity":
            return {"base": _seen(told.get("fields", {}), activity(store, told.get("entity", "")))}
        case _:
            return {}


def workouts(store: Store) -> dict[str, dict[str, Any]]:
    """The plans by the hub's id, or by the phone's own name until it is known."""
    shown = {id_: dict(one["workout"]) for id_, one in store.entities("workouts").items()}
    ids = {one["external_id"]: id_ for id_, one in store.entities("workouts").items()}
    for body in _pending(store):
        name = str(body.get("entity"))
        key = ids.get(name, name)
        match body["op"]:
            case "create_workout":
                shown.setdefault(key, dict(body["workout"]))
            case "update_workout" if key in shown:
                shown[key] |= body["fields"]
            case "delete_workout":
                shown.pop(key, None)
    return shown


def day(store: Store, date: str) -> dict[str, Any]:
    """A day's values."""
    days = {one["date"]: one for one in store.entities("daily").values()}
    return _with_words(store, days.get(date, {}), op="enter_daily", date=date)


def activity(store: Store, id_: str) -> dict[str, Any]:
    """An activity's values."""
    shown = store.entities("activities").get(id_, {}).get("activity", {})
    return _with_words(store, shown, op="describe_activity", entity=id_)


def _with_words(store: Store, shown: dict[str, Any], **about: str) -> dict[str, Any]:
    for body in _pending(store):
        if about.items() <= body.items():
            shown = {**shown, **body.get("fields", {})}
    return shown


def _seen(fields: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    return {name: shown.get(name) for name in fields}


def _workout(store: Store, entity: str) -> dict[str, Any]:
    """The revision that the hub has told, and what was changed here since; 1 when it has told none."""
    names, revision = {entity}, 1
    for id_, one in store.entities("workouts").items():
        if entity in (id_, one["external_id"]):
            names, revision = {id_, one["external_id"]}, one["revision"]
    base: dict[str, Any] = {}
    for body in _pending(store):
        if body["op"] == "update_workout" and body["entity"] in names:
            base |= body["fields"]
    return {"base_revision": revision, "base": base}


def _pending(store: Store) -> Iterator[dict[str, Any]]:
    """What was done here and not answered, in its order."""
    return (one.body for one in store.queued("waiting", "failed") if one.kind == "operation")
