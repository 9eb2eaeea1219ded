"""Exports: where each workout stands, every attempt, and retry."""

from __future__ import annotations

import re
from typing import Any

from hub_core.sandbox import Fault, FaultKind
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
