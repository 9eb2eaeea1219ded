"""The platform itself, and the policy that holds for its athletes."""

from __future__ import annotations

from typing import Any

from hub_core.testing.processes import PlatformClient

from .conftest import Person, RunningHub


def test_a_platform_sees_and_changes_its_policy(running: RunningHub) -> None:
    own = running.platform()
    seen = own.call("GET", "/platform")
    assert seen["fidelity_policy"] == "accept_degraded"
    assert seen["name"].startswith("platform-")
    assert own.call("PATCH", "/platform", json={"fidelity_policy": "strict"})["fidelity_policy"] == "strict"
    assert own.call("PATCH", "/platform", json={})["fidelity_policy"] == "strict"
    assert running.platform().call("GET", "/platform")["fidelity_policy"] == "accept_degraded"


def test_a_policy_that_isn_t_there_is_refused(running: RunningHub, platform: PlatformClient) -> None:
    for body in ({"fidelity_policy": "anything"}, {"policy": "strict"}):
        answer = platform.http.patch("/platform", json=body)
        assert answer.status_code == 422
    assert running.client().get("/v1/platform").status_code == 401


def test_who_has_the_last_word_is_said_by_provider(platform: PlatformClient, person: Person) -> None:
    at = {"garmin": "restore", "wahoo": "adopt"}
    assert platform.call("GET", "/platform")["on_drift_at"] == {}
    assert platform.call("PATCH", "/platform", json={"on_drift_at": at})["on_drift_at"] == at
    left = platform.call("PATCH", "/platform", json={"on_drift": "adopt", "on_drift_at": {"wahoo": None}})
    assert (left["on_drift"], left["on_drift_at"]) == ("adopt", {"garmin": "restore"})
    assert person.request("PATCH", json={"on_drift_at": at}).json()["on_drift_at"] == at
    assert person.request("PATCH", json={"on_drift_at": {"garmin": None}}).json()["on_drift_at"] == {
        "wahoo": "adopt"
    }
    # Nobody looks at what a phone holds, and nobody knows the third; what is refused changes nothing.
    for name in ("healthkit", "nobody"):
        refused = person.request("PATCH", json={"name": "X", "on_drift_at": {name: "adopt"}})
        assert refused.status_code == 422
        assert refused.json()["path"] == f"on_drift_at.{name}"
    assert person.get()["name"] != "X"
    new = {"external_id": "asked at Garmin", "on_drift": "adopt", "on_drift_at": {"garmin": "ask"}}
    assert platform.call("POST", "/athletes", json=new)["on_drift_at"] == {"garmin": "ask"}


def test_an_athlete_has_one_of_their_own_or_the_platform_s(person: Person) -> None:
    assert person.get()["fidelity_policy"] is None
    changed = person.request("PATCH", json={"fidelity_policy": "strict"}).json()
    assert changed["fidelity_policy"] == "strict"
    assert person.request("PATCH", json={"name": "Anna"}).json()["fidelity_policy"] == "strict"
    assert person.request("PATCH", json={"fidelity_policy": None}).json()["fidelity_policy"] is None


def test_a_new_athlete_may_have_one_from_the_start(platform: PlatformClient) -> None:
    body = {"external_id": "strict from the start", "fidelity_policy": "strict"}
    assert platform.call("POST", "/athletes", json=body)["fidelity_policy"] == "strict"


def test_preflight_shows_what_the_policy_would_do(person: Person, plan: dict[str, Any]) -> None:
    plan["steps"][0]["cadence"] = {"low": 80, "high": 90}
    (report,) = person.post("/preflight?provider=wahoo", json=plan)
    assert (report["level"], report["policy"], report["stopped"]) == ("degraded", "accept_degraded", "")
    person.request("PATCH", json={"fidelity_policy": "strict"})
    (report,) = person.post("/preflight?provider=wahoo", json=plan)
    assert report["policy"] == "strict"
    assert report["stopped"].startswith("would be stopped by your policy strict: steps[0]: ")
    saved = person.post("/workouts", json=plan)
    (again,) = person.get(f"/workouts/{saved['id']}/preflight?provider=wahoo")
    assert again == report


def test_a_workout_that_the_policy_stops_says_which(person: Person, plan: dict[str, Any]) -> None:
    person.request("PATCH", json={"fidelity_policy": "strict"})
    person.connect("wahoo")
    plan["steps"][0]["cadence"] = {"low": 80, "high": 90}
    person.post("/workouts", json=plan)
    (export,) = person.settled()
    assert (export["status"], export["reason_code"]) == ("FAILED", "stopped_by_policy")
    assert export["reason"].startswith("Stopped by the policy strict: ")
