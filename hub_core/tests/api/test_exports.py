"""Exports: where each workout stands, every attempt, and retry."""

from __future__ import annotations

from typing import Any

from hub_core.sandbox import Fault, FaultKind


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
