"""What the exchanges with Wahoo have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pact import match

import hub_wahoo.plugin as plugin
from hub_wahoo.client import WahooClient
from hub_wahoo.schemas import PlanForm, WorkoutForm

from .contract import Contract, Exchange, Matched, at, injected
from .plugin_contract import (
    REFERENCE,
    speaking,
)
from .wahoo_states import COMPILED, DOCUMENT, STARTS, UPDATED_AT, data_uri

CONTRACT = Contract("hub-wahoo", "wahoo")
PLAN_ID, WORKOUT_ID = 90017, 66001

A_PLAN = at("/v1/plans/{plan_id}", plan_id=PLAN_ID)
A_WORKOUT = at("/v1/workouts/{workout_id}", workout_id=WORKOUT_ID)
PLAN_FORM = PlanForm(DOCUMENT, REFERENCE, UPDATED_AT)
PLAN_FIELDS = {
    "plan[file]": data_uri(DOCUMENT),
    "plan[filename]": f"{REFERENCE}.json",
    "plan[provider_updated_at]": UPDATED_AT,
}
NEW_PLAN_FIELDS = {**PLAN_FIELDS, "plan[external_id]": REFERENCE}
PLAN = {
    "id": match.int(PLAN_ID),
    "external_id": REFERENCE,
    "file": {"url": match.regex("https://cdn.example/90017.json", regex=r"https?://.+")},
    "deleted": False,
}
WORKOUT_FORM = WorkoutForm(
    name=COMPILED.payload["workout"]["name"],
    workout_token=REFERENCE,
    workout_type_id=COMPILED.payload["workout"]["workout_type_id"],
    starts=STARTS,
    minutes=COMPILED.payload["workout"]["minutes"],
    plan_id=str(PLAN_ID),
)
WORKOUT_FIELDS: dict[str, Matched] = {
    "workout[name]": WORKOUT_FORM.name,
    "workout[workout_token]": REFERENCE,
    "workout[workout_type_id]": str(WORKOUT_FORM.workout_type_id),
    "workout[starts]": STARTS,
    "workout[minutes]": str(WORKOUT_FORM.minutes),
    "workout[plan_id]": injected(str(PLAN_ID), "${plan_id}"),
}
WORKOUT = {
    "id": match.int(WORKOUT_ID),
    "workout_token": REFERENCE,
    "plan_id": match.int(PLAN_ID),
    "starts": STARTS,
}
TOKEN_PAIR = {
    "access_token": match.str("access-token-2"),
    "refresh_token": match.str("refresh-token-2"),
    "expires_in": match.int(7200),
}
TOO_MANY_TOKENS = "Too many unrevoked access tokens exist for this app and user."


@asynccontextmanager
async def wahoo(exchange: Exchange) -> AsyncIterator[WahooClient]:
    async with speaking(plugin, exchange) as context:
        yield WahooClient(context.http)
