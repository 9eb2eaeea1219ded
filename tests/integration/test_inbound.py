"""What comes in, through running processes: the whole way, a burst with a kill, replays, large uploads."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub_core.cli.serve import make_sandboxes
from hub_core.domain.sport import Sport
from hub_core.sandbox.recorded import RecordedActivity
from hub_core.sandbox.sender import sending_webhooks
from hub_core.sandbox.server import SandboxServer, serve_sandboxes
from hub_core.sdk.inbound import WebhookRequest
from hub_core.storage import generate_key
from hub_core.testing.processes import AthleteClient, HubProcesses, wait_until

PROVIDERS = ("garmin", "wahoo", "intervals")
#: At Garmin history is a permission of its own.
EVERYTHING = ["ACTIVITY_EXPORT", "HEALTH_EXPORT", "WORKOUT_IMPORT", "HISTORICAL_DATA_EXPORT"]
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


def run_of(name: str, hours_ago: float) -> RecordedActivity:
    """Half an hour of running, a day ago or so."""
    return RecordedActivity(name, Sport.RUN, NOW - dt.timedelta(hours=hours_ago), 1800.0, 5000.0, 150.0)


def activities(athlete: AthleteClient, days: int = 2) -> list[dict[str, Any]]:
    first, last = NOW.date() - dt.timedelta(days=days), NOW.date() + dt.timedelta(days=1)
    params = {"from": str(first), "to": str(last)}
    found: list[dict[str, Any]] = athlete.platform.call("GET", f"{athlete.path}/activities", params=params)
    return found


def states(athlete: AthleteClient) -> set[str]:
    rows = athlete.platform.call("GET", f"{athlete.path}/deliveries")
    return {row["state"] for row in rows}


def tellers(activity: dict[str, Any]) -> set[str]:
    """Which providers tell of an activity."""
    return {member["source"] for member in activity["activity"]["members"]}


@pytest.mark.parametrize("hub", ["embedded"], indirect=True)
def test_a_run_that_three_providers_tell_of_is_shown_once(
    hub: HubProcesses, sandboxes: dict[str, SandboxServer]
) -> None:
    """A push with its file, a webhook with a file, a webhook without content; then a ping, and history."""
    athlete = hub.platform().athlete()
    garmin: Any = sandboxes["garmin"].sandbox
    garmin.sends_details = garmin.sends_files = True
    garmin.record_activity("athlete-1", run_of("Old", 24 * 20))  # before anybody listened
    garmin.outbox.clear()
    for provider in PROVIDERS:
        athlete.connect(provider, granted=EVERYTHING if provider == "garmin" else None)
    with sending_webhooks([one.sandbox for one in sandboxes.values()], hub.origin):
        for provider in PROVIDERS:
            sandboxes[provider].sandbox.record_activity("athlete-1", run_of("Tempo", 5))
        wait_until(
            lambda: [tellers(one) for one in activities(athlete)] == [set(PROVIDERS)],
            "one activity of three providers",
        )
        garmin.tell_by_address()
        garmin.record_activity("athlete-1", run_of("Pinged", 30))
        wait_until(lambda: len(activities(athlete)) == 2, "the activity of the ping")
        body = {"provider": "garmin", "from": str(NOW.date() - dt.timedelta(days=25))}
        athlete.ask("POST", "/backfills", body)
        wait_until(lambda: len(activities(athlete, 25)) == 3, "the history")
    wait_until(lambda: states(athlete) == {"done"}, "the end of all deliveries")
    assert len(activities(athlete, 25)) == 3
    (pinged, tempo) = sorted(activities(athlete), key=lambda one: one["activity"]["start"])
    assert (pinged["activity"]["name"], tempo["activity"]["name"]) == ("Pinged", "Tempo")
    assert {"time_s", "heart_rate_bpm"} <= set(tempo["activity"]["columns"])


class Burst:
    """Sends webhooks as a provider does: many at a time, and again until each was taken."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.waits_s: list[float] = []
        self.failed = 0

    def send(self, request: WebhookRequest, client: httpx.Client) -> None:
        while True:
            began = time.monotonic()
            try:
                answer = client.request(
                    request.method,
                    f"{self.origin}{request.path}",
                    content=request.body,
                    headers=request.headers,
                )
            except httpx.HTTPError:
                self.failed += 1
                time.sleep(0.5)
                continue
            if answer.status_code == 200:
                self.waits_s.append(time.monotonic() - began)
                return
            assert answer.status_code >= 500, answer.text

    def send_all(self, requests: list[WebhookRequest], threads: int = 16) -> None:
        clients = [httpx.Client(timeout=30, verify=False) for _ in range(threads)]  # noqa: S501 (plain HTTP)
        chunks = [requests[number::threads] for number in range(threads)]

        def carry(number: int) -> None:
            for request in chunks[number]:
                self.send(request, clients[number])

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(carry, range(threads)))
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    ("hub", "count"),
    [
        ("embedded", 100),
        pytest.param("embedded", 5_000, marks=pytest.mark.chaos),
        pytest.param("scaled", 5_000, marks=pytest.mark.chaos),
    ],
    indirect=["hub"],
)
def test_f30_a_burst_of_pushes_with_a_kill_in_the_middle(
    hub: HubProcesses, sandboxes: dict[str, SandboxServer], count: int
) -> None:
    """What was answered is there afterwards, once; also what was being ingested at the kill."""
    chance = random.Random(30)
    athlete = hub.platform().athlete()
    athlete.connect("garmin")
    garmin: Any = sandboxes["garmin"].sandbox
    for number in range(count):
        garmin.record_activity("athlete-1", run_of(f"Run {number}", 1 + number))
    stranger = garmin.outbox[0].body.replace(garmin.garmin_id("athlete-1").encode(), b"0" * 32)
    first = garmin.outbox[0]
    forms = [
        *garmin.outbox,
        *chance.sample(garmin.outbox, count // 10),  # what a provider repeats
        WebhookRequest("POST", first.path, first.headers, {}, stranger),
    ]
    chance.shuffle(forms)
    burst = Burst(hub.origin)

    def strike() -> None:
        wait_until(lambda: len(burst.waits_s) > count // 3, "a third of the answers")
        hub.kill()
        hub.start()

    killer = threading.Thread(target=strike)
    killer.start()
    burst.send_all(forms)
    killer.join()
    days = count // 24 + 2
    wait_until(lambda: len(activities(athlete, days)) >= count, "all activities", patience_s=60 + count / 10)
    wait_until(lambda: states(athlete) == {"done"}, "the end of all deliveries")
    # Garmin tells the start, to the second.
    starts = [one["activity"]["start"] for one in activities(athlete, days)]
    doubled, lost = len(starts) - len(set(starts)), count - len(set(starts))
    p99_ms = 1000 * sorted(burst.waits_s)[int(len(burst.waits_s) * 0.99)]
    print(  # noqa: T201
        f"\nF30 seed 30: {len(forms)} pushes, {burst.failed} sent again, p99 {p99_ms:.0f} ms:"
        f" {lost} lost, {doubled} doubled"
    )
    assert (lost, doubled) == (0, 0)
    with httpx.Client(verify=False) as client:  # noqa: S501 (plain HTTP)
        large = client.post(f"{hub.origin}{first.path}", content=b" " * 10_000_001)
    assert large.status_code == 413


@pytest.fixture
def two_hubs(postgres_dsn: str, redis_url: str) -> Iterator[tuple[list[HubProcesses], SandboxServer]]:
    """Two processes that serve one hub, and the sandbox of the plugin whose webhooks are signed."""
    with serve_sandboxes(make_sandboxes(["fake"])) as servers:
        fake = servers["fake"]
        environment = {
            "HUB_ENCRYPTION_KEYS": generate_key(),
            "HUB_DATABASE_URL": postgres_dsn,
            "HUB_BROKER_URL": redis_url,
            "HUB_LOG_LEVEL": "WARNING",
            **fake.sandbox.environment(fake.origin),
        }
        with HubProcesses(environment, workers=1) as one, HubProcesses(environment) as other:
            yield [one, other], fake


@pytest.mark.parametrize("count", [100, pytest.param(1_000, marks=pytest.mark.chaos)])
def test_f29_a_request_that_is_replayed_has_one_effect(
    two_hubs: tuple[list[HubProcesses], SandboxServer], count: int
) -> None:
    hubs, fake = two_hubs
    athlete = hubs[0].platform().athlete()
    athlete.connect("fake")
    fake.sandbox.record_activity("athlete-1", run_of("Replayed", 5))
    request = fake.sandbox.outbox[-1]
    bursts = [Burst(hub.origin) for hub in hubs]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda burst: burst.send_all([request] * (count // 2), 8), bursts))
    wait_until(lambda: states(athlete) == {"done"}, "the end of all deliveries")
    deliveries = athlete.platform.call("GET", f"{athlete.path}/deliveries")
    print(f"\nF29: sent {count} times to 2 processes: {len(deliveries)} effect")  # noqa: T201
    assert (len(deliveries), len(activities(athlete))) == (1, 1)
    # The same signature with another time is no signature, and an old one is none any more.
    for offset_s in (-400, 400):
        at = str(int(request.headers["x-fake-time"]) + offset_s)
        answer = httpx.post(
            f"{hubs[0].origin}{request.path}",
            content=request.body,
            headers={**request.headers, "x-fake-time": at},
        )
        assert answer.status_code == 400


def memory_mb(hub: HubProcesses) -> int:
    """The most that the API's process has ever held."""
    status = Path(f"/proc/{hub.processes[0].pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


@pytest.mark.parametrize("hub", ["embedded"], indirect=True)
@pytest.mark.parametrize(("uploads", "megabytes"), [(3, 100), pytest.param(20, 500, marks=pytest.mark.chaos)])
def test_f35_large_uploads_are_refused_while_others_are_answered(
    hub: HubProcesses, uploads: int, megabytes: int
) -> None:
    athlete = hub.platform().athlete()
    before_mb, sent = memory_mb(hub), itertools.count()

    def body() -> Iterator[bytes]:
        for _ in range(megabytes):
            next(sent)
            yield b"\0" * 1_000_000

    def upload(number: int) -> int:
        # Every other one says how large it is.
        known = {"Content-Length": str(megabytes * 1_000_000)} if number % 2 else {}
        headers = {**dict(athlete.platform.http.headers), **known}
        url = f"{hub.origin}/v1{athlete.path}/activities/import"
        try:
            answer = httpx.post(url, content=body(), headers=headers, timeout=120)
        except httpx.HTTPError:
            return 413  # it was refused before it had been sent, which not every client hears
        return answer.status_code

    with ThreadPoolExecutor(uploads) as pool:
        answers = [pool.submit(upload, number) for number in range(uploads)]
        answered = 0
        while not all(one.done() for one in answers):
            athlete.platform.call("GET", athlete.path)
            answered += 1
    grown_mb = memory_mb(hub) - before_mb
    print(  # noqa: T201
        f"\nF35: {uploads} x {megabytes} MB: {next(sent)} MB were taken, memory grew by {grown_mb} MB,"
        f" {answered} other requests were answered"
    )
    assert {one.result() for one in answers} == {413}
    assert answered >= 1
    assert grown_mb < 500
