"""The queue over the API: look, hold until a moment, go first, cancel, retry many, replay."""

from __future__ import annotations

from typing import Any

import pytest

from hub_core.testing.processes import PlatformClient


@pytest.fixture
def held(connected: Any, plan: dict[str, Any]) -> dict[str, Any]:
    """An export that waits for a moment long from now."""
    connected.save({**plan, "send_at": "2090-01-01T06:00+01:00"})
    (export,) = connected.exports()
    assert (export["status"], export["reason_code"]) == ("PENDING", "scheduled")
    assert export["next_try_ms"] == export["send_at_ms"] == 3_786_930_000_000
    return dict(export)


def test_what_is_held_is_listed_and_let_go(connected: Any, held: dict[str, Any]) -> None:
    rows = connected.platform.call("GET", "/queue", params={"state": "held"})
    (job,) = [row for row in rows if row["subject_id"] == held["id"]]
    assert (job["reason_code"], job["workout"]) == ("scheduled", "Ten minutes")
    assert connected.platform.call("GET", f"/queue/{job['id']}") == job
    path = f"/exports/{held['id']}"
    later = connected.request("PUT", f"{path}/send_at", json={"send_at": "2091-01-01"}).json()
    assert later["next_try_ms"] > held["next_try_ms"]
    for wrong in ("2001-01-01", "soon"):
        answer = connected.request("PUT", f"{path}/send_at", json={"send_at": wrong})
        assert (answer.status_code, answer.json()["path"]) == (422, "send_at")
    assert connected.request("PUT", f"{path}/send_at", json={"send_at": None}).status_code == 202
    assert [row["status"] for row in connected.settled()] == ["SENT"]
    assert connected.request("POST", f"{path}/cancel").status_code == 409
    assert connected.platform.http.get("/queue/job_none").status_code == 404


def test_what_is_cancelled_is_over_and_what_goes_first_goes_now(connected: Any, held: dict[str, Any]) -> None:
    path = f"/exports/{held['id']}"
    assert connected.post(f"{path}/cancel")["reason_code"] == "cancelled"
    assert connected.post("/exports/retry") == []
    assert [row["id"] for row in connected.post("/exports/retry", json={"ids": [held["id"]]})] == [held["id"]]
    assert [row["status"] for row in connected.settled()] == ["SENT"]
    wrong = connected.request("POST", "/exports/retry", json={"ids": [held["id"]]})
    assert (wrong.status_code, wrong.json()["path"]) == (422, "ids[0]")


def test_an_export_that_goes_first_goes_now(connected: Any, held: dict[str, Any]) -> None:
    assert connected.request("POST", f"/exports/{held['id']}/prioritise").status_code == 202
    assert [row["status"] for row in connected.settled()] == ["SENT"]


def test_a_dead_job_is_replayed(running: Any, connected: Any, held: dict[str, Any]) -> None:
    running.rows("UPDATE job SET state = 'dead', error = 'Given up.' WHERE subject_id = ?", held["id"])
    running.rows("UPDATE export SET status = 'FAILED', send_at_ms = NULL WHERE id = ?", held["id"])
    (job,) = connected.platform.call("GET", "/queue", params={"state": "dead"})
    assert (job["reason"], job["subject_id"]) == ("Given up.", held["id"])
    assert connected.platform.call("POST", "/queue/replay", json={"provider": "wahoo"}) == []
    again = connected.platform.http.post(f"/queue/{job['id']}/replay")
    assert again.status_code == 202
    assert [row["status"] for row in connected.settled()] == ["SENT"]


def test_nothing_that_is_not_dead_is_replayed(connected: Any, held: dict[str, Any]) -> None:
    client: PlatformClient = connected.platform
    (job,) = [row for row in client.call("GET", "/queue") if row["subject_id"] == held["id"]]
    assert client.http.post(f"/queue/{job['id']}/replay").status_code == 409


def test_on_update_is_chosen_by_the_athlete_or_the_platform(connected: Any) -> None:
    assert connected.platform.call("GET", "/platform")["on_update"] == "replace"
    assert connected.get()["on_update"] is None
    assert connected.request("PATCH", json={"on_update": "create"}).json()["on_update"] == "create"
    assert connected.request("PATCH", json={"on_update": None}).json()["on_update"] is None
    assert connected.request("PATCH", json={"on_update": "both"}).status_code == 422
