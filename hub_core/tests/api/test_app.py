"""The application as a whole: what a platform may count on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hub_core.sandbox import Fault, FaultKind


def test_saving_answers_before_any_provider_is_called(
    running: Any, connected: Any, plan: dict[str, Any]
) -> None:
    """No clock is asked: a hub that waited for Garmin could not answer PENDING."""
    running.sandboxes["garmin"].sandbox.faults.add(Fault(FaultKind.LATENCY, method="POST", value=5, times=1))
    saved = connected.post("/workouts", json=plan)
    assert [(row["status"], row["reason_code"]) for row in saved["exports"]] == [("PENDING", "queued")]
    assert [row["status"] for row in connected.exports()] == ["PENDING"]
    assert connected.device("garmin") == []

    path = f"/workouts/{saved['id']}"
    assert connected.request("PATCH", path, json={"name": "While it waits"}).json()["revision"] == 2
    assert connected.request("DELETE", path).status_code == 204
    assert connected.device("garmin") == []


def test_a_saved_workout_is_sent_without_being_asked_twice(connected: Any, plan: dict[str, Any]) -> None:
    connected.save(plan)
    assert [row["status"] for row in connected.settled()] == ["SENT"]
    assert connected.device("garmin") == [plan["name"]]


def test_one_of_many_equal_requests_wins(person: Any, plan: dict[str, Any]) -> None:
    body = plan | {"external_id": "only once"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: person.request("POST", "/workouts", json=body).status_code, range(8))
        )
    assert sorted(answers) == [201, *[409] * 7]


def test_changes_of_different_fields_at_once_all_stay(person: Any, plan: dict[str, Any]) -> None:
    path = f"/workouts/{person.save(plan)}"
    changes = [{"name": "Other name"}, {"description": "Other words"}, {"time": "07:00:00"}, {"sport": "run"}]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda body: person.request("PATCH", path, json=body).status_code, changes))
    assert answers == [200] * 4
    workout = person.get(path)
    assert workout["revision"] == 5
    assert workout["workout"] == plan | {key: value for body in changes for key, value in body.items()}
