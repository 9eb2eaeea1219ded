"""Delta sync over the API: what has changed, and what clients have done offline."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest

from hub_core.domain.records import Deleted, Records
from hub_core.testing.statements import activity

_ids = itertools.count(1)
#: A moment after all that is said here.
LATER = 4_000_000_000_000
TODAY = dt.datetime.now(dt.UTC).date()


def op(name: str, **fields: Any) -> dict[str, Any]:
    number = next(_ids)
    return {"op": name, "id": f"op-{number}", "sequence": number, **fields}


def mutate(person: Any, *operations: dict[str, Any], client: str = "phone-1") -> list[dict[str, Any]]:
    """The results, without the ids."""
    told = person.post("/mutations", json={"client_id": client, "operations": operations})["results"]
    assert [one.pop("id") for one in told] == [one["id"] for one in operations]
    return list(told)


def follow(person: Any, cursor: str = "", **params: Any) -> tuple[dict[tuple[str, str], Any], str]:
    """All entities that are told after a cursor; None for those that are gone."""
    told: dict[tuple[str, str], Any] = {}
    while True:
        page = person.get("/changes", params={"cursor": cursor, "limit": 3, **params})
        told |= {(one["collection"], one["id"]): one["entity"] for one in page["changes"]}
        cursor = page["next_cursor"]
        if not page["has_more"]:
            return told, cursor


@pytest.fixture
def run(person: Any) -> str:
    """The id of an activity that a watch has recorded."""
    (activity_id,) = person.observe(
        "garmin", Records(activities=(activity("g1", name="Lunch Run"),))
    ).shown.activities
    return str(activity_id)


def shown(person: Any, activity_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/activities/{activity_id}")["activity"]
    return found


# -- changes ------------------------------------------------------------------------------------------


def test_every_collection_is_told_with_its_entities_as_their_own_paths_show_them(
    connected: Any, plan: dict[str, Any], run: str
) -> None:
    connected.request("PUT", "/daily/2026-11-14", json={"weight_kg": 71})
    connected.request("PUT", "/nutrition/2026-11-14", json={"protein_g": 120})
    connected.post(
        "/races",
        json={"race": {"event": "City run", "name": "10 km", "date": "2027-05-01", "distance_m": 10000}},
    )
    workout = connected.post("/workouts", json={**plan, "external_id": "w"})
    told, cursor = follow(connected)
    kinds = {collection for collection, _ in told}
    assert kinds >= {
        "athletes",
        "connections",
        "workouts",
        "exports",
        "activities",
        "daily",
        "nutrition",
        "races",
    }
    assert told["athletes", connected.id] == connected.get()
    assert told["activities", run] == connected.get(f"/activities/{run}")
    # What changes beside a workout comes by collections of its own.
    shown = connected.get(f"/workouts/{workout['id']}")
    assert shown == {**told["workouts", workout["id"]], "exports": shown["exports"], "conflicts": []}
    assert told["exports", shown["exports"][0]["id"]]["workout_id"] == workout["id"]
    (daily,) = [entity for (collection, _), entity in told.items() if collection == "daily"]
    assert daily == connected.get("/daily/2026-11-14")

    connected.request("DELETE", f"/workouts/{workout['id']}")
    later, cursor = follow(connected, cursor)
    assert later["workouts", workout["id"]] is None
    assert ("daily", "x") not in follow(connected, cursor)[0]


def test_a_workout_is_told_again_when_what_was_done_of_it_is_gone(
    person: Any, plan: dict[str, Any], run: str
) -> None:
    workout = person.post("/workouts", json=plan)["id"]
    person.request("PUT", f"/activities/{run}/workout", json={"workout_id": workout})
    told, cursor = follow(person)
    assert told["workouts", workout]["activity_id"] == run
    person.observe("garmin", Records(deleted=(Deleted("g1", "activity", LATER),)))
    later, _ = follow(person, cursor)
    assert later["activities", run] is None
    assert (later["workouts", workout]["activity_id"], later["workouts", workout]["done"]) == (None, False)


def test_some_collections_and_cursors_that_lead_nowhere(person: Any, run: str) -> None:
    told, cursor = follow(person, collections="activities,races")
    assert [collection for collection, _ in told] == ["activities"]
    gone = person.request("GET", "/changes", params={"cursor": cursor})
    assert (gone.status_code, gone.json()["type"]) == (410, "urn:hub:problem:cursor_expired")
    assert "without a cursor" in gone.json()["detail"]
    bad = person.request("GET", "/changes", params={"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["path"]) == (422, "cursor")
    assert person.request("GET", "/changes", params={"limit": 501}).status_code == 422
    assert person.request("GET", "/changes", params={"collections": "dogs"}).json()["path"] == "collections"


# -- mutations ----------------------------------------------------------------------------------------


def test_a_workout_lives_under_the_clients_own_name(person: Any, plan: dict[str, Any]) -> None:
    made, changed = mutate(
        person,
        op("create_workout", entity="local-1", workout=plan),
        op("update_workout", entity="local-1", base_revision=1, fields={"name": "Longer"}),
    )
    assert (made["status"], changed["status"], changed["revision"]) == ("applied", "applied", 2)
    assert made["entity"] == changed["entity"]
    saved = person.get(f"/workouts/{made['entity']}")
    assert (saved["workout"]["name"], saved["external_id"]) == ("Longer", "local-1")
    (gone,) = mutate(person, op("delete_workout", entity="local-1", base_revision=2))
    assert gone["status"] == "applied"
    assert person.request("GET", f"/workouts/{made['entity']}").status_code == 404
    (late,) = mutate(
        person, op("update_workout", entity=made["entity"], base_revision=2, fields={"name": "X"})
    )
    assert (late["status"], late["detail"]) == ("conflict", "it was deleted meanwhile")


def test_an_operation_is_done_once_whoever_lost_the_answer(person: Any, plan: dict[str, Any]) -> None:
    create = op("create_workout", entity="once", workout=plan)
    bad = op("update_workout", entity="nothing", base_revision=1, fields={})
    first = mutate(person, create, bad)
    assert mutate(person, create, bad) == first
    assert [one["status"] for one in first] == ["applied", "rejected"]
    assert len(person.get("/workouts")) == 1
    (other,) = mutate(person, {**create, "entity": "twice"})
    assert (other["status"], other["path"]) == ("rejected", "id")
    (elsewhere,) = mutate(person, {**create, "entity": "twice"}, client="tablet")
    assert elsewhere["status"] == "applied"


def test_fields_that_others_left_alone_are_merged_and_both_values_shown_for_the_others(
    person: Any, plan: dict[str, Any]
) -> None:
    workout = person.post("/workouts", json=plan)
    path = f"/workouts/{workout['id']}"
    person.request("PATCH", path, json={"name": "Coach's", "description": "Easy"})
    merged, conflict, same = mutate(
        person,
        op(
            "update_workout",
            entity=workout["id"],
            base_revision=1,
            fields={"time": "07:30:00", "name": "Mine"},
        ),
        op("update_workout", entity=workout["id"], base_revision=1, fields={"name": "Mine"}),
        op("update_workout", entity=workout["id"], base_revision=1, fields={"name": "Coach's"}),
    )
    clash = [{"field": "name", "yours": "Mine", "theirs": "Coach's"}]
    assert (merged["status"], merged["conflicts"], merged["revision"]) == ("merged", clash, 3)
    assert (conflict["status"], conflict["conflicts"]) == ("conflict", clash)
    assert (same["status"], same["revision"]) == ("merged", 3)
    saved = person.get(path)["workout"]
    assert (saved["name"], saved["description"], saved["time"]) == ("Coach's", "Easy", "07:30:00")
    (kept,) = mutate(person, op("delete_workout", entity=workout["id"], base_revision=1))
    assert kept["status"] == "conflict"
    assert person.get(path)["revision"] == 3
    # Whoever has these changes before their eyes says so, and may do both.
    seen = {"name": "Coach's", "description": "Easy", "time": "07:30:00"}
    unheard, again, gone = mutate(
        person,
        op("update_workout", entity=workout["id"], base_revision=1, fields={}, base={"mood": 3}),
        op("update_workout", entity=workout["id"], base_revision=1, fields={"name": "Mine"}, base=seen),
        op("delete_workout", entity=workout["id"], base_revision=1, base={**seen, "name": "Mine"}),
    )
    assert (unheard["status"], unheard["path"]) == ("rejected", "base.mood")
    assert (again["status"], gone["status"]) == ("merged", "applied")


def test_a_new_plan_overwrites_what_is_ahead_and_nothing_else(person: Any, plan: dict[str, Any]) -> None:
    def on(days: int, name: str = "Old", external_id: str = "") -> dict[str, Any]:
        date = (TODAY + dt.timedelta(days)).isoformat()
        return {**plan, "date": date, "name": name, **({"external_id": external_id} if external_id else {})}

    past, near, far, same = (
        person.post("/workouts", json=on(days, external_id=f"p{days}"))["id"] for days in (-3, 3, 5, 7)
    )
    done = person.post("/workouts", json=on(2))["id"]
    (run,) = person.observe("garmin", Records(activities=(activity("today"),))).shown.activities
    person.request("PUT", f"/activities/{run}/workout", json={"workout_id": done})
    entries = [("p-3", on(-3, "Rewritten")), ("p3", on(3, "New")), ("p7", on(7)), ("p9", on(9, "New"))]
    (told,) = mutate(
        person,
        op(
            "replace_plan",
            **{"from": (TODAY - dt.timedelta(30)).isoformat()},
            workouts=[{"entity": entity, "workout": workout} for entity, workout in entries],
        ),
    )
    assert told["status"] == "applied"
    assert "1 added, 1 changed, 1 removed; 1 done and kept, 1 of the past" in told["detail"]
    span = {"from": (TODAY - dt.timedelta(9)).isoformat(), "to": (TODAY + dt.timedelta(30)).isoformat()}
    held = {one["id"]: one for one in person.get("/workouts", params=span)}
    assert held.keys() >= {past, near, same, done}
    assert far not in held
    assert [held[one]["workout"]["name"] for one in (past, near, same, done)] == ["Old", "New", "Old", "Old"]
    assert held[same]["revision"] == 1


def test_what_an_athlete_says_of_an_activity_counts_and_goes_with_it(person: Any, run: str) -> None:
    fields = {"name": "Along the lake", "notes": "Heavy legs", "perceived_exertion": 7}
    (told,) = mutate(person, op("describe_activity", entity=run, fields=fields, base={"name": "Lunch Run"}))
    assert told["status"] == "applied"
    seen = shown(person, run)
    assert {name: seen[name] for name in fields} == fields
    assert seen["sources"]["notes"]["source"] == "athlete"
    assert seen["sources"]["distance_m"]["source"] == "garmin"
    # A later word of the watch changes what it has measured, and nothing that was felt.
    person.observe(
        "garmin", Records(activities=(activity("g1", name="Renamed", version=LATER, distance_m=12_500.0),))
    )
    assert (shown(person, run)["name"], shown(person, run)["distance_m"]) == ("Along the lake", 12_500)
    (clash, measured, back) = mutate(
        person,
        op("describe_activity", entity=run, fields={"notes": "Fine"}, base={"notes": None}),
        op("describe_activity", entity=run, fields={"distance_m": 9}),
        op("describe_activity", entity=run, fields={"name": None}, base={"name": "Along the lake"}),
    )
    assert clash["conflicts"] == [{"field": "notes", "yours": "Fine", "theirs": "Heavy legs"}]
    assert (measured["status"], measured["path"]) == ("rejected", "fields.distance_m")
    assert (back["status"], shown(person, run)["name"]) == ("applied", "Renamed")
    # An activity that is gone is gone, and its notes are there when it comes back.
    person.observe("garmin", Records(deleted=(Deleted("g1", "activity", LATER + 1),)))
    assert person.request("GET", f"/activities/{run}").status_code == 404
    person.observe("garmin", Records(activities=(activity("g1", name="Again", version=LATER + 2),)))
    assert shown(person, run)["notes"] == "Heavy legs"


def test_days_pins_and_links(person: Any, run: str, plan: dict[str, Any]) -> None:
    workout = person.post("/workouts", json=plan)
    member = {"source": "garmin", "external_id": "g1"}
    entered, clash, pinned, linked = mutate(
        person,
        op("enter_daily", date="2026-11-14", fields={"weight_kg": 71.2}),
        op("enter_daily", date="2026-11-14", fields={"weight_kg": 70, "steps": 9000}, base={"weight_kg": 73}),
        op("pin", pin={"type": "pin", "field": "distance_m", "member": member, "value": 10000.0}),
        op("link", workout=workout["id"], activity=run),
    )
    assert (entered["status"], entered["entity"], clash["status"]) == ("applied", "2026-11-14", "merged")
    assert clash["conflicts"] == [{"field": "weight_kg", "yours": 70, "theirs": 71.2}]
    day = person.get("/daily/2026-11-14")
    assert (day["weight_kg"], day["steps"]) == (71.2, 9000)
    assert (pinned["status"], shown(person, run)["distance_m"]) == ("applied", 10_000)
    assert (linked["status"], person.get(f"/activities/{run}")["workout_id"]) == ("applied", workout["id"])
    unpinned, unlinked = mutate(
        person, op("unpin", rule=pinned["entity"]), op("unlink", workout=workout["id"], activity=run)
    )
    assert (unpinned["status"], unlinked["status"]) == ("applied", "applied")
    assert shown(person, run)["distance_m"] != 10_000
    assert person.get(f"/activities/{run}")["workout_id"] is None


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ({"op": "fly"}, "op"),
        ({"op": "enter_daily", "date": "2026-11-14", "fields": {"mood": 3}}, "fields.mood"),
        ({"op": "enter_daily", "date": "2026-11-14", "fields": {"weight_kg": "70"}}, "fields.weight_kg"),
        ({"op": "enter_daily", "date": "1812-11-14", "fields": {"weight_kg": 70}}, "date"),
        (
            {"op": "create_workout", "entity": "w", "workout": {"name": "N", "sport": "run", "steps": []}},
            "steps",
        ),
        ({"op": "describe_activity", "entity": "act_none", "fields": {}}, ""),
        ({"op": "describe_activity", "entity": "act_none", "fields": {"notes": 7}}, "fields.notes"),
    ],
)
def test_what_cannot_be_done_is_told_and_stops_no_other(person: Any, operation: Any, path: str) -> None:
    bad, good = mutate(
        person, {**op("x"), **operation}, op("enter_daily", date="2026-11-14", fields={"weight_kg": 70})
    )
    assert (bad["status"], bad.get("path", "")) == ("rejected", path)
    assert good["status"] == "applied"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"client_id": " ", "operations": [{"id": "1"}]}, "client_id"),
        ({"client_id": "c", "operations": []}, "operations"),
        ({"client_id": "c", "operations": [{"id": "1"}, {"id": "1"}]}, "operations"),
        ({"client_id": "c", "operations": [{"sequence": 1}]}, "operations[0].id"),
    ],
)
def test_a_request_whose_operations_cannot_be_told_apart_is_refused(
    person: Any, body: Any, path: str
) -> None:
    answer = person.request("POST", "/mutations", json=body)
    assert (answer.status_code, answer.json()["path"]) == (422, path)
