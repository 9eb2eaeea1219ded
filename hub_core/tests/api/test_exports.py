"""Exports: where each workout stands, every attempt, and retry."""

from __future__ import annotations

import re
from typing import Any

from hub_core.sandbox import Fault, FaultKind
from hub_core.testing.processes import wait_until
from hub_intervals import sandbox_text


def refuse_once(running: Any) -> None:
    running.sandboxes["garmin"].sandbox.faults.add(Fault(FaultKind.STATUS, method="POST", value=400, times=1))


def test_a_sent_export_tells_what_was_done(connected: Any, plan: dict[str, Any]) -> None:
    workout_id = connected.save(plan)
    (listed,) = connected.settled()
    assert (listed["workout_id"], listed["provider"], listed["status"]) == (workout_id, "garmin", "SENT")
    assert listed["attempts"] == []
    assert listed["fidelity"]["level"] == "exact"

    export = connected.export(listed["id"])
    (attempt,) = export["attempts"]
    assert (attempt["number"], attempt["action"], attempt["outcome"]) == (1, "create", "sent")
    assert attempt["started_ms"] <= attempt["finished_ms"] <= export["sent_ms"] + 1_000
    assert {**export, "attempts": []} == listed


def test_what_was_sent_is_read_back(connected: Any, plan: dict[str, Any]) -> None:
    connected.save(plan)
    (sent,) = connected.settled()
    seen = sent["verification"]
    assert (seen["state"], seen["reason"], seen["differences"]) == ("same", "", [])
    assert seen["at_ms"] >= sent["sent_ms"]


def test_a_provider_that_changes_a_workout_is_told_on(person: Any, plan: dict[str, Any]) -> None:
    """intervals.icu takes `400m` for 400 minutes: here by a sandbox that doesn't know `mtr`."""
    person.connect("intervals")
    reads = sandbox_text._DISTANCE
    sandbox_text._DISTANCE = re.compile(r"(\d+)(km)(?!.)")
    try:
        plan["steps"][0]["duration"] = {"type": "distance", "distance_m": 400}
        person.save(plan)
        (failed,) = person.settled()
    finally:
        sandbox_text._DISTANCE = reads
    assert (failed["status"], failed["reason_code"]) == ("FAILED", "changed_by_provider")
    (difference,) = failed["verification"]["differences"]
    assert difference["meant"] == "of 1 step"
    assert difference["held"] == "without any steps"
    assert failed["reason"].startswith("intervals.icu changed it. workout: ")
    assert person.export(failed["id"])["attempts"][-1]["code"] == "changed_by_provider"

    person.request("POST", f"/exports/{failed['id']}/retry")
    (sent,) = person.settled()
    assert (sent["status"], sent["verification"]["state"]) == ("SENT", "same")
    assert person.device("intervals") == [plan["name"]]


SHARE = {"type": "percent", "metric": "power", "low": 90, "high": 100, "of": "ftp"}


def test_stale_exports_are_counted_listed_and_sent_again(connected: Any, plan: dict[str, Any]) -> None:
    plan["steps"][0]["target"] = SHARE
    connected.save(plan)
    connected.settled()
    assert connected.get("/exports/stale") == []
    changed = connected.request("PATCH", json={"thresholds": {"ftp_w": 300}}).json()
    assert changed["stale_exports"] == 1
    (stale,) = connected.get("/exports/stale")
    assert (stale["provider"], stale["name"], stale["date"]) == ("garmin", plan["name"], plan["date"])
    assert stale["changes"] == [
        {"path": "steps[0]", "feature": "target", "sent": "238–265 W", "now": "270–300 W"}
    ]

    answer = connected.request("POST", "/exports/stale")
    assert (answer.status_code, [row["id"] for row in answer.json()]) == (202, [stale["id"]])
    assert {row["status"] for row in connected.settled()} == {"SENT"}
    assert connected.get("/exports/stale") == []
    assert connected.device("garmin") == [plan["name"]]
    assert connected.request("PATCH", json={"name": "Anna"}).json()["stale_exports"] == 0


def test_some_stale_exports_are_sent_again(connected: Any, plan: dict[str, Any]) -> None:
    plan["steps"][0]["target"] = SHARE
    connected.save(plan)
    connected.save(plan)
    connected.settled()
    connected.request("PATCH", json={"thresholds": {"ftp_w": 300}})
    first, second = connected.get("/exports/stale")
    wrong = connected.request("POST", "/exports/stale", json={"ids": [first["id"], "exp_nosuch"]})
    assert (wrong.status_code, wrong.json()["path"]) == (422, "ids[1]")
    sent = connected.request("POST", "/exports/stale", json={"ids": [second["id"]]})
    assert [row["id"] for row in sent.json()] == [second["id"]]
    connected.settled()
    assert [row["id"] for row in connected.get("/exports/stale")] == [first["id"]]
    assert len(connected.post("/exports/stale", json={"ids": None})) == 1


def test_the_list_can_be_of_one_status(running: Any, connected: Any, plan: dict[str, Any]) -> None:
    refuse_once(running)
    connected.save(plan)
    connected.settled()
    connected.save(plan)
    connected.settled()
    assert [row["status"] for row in connected.exports()] == ["SENT", "FAILED"]
    for status, count in {"SENT": 1, "FAILED": 1, "PENDING": 0, "NOT_CONNECTED": 0}.items():
        assert len(connected.get("/exports", params={"status": status})) == count
    answer = connected.request("GET", "/exports", params={"status": "LOST"})
    assert (answer.status_code, answer.json()["path"]) == (422, "status")


def test_a_failed_export_is_sent_again_on_demand(running: Any, connected: Any, plan: dict[str, Any]) -> None:
    refuse_once(running)
    connected.save(plan)
    (failed,) = connected.settled()
    assert (failed["status"], failed["reason_code"]) == ("FAILED", "rejected")
    assert "400" in failed["reason"]

    retried = connected.request("POST", f"/exports/{failed['id']}/retry")
    assert (retried.status_code, retried.json()["id"]) == (202, failed["id"])
    (sent,) = connected.settled()
    assert sent["status"] == "SENT"
    outcomes = [attempt["outcome"] for attempt in connected.export(failed["id"])["attempts"]]
    assert outcomes == ["failed", "sent"]
    assert connected.device("garmin") == [plan["name"]]


def test_there_is_nothing_to_retry_of_what_was_sent(connected: Any, plan: dict[str, Any]) -> None:
    connected.save(plan)
    (sent,) = connected.settled()
    answer = connected.request("POST", f"/exports/{sent['id']}/retry")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:hub:problem:conflict")


def test_retry_without_a_connection_says_what_is_missing(person: Any, plan: dict[str, Any]) -> None:
    person.save(plan)
    (waiting,) = person.exports()
    answer = person.request("POST", f"/exports/{waiting['id']}/retry")
    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["reason_code"]) == ("NOT_CONNECTED", "no_connection")


def test_retry_after_disconnecting_asks_to_connect(
    connected: Any, plan: dict[str, Any], running: Any
) -> None:
    refuse_once(running)
    connected.save(plan)
    (failed,) = connected.settled()
    connected.request("DELETE", "/connections/garmin")
    answer = connected.request("POST", f"/exports/{failed['id']}/retry")
    assert answer.status_code == 409
    assert "connect it" in answer.json()["detail"]


def test_an_unknown_export_is_not_found(person: Any) -> None:
    assert person.request("GET", "/exports/exp_nosuch").status_code == 404
    assert person.request("POST", "/exports/exp_nosuch/retry").status_code == 404


def test_what_a_provider_cannot_carry_fails_with_the_step(person: Any, plan: dict[str, Any]) -> None:
    person.connect("wahoo")
    step = {"type": "step", "duration": {"type": "distance", "distance_m": 400}}
    person.save(plan | {"sport": "pool_swim", "steps": [step]})
    (failed,) = person.settled()
    assert (failed["status"], failed["reason_code"]) == ("FAILED", "unsupported")
    assert failed["fidelity"]["level"] == "unsupported"
    assert person.export(failed["id"])["attempts"] == []


def test_why_tells_the_chain_of_an_export_and_of_its_workout(
    connected: Any, plan: dict[str, Any], person: Any
) -> None:
    workout_id = connected.save(plan)
    (sent,) = connected.settled()
    story = connected.get(f"/exports/{sent['id']}/why")
    assert (story["status"], story["reason_code"], story["provider"]) == ("SENT", "sent", "garmin")
    assert [fact["stage"] for fact in story["chain"]][:2] == ["saved", "selected"]
    assert connected.get(f"/workouts/{workout_id}/why") == [story]
    assert person.request("GET", "/exports/exp_nosuch/why").status_code == 404
    assert person.request("GET", "/workouts/wk_nosuch/why").status_code == 404


def test_an_unknown_outcome_is_for_the_athlete_to_tell(
    running: Any, connected: Any, plan: dict[str, Any]
) -> None:
    lost = Fault(FaultKind.DROP_AFTER, "/workoutportal", method="POST", times=1)
    running.sandboxes["garmin"].sandbox.faults.add(lost)
    connected.save(plan)
    running.rows('UPDATE "attempt" SET deadline_ms = 0')
    (row,) = connected.exports()
    told = connected.request("POST", f"/exports/{row['id']}/outcome", json={"seen": "perhaps"})
    assert (told.status_code, told.json()["path"]) == (422, "seen")
    wait_until(lambda: is_unknown(running, connected), "the question")
    seen = connected.request("POST", f"/exports/{row['id']}/outcome", json={"seen": "it_is_there"})
    assert (seen.status_code, seen.json()["reason_code"]) == (202, "seen_by_person")
    again = connected.request("POST", f"/exports/{row['id']}/outcome", json={"seen": "send_again"})
    assert again.status_code == 409


def is_unknown(running: Any, connected: Any) -> bool:
    """Whether the hub has looked in vain; its waits are over at once."""
    running.rows('UPDATE "attempt" SET deadline_ms = 0')
    running.rows("UPDATE \"job\" SET run_at_ms = 0 WHERE state = 'waiting' AND kind = 'export_workout'")
    (row,) = connected.exports()
    return bool(row["reason_code"] == "outcome_unknown" and row["next_try_ms"] is None)


def test_a_drift_is_decided_over_the_api(running: Any, connected: Any, plan: dict[str, Any]) -> None:
    connected.save(plan)
    (sent,) = connected.settled()
    nothing = connected.request("POST", f"/exports/{sent['id']}/drift", json={"action": "adopt"})
    assert nothing.status_code == 409
    running.rows(
        "UPDATE \"export\" SET status = 'FAILED', reason_code = 'drifted', drift = 'deleted', drift_ms = 5"
        " WHERE id = ?",
        sent["id"],
    )
    assert connected.export(sent["id"])["drift"] == {"kind": "deleted", "differences": [], "at_ms": 5}
    adopted = connected.request("POST", f"/exports/{sent['id']}/drift", json={"action": "adopt"})
    assert (adopted.status_code, adopted.json()["reason_code"]) == (202, "removed_by_athlete")
    assert connected.get(f"/workouts/{sent['workout_id']}")["removed_at"] == "garmin"
