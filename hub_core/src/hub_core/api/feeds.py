"""What comes in from providers: feeds, raw deliveries, and history on request."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from hub_core.api.access import TheAthlete, TheHub
from hub_core.services.inbound.backfill_history import (
    BackfillView,
    cancel_backfill,
    list_backfills,
    start_backfill,
)
from hub_core.services.inbound.feed_state import FeedView, list_feeds
from hub_core.services.inbound.list_deliveries import DeliveryView, list_deliveries, replay_delivery


class BackfillRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Local dates, both included; `to` is today unless given."""

    provider: str
    start: dt.date = msgspec.field(name="from")
    end: dt.date | None = msgspec.field(name="to", default=None)


class FeedsController(Controller):
    """What is heard of an athlete's providers."""

    path = "/v1/athletes/{athlete_id:str}"
    tags = ("inbound",)

    @get("/feeds")
    async def feeds(self, hub: TheHub, athlete: TheAthlete) -> list[FeedView]:
        """Each connection's feed: live, silent (polling has taken over), or polled only."""
        return await list_feeds(hub, athlete.id)

    @get("/deliveries")
    async def deliveries(
        self,
        athlete: TheAthlete,
        # The name `state` alone would stand for Litestar's own.
        wanted: Annotated[
            str, QueryParameter(name="state", description="waiting, done, failed or dropped")
        ] = "",
    ) -> list[DeliveryView]:
        """The latest raw deliveries and what became of them."""
        return await list_deliveries(athlete.id, state=wanted)

    @post("/deliveries/{delivery_id:str}/replay", status_code=200)
    async def replay(self, hub: TheHub, athlete: TheAthlete, delivery_id: FromPath[str]) -> DeliveryView:
        """Ingest a failed delivery again."""
        return await replay_delivery(hub, athlete.id, delivery_id)

    @get("/backfills")
    async def backfills(self, athlete: TheAthlete) -> list[BackfillView]:
        """Backfills with their progress, the latest first."""
        return await list_backfills(athlete.id)

    @post("/backfills", status_code=202)
    async def backfill(
        self, hub: TheHub, athlete: TheAthlete, data: JSONBody[BackfillRequest]
    ) -> BackfillView:
        """Fetch history, window by window, the newest first."""
        end = data.end or dt.datetime.now(dt.UTC).date()
        return await start_backfill(hub, athlete, data.provider, data.start, end)

    @delete("/backfills/{backfill_id:str}", status_code=200)
    async def cancel(self, hub: TheHub, athlete: TheAthlete, backfill_id: FromPath[str]) -> BackfillView:
        """Ask for no more of it. What has come stays."""
        return await cancel_backfill(hub, athlete.id, backfill_id)
