"""The sandbox refuses what Wahoo refuses, seen through plain HTTP."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import msgspec
import pytest

from hub_core.sandbox import CLIENT_ID, CLIENT_SECRET
from hub_core.sandbox.server import SandboxServer
from hub_wahoo.sandbox import WahooSandbox
from hub_wahoo.sandbox_store import StoredPlan

from .raw_client import PLAN, REDIRECT, Wahoo, data_uri


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """One server for all tests: to start and stop one takes longer than most tests."""
    running = SandboxServer(WahooSandbox())
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def wahoo(server: SandboxServer) -> AsyncIterator[Wahoo]:
    """A Wahoo that has forgotten everything."""
    server.sandbox.__init__()  # type: ignore[misc]
    client = Wahoo(server)
    yield client
    await client.http.aclose()


# -- OAuth --------------------------------------------------------------------------------------------


async def test_tokens_live_two_hours(wahoo: Wahoo) -> None:
    tokens = await wahoo.connect()
    assert (tokens["expires_in"], tokens["token_type"]) == (7200, "Bearer")
    assert tokens["created_at"] > 0
    wahoo.sandbox.clock.advance(7201)
    assert (await wahoo.http.get("/v1/user")).status_code == 401


async def test_token_parameters_may_come_in_the_address(wahoo: Wahoo) -> None:
    fields = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "authorization_code"}
    answer = await wahoo.http.post(
        "/oauth/token", params=fields | {"code": await wahoo.code(), "redirect_uri": REDIRECT}
    )
    assert answer.status_code == 200


async def test_the_old_pair_dies_when_the_new_token_is_first_used(wahoo: Wahoo) -> None:
    old = await wahoo.connect()
    new = (await wahoo.token(grant_type="refresh_token", refresh_token=old["refresh_token"])).json()
    assert (await wahoo.http.get("/v1/user")).status_code == 200  # still the old one
    # Reading the CDN is no use of a token.
    await wahoo.http.get("/cdn/plans/1.json", headers={"Authorization": f"Bearer {new['access_token']}"})
    assert (await wahoo.http.get("/v1/user")).status_code == 200
    wahoo.use(new)
    assert (await wahoo.http.get("/v1/user")).status_code == 200
    wahoo.use(old)
    assert (await wahoo.http.get("/v1/user")).status_code == 401
    late = await wahoo.token(grant_type="refresh_token", refresh_token=old["refresh_token"])
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")


async def test_more_than_ten_unrevoked_tokens_are_refused(wahoo: Wahoo) -> None:
    first = await wahoo.connect()
    answers = [
        await wahoo.token(grant_type="refresh_token", refresh_token=first["refresh_token"]) for _ in range(10)
    ]
    assert [answer.status_code for answer in answers] == [200] * 9 + [400]
    assert (
        answers[-1]
        .json()["error"]
        .startswith("Too many unrevoked access tokens exist for this app and user.")
    )
    wahoo.sandbox.clock.advance(60 * 86_400)
    await wahoo.connect()  # after 60 days the old ones are removed


async def test_delete_permissions_unlocks_the_cap(wahoo: Wahoo) -> None:
    first = await wahoo.connect()
    for _ in range(9):
        await wahoo.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (await wahoo.http.delete("/v1/permissions")).status_code == 204
    assert (await wahoo.http.get("/v1/user")).status_code == 401
    await wahoo.connect()


async def test_delete_permissions_may_take_workouts_and_plans_along(wahoo: Wahoo) -> None:
    wahoo.sandbox.revoke_deletes_plans = wahoo.sandbox.revoke_deletes_workouts = True
    await wahoo.connect()
    plan = (await wahoo.post_plan()).json()
    await wahoo.post_workout(plan_id=plan["id"])
    await wahoo.http.delete("/v1/permissions")
    await wahoo.connect()
    assert (await wahoo.http.get("/v1/plans")).json() == []
    assert (await wahoo.http.get("/v1/workouts")).json()["total"] == 0


async def test_a_public_app_needs_the_verifier_for_its_refresh(wahoo: Wahoo) -> None:
    wahoo.sandbox.confidential = False
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    code = await wahoo.code(code_challenge=challenge, code_challenge_method="S256")
    client = {"client_id": CLIENT_ID}
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    tokens = (
        await wahoo.http.post("/oauth/token", data=client | fields | {"code_verifier": verifier})
    ).json()
    refresh = client | {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await wahoo.http.post("/oauth/token", data=refresh)).status_code == 400
    answer = await wahoo.http.post("/oauth/token", data=refresh | {"code_verifier": verifier})
    assert answer.status_code == 200
    assert not wahoo.sandbox.settings("http://x").client_secret.get_secret_value()


@pytest.mark.parametrize(
    ("scopes", "method", "path"),
    [
        (("plans_read",), "GET", "/v1/plans"),  # without user_read nothing works
        (("user_read", "plans_read"), "POST", "/v1/plans"),
        (("user_read", "plans_write"), "GET", "/v1/plans"),
        (("user_read", "workouts_read"), "POST", "/v1/workouts"),
        (("user_read", "workouts_write"), "GET", "/v1/workouts"),
    ],
)
async def test_a_missing_scope_is_403(wahoo: Wahoo, scopes: tuple[str, ...], method: str, path: str) -> None:
    await wahoo.connect(scopes)
    assert (await wahoo.http.request(method, path)).status_code == 403


async def test_user_has_a_number_and_decimals_as_strings(wahoo: Wahoo) -> None:
    await wahoo.connect(("user_read",))
    user = (await wahoo.http.get("/v1/user")).json()
    assert isinstance(user["id"], int)
    assert isinstance(user["height"], str)
    assert "email" not in user
    await wahoo.connect(("user_read", "email"))
    assert "email" in (await wahoo.http.get("/v1/user")).json()


# -- rate limits --------------------------------------------------------------------------------------


async def test_rate_limit_headers_have_the_largest_window_first(wahoo: Wahoo) -> None:
    await wahoo.connect()
    headers = (await wahoo.http.get("/v1/user")).headers
    assert headers["X-RateLimit-Limit"] == "5000, 1000, 200"
    assert headers["X-RateLimit-Remaining"] == "4999, 999, 199"
    assert headers["X-RateLimit-Reset"] == "0"


async def test_the_sandbox_tier_ends_after_25_calls(wahoo: Wahoo) -> None:
    wahoo.sandbox.__init__(profile="sandbox")  # type: ignore[misc]
    await wahoo.connect()
    answers = [await wahoo.http.get("/v1/user") for _ in range(26)]
    assert [answer.status_code for answer in answers] == [200] * 25 + [429]
    assert answers[-2].headers["X-RateLimit-Reset"] == "0"
    assert 290 <= int(answers[-1].headers["X-RateLimit-Reset"]) <= 300
    wahoo.sandbox.clock.advance(301)
    assert (await wahoo.http.get("/v1/user")).status_code == 200


# -- plans --------------------------------------------------------------------------------------------


async def test_plan_reply_takes_its_words_from_the_file(wahoo: Wahoo) -> None:
    await wahoo.connect()
    answer = await wahoo.post_plan(name="ignored")
    assert answer.status_code == 201
    plan = answer.json()
    assert (plan["name"], plan["description"]) == ("Over-unders", "3 sets")
    assert plan["provider_updated_at"] == "2026-11-01T08:00:00.000Z"  # cut to seconds
    assert (plan["workout_type_family_id"], plan["workout_type_location_id"]) == (0, 0)
    async with httpx.AsyncClient() as nobody:
        assert (await nobody.get(plan["file"]["url"])).json() == PLAN


async def test_post_is_not_idempotent(wahoo: Wahoo) -> None:
    await wahoo.connect()
    await wahoo.post_plan()
    await wahoo.post_plan()
    plans = (await wahoo.http.get("/v1/plans", params={"external_id": "hub-wk-1"})).json()
    assert len(plans) == 2
    assert (await wahoo.http.get("/v1/plans", params={"external_id": "other"})).json() == []


async def test_raw_base64_is_taken_without_a_file(wahoo: Wahoo) -> None:
    await wahoo.connect()
    answer = await wahoo.post_plan(file=base64.b64encode(msgspec.json.encode(PLAN)).decode())
    assert (answer.status_code, answer.json()["file"]) == (201, {"url": None})
    await wahoo.post_workout(plan_id=answer.json()["id"])
    assert wahoo.sandbox.device("athlete-1").workouts == ()


async def test_json_bodies_work_too(wahoo: Wahoo) -> None:
    await wahoo.connect()
    fields = {"file": data_uri(PLAN), "external_id": "x", "provider_updated_at": "2026-11-01T08:00:00Z"}
    assert (await wahoo.http.post("/v1/plans", json={"plan": fields})).status_code == 201


@pytest.mark.parametrize("name", ["file", "external_id", "provider_updated_at"])
async def test_plan_fields_that_must_be_there(wahoo: Wahoo, name: str) -> None:
    await wahoo.connect()
    answer = await wahoo.post_plan(**{name: None})
    assert answer.status_code == 422
    assert name in answer.json()["error"]


def without(*path: str | int) -> dict[str, Any]:
    document = copy.deepcopy(PLAN)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return document


def changed(value: Any, *path: str | int) -> dict[str, Any]:
    document = copy.deepcopy(PLAN)
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return document


_ON = ("intervals", 0, "intervals", 0)
BROKEN = {
    "no object": [],
    "unknown top field": changed(1, "extra"),
    "unknown header field": changed("hub", "header", "author"),
    "unknown interval field": changed(1, *_ON, "note"),
    "no name": without("header", "name"),
    "no version": without("header", "version"),
    "other version": changed("1.1.0", "header", "version"),
    "no family": without("header", "workout_type_family"),
    "swimming": changed(2, "header", "workout_type_family"),
    "unknown location": changed(255, "header", "workout_type_location"),
    "long description": changed("x" * 5001, "header", "description"),
    "no description (strict)": without("header", "description"),
    "no duration_s (strict)": without("header", "duration_s"),
    "fraction in ftp": changed(262.5, "header", "ftp"),
    "no intervals": changed([], "intervals"),
    "kj2": changed("kj2", *_ON, "exit_trigger_type"),
    "lap": changed("lap", *_ON, "exit_trigger_type"),
    "trigger of no kind": changed(["time"], *_ON, "exit_trigger_type"),
    "value as text": changed("480", *_ON, "exit_trigger_value"),
    "no time": changed(0, *_ON, "exit_trigger_value"),
    "unknown intensity": changed("interval", *_ON, "intensity_type"),
    "repeat below 0": changed(-1, "intervals", 0, "exit_trigger_value"),
    "repeat of nothing": changed([], "intervals", 0, "intervals"),
    "targets on a repeat": changed([], "intervals", 0, "targets"),
    "children of a step": changed([], *_ON, "intervals"),
    "no target (strict)": changed([], *_ON, "targets"),
    "unknown target": changed([{"type": "pace", "low": 4, "high": 5}], *_ON, "targets"),
    "high below low": changed([{"type": "watts", "low": 5, "high": 4}], *_ON, "targets"),
    "no high": changed([{"type": "watts", "low": 5}], *_ON, "targets"),
    "rpe 0": changed([{"type": "rpe", "low": 0, "high": 4}], *_ON, "targets"),
    "reference not in header": changed([{"type": "map", "low": 0.8, "high": 0.9}], *_ON, "targets"),
    "unknown control": changed([{"type": "wind", "value": 1}], *_ON, "controls"),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_an_invalid_plan_is_422(wahoo: Wahoo, case: str) -> None:
    await wahoo.connect()
    answer = await wahoo.post_plan(BROKEN[case])
    assert answer.status_code == 422
    assert answer.json()["error"]
    # On paper the envelope is optional.
    wahoo.sandbox.strict = False
    assert (await wahoo.post_plan(BROKEN[case])).status_code == (201 if "strict" in case else 422)


async def test_a_file_that_is_no_json_is_422(wahoo: Wahoo) -> None:
    await wahoo.connect()
    assert (await wahoo.post_plan(file="data:application/json;base64,e30")).status_code == 422
    assert (await wahoo.post_plan(file="data:application/json;base64,####")).status_code == 422


async def test_location_may_be_left_out_and_is_then_unknown(wahoo: Wahoo) -> None:
    await wahoo.connect()
    answer = await wahoo.post_plan(without("header", "workout_type_location"))
    assert answer.json()["workout_type_location_id"] == 255


async def test_plans_of_other_apps_are_not_there(wahoo: Wahoo) -> None:
    await wahoo.connect()
    now = dt.datetime.now(dt.UTC)
    wahoo.sandbox.store.plans[5] = StoredPlan(5, "athlete-1", "other-app", "x", PLAN, now, "", "")
    assert (await wahoo.http.get("/v1/plans")).json() == []
    for method in ("GET", "PUT", "DELETE"):
        assert (await wahoo.http.request(method, "/v1/plans/5")).status_code == 404
    assert (await wahoo.post_workout(plan_id=5)).status_code == 422


async def test_put_plan_keeps_its_external_id(wahoo: Wahoo) -> None:
    await wahoo.connect()
    plan = (await wahoo.post_plan()).json()
    form = {
        "plan[file]": data_uri(changed("New", "header", "name")),
        "plan[provider_updated_at]": "2026-11-02T08:00:00Z",
        "plan[external_id]": "other",
    }
    answer = await wahoo.http.put(f"/v1/plans/{plan['id']}", data=form)
    assert (answer.status_code, answer.json()["name"], answer.json()["external_id"]) == (
        200,
        "New",
        "hub-wk-1",
    )


async def test_delete_plan_leaves_its_workouts_without_link(wahoo: Wahoo) -> None:
    await wahoo.connect()
    plan = (await wahoo.post_plan()).json()
    workout = (await wahoo.post_workout(plan_id=plan["id"])).json()
    assert workout["plan_ids"] == [plan["id"]]
    assert (await wahoo.http.delete(f"/v1/plans/{plan['id']}")).status_code == 204
    left = (await wahoo.http.get(f"/v1/workouts/{workout['id']}")).json()
    assert (left["plan_id"], left["plan_ids"]) == (None, [])
    assert (await wahoo.http.delete(f"/v1/plans/{plan['id']}")).status_code == 404


# -- workouts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["name", "workout_token", "workout_type_id", "starts", "minutes"])
async def test_workout_fields_that_must_be_there(wahoo: Wahoo, name: str) -> None:
    await wahoo.connect()
    assert (await wahoo.post_workout(**{name: None})).status_code == 422


@pytest.mark.parametrize(
    "fields",
    [{"workout_type_id": 24}, {"workout_type_id": "x"}, {"starts": "soon"}, {"minutes": 0}, {"plan_id": 1}],
)
async def test_workout_fields_that_make_no_sense(wahoo: Wahoo, fields: dict[str, Any]) -> None:
    await wahoo.connect()
    assert (await wahoo.post_workout(**fields)).status_code == 422


async def test_workouts_are_listed_newest_start_first(wahoo: Wahoo) -> None:
    await wahoo.connect()
    for day in (2, 9, 5):
        await wahoo.post_workout(starts=f"2026-03-{day:02}T07:00:00Z", name=f"day {day}")
    page = (await wahoo.http.get("/v1/workouts", params={"page": 1, "per_page": 2})).json()
    assert [workout["name"] for workout in page["workouts"]] == ["day 9", "day 5"]
    assert (page["total"], page["per_page"], page["order"], page["sort"]) == (3, 2, "descending", "starts")
    page = (await wahoo.http.get("/v1/workouts", params={"page": 2, "per_page": 2})).json()
    assert [workout["name"] for workout in page["workouts"]] == ["day 2"]
    assert page["workouts"][0]["workout_summary"] is None


async def test_put_workout_takes_any_subset(wahoo: Wahoo) -> None:
    await wahoo.connect()
    workout = (await wahoo.post_workout()).json()
    answer = await wahoo.http.put(f"/v1/workouts/{workout['id']}", data={"workout[name]": "New"})
    assert (answer.json()["name"], answer.json()["minutes"]) == ("New", 24)
    assert (await wahoo.http.delete(f"/v1/workouts/{workout['id']}")).status_code == 204
    assert (await wahoo.http.get(f"/v1/workouts/{workout['id']}")).status_code == 404


# -- the device ---------------------------------------------------------------------------------------


async def test_a_workout_without_a_plan_shows_nowhere(wahoo: Wahoo) -> None:
    await wahoo.connect()
    await wahoo.post_workout()
    assert wahoo.sandbox.device("athlete-1").workouts == ()


async def test_the_device_has_days_of_its_own_zone(wahoo: Wahoo) -> None:
    await wahoo.connect()
    wahoo.sandbox.clock.freeze(dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC).timestamp())
    plan = (await wahoo.post_plan()).json()
    await wahoo.post_workout(plan_id=plan["id"], starts="2026-11-02T23:00:00Z")
    wahoo.sandbox.time_zones["athlete-1"] = "Pacific/Auckland"
    (shown,) = wahoo.sandbox.device("athlete-1").workouts
    assert (shown.date, shown.note, shown.sport) == (dt.date(2026, 11, 3), "3 sets", "Indoor cycling")
    assert shown.lines == ("3 times:", "  On: 8 min, 231–244 W (88–93 % FTP)")
