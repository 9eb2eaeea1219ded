"""Activities over the API: lists, series, reasons, and the decisions of people with their previews."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.domain.records import Activity, Deleted, Device, Lap, Records
from hub_core.domain.sport import Sport
from hub_core.testing.statements import MORNING, activity, curve

BOLT = Device("ELEMNT BOLT", "Wahoo", "77")
WAHOO = activity(
    "w1",
    sport=Sport.RIDE,
    distance_m=40_100.0,
    avg_power_w=231.0,
    device=BOLT,
    laps=(Lap(0, 1800), Lap(1800, 1800)),
    series=curve("power_w", "speed_ms"),
)
GARMIN = activity(
    "g1",
    sport=Sport.RIDE,
    late_s=20,
    duration_s=3580.0,
    distance_m=40_000.0,
    avg_heart_rate_bpm=141.0,
    series=curve("heart_rate_bpm", seconds=3580, ahead_s=20),
)
ECHO = activity("i1", sport=Sport.RIDE, distance_m=40_100.0, origin="wahoo", origin_id="w1")
PHONE = activity("h1", sport=Sport.RIDE, late_s=100, duration_s=3400.0, distance_m=30_000.0)
MEMBERS = [("garmin", "g1"), ("intervals", "i1"), ("wahoo", "w1")]


def say(person: Any, source: str, *activities: Activity) -> None:
    person.observe(source, Records(activities=activities))


@pytest.fixture
def rider(person: Any) -> Any:
    """One ride that the bike computer, the watch, a copy and a phone with bad reception have told of."""
    for source, one in (("intervals", ECHO), ("healthkit", PHONE), ("garmin", GARMIN), ("wahoo", WAHOO)):
        say(person, source, one)
    return person


def listed(person: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = person.get("/activities", params={"from": "2026-11-01", "to": "2026-11-30"})
    return rows


def ride(person: Any) -> dict[str, Any]:
    """The one that was ridden, and not the phone's."""
    return next(one for one in listed(person) if len(one["activity"]["members"]) > 1)


def test_a_ride_is_listed_once_with_a_source_for_each_value(rider: Any) -> None:
    assert len(listed(rider)) == 2
    shown = ride(rider)["activity"]
    assert [(one["source"], one["external_id"]) for one in shown["members"]] == MEMBERS
    assert (shown["date"], shown["start"]) == ("2026-11-14", MORNING.isoformat())
    assert (shown["avg_power_w"], shown["avg_heart_rate_bpm"]) == (231.0, 141.0)
    assert shown["sources"]["avg_heart_rate_bpm"] == {
        "source": "garmin",
        "external_id": "g1",
        "reason": "only",
    }
    assert {field: told["source"] for field, told in shown["sources"].items()} == {
        **dict.fromkeys(
            ("sport", "start", "duration_s", "distance_m", "avg_power_w", "device", "laps"), "wahoo"
        ),
        "avg_heart_rate_bpm": "garmin",
    }


def test_the_series_has_each_column_from_the_device_that_knows_it(rider: Any) -> None:
    path = f"/activities/{ride(rider)['id']}/series"
    whole = rider.get(path)
    assert whole["length"] == 720
    assert {name: one["source"] for name, one in whole["sources"].items()} == {
        "time_s": "wahoo",
        "power_w": "wahoo",
        "speed_ms": "wahoo",
        "heart_rate_bpm": "garmin",
    }
    # The watch began 20 s later: nothing before that, and then the same moments.
    rate, expected = whole["columns"]["heart_rate_bpm"], curve("heart_rate_bpm").column("heart_rate_bpm")
    assert expected is not None
    assert rate[:4] == [None] * 4
    assert rate[4:700] == pytest.approx(expected[4:700].tolist(), abs=0.01)

    thin = rider.get(path, params={"columns": "power_w", "every_s": 60})
    assert list(thin["columns"]) == ["time_s", "power_w"]
    assert thin["columns"]["time_s"][:3] == [0, 60, 120]
    assert thin["columns"]["power_w"][1] == pytest.approx(
        sum(whole["columns"]["power_w"][12:24]) / 12, abs=0.01
    )


@pytest.mark.parametrize(
    ("query", "path"),
    [({"columns": "power"}, "columns"), ({"every_s": 0}, "every_s"), ({"every_s": "x"}, "every_s")],
)
def test_a_wrong_question_about_a_series_is_named(rider: Any, query: dict[str, Any], path: str) -> None:
    answer = rider.request("GET", f"/activities/{ride(rider)['id']}/series", params=query)
    assert (answer.status_code, answer.json()["path"]) == (422, path)


def test_why(rider: Any) -> None:
    why = rider.get(f"/activities/{ride(rider)['id']}/why")
    assert [(one["source"], one["external_id"], one["is_echo"]) for one in why["members"]] == [
        ("garmin", "g1", False),
        ("intervals", "i1", True),
        ("wahoo", "w1", False),
    ]
    first, second = why["matches"]
    assert (first["score"], first["evidence"][0]["words"]) == (1.0, "intervals passes on wahoo/w1")
    assert [one["kind"] for one in second["evidence"]] == ["time", "distance"]
    distance = next(one for one in why["fields"] if one["field"] == "distance_m")
    assert (distance["value"], distance["source"], distance["reason"]) == (40_100.0, "wahoo", "recorder")
    assert {(one["source"], one["value"]) for one in distance["losers"]} == {
        ("garmin", 40_000.0),
        ("intervals", 40_100.0),
    }
    # The phone's statement stays apart, and it is told what is missing.
    apart = [one for one in why["apart"] if "h1" in (one["one"]["external_id"], one["other"]["external_id"])]
    assert {one["reason"] for one in apart} == {"the evidence is not enough"}
    assert why["rules"] == []


def test_a_split_is_looked_at_then_done_then_undone(rider: Any) -> None:
    before = listed(rider)
    path, member = f"/activities/{ride(rider)['id']}/split", {"source": "garmin", "external_id": "g1"}
    looked = rider.post(path, json=member, params={"preview": True})
    assert (looked["rule"], looked["changed"]) == (None, 2)
    assert listed(rider) == before

    done = rider.post(path, json=member)
    assert len(listed(rider)) == 3
    assert ride(rider)["id"] == next(one["id"] for one in before if len(one["activity"]["members"]) > 1)
    why = rider.get(f"/activities/{ride(rider)['id']}/why")
    assert [rule["decision"]["type"] for rule in why["rules"]] == ["split"]
    assert any(one["reason"].startswith("they may not meet") for one in why["apart"])
    # A newer word of the source changes nothing about that.
    say(rider, "garmin", activity("g1", sport=Sport.RIDE, late_s=20, distance_m=40_100.0))
    assert len(listed(rider)) == 3

    undone = rider.request("DELETE", f"/rules/{done['rule']['id']}")
    assert (undone.status_code, undone.json()["rule"]) == (200, None)
    assert len(listed(rider)) == 2
    assert rider.get("/rules") == []
    assert rider.request("DELETE", f"/rules/{done['rule']['id']}").status_code == 404


def test_a_join_and_a_pin(rider: Any) -> None:
    one = ride(rider)["id"]
    phone = next(row["id"] for row in listed(rider) if row["id"] != one)
    joined = rider.post(f"/activities/{one}/join", json={"activity_id": phone})
    assert {row["operation"] for row in joined["differences"]} == {"upsert", "delete"}
    (shown,) = listed(rider)
    assert len(shown["activity"]["members"]) == 4
    # What was taken in is found by its own id as well.
    assert rider.get(f"/activities/{phone}") == rider.get(f"/activities/{one}") == shown
    assert rider.request("GET", "/activities/act_none").status_code == 404
    assert rider.request("POST", f"/activities/{one}/join", json={"activity_id": phone}).status_code == 409

    member = {"source": "garmin", "external_id": "g1"}
    pinned = rider.post(
        "/rules", json={"type": "pin", "field": "distance_m", "member": member, "source": "healthkit"}
    )
    assert pinned["differences"][0]["fields"] == {"distance_m": [40_100.0, 30_000.0]}
    rider.post("/rules", json={"type": "pin", "field": "notes", "member": member, "value": "Windy"})
    (shown,) = listed(rider)
    assert (shown["activity"]["notes"], shown["activity"]["sources"]["notes"]["reason"]) == (
        "Windy",
        "pinned_value",
    )


def test_the_athletes_words_stand_over_devices_until_taken_back(rider: Any) -> None:
    path = f"/activities/{ride(rider)['id']}"
    said = rider.request("PATCH", path, json={"name": "Tempo", "perceived_exertion": 7})
    assert said.status_code == 200, said.json()
    say(rider, "garmin", activity("g1", sport=Sport.RIDE, late_s=20, distance_m=40_000.0, name="Cycling"))
    shown = rider.get(path)["activity"]
    assert (shown["name"], shown["perceived_exertion"], shown["distance_m"]) == ("Tempo", 7, 40_100.0)
    assert shown["sources"]["name"]["reason"] == "manual"
    rider.request("PATCH", path, json={"notes": "Windy", "name": None})
    shown = rider.get(path)["activity"]
    assert (shown["name"], shown["notes"], shown["perceived_exertion"]) == ("Cycling", "Windy", 7)
    # Words alone are no activity.
    gone = (("garmin", "g1"), ("wahoo", "w1"), ("intervals", "i1"))
    for source, external_id in gone:
        rider.observe(source, Records(deleted=(Deleted(external_id),)))
    assert [one["activity"]["members"][0]["source"] for one in listed(rider)] == ["healthkit"]
    for body, place in (
        ({"perceived_exertion": 11}, "perceived_exertion"),
        ({}, ""),
        ({"name": "x" * 999}, "name"),
    ):
        answer = rider.request("PATCH", f"/activities/{listed(rider)[0]['id']}", json=body)
        assert (answer.status_code, answer.json().get("path", "")) == (422, place)


SPLIT = {"type": "split", "member": {"source": "garmin", "external_id": "g1"}}


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"type": "order", "metric": "weather", "sources": ["garmin"]}, "metric"),
        ({"type": "order", "metric": "daily.mood", "sources": ["garmin"]}, "metric"),
        ({"type": "order", "metric": "daily", "sources": []}, "sources"),
        ({"type": "order", "metric": "daily", "sources": ["garmin", "strava"]}, "sources[1]"),
        ({**SPLIT, "others": []}, "others"),
        ({**SPLIT, "others": [{"source": "garmin", "external_id": "none"}]}, "others[0]"),
        ({"type": "pin", "field": "speed", "member": SPLIT["member"], "value": 1}, "field"),
        ({"type": "pin", "field": "distance_m", "value": 1}, "member"),
        ({"type": "pin", "field": "distance_m", "member": SPLIT["member"]}, "source"),
        ({"type": "pin", "field": "distance_m", "member": SPLIT["member"], "value": "far"}, "value"),
        ({"type": "pin", "field": "start", "member": SPLIT["member"], "value": "2026-11-14"}, "value"),
        ({"type": "pin", "field": "steps", "kind": "daily", "value": 3}, "date"),
        ({"type": "link", "workout_id": "wk_none", "member": SPLIT["member"]}, "workout_id"),
        ({"type": "order", "metric": "sleep.deep_s", "sources": ["garmin"]}, "metric"),
        (
            {"type": "pin", "kind": "sleep", "field": "deep_s", "date": "2026-11-14", "source": "garmin"},
            "field",
        ),
        ({**SPLIT, "others": [{"source": "garmin", "external_id": "g1", "id": "x"}]}, "others[0].id"),
        ({"type": "magic"}, "type"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(rider: Any, rule: dict[str, Any], path: str) -> None:
    answer = rider.request("POST", "/rules", json=rule)
    assert (answer.status_code, answer.json()["path"]) == (422, path), answer.json()
    assert rider.get("/rules") == []


def test_what_was_planned_is_linked_with_what_was_done(person: Any, plan: dict[str, Any]) -> None:
    hour = {"type": "step", "duration": {"type": "time", "duration_s": 3600}}
    workout = person.save({**plan, "date": "2026-11-14", "steps": [hour]})
    assert person.get(f"/workouts/{workout}")["done"] is False
    say(person, "wahoo", WAHOO)
    (shown,) = listed(person)
    assert shown["workout_id"] == workout
    told = person.get(f"/workouts/{workout}")
    assert (told["activity_id"], told["done"]) == (shown["id"], True)
    plan_reason = person.get(f"/activities/{shown['id']}/why")["plan"]
    assert (plan_reason["reason"], plan_reason["score"]) == ("score", 0.8)

    unlinked = person.request("DELETE", f"/activities/{shown['id']}/workout").json()
    assert unlinked["differences"][0]["fields"] == {"workout_id": [workout, None]}
    assert person.get(f"/workouts/{workout}")["done"] is False
    assert person.request("DELETE", f"/activities/{shown['id']}/workout").status_code == 409
    other = person.save({**plan, "date": "2026-11-20", "steps": [hour]})
    linked = person.request("PUT", f"/activities/{shown['id']}/workout", json={"workout_id": other})
    assert linked.json()["rule"]["decision"]["type"] == "link"
    assert person.get(f"/workouts/{other}")["activity_id"] == shown["id"]
    person.request("DELETE", f"/workouts/{other}")
    assert listed(person)[0]["workout_id"] is None


def test_a_plan_that_comes_or_moves_later_is_linked_too(person: Any, plan: dict[str, Any]) -> None:
    hour = {"type": "step", "duration": {"type": "time", "duration_s": 3600}}
    say(person, "wahoo", WAHOO)
    workout = person.save({**plan, "date": "2026-11-15", "steps": [hour]})
    assert listed(person)[0]["workout_id"] is None
    person.request("PATCH", f"/workouts/{workout}", json={"date": "2026-11-14"})
    assert listed(person)[0]["workout_id"] == workout
    person.observe("wahoo", Records(deleted=(Deleted("w1"),)))
    assert person.get(f"/workouts/{workout}")["activity_id"] is None


def test_a_provider_that_kept_our_reference_is_believed_on_any_day(
    connected: Any, plan: dict[str, Any]
) -> None:
    workout = connected.save(plan)
    export = connected.settled()[0]
    assert export["workout_id"] == workout
    for named in (
        f"hub-{export['id']}",
        f"hub-{export['id']}"[-20:],
        next(iter(export["external_ids"].values())),
    ):
        say(
            connected,
            "garmin",
            activity(f"g-{len(named)}-{named[:3]}", sport=Sport.RUN, planned_reference=named),
        )
        done = connected.get(f"/workouts/{workout}")["activity_id"]
        assert done
        reason = connected.get(f"/activities/{done}/why")["plan"]
        assert reason["score"] == 1.0
        member = connected.get(f"/activities/{done}")["activity"]["members"][0]
        connected.observe("garmin", Records(deleted=(Deleted(member["external_id"]),)))
        assert connected.get(f"/workouts/{workout}")["done"] is False
