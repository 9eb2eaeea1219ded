"""What the exchanges with intervals.icu have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pact import match

import hub_intervals.plugin as plugin
from hub_core.sdk import (
    TokenSet,
)
from hub_intervals.client import IntervalsClient

from .contract import Contract, Exchange, Matched, at, injected
from .intervals_states import EVENT, basic
from .plugin_contract import (
    DATE,
    REFERENCE,
    TOKENS,
    speaking,
)

CONTRACT = Contract("hub-intervals", "intervals")
EVENT_ID = 55001
DAY = DATE.isoformat()

EVENTS = "/api/v1/athlete/0/events"
AN_EVENT = at("/api/v1/athlete/0/events/{event_id}", event_id=EVENT_ID)
UPSERT = {"upsert": "true"}
ON_THE_DAY = {"oldest": DAY, "newest": DAY, "category": "WORKOUT"}
BASIC = {"Authorization": injected(f"Basic {basic('key-1')}", "Basic ${basic}")}
#: What the server makes of the text: `EVENT` has four steps, two of them in a repeat.
WORKOUT_DOC = {
    "steps": [
        {"duration": match.number(600)},
        {"reps": 3, "steps": [{"duration": match.number(120)}, {"duration": match.number(240)}]},
        {"duration": match.number(300)},
    ],
}
STORED = {
    "id": match.int(EVENT_ID),
    "external_id": REFERENCE,
    "description": EVENT["description"],
    "workout_doc": WORKOUT_DOC,
}
#: Where the list of a day and a write agree, as far as the hub asks.
FOUND = {"id": match.int(EVENT_ID), "external_id": REFERENCE}


@asynccontextmanager
async def intervals(exchange: Exchange, tokens: TokenSet = TOKENS) -> AsyncIterator[IntervalsClient]:
    async with speaking(plugin, exchange, tokens) as context:
        yield IntervalsClient(context.http)


def refusal(status: int, text: Matched) -> dict[str, Any]:
    return {"status": status, "error": text}
