"""The queue: your athletes' jobs that wait, run, are held or were given up."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from hub_core.api.access import PlatformId, TheHub
from hub_core.services.operating.inspect_queue import (
    JobView,
    QueueWord,
    list_jobs,
    read_job,
    replay_dead,
    replay_job,
)


class ReplayChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Dead jobs of one provider; null or nothing at all for all of them."""

    provider: str | None = None


class QueueController(Controller):
    """Jobs that aren't done."""

    path = "/v1/queue"
    tags = ("queue",)

    @get()
    async def list_all(
        self,
        hub: TheHub,
        platform_id: PlatformId,
        word: Annotated[QueueWord | None, QueryParameter(name="state")] = None,
    ) -> list[JobView]:
        """The first 500 jobs in the order in which they go, those of one state if asked."""
        return await list_jobs(hub, platform_id, word)

    @post("/replay", status_code=202)
    async def replay_many(
        self, hub: TheHub, platform_id: PlatformId, data: JSONBody[ReplayChoice | None] = None
    ) -> list[JobView]:
        """Do dead jobs again, with all their tries."""
        return await replay_dead(hub, platform_id, data.provider if data else None)

    @get("/{job_id:str}")
    async def read(self, hub: TheHub, platform_id: PlatformId, job_id: FromPath[str]) -> JobView:
        """One job."""
        return await read_job(hub, platform_id, job_id)

    @post("/{job_id:str}/replay", status_code=202)
    async def replay(self, hub: TheHub, platform_id: PlatformId, job_id: FromPath[str]) -> JobView:
        """Do a dead job again, with all its tries."""
        return await replay_job(hub, platform_id, job_id)
