"""The providers' list and the hub's health."""

from __future__ import annotations

import time
from typing import Any

import pytest

from hub_core.testing.processes import PlatformClient


@pytest.fixture
def broken(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(running.hub.registry.broken, "acme", "ImportError: no module named 'acme_sdk'")


def test_every_provider_is_listed_with_its_manifest(platform: PlatformClient) -> None:
    rows = platform.call("GET", "/providers")
    assert [row["name"] for row in rows] == [
        "ahotu",
        "fake",
        "garmin",
        "healthkit",
        "intervals",
        "mfp",
        "wahoo",
        "weather",
    ]
    for row in rows:
        assert (row["is_loaded"], row["problem"]) == (True, "")
        # Nobody has set up the made-up one.
        assert row["is_configured"] is (row["name"] != "fake")
        assert row["manifest"]["name"] == row["name"]
        sends = row["manifest"]["access"] == "athlete" and row["name"] != "mfp"
        assert ("export_workout" in row["manifest"]["capabilities"]["operations"]) is sends
        assert ("workouts out" in row["purposes"]) is sends
    purposes = {row["name"]: row["purposes"] for row in rows}
    assert (purposes["weather"], purposes["mfp"]) == (["weather"], ["days in"])
    assert purposes["intervals"] == ["workouts out", "activities in"]
    assert "sandbox-secret" not in str(rows)


@pytest.mark.usefixtures("broken")
def test_a_plugin_that_could_not_be_loaded_says_why(platform: PlatformClient) -> None:
    row = platform.call("GET", "/providers")[0]
    assert row == {
        "name": "acme",
        "is_loaded": False,
        "is_configured": False,
        "manifest": None,
        "problem": "ImportError: no module named 'acme_sdk'",
        "purposes": [],
        "circuits": [],
        "held": None,
    }


def test_a_provider_that_is_down_says_so(platform: PlatformClient, running: Any) -> None:
    soon = int(time.time() * 1000) + 30_000
    circuit = ("wahoo api.example", "wahoo", "api.example", "open", soon, "ConnectError")
    sql = "INSERT INTO circuit (id, provider, host, state, probe_ms, reason) VALUES (?, ?, ?, ?, ?, ?)"
    running.rows(sql, *circuit)
    hold = ("wahoo:", "wahoo", "", "provider_down", "Wahoo doesn't answer.", soon)
    running.rows(
        "INSERT INTO provider_hold (id, provider, athlete_id, code, reason, until_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        *hold,
    )
    (row,) = [row for row in platform.call("GET", "/providers") if row["name"] == "wahoo"]
    assert (row["circuits"][0]["state"], row["circuits"][0]["probe_ms"]) == ("open", soon)
    assert row["held"]["until_ms"] == soon
    assert 'hub_circuit_open{provider="wahoo"} 1.0' in running.client().get("/metrics").text


@pytest.mark.usefixtures("broken")
def test_health_asks_for_no_key_and_so_tells_no_reasons(running: Any) -> None:
    answer = running.client().get("/v1/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()["queue"]) == {"waiting", "held", "running", "dead", "oldest_due_ms"}
    assert answer.json()["broken_plugins"] == ["acme"]
    assert "acme_sdk" not in answer.text
