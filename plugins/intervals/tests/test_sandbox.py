"""The sandbox refuses, and misreads, what intervals.icu does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from hub_core.sandbox import CLIENT_ID, CLIENT_SECRET
from hub_core.sandbox.server import SandboxServer
from hub_intervals.sandbox import IntervalsSandbox
from hub_intervals.sandbox_text import read_workout

EVENTS = "/api/v1/athlete/0/events"
START = "2031-04-07T06:30:00"


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    """One server for all tests: starting and stopping it takes longer than most of them."""
    server = SandboxServer(IntervalsSandbox())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running: SandboxServer) -> SandboxServer:
    """The server, with a sandbox that remembers nothing."""
    vars(running.sandbox).clear()
    running.sandbox.__init__()  # type: ignore[misc]
    return running


@pytest.fixture
def sandbox(server: SandboxServer) -> IntervalsSandbox:
    assert isinstance(server.sandbox, IntervalsSandbox)
    return server.sandbox


@pytest.fixture
def client(server: SandboxServer) -> Iterator[httpx.Client]:
    """An athlete with an API key."""
    with httpx.Client(base_url=server.origin, auth=("API_KEY", "sandbox-api-key")) as client:
        yield client


def authorize(server: SandboxServer, *scopes: str, user: str = "athlete-1") -> httpx.Response:
    code = server.sandbox.oauth.issue_code(
        user=user, scopes=scopes, redirect_uri="http://localhost/x", challenge=""
    )
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": code}
    return httpx.post(f"{server.origin}/api/oauth/token", data=form)


def bearer(server: SandboxServer, *scopes: str, user: str = "athlete-1") -> httpx.Client:
    token = authorize(server, *scopes, user=user).json()["access_token"]
    return httpx.Client(base_url=server.origin, headers={"Authorization": f"Bearer {token}"})


def event(**fields: Any) -> dict[str, Any]:
    return {"category": "WORKOUT", "type": "Ride", "name": "Ride", "start_date_local": START} | fields


def steps(client: httpx.Client, sport: str, text: str) -> Any:
    answer = client.post(EVENTS, json=event(type=sport, description=text))
    assert answer.status_code == 200
    return answer.json()["workout_doc"]["steps"]


# -- OAuth ------------------------------------------------------------------------------------------------


def test_token_answer(server: SandboxServer) -> None:
    body = authorize(server, "ACTIVITY:READ", "CALENDAR:WRITE").json()
    assert body["scope"] == "ACTIVITY:READ,CALENDAR:WRITE"
    assert body["athlete"]["id"] == "i700001"
    assert body["token_type"] == "Bearer"
    assert "refresh_token" not in body
    assert "expires_in" not in body


def test_codes_live_two_minutes_and_work_once(server: SandboxServer) -> None:
    url = f"{server.origin}/api/oauth/token"
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    oauth = server.sandbox.oauth
    code = oauth.issue_code(user="a", scopes=(), redirect_uri="x", challenge="")
    assert httpx.post(url, data=form | {"code": code}).status_code == 200
    again = httpx.post(url, data=form | {"code": code})
    assert (again.status_code, again.json()) == (404, {"status": 404, "error": "Code not found (expired?)"})
    late = oauth.issue_code(user="a", scopes=(), redirect_uri="x", challenge="")
    server.sandbox.clock.advance(121)
    assert httpx.post(url, data=form | {"code": late}).status_code == 404
    assert httpx.post(url, data=form | {"client_secret": "x", "code": late}).status_code == 401


def test_wrong_token_urls(server: SandboxServer) -> None:
    assert httpx.post(f"{server.origin}/api/v1/oauth/token").json()["path"] == "/api/v1/oauth/token"
    assert httpx.post(f"{server.origin}/api/v1/oauth/token").status_code == 404
    assert httpx.post(f"{server.origin}/oauth/token").status_code == 405


def test_second_token_ends_the_first(server: SandboxServer) -> None:
    with bearer(server, "CALENDAR:WRITE") as first, bearer(server, "CALENDAR:WRITE") as second:
        assert first.get(EVENTS).status_code == 401
        assert first.get(EVENTS).json() == {"status": 401, "error": "Unauthorized"}
        assert second.get(EVENTS).status_code == 200


def test_api_key_as_bearer_is_denied(server: SandboxServer) -> None:
    answer = httpx.get(server.origin + EVENTS, headers={"Authorization": "Bearer sandbox-api-key"})
    assert (answer.status_code, answer.json()) == (403, {"status": 403, "error": "Access denied"})


@pytest.mark.parametrize("auth", [("athlete", "sandbox-api-key"), ("API_KEY", "other"), None])
def test_basic_wants_the_literal_user_and_the_key(
    server: SandboxServer, auth: tuple[str, str] | None
) -> None:
    assert httpx.get(server.origin + EVENTS, auth=auth).status_code == 401


def test_write_implies_read_and_read_does_not_write(server: SandboxServer) -> None:
    with bearer(server, "CALENDAR:WRITE") as writer:
        assert writer.get(EVENTS).status_code == 200
    with bearer(server, "CALENDAR:READ") as reader:
        assert reader.get(EVENTS).status_code == 200
        assert reader.post(EVENTS, json=event()).status_code == 403
    with bearer(server, "WELLNESS:WRITE") as other:
        assert other.get(EVENTS).status_code == 403
        assert other.get("/api/v1/athlete/0").status_code == 200


def test_zero_is_the_owner_and_others_are_denied(client: httpx.Client) -> None:
    assert client.get("/api/v1/athlete/0").json()["id"] == "i700001"
    assert client.get("/api/v1/athlete/i700001/events").status_code == 200
    assert client.get("/api/v1/athlete/i700002/events").status_code == 403


def test_rate_headers(client: httpx.Client) -> None:
    answer = client.get(EVENTS)
    assert answer.headers["x-ratelimit-limit"] == "2500,8000"
    assert answer.headers["x-ratelimit-remaining"] == "2499,7999"


def test_disconnect_ends_the_token(server: SandboxServer) -> None:
    with bearer(server, "CALENDAR:WRITE") as client:
        assert client.delete("/api/v1/disconnect-app").status_code == 200
        assert client.delete("/api/v1/disconnect-app").status_code == 401


# -- the calendar -----------------------------------------------------------------------------------------


def test_post_duplicates_freely(client: httpx.Client) -> None:
    ids = {client.post(EVENTS, json=event(external_id="same")).json()["id"] for _ in range(2)}
    assert len(ids) == 2


def test_bulk_upsert_matches_within_one_app(server: SandboxServer, client: httpx.Client) -> None:
    body = [event(external_id="same")]
    with bearer(server, "CALENDAR:WRITE") as app:
        first = app.post(f"{EVENTS}/bulk?upsert=true", json=body).json()[0]["id"]
        assert app.post(f"{EVENTS}/bulk?upsert=true", json=body).json()[0]["id"] == first
        assert app.post(f"{EVENTS}/bulk", json=body).json()[0]["id"] != first
    assert client.post(f"{EVENTS}/bulk?upsert=true", json=body).json()[0]["id"] != first


@pytest.mark.parametrize(
    "fields",
    [
        {"start_date_local": "2031-04-07"},
        {"start_date_local": "2031-04-07T06:30:00Z"},
        {"start_date_local": "2031-02-30T06:30:00"},
        {"start_date_local": None},
        {"category": "PARTY"},
        {"category": None},
        {"type": "Cycling"},
        {"type": None},
        {"target": "SPEED"},
        {"indoor": "yes"},
        {"name": 7},
        {"moving_time": "7"},
    ],
)
def test_refused_events(client: httpx.Client, fields: dict[str, Any]) -> None:
    answer = client.post(EVENTS, json=event(**fields))
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_refused_shapes(client: httpx.Client) -> None:
    assert client.post(EVENTS, content=b"{").status_code == 400
    assert client.post(EVENTS, json=[]).status_code == 422
    assert client.post(f"{EVENTS}/bulk", json={}).status_code == 422
    assert client.put(f"{EVENTS}/bulk-delete", json={}).status_code == 422


def test_server_fills_the_event(client: httpx.Client) -> None:
    made = client.post(EVENTS, json=event(description="- 10m 80%\n\n2x\n- 5m 100%", indoor=True)).json()
    assert made["end_date_local"] == "2031-04-08T00:00:00"
    assert made["moving_time"] == 1200
    assert made["uid"]
    intensity = made["icu_intensity"]
    assert made["icu_training_load"] == round(1200 / 3600 * (intensity / 100) ** 2 * 100)


def test_put_is_partial_and_minus_one_clears(client: httpx.Client) -> None:
    made = client.post(EVENTS, json=event(moving_time=600, external_id="x")).json()
    path = f"{EVENTS}/{made['id']}"
    assert client.put(path, json={"name": "New"}).json()["moving_time"] == 600
    cleared = client.put(path, json={"moving_time": -1}).json()
    assert (cleared["moving_time"], cleared["name"], cleared["external_id"]) == (None, "New", "x")


def test_deletes(client: httpx.Client, server: SandboxServer) -> None:
    made = client.post(EVENTS, json=event(external_id="x")).json()["id"]
    with bearer(server, "CALENDAR:WRITE") as app:
        # By external_id, an app reaches its own events only.
        assert app.put(f"{EVENTS}/bulk-delete", json=[{"external_id": "x"}]).json() == {"eventsDeleted": 0}
        assert app.put(f"{EVENTS}/bulk-delete", json=[{"id": made}, {"id": 1}]).json() == {"eventsDeleted": 1}
    gone = client.delete(f"{EVENTS}/{made}")
    assert (gone.status_code, gone.json()["status"]) == (404, 404)


def test_list_windows(client: httpx.Client, sandbox: IntervalsSandbox) -> None:
    sandbox.clock.freeze(1_933_300_800)  # 2031-04-07T00:00:00Z
    for day in ("06", "07", "13", "14"):
        client.post(EVENTS, json=event(start_date_local=f"2031-04-{day}T06:00:00", name=day))
    client.post(EVENTS, json=event(category="NOTE", type=None, name="note"))

    def names(query: str) -> list[str]:
        return [found["name"] for found in client.get(EVENTS + query).json()]

    assert names("") == ["07", "note", "13"]
    assert names("?oldest=2031-04-07&newest=2031-04-07&category=WORKOUT") == ["07"]
    assert names("?oldest=2031-04-01&newest=2031-04-30&limit=2") == ["06", "07"]
    assert client.get(EVENTS + "?oldest=soon").status_code == 500


# -- the reader of native text ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sport", "text", "step"),
    [
        ("Ride", "- 10m 50-70% LTHR", {"duration": 600, "hr": {"start": 50, "end": 70, "units": "%lthr"}}),
        (
            "Ride",
            "- 10m ramp 45-60% LTHR",
            {"duration": 600, "ramp": True, "hr": {"start": 45, "end": 60, "units": "%lthr"}},
        ),
        ("Ride", "- 10m Z2 HR", {"duration": 600, "hr": {"value": 2, "units": "hr_zone"}}),
        ("Ride", "- 10m Z3-Z4", {"duration": 600, "power": {"start": 3, "end": 4, "units": "power_zone"}}),
        (
            "Ride",
            "- 10m 40% 30-90rpm",
            {
                "duration": 600,
                "power": {"value": 40, "units": "%ftp"},
                "cadence": {"start": 30, "end": 90, "units": "rpm"},
            },
        ),
        ("Run", "- 10m 70% Pace", {"duration": 600, "pace": {"value": 70, "units": "%pace"}}),
        ("Run", "- 10m Z3-Z5 Pace", {"duration": 600, "pace": {"start": 3, "end": 5, "units": "pace_zone"}}),
        (
            "Swim",
            "- 0.5km 70% Pace",
            {"duration": 857, "distance": 500, "pace": {"value": 70, "units": "%pace"}},
        ),
        ("Ride", "- 20m 215-230w", {"duration": 1200, "power": {"start": 215, "end": 230, "units": "w"}}),
        ("Ride", "- Free spin 15m freeride", {"duration": 900, "text": "Free spin", "freeride": True}),
        (
            "Run",
            "- 3km 4:40-4:25/km Pace",
            {"distance": 3000, "duration": 817, "pace": {"start": 280, "end": 265, "units": "secs/km"}},
        ),
        ("Ride", "- 10m 50%-75%", {"duration": 600, "power": {"start": 50, "end": 75, "units": "%ftp"}}),
        (
            "Ride",
            "- 80s Z2 W 90rpm Cadence",
            {
                "duration": 80,
                "power": {"value": 2, "units": "power_zone"},
                "cadence": {"value": 90, "units": "rpm"},
            },
        ),
        ("Ride", "- 1h2m30s", {"duration": 3750}),
        ("Ride", "- 1m30", {"duration": 90}),
        ("Ride", "- 1'30\"", {"duration": 90}),
        ("Swim", "- 20s 0", {"duration": 20, "intensity": "rest"}),
        ("Run", "- Recovery 2m", {"duration": 120, "text": "Recovery", "intensity": "rest"}),
        ("Run", "- Jog 2m intensity=recovery", {"duration": 120, "text": "Jog", "intensity": "recovery"}),
        (
            "Ride",
            "- Go on 10m Z2 press lap",
            {
                "duration": 600,
                "text": "Go on",
                "until_lap_press": True,
                "power": {"value": 2, "units": "power_zone"},
            },
        ),
    ],
)
def test_conformance_table(
    client: httpx.Client, sandbox: IntervalsSandbox, sport: str, text: str, step: dict[str, Any]
) -> None:
    sandbox.athlete.swim_threshold_pace = 0.8333
    assert steps(client, sport, text) == [step]


def test_400m_is_400_minutes(client: httpx.Client) -> None:
    assert steps(client, "Run", "- 400m")[0]["duration"] == 24_000


def test_bpm_is_swallowed_into_the_duration(client: httpx.Client) -> None:
    assert steps(client, "Run", "- 2m 145 bpm") == [{"duration": 265}]


def test_digit_in_a_cue_is_the_extent(client: httpx.Client) -> None:
    assert steps(client, "Swim", "- Drill 50 kick 100mtr") == []


@pytest.mark.parametrize(
    "text", ["- 400metres", "- 90secs", "- 10 min 80%", "- 10 sec", "- 400meters", "- easy", "- 1.5m"]
)
def test_one_bad_line_voids_the_workout_with_status_200(client: httpx.Client, text: str) -> None:
    assert steps(client, "Run", f"- 10m\n{text}") == []


def test_meters_may_be_known(client: httpx.Client, sandbox: IntervalsSandbox) -> None:
    sandbox.calendar.knows_meters = True
    assert steps(client, "Run", "- 400meters")[0]["distance"] == 400


def test_zone_and_keyword_in_a_cue_count(client: httpx.Client) -> None:
    [step] = steps(client, "Ride", "- Z3 ramp 10m")
    assert step == {"duration": 600, "ramp": True, "power": {"value": 3, "units": "power_zone"}}


def test_repeats_end_at_a_blank_line_and_need_one_before() -> None:
    read = read_workout("Opening\n- 8m\n\nBlock one 4x\n- 30s\n- 4m\n\n- 6m")
    assert read.steps == [
        {"duration": 480},
        {"reps": 4, "text": "Block one", "steps": [{"duration": 30}, {"duration": 240}]},
        {"duration": 360},
    ]
    assert read.prose == ["Opening"]
    assert read_workout("- 8m\n4x\n- 30s").steps == []
    assert read_workout("4x\n- 30s\n- 6m").steps == [
        {"reps": 4, "steps": [{"duration": 30}, {"duration": 360}]}
    ]


def test_bare_percent_on_a_run_shows_as_zero_watts(client: httpx.Client, sandbox: IntervalsSandbox) -> None:
    steps(client, "Run", "- 10m 80%")
    assert sandbox.device("athlete-1").workouts[0].lines == ("10 min, 0 W",)


def test_strength_text_with_numbers_is_wiped(client: httpx.Client) -> None:
    wiped = client.post(EVENTS, json=event(type="WeightTraining", description="- Squats 10m")).json()
    assert (wiped["description"], wiped["workout_doc"]["steps"]) == ("", [])
    kept = client.post(EVENTS, json=event(type="WeightTraining", description="Squats, ten times")).json()
    assert kept["description"] == "Squats, ten times"


def test_text_wins_over_a_sent_workout_doc(client: httpx.Client) -> None:
    doc = {"steps": [{"duration": 60}]}
    assert client.post(EVENTS, json=event(workout_doc=doc)).json()["workout_doc"]["steps"] == doc["steps"]
    both = client.post(EVENTS, json=event(workout_doc=doc, description="- 2m")).json()
    assert both["workout_doc"]["steps"] == [{"duration": 120}]


def test_resolved_targets(client: httpx.Client, sandbox: IntervalsSandbox) -> None:
    sandbox.athlete.ftp, sandbox.athlete.lthr = 240, 170
    text = "- 1m 40%\n- 1m 80% LTHR\n- 1m Z2\n- 1m 50-70%"
    client.post(EVENTS, json=event(description=text))
    [found] = client.get(f"{EVENTS}?oldest=2031-04-07&resolve=true").json()
    power, heart, zone, span = found["workout_doc"]["steps"]
    assert power["_power"] == {"start": 93, "end": 99, "value": 96}
    assert heart["_hr"] == {"start": 133, "end": 139, "value": 136}
    assert zone["_power"] == {"start": 134, "end": 180}
    assert span["_power"] == {"start": 120, "end": 168, "value": 144}


def test_device_says_when_nothing_was_understood(client: httpx.Client, sandbox: IntervalsSandbox) -> None:
    steps(client, "Run", "- 10 min easy")
    [line] = sandbox.device("athlete-1").workouts[0].lines
    assert "could not read" in line
