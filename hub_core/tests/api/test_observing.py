"""Metrics and traces, as the systems that collect them see them."""

from __future__ import annotations

import http.server
import re
import threading
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from pydantic import SecretStr

from hub_core.api.observing import observing_middleware
from hub_core.settings import HubSettings
from hub_core.testing.processes import PlatformClient


def sample(text: str, name: str, **labels: str) -> float:
    """One number of the metrics."""
    for line in text.splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if (
            found
            and found[1] == name
            and all(f'{key}="{value}"' in (found[2] or "") for key, value in labels.items())
        ):
            return float(found[3])
    raise AssertionError(f"no {name} with {labels}")


def test_an_export_is_seen_in_the_metrics(
    running: Any, connected: Any, platform: PlatformClient, plan: dict[str, Any]
) -> None:
    platform.athlete("nowhere to send").ask("POST", "/workouts", plan)
    connected.save(plan)
    connected.settled()
    text = running.client().get("/metrics").text
    assert sample(text, "hub_provider_calls_total", provider="garmin", method="POST", outcome="2xx") >= 1
    assert sample(text, "hub_provider_call_seconds_count", provider="garmin") >= 1
    assert sample(text, "hub_exports", provider="none", status="NOT_CONNECTED") >= 1
    assert 'status="SENT"' not in "".join(re.findall(r"^hub_exports.*$", text, re.MULTILINE))
    assert sample(text, "hub_export_ends_total", provider="garmin", status="SENT") >= 1
    assert sample(text, "hub_jobs_total", kind="export_workout", outcome="ended") >= 1
    assert sample(text, "hub_queue_jobs", state="dead") == 0
    assert sample(text, "hub_queue_oldest_due_seconds") >= 0
    assert sample(text, "hub_circuit_open", provider="garmin") == 0
    route = "/v1/athletes/{athlete_id}/workouts"
    assert sample(text, "hub_http_requests_total", method="POST", path=route, status_code="201") >= 1
    assert connected.id not in text  # nothing in it names a person


def test_a_metrics_token_is_asked_for_when_there_is_one(
    running: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.hub.settings, "metrics_token", SecretStr("for-prometheus"))
    client = running.client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer for-prometheus"}).is_success


def test_traces_go_where_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived = threading.Event()
    bodies: list[bytes] = []

    class Collector(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            arrived.set()

        def log_message(self, *_: object) -> None: ...

    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    with http.server.HTTPServer(("127.0.0.1", 0), Collector) as collector:
        thread = threading.Thread(target=collector.serve_forever)
        thread.start()
        settings = HubSettings(traces_url=f"http://127.0.0.1:{collector.server_port}/v1/traces")
        app = Litestar([], middleware=observing_middleware(settings))
        with TestClient(app) as client:
            assert client.get("/v1/nothing").status_code == httpx.codes.NOT_FOUND
        assert arrived.wait(20)
        collector.shutdown()
        thread.join()
    assert any(b"/v1/nothing" in body for body in bodies)
