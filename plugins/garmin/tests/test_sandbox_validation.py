"""What Garmin refuses in a workout."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from hub_core.testing.harness import ProviderHarness

from .recipes import BEATS, RECIPES, SCHEDULES, WORKOUTS, repeat, step, workout

# -- validation ------------------------------------------------------------------------------------------

GOOD = {
    "a plain run": workout(),
    "a heart rate zone": workout(step(1, targetType="HEART_RATE", targetValue=3)),
    "a range": workout(step(1, **BEATS)),
    "until lap": workout(step(1, durationType="OPEN", durationValue=None)),
    "until a heart rate": workout(step(1, durationType="HR_LESS_THAN", durationValue=120)),
    "a repeat": workout(repeat(1, step(2), step(3)), step(4)),
    "a hundred steps": workout(*[step(order) for order in range(1, 101)]),
    "an uneven pool": workout(
        step(1, intensity="MAIN", targetType=None, strokeType="FREESTYLE", equipmentType="NONE"),
        sport="LAP_SWIMMING",
        poolLength=33.33,
        poolLengthUnit="METER",
    ),
    "a second target on the bike": workout(
        step(1, secondaryTargetType="CADENCE", secondaryTargetValueLow=85, secondaryTargetValueHigh=95),
        sport="CYCLING",
    ),
    "texts of just the right length": workout(
        step(1, description="x" * 512), description="x" * 1024, workoutSourceId="x" * 20
    ),
    "two segments": {
        "workoutName": "Brick",
        "sport": "MULTI_SPORT",
        "isSessionTransitionEnabled": True,
        "segments": [
            {"segmentOrder": 1, "sport": "CYCLING", "steps": [step(1)]},
            {"segmentOrder": 2, "sport": "RUNNING", "steps": [step(2)]},
        ],
    },
}

BAD = {
    "no name": workout() | {"workoutName": ""},
    "a trail run": workout(sport="TRAIL_RUNNING"),
    "a sport that only exercises know": workout(sport="HIIT"),
    "no segments": workout() | {"segments": []},
    "two segments in a single sport": workout() | {"segments": workout()["segments"] * 2},
    "steps without a segment, as in V1": {"workoutName": "x", "sport": "RUNNING", "steps": [step(1)]},
    "the unofficial format": {"workoutName": "x", "sport": "RUNNING", "workoutSegments": []},
    "a segment of another sport": workout() | {"sport": "CYCLING"},
    "no steps": {
        "workoutName": "x",
        "sport": "RUNNING",
        "segments": [{"segmentOrder": 1, "sport": "RUNNING", "steps": []}],
    },
    "101 steps": workout(*[step(order) for order in range(1, 102)]),
    "101 steps with the repeat": workout(repeat(1, *[step(order) for order in range(2, 102)])),
    "orders that start at 0": workout(step(0)),
    "orders that aren't depth first": workout(repeat(1, step(3)), step(2)),
    "orders twice": workout(step(1), step(1)),
    "a repeat in a repeat": workout(repeat(1, repeat(2, step(3)))),
    "no passes": workout(repeat(1, step(2), repeatValue=0)),
    "an unknown repeat": workout(repeat(1, step(2), repeatType="TIMES")),
    "a lap button": workout(step(1, durationType="LAP_BUTTON", durationValue=None)),
    "open with a value": workout(step(1, durationType="OPEN", durationValue=60)),
    "a distance without its unit": workout(step(1, durationType="DISTANCE", durationValue=100)),
    "half a second": workout(step(1, durationValue=0.5)),
    "no time": workout(step(1, durationValue=0)),
    "time as text": workout(step(1, durationValue="60")),
    "time with a unit": workout(step(1, durationValueType="METER")),
    "a send-off on land": workout(step(1, durationType="FIXED_REPETITION", durationValue=90)),
    "reps on a run": workout(step(1, durationType="REPS", durationValue=10)),
    "an unknown intensity": workout(step(1, intensity="EASY")),
    "main on land": workout(step(1, intensity="MAIN")),
    "no target at all on land": workout(step(1, targetType=None)),
    "a target in the pool": workout(step(1, **BEATS), sport="LAP_SWIMMING"),
    "an open target in the pool": workout(step(1), sport="LAP_SWIMMING"),
    "an unknown target": workout(step(1, targetType="RPE", targetValueLow=6, targetValueHigh=7)),
    "a zone and a range": workout(step(1, **BEATS, targetValue=2)),
    "low above high": workout(step(1, targetType="PACE", targetValueLow=4.2, targetValueHigh=3.9)),
    "half a range": workout(step(1, targetType="PACE", targetValueLow=4.2)),
    "a target without numbers": workout(step(1, targetType="POWER")),
    "heart rate zone 6": workout(step(1, targetType="HEART_RATE", targetValue=6)),
    "power zone 8": workout(step(1, targetType="POWER", targetValue=8)),
    "numbers without a target": workout(step(1, targetValueLow=1, targetValueHigh=2)),
    "a second target on a run": workout(step(1, secondaryTargetType="CADENCE", secondaryTargetValue=1)),
    "a stroke on land": workout(step(1, strokeType="FREESTYLE")),
    "an exercise on a run": workout(step(1, exerciseName="SQUAT")),
    "a pool on land": workout(poolLength=25, poolLengthUnit="METER"),
    "a pool without a unit": workout(step(1, targetType=None), sport="LAP_SWIMMING", poolLength=25),
    "a long step text": workout(step(1, description="x" * 513)),
    "a long description": workout(description="x" * 1025),
    "a long source id": workout(workoutSourceId="x" * 21),
    "a long provider": workout(workoutProvider="x" * 21),
    "transitions in a single sport": workout(isSessionTransitionEnabled=True),
    "an unknown field": workout(step(1, endCondition="lap.button")),
    "an id of our own": workout(workoutId=7),
    "no object": [workout()],
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD)
async def test_it_takes(api: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await api.post(RECIPES, json=body)
    assert answer.status_code == 200, answer.text


async def test_it_refuses_with_400(api: httpx.AsyncClient) -> None:
    for name, body in BAD.items():
        answer = await api.post(RECIPES, json=body)
        assert answer.status_code == 400, name
        assert set(answer.json()) == {"errorMessage"}, name
    assert (await api.post(RECIPES, content=b"{")).status_code == 400


async def test_creates_live_at_the_portal_and_the_rest_at_the_training_api(api: httpx.AsyncClient) -> None:
    assert (await api.post(WORKOUTS, json=workout())).status_code in {404, 405}
    stored = (await api.post(RECIPES, json=workout())).json()
    assert (await api.get(f"{WORKOUTS}/{stored['workoutId']}")).json() == stored
    assert (await api.get(f"{RECIPES}/{stored['workoutId']}")).status_code == 404


async def test_it_makes_ids_dates_and_a_new_workout_each_time(api: httpx.AsyncClient) -> None:
    first, second = [(await api.post(RECIPES, json=workout())).json() for _ in range(2)]
    assert first["workoutId"] != second["workoutId"]
    assert first["workoutId"] > 2**53
    assert first["ownerId"] == second["ownerId"]
    assert first["createdDate"].endswith(".0")


async def test_put_needs_both_ids_as_numbers(api: httpx.AsyncClient) -> None:
    stored = (await api.post(RECIPES, json=workout())).json()
    path = f"{WORKOUTS}/{stored['workoutId']}"
    for wrong in ({"ownerId": None}, {"ownerId": 1}, {"ownerId": str(stored["ownerId"])}, {"workoutId": 7}):
        assert (await api.put(path, json=stored | wrong)).status_code == 400
    assert (await api.put(path, json=stored)).status_code == 200
    assert (await api.put(f"{WORKOUTS}/7", json=stored)).status_code == 404


async def test_skip_last_rest_step_is_forced_in_pools(
    garmin: ProviderHarness, api: httpx.AsyncClient
) -> None:
    swim, rest = step(2, intensity="MAIN", targetType=None), step(3, intensity="REST", targetType=None)
    body = workout(repeat(1, swim, rest, skipLastRestStep=False), sport="LAP_SWIMMING")
    stored = (await api.post(RECIPES, json=body)).json()
    assert stored["segments"][0]["steps"][0]["skipLastRestStep"] is True
    await api.post(f"{SCHEDULES}/", json={"workoutId": stored["workoutId"], "date": "2026-11-03"})
    assert garmin.device().workouts[0].lines == (
        "2 times:",
        "  Swim: 1 min",
        "  Rest: 1 min (not after the last one)",
    )
