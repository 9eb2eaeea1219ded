"""The sandbox refuses what Garmin refuses. Asked with plain httpx, without the plugin."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from hub_core.testing.harness import REDIRECT_URI, ProviderHarness

from .recipes import BEATS, RECIPES, SCHEDULES, WORKOUTS, repeat, sandbox_of, step, workout

# -- schedules -------------------------------------------------------------------------------------------


@pytest.fixture
async def workout_id(api: httpx.AsyncClient) -> int:
    """A workout in the library."""
    stored: int = (await api.post(RECIPES, json=workout())).json()["workoutId"]
    return stored


async def test_a_workout_alone_is_on_no_calendar(garmin: ProviderHarness, workout_id: int) -> None:
    assert workout_id in sandbox_of(garmin).workouts
    assert garmin.device().workouts == ()


async def test_schedule_life(garmin: ProviderHarness, api: httpx.AsyncClient, workout_id: int) -> None:
    wish = {"workoutId": workout_id, "date": "2026-11-03"}
    made = (await api.post(f"{SCHEDULES}/", json=wish)).json()
    assert made == wish | {"scheduleId": made["scheduleId"]}
    path = f"{SCHEDULES}/{made['scheduleId']}"
    moved = await api.put(path, json=wish | {"date": "2026-11-05"})
    assert moved.json()["date"] == "2026-11-05"
    days = {"startDate": "2026-11-04", "endDate": "2026-11-05"}
    assert (await api.get(SCHEDULES, params=days)).json() == [moved.json()]
    assert (await api.get(SCHEDULES, params=days | {"endDate": "2026-11-04"})).json() == []
    assert [(await api.delete(path)).status_code for _ in range(2)] == [204, 404]
    assert (await api.get(path)).status_code == 404
    assert workout_id in sandbox_of(garmin).workouts


@pytest.mark.parametrize(
    "wish",
    [
        lambda number: {"workoutId": number, "date": "03.11.2026"},
        lambda number: {"workoutId": number, "date": "2026-11-31"},
        lambda number: {"workoutId": number, "date": "2026-11-03T00:00:00"},
        lambda number: {"workoutId": str(number), "date": "2026-11-03"},
        lambda number: {"workoutId": number, "date": "2026-11-03", "scheduleId": 1},
        lambda number: {"workoutId": number},
        lambda number: [],
    ],
)
async def test_a_bad_schedule_is_a_400(
    api: httpx.AsyncClient, workout_id: int, wish: Callable[[int], Any]
) -> None:
    assert (await api.post(f"{SCHEDULES}/", json=wish(workout_id))).status_code == 400


async def test_a_schedule_of_nothing_is_a_404(api: httpx.AsyncClient) -> None:
    assert (await api.post(f"{SCHEDULES}/", json={"workoutId": 7, "date": "2026-11-03"})).status_code == 404


async def test_listing_needs_both_days(api: httpx.AsyncClient) -> None:
    assert (await api.get(SCHEDULES, params={"startDate": "2026-11-03"})).status_code == 400


async def test_a_schedule_may_be_answered_with_204(
    garmin: ProviderHarness, api: httpx.AsyncClient, workout_id: int
) -> None:
    sandbox_of(garmin).schedule_post_status = 204
    answer = await api.post(f"{SCHEDULES}/", json={"workoutId": workout_id, "date": "2026-11-03"})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_deleted_workout_leaves_the_calendar(
    garmin: ProviderHarness, api: httpx.AsyncClient, workout_id: int
) -> None:
    await api.post(f"{SCHEDULES}/", json={"workoutId": workout_id, "date": "2026-11-03"})
    assert (await api.delete(f"{WORKOUTS}/{workout_id}")).status_code == 204
    assert garmin.device().workouts == ()


# -- tokens, permissions, limits -------------------------------------------------------------------------


async def test_401_without_a_token_and_403_with_an_unknown_one(garmin: ProviderHarness) -> None:
    async with httpx.AsyncClient(base_url=garmin.server.origin) as nobody:
        assert (await nobody.post(RECIPES, json=workout())).status_code == 401
        answer = await nobody.post(RECIPES, json=workout(), headers={"Authorization": "Bearer x"})
        assert answer.status_code == 403


async def test_412_without_the_permission(garmin: ProviderHarness, api: httpx.AsyncClient) -> None:
    sandbox_of(garmin).set_permissions("athlete-1", ("ACTIVITY_EXPORT",))
    assert (await api.post(RECIPES, json=workout())).status_code == 412
    assert (await api.get("/userPermissions/")).json() == ["ACTIVITY_EXPORT"]


async def test_the_token_lives_as_long_as_set(garmin: ProviderHarness) -> None:
    garmin.sandbox.oauth.access_life_s = 2
    tokens = await garmin.authorize()
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    async with httpx.AsyncClient(base_url=garmin.server.origin, headers=headers) as client:
        assert (await client.get("/partner-gateway/rest/user/id")).status_code == 200
        garmin.sandbox.clock.advance(3)
        answer = await client.get("/wellness-api/rest/user/id")
    assert (answer.status_code, answer.json()) == (401, {"errorMessage": "Token is not active"})


async def test_a_code_needs_its_verifier_and_the_secret_and_works_once(garmin: ProviderHarness) -> None:
    code = garmin.sandbox.oauth.issue_code(
        user="anna",
        scopes=("WORKOUT_IMPORT",),
        redirect_uri=REDIRECT_URI,
        challenge="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",  # RFC 7636, appendix B
    )
    form = {
        "grant_type": "authorization_code",
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "code": code,
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "redirect_uri": REDIRECT_URI,
    }
    async with httpx.AsyncClient(base_url=garmin.server.origin) as client:
        wrong = await client.post("/di-oauth2-service/oauth/token", data=form | {"client_secret": "x"})
        assert wrong.json()["error"] == "invalid_client"
        first = await client.post("/di-oauth2-service/oauth/token", data=form)
        again = await client.post("/di-oauth2-service/oauth/token", data=form)
    body = first.json()
    assert (body["expires_in"], body["refresh_token_expires_in"]) == (86_400, 7_775_998)
    assert body["scope"] == "PARTNER_WRITE PARTNER_READ CONNECT_READ CONNECT_WRITE"
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_the_consent_page_offers_permissions_whatever_is_asked_for(
    garmin: ProviderHarness,
) -> None:
    asked = {
        "response_type": "code",
        "client_id": "sandbox-client",
        "code_challenge": "x",
        "code_challenge_method": "S256",
        "scope": "anything",
    }
    async with httpx.AsyncClient(base_url=garmin.server.origin) as browser:
        page = (await browser.get("/oauth2Confirm", params=asked)).text
        assert (await browser.get("/oauth2Confirm", params=asked | {"client_id": "x"})).status_code == 400
        assert (
            await browser.get("/oauth2Confirm", params={"client_id": "sandbox-client"})
        ).status_code == 400
    assert "value='WORKOUT_IMPORT' checked" in page
    assert "value='HISTORICAL_DATA_EXPORT'>" in page


async def test_no_consent_comes_back_as_an_error(garmin: ProviderHarness) -> None:
    form = {
        "response_type": "code",
        "client_id": "sandbox-client",
        "code_challenge": "x",
        "code_challenge_method": "S256",
        "redirect_uri": REDIRECT_URI,
        "decision": "deny",
    }
    async with httpx.AsyncClient(base_url=garmin.server.origin) as browser:
        answer = await browser.post("/oauth2Confirm", data=form)
    assert answer.headers["Location"] == f"{REDIRECT_URI}?error=access_denied"


@pytest.mark.parametrize("tells", [True, False])
async def test_429_with_and_without_retry_after(
    garmin: ProviderHarness, api: httpx.AsyncClient, tells: bool
) -> None:
    sandbox_of(garmin).tells_retry_after = tells
    garmin.sandbox.clock.freeze()
    for _ in range(1000):  # a day's calls of one athlete
        garmin.sandbox.limits.take("athlete-1")
    answer = await api.get("/wellness-api/rest/user/id")
    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == ("86400" if tells else None)


async def test_oauth_counts_for_the_apps_minute(garmin: ProviderHarness) -> None:
    for number in range(3000):
        garmin.sandbox.limits.take(f"athlete-{number}")
    async with httpx.AsyncClient(base_url=garmin.server.origin) as client:
        answer = await client.post("/di-oauth2-service/oauth/token", data={"code": "x"})
    assert answer.status_code == 429


# -- the device ------------------------------------------------------------------------------------------


async def test_the_device_says_it_as_athletes_would(garmin: ProviderHarness, api: httpx.AsyncClient) -> None:
    body = workout(
        step(1, intensity="WARMUP", durationValue=600, **BEATS),
        repeat(
            2,
            step(
                3,
                durationType="DISTANCE",
                durationValue=1000,
                durationValueType="METER",
                targetType="PACE",
                targetValueLow=3.922,
                targetValueHigh=4.167,
                description="Hard",
            ),
            step(4, intensity="RECOVERY", durationValue=90),
            repeatValue=4,
        ),
        step(5, intensity="COOLDOWN", durationType="OPEN", durationValue=None),
        description="Stay loose.",
    )
    stored = (await api.post(RECIPES, json=copy.deepcopy(body))).json()
    await api.post(f"{SCHEDULES}/", json={"workoutId": stored["workoutId"], "date": "2026-11-03"})
    [shown] = garmin.device().workouts
    assert shown.lines == (
        "Warm up: 10 min, 120–140 bpm",
        "4 times:",
        "  Run: 1 km, 4:15–4:00 /km – Hard",
        "  Recover: 1:30 min",
        "Cool down: until lap button",
    )
    assert (shown.sport, shown.note) == ("Run", "Stay loose.")
    page = await api.get("/device", params={"user": "athlete-1"})
    assert "Warm up: 10 min" in page.text


def aim(kind: str, low: float, high: float, **fields: Any) -> dict[str, Any]:
    return {"targetType": kind, "targetValueLow": low, "targetValueHigh": high, **fields}


def until(kind: str, value: float, **fields: Any) -> dict[str, Any]:
    return {"durationType": kind, "durationValue": value, **fields}


@pytest.mark.parametrize(
    ("fields", "sport", "line"),
    [
        ({"targetType": "POWER", "targetValue": 4}, "CYCLING", "Bike: 1 min, power zone 4"),
        (aim("SPEED", 9, 10), "CYCLING", "Bike: 1 min, 32.4–36 km/h"),
        (aim("CADENCE", 85, 95), "CYCLING", "Bike: 1 min, 85–95 rpm"),
        (aim("POWER", 0, 138), "CYCLING", "Bike: 1 min, up to 138 W"),
        (aim("PACE", 0, 3), "RUNNING", "Run: 1 min, slower than 5:33 /km"),
        (aim("HEART_RATE", 70, 80, targetValueType="PERCENT"), "RUNNING", "Run: 1 min, 70–80 % of max HR"),
        (until("HR_LESS_THAN", 120), "RUNNING", "Run: until heart rate below 120 bpm"),
        (
            until("POWER_GREATER_THAN", 90, durationValueType="PERCENT"),
            "CYCLING",
            "Bike: until power above 90 %",
        ),
        (until("REPS", 12), "STRENGTH_TRAINING", "Go: 12 reps"),
        (until("CALORIES", 300), "GENERIC", "Go: 300 kcal"),
        (
            until("FIXED_REPETITION", 105, targetType=None, drillType="KICK"),
            "LAP_SWIMMING",
            "Swim: every 1:45 min, kick",
        ),
    ],
)
async def test_the_device_knows_all_of_garmins_words(
    garmin: ProviderHarness, api: httpx.AsyncClient, fields: dict[str, Any], sport: str, line: str
) -> None:
    answer = await api.post(RECIPES, json=workout(step(1, **fields), sport=sport))
    assert answer.status_code == 200, answer.text
    wish = {"workoutId": answer.json()["workoutId"], "date": "2026-11-03"}
    await api.post(f"{SCHEDULES}/", json=wish)
    assert garmin.device().workouts[0].lines == (line,)
