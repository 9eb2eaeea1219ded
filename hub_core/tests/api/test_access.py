"""Who gets in, and that nobody learns anything at the door."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub_core.testing.processes import PlatformClient

KEYLESS = {
    "/v1/health",
    "/v1/oauth/{provider}/callback",
    "/v1/webhooks/{provider}",
    "/v1/webhooks/{provider}/{secret}",
}
METHODS = ("get", "put", "post", "patch", "delete")


def is_plain_refusal(answer: httpx.Response) -> bool:
    """One answer for all: who asks does not learn whether the key was unknown, old or misspelt."""
    return (
        answer.status_code == 401
        and answer.headers["content-type"] == "application/problem+json"
        and answer.headers["www-authenticate"] == "Bearer"
        and answer.json()
        == {
            "type": "urn:hub:problem:unauthorized",
            "title": "Unauthorized",
            "status": 401,
            "detail": "send a valid API key: Authorization: Bearer hub_...",
        }
    )


@pytest.fixture(scope="module")
def revoked(running: Any) -> str:
    key: str = running.key("gone")
    assert running.client(authorization=f"Bearer {key}").get("/v1/athletes").status_code == 200
    running.revoke_keys("gone")
    return key


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer hub_wrong", "Bearer {revoked}", "Basic {key}", "{key}", "Bearer\t{key}",
     "Bearer  {key}", "Bearer {key}x", "Bearer hub_\xfc\xff"],
)  # fmt: skip
def test_anything_but_a_live_key_is_refused(
    running: Any, platform: PlatformClient, revoked: str, header: str
) -> None:
    key = platform.http.headers["authorization"].removeprefix("Bearer ")
    value = header.format(revoked=revoked, key=key).encode("latin-1")
    client = running.client()
    answer = client.get("/v1/athletes", headers=[(b"authorization", value)] if header else [])
    assert is_plain_refusal(answer)


def test_the_scheme_is_named_in_any_case(running: Any, platform: PlatformClient) -> None:
    key = platform.http.headers["authorization"].removeprefix("Bearer ")
    assert running.client(authorization=f"bEARER {key}").get("/v1/athletes").status_code == 200


def routes(running: Any) -> list[tuple[str, str]]:
    paths = running.client().get("/docs/openapi.json").json()["paths"]
    return [(method, path) for path, item in paths.items() for method in METHODS if method in item]


def test_every_route_but_health_and_callback_asks_for_a_key(running: Any) -> None:
    client = running.client()
    guarded = [(method, path) for method, path in routes(running) if path not in KEYLESS]
    assert len(guarded) > 15
    for method, path in guarded:
        url = path.replace("{date}", "2026-11-21").replace("{", "").replace("}", "")
        assert is_plain_refusal(client.request(method, url)), path


def test_another_platforms_athlete_is_as_unknown_as_one_that_never_was(
    running: Any, connected: Any, plan: dict[str, Any]
) -> None:
    workout_id = connected.save(plan)
    export_id = connected.settled()[0]["id"]
    stranger = running.platform()
    ours = {"{workout_id}": workout_id, "{export_id}": export_id, "{date}": "2026-11-21"}
    bodies = {"post": plan, "patch": {"name": "Mine now"}, "put": {"api_key": "sandbox-api-key"}}
    own = {
        "/device": {"device_id": "phone-1"},
        "/backfills": {"provider": "garmin", "from": "2026-01-01"},
        "/pickups/{provider}/{export_id}": {"revision": 1, "outcome": "scheduled"},
        "/drift": {"action": "adopt"},
        "/outcome": {"seen": "it_is_there"},
        "/send_at": {"send_at": None},
        "/daily/{date}": {"steps": 5000},
        "/erase": {"withdraw": False},
        "/nutrition/{date}": {"energy_kcal": 2500},
        "/join": {"activity_id": "act_1"},
        "/{activity_id}/workout": {"workout_id": workout_id},
        "/split": {"source": "garmin", "external_id": "1"},
        "/rules": {"type": "order", "metric": "daily", "sources": ["garmin"]},
        "/availability": {"days": {}},
        "/moves": {"workout_id": workout_id, "start": "2026-11-21T07:00:00+01:00"},
        "/mutations": {"client_id": "phone-1", "operations": []},
        "/periodize": {"race_id": "race_1", "weekly_hours": 6},
        "/races": {"race": {"event": "City run", "name": "10 km", "date": "2027-04-25"}},
        **dict.fromkeys(("/authorize", "/retry", "/primary", "/stale", "/cancel", "/prioritise")),
    }
    # Theirs alone: what other tests have asked for may still be under way.
    changes = f"SELECT count(*) FROM change WHERE athlete_id = '{connected.id}'"  # noqa: S608
    before = running.rows(changes)

    for method, path in routes(running):
        if "{athlete_id}" not in path:
            continue
        body = next((one for end, one in own.items() if path.endswith(end)), bodies.get(method))
        answers = []
        for athlete in (connected.id, "ath_nobody"):
            url = path.removeprefix("/v1").replace("{provider}", "garmin")
            for name, value in (ours | {"{athlete_id}": athlete}).items():
                url = url.replace(name, value)
            answers.append(stranger.http.request(method, url, json=body))
        assert [answer.status_code for answer in answers] == [404, 404], (path, answers[0].text)
        assert answers[0].content == answers[1].content

    assert running.rows(changes) == before
    assert stranger.call("GET", "/athletes") == []


def test_ids_of_the_own_athletes_do_not_reach_into_each_other(
    person: Any, connected: Any, plan: dict[str, Any], running: Any, platform: PlatformClient
) -> None:
    other = platform.athlete(f"other-{person.user}")
    workout_id = connected.save(plan)
    export_id = connected.exports()[0]["id"]
    for path in (f"/workouts/{workout_id}", f"/workouts/{workout_id}/preflight", f"/exports/{export_id}"):
        assert platform.http.get(other.path + path).status_code == 404
