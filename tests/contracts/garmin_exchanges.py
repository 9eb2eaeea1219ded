"""What the exchanges with Garmin have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from pact import match

import hub_garmin.plugin as plugin
from hub_garmin.client import GarminClient
from hub_garmin.settings import GarminSettings

from .contract import Contract, Exchange, at, injected
from .plugin_contract import DATE, speaking

CONTRACT = Contract("hub-garmin", "garmin")
#: Beyond 2^53, as Garmin's are.
WORKOUT_ID, SCHEDULE_ID, OWNER_ID = 9_223_371_036_854_775_808, 9_223_372_035_854_775_808, 70_000_001
DAY = DATE.isoformat()

WORKOUT = at("/training-api/workout/v2/{workout_id}", workout_id=WORKOUT_ID)
SCHEDULE = at("/training-api/schedule/{schedule_id}", schedule_id=SCHEDULE_ID)
IDS = {"workoutId": injected(WORKOUT_ID, "${workout_id}"), "ownerId": injected(OWNER_ID, "${owner_id}")}
TOKENS = "/di-oauth2-service/oauth/token"
TOKEN_PAIR = {
    "access_token": match.str("access-token-2"),
    "refresh_token": match.str("refresh-token-2"),
    "expires_in": match.int(86_400),
    "refresh_token_expires_in": match.int(7_775_998),
}


@asynccontextmanager
async def garmin(exchange: Exchange) -> AsyncIterator[GarminClient]:
    async with speaking(plugin, exchange) as context:
        yield GarminClient(context.http, cast(GarminSettings, context.settings).user_api_url)


def refusal(text: str) -> dict[str, Any]:
    return {"errorMessage": match.str(text)}
